#include "engine/base/hash_stream.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/printing.h"

namespace assay {
namespace {

TEST_CASE("bytes hashed in pieces have the hash of the whole", "[base][unit]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<char>(i * 7));
  Sha256Stream stream;
  for (const size_t piece : {1, 63, 64, 65, 1000}) {
    for (size_t at = 0; at < text.size(); at += piece) {
      stream.Update(std::string_view(text).substr(at, piece));
    }
    CHECK(stream.Finish() == Sha256(text));
  }
}

TEST_CASE("a stream begins anew after it was finished", "[base][unit]") {
  Sha256Stream stream;
  CHECK(stream.Finish() == Sha256(""));
  stream.Update("abc");
  CHECK(stream.Finish() == Sha256("abc"));
  CHECK(stream.Finish() == Sha256(""));
}

}  // namespace
}  // namespace assay

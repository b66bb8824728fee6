#include "connectors/http/proto_shape.h"

#include <assay/v1/service.pb.h>

#include <catch2/catch.hpp>
#include <string>

namespace assay {
namespace {

std::string Of(std::string_view bytes, size_t fields_max = kProtoFieldsMax) {
  const absl::Status status = CheckProtoShape(bytes, *v1::CallRequest::descriptor(), fields_max);
  return status.ok() ? "" : std::string(MessageOf(status));
}

std::string Repeated(std::string_view bytes, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

TEST_CASE("a call as a client makes it passes", "[http][unit]") {
  v1::CallRequest request;
  for (int i = 0; i < 1'000; ++i) request.add_words("word");
  request.set_folder("/");
  request.set_input(std::string(5'000'000, '\x0a'));
  request.add_files()->set_content("x");
  CHECK(Of(request.SerializeAsString()).empty());
  CHECK(Of("").empty());
}

TEST_CASE("many small fields are refused before they become objects", "[http][unit]") {
  // Empty words of two bytes each; and fields that no one knows, also in a file.
  CHECK(Of(Repeated(std::string_view("\x0a\x00", 2), 10), 9) ==
        "byte 19: expected at most 9 fields, found more");
  CHECK(Of(Repeated(std::string_view("\x78\x01", 2), 300'000))
            .ends_with("expected at most 200000 fields, found more"));
  v1::CallRequest request;
  request.add_files()->set_name("a");
  std::string inner = Repeated(std::string_view("\x78\x01", 2), 50);
  const std::string outer = std::string("\x22") + static_cast<char>(inner.size()) + inner;
  CHECK(Of(outer, 51).empty());
  CHECK(Of(outer, 50).ends_with("expected at most 50 fields, found more"));
}

TEST_CASE("bytes that are no fields are refused", "[http][unit]") {
  CHECK(Of("\x0a\x05"
           "abc")
            .starts_with("byte "));
  CHECK(Of("\x0a\x01\xff").ends_with("expected UTF-8 text, found other bytes"));
  CHECK(Of("\x12\x01\xff").empty());
  CHECK(Of("\x0b").ends_with("expected no group, found one"));
  CHECK(Of(Repeated("\x0b", 1'000'000)).ends_with("expected no group, found one"));
  CHECK(Of(std::string(64, '\xff')).starts_with("byte "));
}

}  // namespace
}  // namespace assay

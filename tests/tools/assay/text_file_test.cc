#include "tools/assay/text_file.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/connectors/embedded/scratch_directory.h"

namespace assay {

TEST_CASE("a file is read whole, and what is no file is not found", "[assay][unit]") {
  const testing::ScratchDirectory scratch;
  const std::string text("a\0b\n\xff", 5);
  std::ofstream(scratch.Path("text"), std::ios::binary) << text;
  const auto read = ReadText(scratch.Path("text"));
  REQUIRE(read.ok());
  CHECK(*read == text);
  std::ofstream(scratch.Path("empty")).flush();
  CHECK(ReadText(scratch.Path("empty")).value() == "");
  CHECK(ReadText(scratch.Path("nothing")).status().code() == absl::StatusCode::kNotFound);
  CHECK(ReadText(scratch.path()).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("of a rejection only the message names the file", "[assay][unit]") {
  const Rejection refused{.code = "UNKNOWN_FIELD",
                          .rejection_class = RejectionClass::kPolicy,
                          .path = "when",
                          .expected = "a field",
                          .actual = "nothing",
                          .message = "there is no such field",
                          .hint = "name one"};
  const Rejection named = InFile(refused, "a/b.yaml");
  CHECK(named.message == "a/b.yaml: there is no such field");
  CHECK(named.code == refused.code);
  CHECK(named.rejection_class == refused.rejection_class);
  CHECK(named.path == refused.path);
  CHECK(named.expected == refused.expected);
  CHECK(named.actual == refused.actual);
  CHECK(named.hint == refused.hint);
}

}  // namespace assay

#include "tools/assay/text_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tools/assay/call.h"

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
}

TEST_CASE("what is no regular file, or a large one, is not read", "[assay][unit]") {
  const testing::ScratchDirectory scratch;
  REQUIRE(mkfifo(scratch.Path("pipe").c_str(), 0600) == 0);
  for (const std::string& path : {scratch.path(), scratch.Path("pipe"), std::string("/dev/zero")}) {
    const auto read = ReadText(path);
    CHECK(read.status().code() == absl::StatusCode::kFailedPrecondition);
    CHECK(MessageOf(read.status()) == path + ": not a regular file");
  }
  std::ofstream(scratch.Path("text")) << std::string(200'000, 'x');
  CHECK(ReadText(scratch.Path("text"), 200'000).value().size() == 200'000);
  const auto large = ReadText(scratch.Path("text"), 199'999);
  CHECK(large.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(MessageOf(large.status())
            .ends_with("expected at most 199999 bytes, found more; divide it "
                       "into several files"));
}

TEST_CASE("what a call brought is held to the same limit", "[assay][unit]") {
  ServedCall call{.only_brought = true, .input = "12345"};
  call.files["a.yaml"] = "1234";
  const ServedCallScope scope(call);
  CHECK(ReadText("-", 5).value() == "12345");
  CHECK(ReadText("a.yaml", 4).value() == "1234");
  CHECK(absl::IsInvalidArgument(ReadText("-", 4).status()));
  CHECK(absl::IsInvalidArgument(ReadText("a.yaml", 3).status()));
  CHECK(absl::IsNotFound(ReadText("b.yaml").status()));
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

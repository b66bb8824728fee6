#include "connectors/file/byte_source.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/printing.h"

namespace assay {
namespace {

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-file-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string Write(const std::string& text) const {
    std::string path = path_ / "input";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  [[nodiscard]] const std::filesystem::path& Path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_CASE("a file gives its hash first and then its bytes", "[file][unit]") {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i);
  auto bytes = OpenBytes(folder.Write(text));
  REQUIRE(bytes.ok());
  CHECK((*bytes)->Hash() == Sha256(text));
  std::string read(text.size() + 10, '\0');
  CHECK((*bytes)->Read(read.data(), 1000).value() == 1000);
  CHECK((*bytes)->Read(read.data() + 1000, read.size() - 1000).value() == text.size() - 1000);
  CHECK(read.substr(0, text.size()) == text);
  CHECK((*bytes)->Read(read.data(), 10).value() == 0);
}

TEST_CASE("an empty file is an input of no bytes", "[file][unit]") {
  const Folder folder;
  auto bytes = OpenBytes(folder.Write(""));
  REQUIRE(bytes.ok());
  char byte = 0;
  CHECK((*bytes)->Hash() == Sha256(""));
  CHECK((*bytes)->Read(&byte, 1).value() == 0);
}

TEST_CASE("what is no file that can be read is told apart", "[file][unit]") {
  const Folder folder;
  CHECK(OpenBytes((folder.Path() / "absent").string()).status().code() ==
        absl::StatusCode::kNotFound);
  CHECK(OpenBytes(folder.Path().string()).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(OpenBytes("/dev/zero").status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a file that changes while it is read stops the reading", "[file][unit]") {
  const Folder folder;
  const std::string path = folder.Write("one\ntwo\n");
  auto bytes = OpenBytes(path);
  REQUIRE(bytes.ok());
  char buffer[4];
  CHECK((*bytes)->Read(buffer, sizeof buffer).value() == sizeof buffer);
  std::ofstream(path, std::ios::app) << "three\n";
  CHECK((*bytes)->Read(buffer, sizeof buffer).status().code() ==
        absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a file that is opened without its hash gives the same bytes and errors",
          "[file][unit]") {
  const Folder folder;
  auto bytes = OpenUnhashed(folder.Write("abc"), "abc");
  REQUIRE(bytes.ok());
  char buffer[4] = {};
  CHECK((*bytes)->Read(buffer, sizeof buffer).value() == 3);
  CHECK(std::string(buffer) == "abc");
  for (const std::string& path :
       {(folder.Path() / "absent").string(), folder.Path().string(), std::string("/dev/zero")}) {
    INFO(path);
    CHECK(OpenUnhashed(path, path).status() == OpenBytes(path).status());
  }
}

TEST_CASE("a text is a source too", "[file][unit]") {
  const auto bytes = BytesOf("abc");
  char buffer[4] = {};
  CHECK(bytes->Hash() == Sha256("abc"));
  CHECK(bytes->Read(buffer, 2).value() == 2);
  CHECK(bytes->Read(buffer + 2, 2).value() == 1);
  CHECK(std::string(buffer) == "abc");
}

}  // namespace
}  // namespace assay

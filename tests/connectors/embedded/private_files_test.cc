#include "connectors/embedded/private_files.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

mode_t ModeOf(const std::string& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

// A file or folder that everybody may use.
void MakeOpen(const std::string& path, bool is_folder) {
  if (is_folder) {
    fs::create_directories(path);
  } else {
    std::ofstream(path) << "x";
  }
  REQUIRE(chmod(path.c_str(), is_folder ? 0777 : 0666) == 0);
}

}  // namespace

TEST_CASE("a folder is made for its owner alone, whatever the umask", "[embedded][integration]") {
  const testing::ScratchDirectory scratch;
  for (const mode_t mask : {0000, 0022, 0077}) {
    const mode_t before = umask(mask);
    const std::string path = scratch.Path(fmt::format("a{}/b", mask));
    const absl::Status made = MakePrivateDirectory(path);
    const absl::Status again = MakePrivateDirectory(path + "/");
    umask(before);
    CHECK(made.ok());
    CHECK(again.ok());
    CHECK(ModeOf(path) == 0700);
  }
  std::ofstream(scratch.Path("file")) << "x";
  CHECK(absl::IsUnavailable(MakePrivateDirectory(scratch.Path("file/b"))));
}

TEST_CASE("a file is written for its owner alone, and replaced as a whole",
          "[embedded][integration]") {
  const testing::ScratchDirectory scratch;
  const std::string path = scratch.Path("assay.yaml");
  REQUIRE(WritePrivateFile(path, "first, which is longer\n").ok());
  REQUIRE(WritePrivateFile(path, "second\n").ok());
  CHECK(ModeOf(path) == 0600);
  std::string text;
  std::getline(std::ifstream(path), text);
  CHECK(text == "second");
  CHECK_FALSE(fs::exists(path + ".new"));
  CHECK_FALSE(WritePrivateFile(scratch.Path("none/file"), "x").ok());
}

TEST_CASE("a home that is open to others is closed, and the way to its socket stays",
          "[embedded][integration]") {
  const testing::ScratchDirectory scratch;
  const std::string home = scratch.Path("home");
  CHECK(KeepHomePrivate(home).ok());
  MakeOpen(home, true);
  for (const char* const folder : {"/journal", "/views"}) MakeOpen(home + folder, true);
  for (const char* const file :
       {"/journal/000004.log", "/views/CURRENT", "/assay.yaml", "/assay.lock"}) {
    MakeOpen(home + file, false);
  }
  REQUIRE(mkfifo((home + "/assayd.sock").c_str(), 0600) == 0);
  REQUIRE(chmod((home + "/assayd.sock").c_str(), 0666) == 0);
  REQUIRE(KeepHomePrivate(home).ok());
  CHECK(ModeOf(home) == 0711);
  CHECK(ModeOf(home + "/journal") == 0700);
  CHECK(ModeOf(home + "/views") == 0700);
  CHECK(ModeOf(home + "/journal/000004.log") == 0600);
  CHECK(ModeOf(home + "/views/CURRENT") == 0600);
  CHECK(ModeOf(home + "/assay.yaml") == 0600);
  CHECK(ModeOf(home + "/assay.lock") == 0600);
  // Who is let in there is decided by whoever changes its mode.
  CHECK(ModeOf(home + "/assayd.sock") == 0666);
  REQUIRE(chmod(home.c_str(), 0700) == 0);
  REQUIRE(KeepHomePrivate(home).ok());
  CHECK(ModeOf(home) == 0700);
}

}  // namespace assay

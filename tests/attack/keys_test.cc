// Keys that somebody replaced by well-formed ones, took away, or added.

#include <catch2/catch.hpp>
#include <filesystem>

#include "connectors/embedded/file_key_store.h"
#include "tests/attack/rogue.h"
#include "tests/support/kept_home.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

struct Keyed {
  Scene scene;

  Keyed() { scene.Do(By("p-hr", "addPerson: {person: p-k1, name: Kim}")); }

  [[nodiscard]] std::string Folder() const { return scene.Files().Path("home/keys"); }
  [[nodiscard]] std::string FileOf(const std::string& id) const {
    return FileKeyStore::Open(Folder()).value()->PathOf(id);
  }
  // Without the path of the folder.
  [[nodiscard]] std::string NameOf(const std::string& id) const {
    return fs::path(FileOf(id)).filename();
  }
  // The file of `id` as another company has it.
  void Replace(const std::string& id) const {
    const ScratchDirectory other;
    const auto store = FileKeyStore::Open(other.Path("keys")).value();
    REQUIRE(store->Key(id, true).ok());
    fs::copy_file(store->PathOf(id), FileOf(id), fs::copy_options::overwrite_existing);
  }
  void RemoveList() const {
    REQUIRE(fs::remove(Folder() + "/KEYS"));
    REQUIRE(fs::remove(Folder() + "/KEYS.mac"));
  }
  // What a call ends with: its code and, where it fails, the error.
  [[nodiscard]] std::string Ends(const std::vector<std::string>& words) {
    const Ended ended = scene.Try(words);
    return fmt::format("{} {}", ended.code, ended.err.substr(0, ended.err.find('\n')));
  }
};

// A text about p-k1.
std::string Again() {
  return By("p-hr",
            "bindSourceKey: {person: p-k1, entityType: employee, key: E9, span: {from: "
            "2026-01-01}}\nreason: once more");
}

}  // namespace

TEST_CASE("a key of the pseudonyms that was replaced is used by nobody", "[attack]") {
  Keyed keyed;
  keyed.scene.Files().Write("more.yaml", By("p-hr", "addPerson: {person: p-k2, name: Lee}"));
  fs::copy(keyed.Folder(), keyed.scene.Files().Path("saved"), fs::copy_options::recursive);
  keyed.Replace("company/pseudonym");
  const std::string says =
      "5 error DATA_LOSS: KEY_REPLACED: home/keys/" + keyed.NameOf("company/pseudonym") +
      " holds another key of company/pseudonym than the one that was made: nothing is sealed with "
      "it. Restore the file from a copy";
  CHECK(keyed.Ends({"run", "more.yaml"}) == says);
  CHECK(keyed.Ends({"status"}) == says);
  CHECK(keyed.Ends({"verify"}) == says);
  // The file that was made.
  fs::copy(keyed.scene.Files().Path("saved"), keyed.Folder(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  CHECK(keyed.Ends({"verify"}) == "0 ");
  CHECK(keyed.Ends({"run", "more.yaml"}) == "0 ");
}

TEST_CASE("a key of a person that was replaced seals nothing, and opens none of the texts",
          "[attack]") {
  Keyed keyed;
  CHECK(keyed.scene.Tell({"-o", "json", "verify"}).find("\"keysFound\": 0") != std::string::npos);
  keyed.Replace("person/p-k1");
  const std::string replaced =
      "error DATA_LOSS: KEY_REPLACED: home/keys/" + keyed.NameOf("person/p-k1");
  keyed.scene.Files().Write("again.yaml", Again());
  CHECK_THAT(keyed.Ends({"run", "again.yaml"}), Catch::StartsWith("5 " + replaced));
  CHECK_THAT(keyed.Ends({"verify"}), Catch::StartsWith("5 " + replaced));
  // Without the list the texts tell.
  keyed.RemoveList();
  CHECK_THAT(keyed.Ends({"verify"}),
             Catch::Contains("holds a key of person/p-k1 that does not open the text at decisions "
                             "position"));
}

TEST_CASE("a key that was taken away is lost, and one that was added seals nothing", "[attack]") {
  Keyed keyed;
  const std::string file = keyed.FileOf("person/p-k1");
  const std::string aside = keyed.scene.Files().Path("aside");
  fs::rename(file, aside);
  const std::string verified = keyed.scene.Tell({"-o", "json", "verify"});
  CHECK_THAT(verified, Catch::Contains(fs::path(file).filename().string()));
  CHECK_THAT(verified, Catch::Contains("\"keysGone\": 1"));
  keyed.scene.Files().Write("again.yaml", Again());
  CHECK_THAT(keyed.Ends({"run", "again.yaml"}),
             Catch::StartsWith("5 error DATA_LOSS: KEY_LOST: home/keys/"));
  CHECK_FALSE(fs::exists(file));
  fs::rename(aside, file);
  CHECK(keyed.Ends({"run", "again.yaml"}) == "0 ");
  CHECK(keyed.scene.Tell({"-o", "json", "verify"}).find("keysLost") == std::string::npos);
  // The key of somebody who is not here yet, known to whoever put it there.
  const ScratchDirectory other;
  const auto store = FileKeyStore::Open(other.Path("keys")).value();
  REQUIRE(store->Key("person/p-k2", true).ok());
  fs::copy_file(store->PathOf("person/p-k2"), keyed.FileOf("person/p-k2"));
  keyed.scene.Files().Write("more.yaml", By("p-hr", "addPerson: {person: p-k2, name: Lee}"));
  CHECK_THAT(keyed.Ends({"run", "more.yaml"}),
             Catch::StartsWith("5 error DATA_LOSS: KEY_NOT_LISTED: home/keys/"));
  CHECK_THAT(keyed.Ends({"verify"}), Catch::StartsWith("5 error DATA_LOSS: KEY_NOT_LISTED: "));
}

TEST_CASE("the keys of a home of the first release are listed by the first call that writes",
          "[attack]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", scratch.Path("home"));
  REQUIRE(program.Run({"--home", "home", "status"}).code == 0);
  const bool listed_by_reading = fs::exists(scratch.Path("home/keys/KEYS"));
  REQUIRE(program.Run({"--home", "home", "rebuild"}).code == 0);
  CHECK(fs::exists(scratch.Path("home/keys/KEYS")));
  const Ended verified = program.Run({"--home", "home", "-o", "json", "verify"});
  INFO(verified.out << verified.err);
  CHECK(verified.code == 0);
  CHECK(verified.out.find("\"keysFound\": 0") == std::string::npos);
  // The views of an older release are folded again by the first call, whatever it is.
  CHECK(listed_by_reading);
  REQUIRE(program.Run({"--home", "home", "status"}).code == 0);
}

}  // namespace assay::testing

#include "connectors/embedded/key_list.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "connectors/embedded/file_key_store.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A folder of keys whose list is kept.
class ListedKeys {
 public:
  [[nodiscard]] std::unique_ptr<FileKeyStore> Open() const {
    auto store = FileKeyStore::Open(dir_).value();
    const absl::Status kept = store->KeepList();
    INFO(kept);
    REQUIRE(kept.ok());
    return store;
  }
  // As a call that only reads does.
  [[nodiscard]] std::unique_ptr<FileKeyStore> OpenToRead() const {
    return FileKeyStore::Open(dir_).value();
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  [[nodiscard]] std::string FileOf(const std::string& id) const { return OpenToRead()->PathOf(id); }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream in(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
  }
  // What a new process says of the key.
  [[nodiscard]] std::string Says(const std::string& id, bool create = true) const {
    const auto key = OpenToRead()->Key(id, create);
    return key.ok() ? "ok" : std::string(MessageOf(key.status()));
  }
  [[nodiscard]] std::string Compares() const {
    const auto audit = OpenToRead()->CompareWithList();
    if (!audit.ok()) return std::string(MessageOf(audit.status()));
    return fmt::format("listed {} found {} lost {}", audit->listed, audit->found,
                       audit->lost.size());
  }

 private:
  const testing::ScratchDirectory home_;
  const std::string dir_ = home_.Path("keys");
};

// The file of p-1 as another company has it: well formed, with another key.
void ReplaceP1(const ListedKeys& keys) {
  const ListedKeys other;
  REQUIRE(other.Open()->Key("p-1", true).ok());
  fs::copy_file(other.FileOf("p-1"), keys.FileOf("p-1"), fs::copy_options::overwrite_existing);
}

constexpr size_t kHeader = 13 + 32 + 1;
constexpr size_t kLine = 105;

TEST_CASE("a list has a line for every key, says nothing about it, and is its owner's alone",
          "[embedded][integration]") {
  const ListedKeys keys;
  const auto store = keys.Open();
  const std::string key = store->Key("p-1", true).value();
  REQUIRE(store->Key("p-2", true).ok());
  CHECK(keys.Read("KEYS").size() == kHeader + 2 * kLine);
  CHECK(keys.Read("KEYS").find("p-1") == std::string::npos);
  CHECK(keys.Read("KEYS").find(ToHex(key).substr(0, 16)) == std::string::npos);
  for (const char* name : {"KEYS", "KEYS.mac", "KEYS.lock"}) {
    struct stat file {};
    REQUIRE(stat(keys.Path(name).c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
  }
  CHECK(keys.Compares() == "listed 2 found 0 lost 0");
  CHECK(keys.Says("p-1") == "ok");
  CHECK(keys.OpenToRead()->Key("p-1", false).value() == key);
}

TEST_CASE("keys that were there before the list are trusted, and counted",
          "[embedded][integration]") {
  const ListedKeys keys;
  const std::string key = keys.OpenToRead()->Key("p-1", true).value();
  CHECK(keys.Compares() == "listed 0 found 0 lost 0");
  CHECK_FALSE(fs::exists(keys.Path("KEYS")));
  CHECK(keys.Open()->Key("p-1", true).value() == key);
  REQUIRE(keys.Open()->Key("p-2", true).ok());
  CHECK(keys.Compares() == "listed 2 found 1 lost 0");
  ReplaceP1(keys);
  CHECK_THAT(keys.Says("p-1"), Catch::StartsWith("KEY_REPLACED"));
}

TEST_CASE("a key that was replaced by a well-formed one is refused, with its file",
          "[embedded][integration]") {
  const ListedKeys keys;
  REQUIRE(keys.Open()->Key("p-1", true).ok());
  const std::string file = keys.FileOf("p-1");
  // A store that has it in memory goes on with the right one.
  const auto running = keys.Open();
  const std::string key = running->Key("p-1", true).value();
  ReplaceP1(keys);
  const std::string says = "KEY_REPLACED: " + file +
                           " holds another key of p-1 than the one that was made: nothing is "
                           "sealed with it. Restore the file from a copy";
  CHECK(keys.Says("p-1") == says);
  CHECK(keys.Says("p-1", /*create=*/false) == says);
  CHECK_THAT(keys.Compares(), Catch::StartsWith("KEY_REPLACED: " + file));
  CHECK(running->Key("p-1", true).value() == key);
  REQUIRE(keys.Open()->Key("p-2", true).ok());
}

TEST_CASE("files that were swapped, put there and lost are told", "[embedded][integration]") {
  const ListedKeys keys;
  REQUIRE(keys.Open()->Key("p-1", true).ok());
  REQUIRE(keys.Open()->Key("p-2", true).ok());
  const std::string first = keys.FileOf("p-1");
  const std::string second = keys.FileOf("p-2");
  fs::rename(first, keys.Path("aside"));
  fs::rename(second, first);
  fs::rename(keys.Path("aside"), second);
  CHECK_THAT(keys.Says("p-1"), Catch::Contains("is damaged"));
  CHECK_THAT(keys.Compares(), Catch::StartsWith("KEY_REPLACED"));
  fs::rename(first, keys.Path("aside"));
  fs::rename(second, first);
  fs::rename(keys.Path("aside"), second);
  CHECK(keys.Compares() == "listed 2 found 0 lost 0");
  // Lost: nobody makes another key in its place.
  fs::rename(first, keys.Path("aside"));
  CHECK(keys.Says("p-1") == "KEY_LOST: " + first +
                                " is missing, and p-1 was sealed with it: no other key is made in "
                                "its place. Restore the file from a copy");
  CHECK(absl::IsNotFound(keys.OpenToRead()->Key("p-1", false).status()));
  CHECK(keys.Compares() == "listed 2 found 0 lost 1");
  fs::rename(keys.Path("aside"), first);
  CHECK(keys.Says("p-1") == "ok");
  // Put there by another hand.
  const ListedKeys other;
  REQUIRE(other.Open()->Key("p-3", true).ok());
  fs::copy_file(other.FileOf("p-3"), keys.FileOf("p-3"));
  CHECK_THAT(keys.Says("p-3"), Catch::StartsWith("KEY_NOT_LISTED: " + keys.FileOf("p-3")));
  CHECK_THAT(keys.Says("p-3", /*create=*/false), Catch::StartsWith("KEY_NOT_LISTED: "));
  CHECK_THAT(keys.Compares(), Catch::StartsWith("KEY_NOT_LISTED"));
}

TEST_CASE("every changed byte of a list is noticed by comparing, and a cut one by its keys",
          "[embedded][integration]") {
  const ListedKeys keys;
  for (const char* id : {"p-1", "p-2", "p-3"}) REQUIRE(keys.Open()->Key(id, true).ok());
  const std::string text = keys.Read("KEYS");
  for (size_t byte = 0; byte < text.size(); ++byte) {
    std::string changed = text;
    changed[byte] = static_cast<char>(changed[byte] ^ 1);
    keys.Write("KEYS", changed);
    if (keys.Compares() == "listed 3 found 0 lost 0") FAIL("byte " << byte);
  }
  // A line that is left out or moved, by whoever has not the list's key.
  const std::string first = text.substr(kHeader, kLine);
  const std::string second = text.substr(kHeader + kLine, kLine);
  for (const std::string& lines : {second, second + first, first + first + second}) {
    keys.Write("KEYS", text.substr(0, kHeader) + lines + text.substr(kHeader + 2 * kLine));
    CHECK_THAT(keys.Compares(), Catch::Contains("is not what was written"));
  }
  // An older list lacks what was made since.
  keys.Write("KEYS", text.substr(0, kHeader + 2 * kLine));
  CHECK(keys.Says("p-2") == "ok");
  CHECK_THAT(keys.Says("p-3"), Catch::StartsWith("KEY_NOT_LISTED: " + keys.FileOf("p-3")));
  CHECK_THAT(keys.Compares(), Catch::StartsWith("KEY_NOT_LISTED"));
  keys.Write("KEYS", text);
  CHECK(keys.Compares() == "listed 3 found 0 lost 0");
}

TEST_CASE("a list that was removed is not begun anew by itself", "[embedded][integration]") {
  const ListedKeys keys;
  REQUIRE(keys.Open()->Key("p-1", true).ok());
  const std::string text = keys.Read("KEYS");
  const std::string mac = keys.Read("KEYS.mac");
  fs::remove(keys.Path("KEYS"));
  CHECK_THAT(keys.Says("p-1"), Catch::StartsWith(keys.Path("KEYS") + " is missing"));
  CHECK(absl::IsDataLoss(keys.OpenToRead()->KeepList()));
  keys.Write("KEYS", text);
  fs::remove(keys.Path("KEYS.mac"));
  CHECK_THAT(keys.Says("p-1"), Catch::StartsWith(keys.Path("KEYS.mac") + " is missing"));
  CHECK(absl::IsDataLoss(keys.OpenToRead()->KeepList()));
  // Another company's belongs to neither.
  const ListedKeys other;
  (void)other.Open();
  keys.Write("KEYS.mac", other.Read("KEYS.mac"));
  CHECK_THAT(keys.Says("p-1"), Catch::Contains("was not written with the key"));
  for (const std::string& damaged : {std::string(), mac.substr(0, 20), mac + "\n"}) {
    keys.Write("KEYS.mac", damaged);
    CHECK_THAT(keys.Says("p-1"), Catch::Contains("KEYS.mac is damaged"));
  }
  // Both away is what whoever is sure does; the keys count as found from then on.
  fs::remove(keys.Path("KEYS"));
  fs::remove(keys.Path("KEYS.mac"));
  CHECK(keys.Open()->Key("p-1", true).ok());
  CHECK(keys.Compares() == "listed 1 found 1 lost 0");
}

TEST_CASE("a list whose first writing was interrupted is begun again", "[embedded][integration]") {
  const ListedKeys keys;
  REQUIRE(keys.OpenToRead()->Key("p-1", true).ok());
  // Written, without its key.
  keys.Write("KEYS.first", "assay-ke");
  CHECK(keys.Says("p-1", /*create=*/false) == "ok");
  REQUIRE(keys.Open()->Key("p-2", true).ok());
  CHECK(keys.Compares() == "listed 2 found 1 lost 0");
  // With its key, and not named yet.
  fs::rename(keys.Path("KEYS"), keys.Path("KEYS.first"));
  CHECK(keys.Says("p-1", /*create=*/false) == "ok");
  REQUIRE(keys.Open()->Key("p-1", true).ok());
  CHECK(keys.Compares() == "listed 2 found 2 lost 0");
}

TEST_CASE("a key whose making was interrupted at any step is there or made, and never in doubt",
          "[embedded][integration]") {
  const ListedKeys keys;
  const std::string empty_list = [&] {
    (void)keys.Open();
    return keys.Read("KEYS");
  }();
  const std::string key = keys.Open()->Key("p-1", true).value();
  const std::string file = keys.FileOf("p-1");
  const std::string fresh = file + ".new";
  const std::string list = keys.Read("KEYS");
  // Named, and the other name not removed.
  fs::create_hard_link(file, fresh);
  CHECK(keys.Open()->Key("p-1", true).value() == key);
  CHECK(keys.Compares() == "listed 1 found 0 lost 0");
  // Listed, and not named.
  fs::remove(file);
  CHECK(absl::IsNotFound(keys.OpenToRead()->Key("p-1", false).status()));
  CHECK(keys.Open()->Key("p-1", true).value() == key);
  CHECK_FALSE(fs::exists(fresh));
  CHECK(keys.Compares() == "listed 1 found 0 lost 0");
  // Written, and its line torn off at any byte or of bytes that were never written.
  for (size_t bytes = 0; bytes <= kLine; ++bytes) {
    for (const bool zeros : {false, true}) {
      if (bytes == kLine && !zeros) continue;
      fs::rename(fs::exists(file) ? file : fresh, fresh);
      keys.Write("KEYS", zeros ? empty_list + std::string(bytes, '\0')
                               : list.substr(0, empty_list.size() + bytes));
      CHECK(absl::IsNotFound(keys.OpenToRead()->Key("p-1", false).status()));
      REQUIRE(keys.Open()->Key("p-1", true).ok());
      if (keys.Compares() != "listed 1 found 0 lost 0") FAIL("byte " << bytes << keys.Compares());
    }
  }
}

TEST_CASE("writers who share a folder list every key once", "[embedded][integration]") {
  const ListedKeys keys;
  constexpr int kWriters = 6;
  constexpr int kKeys = 20;
  std::vector<std::vector<std::string>> made(kWriters);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    // Each with a store of its own, as processes have; all begin the list.
    threads.emplace_back([&] {
      const auto store = keys.OpenToRead();
      if (!store->KeepList().ok()) return;
      for (int i = 0; i < kKeys; ++i) {
        mine.push_back(store->Key("p-" + std::to_string(i), true).value_or(""));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : made) CHECK(mine == made.front());
  CHECK(made.front().size() == kKeys);
  CHECK(keys.Compares() == "listed 20 found 0 lost 0");
  CHECK(keys.Read("KEYS").size() == kHeader + kKeys * kLine);
}

TEST_CASE("a key that a program of version 0.1 made beside the list is put on it",
          "[embedded][integration]") {
  const ListedKeys keys;
  REQUIRE(keys.Open()->Key("p-1", true).ok());
  // As that program names it.
  fs::rename(keys.FileOf("p-1"), keys.Path("p-1.key"));
  CHECK(keys.Says("p-1") == "ok");
  const ListedKeys older;
  REQUIRE(older.OpenToRead()->Key("p-2", true).ok());
  fs::copy_file(older.FileOf("p-2"), keys.Path("p-2.key"));
  // Who only reads leaves the list as it is.
  CHECK(keys.Says("p-2", /*create=*/false) == "ok");
  CHECK(keys.OpenToRead()->CompareWithList()->unlisted == 1);
  CHECK(keys.Open()->Key("p-2", /*create=*/false).ok());
  CHECK(keys.Compares() == "listed 2 found 1 lost 0");
  CHECK(keys.OpenToRead()->CompareWithList()->unlisted == 0);
}

TEST_CASE("what a list costs is printed: making a key, and the first look at 50,000",
          "[embedded][integration]") {
  const ListedKeys listed;
  const ListedKeys plain;
  constexpr int kKeys = 100;
  const auto time = [](const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun)
        .count();
  };
  const auto make = [](FileKeyStore& store) {
    for (int i = 0; i < kKeys; ++i) REQUIRE(store.Key("p-" + std::to_string(i), true).ok());
  };
  const auto with = listed.Open();
  const auto without = plain.OpenToRead();
  const double with_us = time([&] { make(*with); }) / kKeys;
  const double without_us = time([&] { make(*without); }) / kKeys;

  const ListedKeys large;
  std::vector<KeyList::Key> found;
  for (int i = 0; i < 50'000; ++i) {
    found.push_back({Sha256(std::to_string(i)).Hex().substr(0, 32), std::string(32, 'k')});
  }
  fs::create_directories(large.Path(""));
  REQUIRE(KeyList::Begin(large.Path("."), found).ok());
  double load_us = 0;
  double look_us = 0;
  load_us = time([&] {
    auto list = KeyList::Load(large.Path(".")).value();
    look_us = time([&] { REQUIRE(list->PrintOf(found.front().name).has_value()); });
  });
  WARN(
      fmt::format("a key: {:.0f} us with a list, {:.0f} us without; 50,000 lines: {:.1f} ms to "
                  "read and find one, of which {:.1f} ms to index",
                  with_us, without_us, load_us / 1000, look_us / 1000));
}

}  // namespace
}  // namespace assay

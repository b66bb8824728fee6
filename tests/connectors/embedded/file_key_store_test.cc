#include "connectors/embedded/file_key_store.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/hash.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// Of the id "p-1", as an independent program computes it.
constexpr const char* kNameOfP1 = "67c5c27dd26c2995ddb386fdea8cd02a.key";

class KeysOnDisk {
 public:
  std::unique_ptr<FileKeyStore> Open() const { return FileKeyStore::Open(dir_).value(); }
  [[nodiscard]] std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  [[nodiscard]] std::string Content(const std::string& name) const {
    std::ifstream in(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Overwrite(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
  }
  [[nodiscard]] std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_)) names.insert(entry.path().filename());
    return names;
  }

 private:
  const testing::ScratchDirectory home_;
  const std::string dir_ = home_.Path("keys");
};

TEST_CASE("a key is made once and stays", "[embedded][integration]") {
  const KeysOnDisk disk;
  const auto store = disk.Open();
  CHECK(absl::IsNotFound(store->Key("p-1", false).status()));
  const std::string key = store->Key("p-1", true).value();
  CHECK(key.size() == 32);
  CHECK(store->Key("p-1", true).value() == key);
  CHECK(store->Key("p-1", false).value() == key);
  CHECK(store->Key("p-2", true).value() != key);
  CHECK(disk.Open()->Key("p-1", false).value() == key);
  CHECK(disk.Open()->Key("p-1", true).value() == key);
}

TEST_CASE("a key file belongs to its owner and its name does not say whose key it holds",
          "[embedded][integration]") {
  const KeysOnDisk disk;
  REQUIRE(disk.Open()->Key("../a b\xc3\xa9", true).ok());
  const std::string name = "351a1cf93f4a25f57e406dd578a19d03.key";
  CHECK(disk.Names() == std::set<std::string>{name});
  struct stat file {};
  REQUIRE(stat(disk.Path(name).c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  CHECK(disk.Content(name).starts_with("assay-key 1\n"));
}

TEST_CASE("an id that makes no file name is refused", "[embedded][integration]") {
  const KeysOnDisk disk;
  const auto store = disk.Open();
  CHECK(absl::IsInvalidArgument(store->Key("", true).status()));
  CHECK(absl::IsInvalidArgument(store->Key(std::string(300, 'a'), true).status()));
  CHECK(store->Key(std::string(64, '.'), true).ok());
}

TEST_CASE("every flipped bit of a key file is noticed", "[embedded][integration]") {
  const KeysOnDisk disk;
  const std::string key = disk.Open()->Key("p-1", true).value();
  const std::string content = disk.Content(kNameOfP1);
  for (size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string changed = content;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    disk.Overwrite(kNameOfP1, changed);
    const auto read = disk.Open()->Key("p-1", true);
    if (!absl::IsDataLoss(read.status())) FAIL("bit " << bit);
  }
  for (const std::string& damaged : {std::string(), content.substr(0, 40), content + "\n"}) {
    disk.Overwrite(kNameOfP1, damaged);
    CHECK(absl::IsDataLoss(disk.Open()->Key("p-1", true).status()));
  }
  disk.Overwrite(kNameOfP1, content);
  CHECK(disk.Open()->Key("p-1", false).value() == key);
}

TEST_CASE("a key file under another key's name is noticed", "[embedded][integration]") {
  const KeysOnDisk disk;
  REQUIRE(disk.Open()->Key("p-1", true).ok());
  fs::copy_file(disk.Path(kNameOfP1), disk.Path("p-2.key"));
  CHECK(absl::IsDataLoss(disk.Open()->Key("p-2", false).status()));
}

TEST_CASE("who make one key at the same time get the same", "[embedded][integration]") {
  const KeysOnDisk disk;
  for (int round = 0; round < 10; ++round) {
    const std::string id = "p-" + std::to_string(round);
    std::vector<std::string> keys(6);
    std::vector<std::thread> threads;
    for (std::string& key : keys) {
      // Each with a store of its own, as processes have.
      threads.emplace_back([&] {
        const auto made = disk.Open()->Key(id, true);
        if (made.ok()) key = *made;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(keys.front().size() == 32);
    CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 1);
  }
  // No temporary file is left.
  CHECK(disk.Names().size() == 10);
}

TEST_CASE("keys of a seed are the same everywhere", "[embedded][integration]") {
  const KeysOnDisk first;
  const KeysOnDisk second;
  const std::string seed(16, '\x01');
  for (const KeysOnDisk* disk : {&first, &second}) {
    (void)disk->Open();
    disk->Overwrite("SEED", ToHex(seed) + "\n");
  }
  const std::string key = first.Open()->Key("p-1", true).value();
  CHECK(key == HmacSha256(seed, {"p-1"}).View());
  CHECK(second.Open()->Key("p-1", true).value() == key);
  CHECK(first.Names() == std::set<std::string>{"SEED", kNameOfP1});
  CHECK(absl::IsNotFound(first.Open()->Key("p-2", false).status()));
}

// A folder as version 0.1 left it: the names are the ids.
void UnhideP1(const KeysOnDisk& disk) { fs::rename(disk.Path(kNameOfP1), disk.Path("p-1.key")); }

TEST_CASE("a file that is named after its id is found, and is hidden when that is asked for",
          "[embedded][integration]") {
  const KeysOnDisk disk;
  const std::string key = disk.Open()->Key("p-1", true).value();
  UnhideP1(disk);
  CHECK(disk.Open()->Key("p-1", false).value() == key);
  CHECK(disk.Open()->Key("p-1", true).value() == key);
  // An older program beside this one must find what is new as well.
  const std::string other = disk.Open()->Key("person/p 2", true).value();
  CHECK(disk.Names() == std::set<std::string>{"p-1.key", "person%2Fp%202.key"});
  REQUIRE(disk.Open()->HideNames().ok());
  CHECK(disk.Names().size() == 2);
  CHECK(disk.Names().contains(kNameOfP1));
  CHECK(disk.Open()->Key("p-1", false).value() == key);
  CHECK(disk.Open()->Key("person/p 2", false).value() == other);
  REQUIRE(disk.Open()->Key("p-3", true).ok());
  CHECK_FALSE(fs::exists(disk.Path("p-3.key")));
}

TEST_CASE("hiding a name goes on where it was interrupted, and loses no key",
          "[embedded][integration]") {
  const KeysOnDisk disk;
  const std::string key = disk.Open()->Key("p-1", true).value();
  // Linked, and the old name not removed yet.
  fs::create_hard_link(disk.Path(kNameOfP1), disk.Path("p-1.key"));
  CHECK(disk.Open()->Key("p-1", false).value() == key);
  REQUIRE(disk.Open()->HideNames().ok());
  CHECK(disk.Names() == std::set<std::string>{kNameOfP1});
  CHECK(disk.Open()->Key("p-1", false).value() == key);
  // What is no key of that name is left alone.
  disk.Overwrite("100%.key", "");
  disk.Overwrite("note.txt", "");
  REQUIRE(disk.Open()->HideNames().ok());
  CHECK(disk.Names() == std::set<std::string>{kNameOfP1, "100%.key", "note.txt"});
}

TEST_CASE("two files with different keys of one id are told, and both stay",
          "[embedded][integration]") {
  const KeysOnDisk disk;
  const KeysOnDisk other;
  REQUIRE(disk.Open()->Key("p-1", true).ok());
  REQUIRE(other.Open()->Key("p-1", true).ok());
  fs::copy_file(other.Path(kNameOfP1), disk.Path("p-1.key"));
  const absl::Status hidden = disk.Open()->HideNames();
  CHECK(absl::IsDataLoss(hidden));
  CHECK_THAT(std::string(MessageOf(hidden)), Catch::Contains("different keys of one id"));
  CHECK(disk.Names() == std::set<std::string>{kNameOfP1, "p-1.key"});
}

TEST_CASE("keys that others may read are refused, with what to do", "[embedded][integration]") {
  const KeysOnDisk disk;
  const std::string key = disk.Open()->Key("p-1", true).value();
  for (const mode_t mode : {0755, 0750, 0701, 0740, 0702}) {
    REQUIRE(chmod(disk.Path(".").c_str(), mode) == 0);
    const auto opened = FileKeyStore::Open(disk.Path("."));
    CHECK(absl::IsFailedPrecondition(opened.status()));
    CHECK_THAT(std::string(MessageOf(opened.status())),
               Catch::Contains(fmt::format("(mode {:04o})", mode)) &&
                   Catch::Contains("run `chmod -R go-rwx '" + disk.Path(".") + "'`"));
  }
  REQUIRE(chmod(disk.Path(".").c_str(), 0700) == 0);
  CHECK(disk.Open()->Key("p-1", false).value() == key);
}

TEST_CASE("a seed that is none is refused", "[embedded][integration]") {
  const KeysOnDisk disk;
  (void)disk.Open();
  for (const char* text : {"", "xyz", "0102", "0102030405060708090a0b0c0d0e0f1"}) {
    disk.Overwrite("SEED", text);
    CHECK(absl::IsDataLoss(FileKeyStore::Open(disk.Path("")).status()));
  }
}

}  // namespace
}  // namespace assay

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

TEST_CASE("a key file belongs to its owner and its name is safe", "[embedded][integration]") {
  const KeysOnDisk disk;
  REQUIRE(disk.Open()->Key("../a b\xc3\xa9", true).ok());
  const std::string name = "%2E%2E%2Fa%20b%C3%A9.key";
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
  const std::string content = disk.Content("p-1.key");
  for (size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string changed = content;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    disk.Overwrite("p-1.key", changed);
    const auto read = disk.Open()->Key("p-1", true);
    if (!absl::IsDataLoss(read.status())) FAIL("bit " << bit);
  }
  for (const std::string& damaged : {std::string(), content.substr(0, 40), content + "\n"}) {
    disk.Overwrite("p-1.key", damaged);
    CHECK(absl::IsDataLoss(disk.Open()->Key("p-1", true).status()));
  }
  disk.Overwrite("p-1.key", content);
  CHECK(disk.Open()->Key("p-1", false).value() == key);
}

TEST_CASE("a key file under another key's name is noticed", "[embedded][integration]") {
  const KeysOnDisk disk;
  REQUIRE(disk.Open()->Key("p-1", true).ok());
  fs::copy_file(disk.Path("p-1.key"), disk.Path("p-2.key"));
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
  CHECK(first.Names() == std::set<std::string>{"SEED", "p-1.key"});
  CHECK(absl::IsNotFound(first.Open()->Key("p-2", false).status()));
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

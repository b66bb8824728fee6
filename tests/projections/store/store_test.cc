#include "projections/store/store.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "tests/support/scratch_store.h"

namespace assay {

TEST_CASE("what was written in one batch is there after opening again", "[store][unit]") {
  testing::Directory directory;
  {
    auto store = Store::Open(directory.Sub("views"));
    REQUIRE(store.ok());
    Batch batch(**store);
    batch.Put(Table::kScores, "k", "v");
    batch.Put(Table::kMeta, "head", "1");
    REQUIRE((*store)->Write(batch).ok());
  }
  auto store = Store::Open(directory.Sub("views"));
  REQUIRE(store.ok());
  CHECK((*store)->Get(Table::kScores, "k")->value() == "v");
  CHECK((*store)->Get(Table::kMeta, "head")->value() == "1");
}

TEST_CASE("loaded batches replace each other's rows, and logged ones follow them",
          "[store][unit]") {
  testing::Directory directory;
  {
    auto store = Store::Open(directory.Sub("views"));
    REQUIRE(store.ok());
    for (const char* value : {"1", "2"}) {
      Batch batch(**store, Batch::Kind::kLoaded);
      batch.Put(Table::kMeta, "head", value);
      batch.Put(Table::kFacts, "a", value);
      if (std::string_view(value) == "1") {
        batch.Put(Table::kIdentities, "gone", "soon");
      } else {
        batch.Delete(Table::kIdentities, "gone");
      }
      REQUIRE((*store)->Write(batch).ok());
    }
    Batch batch(**store);
    batch.Put(Table::kFacts, "b", "3");
    REQUIRE((*store)->Write(batch).ok());
  }
  auto store = Store::Open(directory.Sub("views"));
  REQUIRE(store.ok());
  CHECK((*store)->Get(Table::kMeta, "head")->value() == "2");
  CHECK((*store)->Get(Table::kFacts, "a")->value() == "2");
  CHECK((*store)->Get(Table::kFacts, "b")->value() == "3");
  CHECK_FALSE((*store)->Get(Table::kIdentities, "gone")->has_value());
}

TEST_CASE("a loaded batch with keys out of order is refused and changes nothing", "[store][unit]") {
  testing::ScratchStore scratch;
  Batch batch(*scratch.store, Batch::Kind::kLoaded);
  batch.Put(Table::kFacts, "b", "1");
  batch.Put(Table::kFacts, "a", "1");
  CHECK_FALSE(scratch.store->Write(batch).ok());
  CHECK_FALSE(scratch.store->Get(Table::kFacts, "b")->has_value());
}

TEST_CASE("a second opening says that another process holds the views", "[store][unit]") {
  testing::ScratchStore scratch;
  const auto second = Store::Open(scratch.directory.Sub("views"));
  CHECK(second.status().code() == absl::StatusCode::kUnavailable);
}

namespace {

// Every file of the directory with its size.
std::map<std::string, uintmax_t> FilesIn(const std::string& directory) {
  std::map<std::string, uintmax_t> files;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    files[file.path().filename()] = file.file_size();
  }
  return files;
}

}  // namespace

TEST_CASE("views are read without changing a file, by several at once", "[store][unit]") {
  testing::Directory directory;
  const std::string views = directory.Sub("views");
  CHECK(absl::IsNotFound(Store::OpenToRead(views).status()));
  CHECK_FALSE(std::filesystem::exists(views));
  {
    auto store = Store::Open(views);
    REQUIRE(store.ok());
    Batch batch(**store);
    batch.Put(Table::kScores, "k", "v");
    REQUIRE((*store)->Write(batch).ok());
  }
  const auto before = FilesIn(views);
  for (int i = 0; i < 20; ++i) {
    const auto one = Store::OpenToRead(views);
    const auto two = Store::OpenToRead(views);
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    CHECK((*one)->Get(Table::kScores, "k")->value() == "v");
    CHECK((*two)->Get(Table::kScores, "k")->value() == "v");
  }
  CHECK(FilesIn(views) == before);
}

TEST_CASE("views that are opened again and again have no more files", "[store][unit]") {
  testing::Directory directory;
  const std::string views = directory.Sub("views");
  for (int i = 0; i < 12; ++i) {
    REQUIRE(Store::Open(views).ok());
    CHECK(FilesIn(views).size() < 12);
  }
}

TEST_CASE("rows in many log files are put in order when the store is closed", "[store][unit]") {
  testing::Directory directory;
  const std::string views = directory.Sub("views");
  {
    auto store = Store::Open(views);
    REQUIRE(store.ok());
    Batch batch(**store);
    for (int i = 0; i < 40; ++i) {
      batch.Put(Table::kScores, std::to_string(i), std::string(64 << 10, static_cast<char>(i)));
    }
    REQUIRE((*store)->Write(batch).ok());
  }
  uintmax_t log_bytes = 0;
  for (const auto& [name, bytes] : FilesIn(views)) log_bytes += name.ends_with(".log") ? bytes : 0;
  CHECK(log_bytes == 0);
  CHECK((*Store::OpenToRead(views))->Get(Table::kScores, "7")->value().size() == 64 << 10);
}

TEST_CASE("rows that a killed process left in log files are read in bounds", "[store][unit]") {
  testing::Directory directory;
  const std::string views = directory.Sub("views");
  auto store = Store::Open(views);
  REQUIRE(store.ok());
  Batch batch(**store);
  batch.Put(Table::kScores, "k", std::string(64 << 10, 'v'));
  REQUIRE((*store)->Write(batch).ok());
  // As they are while it lives, or when it was killed.
  const std::string left = directory.Sub("left");
  std::filesystem::copy(views, left);
  CHECK(absl::IsResourceExhausted(Store::OpenToRead(left, 32 << 10).status()));
  const auto read = Store::OpenToRead(left);
  REQUIRE(read.ok());
  CHECK((*read)->Get(Table::kScores, "k")->value().size() == 64 << 10);
}

TEST_CASE("a store in memory is like one on a disk", "[store][unit]") {
  auto store = Store::OpenInMemory();
  REQUIRE(store.ok());
  Batch batch(**store);
  batch.Put(Table::kFacts, "k", "v");
  REQUIRE((*store)->Write(batch).ok());
  CHECK((*store)->Get(Table::kFacts, "k")->value() == "v");
  CHECK((*store)->NewScan(Table::kFacts, "")->Valid());
}

TEST_CASE("several keys are read at once, absent ones as nothing", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kIdentities, "b", "2");
  scratch.WriteBack();
  const auto values = scratch.store->MultiGet(Table::kIdentities, {"a", "b", "c"});
  REQUIRE(values.ok());
  CHECK_FALSE((*values)[0].has_value());
  CHECK((*values)[1] == "2");
  CHECK_FALSE((*values)[2].has_value());
}

TEST_CASE("a scan begins at the first key that is asked for and ends with the prefix",
          "[store][unit]") {
  testing::ScratchStore scratch;
  for (const char* key : {"a1", "a2", "a3", "b1"}) {
    scratch.rows->Put(Table::kState, key, "");
  }
  scratch.WriteBack();
  const auto keys = [&](std::string_view prefix, std::string_view first) {
    std::string found;
    const auto scan = scratch.store->NewScan(Table::kState, prefix, first);
    for (; scan->Valid(); scan->Next()) found += std::string(scan->Key()) + " ";
    CHECK(scan->status().ok());
    return found;
  };
  CHECK(keys("a", "a") == "a1 a2 a3 ");
  CHECK(keys("a", "a2") == "a2 a3 ");
  CHECK(keys("a", "a4").empty());
  CHECK(keys("", "a3") == "a3 b1 ");
}

}  // namespace assay

#include "projections/store/store.h"

#include <catch2/catch.hpp>

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

#include "projections/store/overlay.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "tests/support/scratch_store.h"

namespace assay {
namespace {

std::vector<std::string> Keys(Overlay& rows, std::string_view prefix) {
  std::vector<std::string> keys;
  rows.Visit(Table::kState, prefix, [&](std::string_view key, std::string_view value) {
    keys.push_back(std::string(key) + "=" + std::string(value));
    return true;
  });
  return keys;
}

}  // namespace

TEST_CASE("rows that were not written back yet are read over those that were", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kState, "a1", "old");
  scratch.rows->Put(Table::kState, "a3", "3");
  scratch.WriteBack();
  scratch.rows->Put(Table::kState, "a1", "new");
  scratch.rows->Put(Table::kState, "a2", "2");
  scratch.rows->Delete(Table::kState, "a3");
  CHECK(Keys(*scratch.rows, "a") == std::vector<std::string>{"a1=new", "a2=2"});
  scratch.WriteBack();
  CHECK(Keys(*scratch.rows, "a") == std::vector<std::string>{"a1=new", "a2=2"});
  CHECK_FALSE(scratch.rows->Get(Table::kState, "a3").has_value());
}

TEST_CASE("the first row at or after a key stays within the prefix", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kState, "a1", "1");
  scratch.WriteBack();
  scratch.rows->Put(Table::kState, "b1", "2");
  CHECK(scratch.rows->First(Table::kState, "a0", "a")->second == "1");
  CHECK_FALSE(scratch.rows->First(Table::kState, "a2", "a").has_value());
  CHECK(scratch.rows->First(Table::kState, "b", "b")->second == "2");
}

TEST_CASE("the first row is what was folded last, and never one that was deleted",
          "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kState, "a1", "1");
  scratch.rows->Put(Table::kState, "a2", "2");
  scratch.WriteBack();
  scratch.rows->Delete(Table::kState, "a1");
  CHECK(scratch.rows->First(Table::kState, "a0", "a")->second == "2");
  scratch.rows->Put(Table::kState, "a2", "new");
  CHECK(scratch.rows->First(Table::kState, "a0", "a")->second == "new");
  scratch.rows->Delete(Table::kState, "a2");
  CHECK_FALSE(scratch.rows->First(Table::kState, "a0", "a").has_value());
  CHECK(scratch.rows->status().ok());
}

TEST_CASE("forgetting drops what was read and keeps what was changed", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kState, "a1", "1");
  scratch.rows->Put(Table::kState, "a2", "2");
  scratch.WriteBack();
  CHECK(scratch.rows->Get(Table::kState, "a1") == "1");
  scratch.rows->Put(Table::kState, "a2", "new");
  // Behind the overlay's back, so that a row is seen to be read again.
  Batch batch(*scratch.store);
  batch.Put(Table::kState, "a1", "other");
  REQUIRE(scratch.store->Write(batch).ok());
  CHECK(scratch.rows->Get(Table::kState, "a1") == "1");
  scratch.rows->Forget();
  CHECK(scratch.rows->Get(Table::kState, "a1") == "other");
  CHECK(scratch.rows->Get(Table::kState, "a2") == "new");
}

TEST_CASE("a table of one name is no other table", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Put(Table::kState, "k", "state");
  CHECK_FALSE(scratch.rows->Get(Table::kMembers, "k").has_value());
}

TEST_CASE("the end of a prefix is behind every key that has it", "[store][unit]") {
  CHECK(PrefixEnd("ab") == "ac");
  CHECK(PrefixEnd(std::string("a\xff")) == "b");
  CHECK(PrefixEnd(std::string("\xff\xff")).empty());
}

TEST_CASE("rows that another thread writes are read, and changed as copies", "[store][unit]") {
  testing::ScratchStore scratch;
  Overlay& rows = *scratch.rows;
  rows.Put(Table::kFacts, "a", "1");
  rows.Put(Table::kFacts, "b", "1");
  Batch batch(*scratch.store);
  bool is_finished = false;
  rows.Freeze([&] {
    rows.DrainFrozen(batch);
    is_finished = true;
    (void)rows.Thaw();
    return scratch.store->Write(batch);
  });
  CHECK(rows.Get(Table::kFacts, "a") == "1");
  rows.ChangeIn(0, Table::kFacts, "b") += "2";
  rows.Put(Table::kFacts, "c", "3");
  CHECK_FALSE(is_finished);
  // A walk needs all rows in order: it waits.
  std::string found;
  rows.Visit(Table::kFacts, "", [&](std::string_view key, std::string_view value) {
    found += std::string(key) + "=" + std::string(value) + " ";
    return true;
  });
  CHECK(is_finished);
  CHECK(found == "a=1 b=12 c=3 ");
  CHECK(scratch.store->Get(Table::kFacts, "b")->value() == "1");
  scratch.WriteBack();
  CHECK(scratch.store->Get(Table::kFacts, "b")->value() == "12");
}

TEST_CASE("lanes change their rows beside each other, and one walk sees them all",
          "[store][unit]") {
  testing::ScratchStore scratch;
  constexpr size_t kLanes = 3;
  constexpr int kRows = 2'000;
  scratch.rows->Put(Table::kInputs, "shared", "read by all");
  for (size_t lane = 0; lane < kLanes; ++lane) {
    scratch.rows->Put(Table::kFacts, fmt::format("{} 0000", lane), "stored ");
  }
  scratch.WriteBack();
  Overlay rows(*scratch.store, kLanes);
  const auto fold = [&rows](size_t lane) {
    int seen = 0;
    for (int i = 0; i < kRows; ++i) {
      const std::string key = fmt::format("{} {:04}", lane, i);
      rows.ChangeIn(lane, Table::kFacts, key) += "1";
      rows.ChangeIn(lane, Table::kFacts, key) += "2";
      if (rows.GetIn(lane, Table::kFacts, key).has_value()) ++seen;
      if (rows.Peek(Table::kInputs, "shared") == "read by all") ++seen;
    }
    return seen;
  };
  std::vector<std::future<int>> threads;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    threads.push_back(std::async(std::launch::async, fold, lane));
  }
  for (std::future<int>& thread : threads) CHECK(thread.get() == 2 * kRows);
  std::vector<std::string> keys;
  std::string values;
  rows.Visit(Table::kFacts, "", [&](std::string_view key, std::string_view value) {
    keys.emplace_back(key);
    if (key.ends_with(" 0000")) values += std::string(value) + ";";
    return true;
  });
  CHECK(keys.size() == kLanes * kRows);
  CHECK(std::is_sorted(keys.begin(), keys.end()));
  CHECK(values == "stored 12;stored 12;stored 12;");
  // Behind a walk rows lie in order; a lane still finds its own.
  rows.ChangeIn(1, Table::kFacts, "1 0000") += "3";
  Batch batch(*scratch.store);
  rows.Drain(batch);
  REQUIRE(scratch.store->Write(batch).ok());
  CHECK(scratch.store->Get(Table::kFacts, "1 0000")->value() == "stored 123");
}

TEST_CASE("a writing that failed is told by the walk that waits for it", "[store][unit]") {
  testing::ScratchStore scratch;
  scratch.rows->Freeze([] { return MakeStatus(absl::StatusCode::kUnavailable, "disk full"); });
  CHECK(Keys(*scratch.rows, "").empty());
  CHECK(MessageOf(scratch.rows->status()) == "disk full");
}

TEST_CASE("scattered rows are drained in the order of their keys", "[store][unit]") {
  testing::ScratchStore scratch;
  // Long common beginnings, prefixes of each other, and zero bytes.
  std::vector<std::string> keys;
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(i * 7919 % 500);
    keys.push_back("a common beginning " + number);
    keys.push_back("a common beginning " + number + std::string(1, '\0'));
    keys.push_back("a common beginning " + number + " and a long common end");
  }
  for (const std::string& key : keys) scratch.rows->Put(Table::kFacts, key, key);
  scratch.rows->Visit(Table::kFacts, "", [](std::string_view, std::string_view) { return false; });
  for (const std::string& key : keys) scratch.rows->Put(Table::kFacts, key + "+", key);
  // RocksDB refuses to load keys out of order.
  Batch batch(*scratch.store, Batch::Kind::kLoaded);
  scratch.rows->Drain(batch);
  REQUIRE(scratch.store->Write(batch).ok());
  for (const std::string& key : keys) {
    CHECK(scratch.rows->Get(Table::kFacts, key) == key);
    CHECK(scratch.rows->Get(Table::kFacts, key + "+") == key);
  }
}

}  // namespace assay

#include "projections/store/overlay.h"

#include <catch2/catch.hpp>
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

}  // namespace assay

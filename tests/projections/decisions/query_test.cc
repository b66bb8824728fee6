#include "projections/decisions/query.h"

#include <catch2/catch.hpp>

#include "projections/decisions/projector.h"
#include "tests/support/scratch_store.h"

namespace assay::decisions {
namespace {

v1::UnitState Named(const std::string& unit) {
  v1::UnitState state;
  state.set_unit(unit);
  return state;
}

std::string UnitAt(Overlay& rows, int64_t position) {
  StateAt state(rows, position);
  const auto unit = state.Find<v1::UnitState>("unit/u");
  return unit.has_value() ? unit->unit() : "absent";
}

v1::Member MemberOf(const std::string& id) {
  v1::Member member;
  member.set_id(id);
  return member;
}

}  // namespace

TEST_CASE("a row is read as it was after any position, before and after a write-back",
          "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  projector.Enter(3);
  projector.Put("unit/u", Named("three"));
  projector.Enter(7);
  projector.Put("unit/u", Named("seven"));
  for (int round = 0; round < 2; ++round) {
    CHECK(UnitAt(*scratch.rows, 2) == "absent");
    CHECK(UnitAt(*scratch.rows, 3) == "three");
    CHECK(UnitAt(*scratch.rows, 6) == "three");
    CHECK(UnitAt(*scratch.rows, 7) == "seven");
    CHECK(UnitAt(*scratch.rows, kNewest) == "seven");
    scratch.WriteBack();
  }
}

TEST_CASE("a stream whose name begins with another's is another stream", "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  projector.Enter(1);
  projector.Put("unit/u", Named("u"));
  StateAt state(*scratch.rows, kNewest);
  CHECK_FALSE(state.Find<v1::UnitState>("unit/").has_value());
  CHECK_FALSE(state.Find<v1::UnitState>("unit/uu").has_value());
}

TEST_CASE("streams of one beginning are listed as of the position, each once",
          "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  for (const auto& [position, unit] : {std::pair(1, "b"), {2, "a"}, {3, "b"}, {4, "c"}, {5, "b"}}) {
    projector.Enter(position);
    projector.Put(std::string("unit/") + unit, Named(unit));
    projector.Put(std::string("units/") + unit, Named(unit));
  }
  const auto at = [&](int64_t position) {
    return StateAt(*scratch.rows, position).Streams("unit/");
  };
  for (int round = 0; round < 2; ++round) {
    CHECK(at(0).empty());
    CHECK(at(1) == std::vector<std::string>{"unit/b"});
    CHECK(at(3) == std::vector<std::string>{"unit/a", "unit/b"});
    CHECK(at(kNewest) == std::vector<std::string>{"unit/a", "unit/b", "unit/c"});
    CHECK(projector.Streams("unit/b") == std::vector<std::string>{"unit/b"});
    CHECK(projector.Streams("none/").empty());
    scratch.WriteBack();
  }
}

TEST_CASE("the members of a set are those as of the position", "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  projector.Enter(1);
  projector.PutMember("company/people", MemberOf("a"));
  projector.PutMember("company/people", MemberOf("b"));
  projector.Enter(2);
  projector.EraseMember("company/people", "a");
  projector.Enter(3);
  projector.PutMember("company/people", MemberOf("c"));
  const auto ids = [&](int64_t position) {
    StateAt state(*scratch.rows, position);
    std::string text;
    for (const auto& member : state.Members("company/people")) text += member.id();
    return text;
  };
  for (int round = 0; round < 2; ++round) {
    CHECK(ids(0).empty());
    CHECK(ids(1) == "ab");
    CHECK(ids(2) == "b");
    CHECK(ids(3) == "bc");
    scratch.WriteBack();
  }
}

TEST_CASE("an instant means the last position recorded at or before it", "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  const int64_t times[] = {100, 200, 200, 500};
  for (int64_t i = 0; i < 4; ++i) {
    projector.PutMark(i, {.recorded_at = {times[i]}});
  }
  CHECK(PositionAtInstant(*scratch.rows, 4, {99}) == -1);
  CHECK(PositionAtInstant(*scratch.rows, 4, {100}) == 0);
  CHECK(PositionAtInstant(*scratch.rows, 4, {200}) == 2);
  CHECK(PositionAtInstant(*scratch.rows, 4, {499}) == 2);
  CHECK(PositionAtInstant(*scratch.rows, 4, {9'999}) == 3);
}

TEST_CASE("a damaged row is a failure and not an absent row", "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  projector.Enter(1);
  projector.Put("unit/u", Named("u"));
  scratch.WriteBack();
  std::string key;
  scratch.rows->Visit(Table::kState, "", [&](std::string_view found, std::string_view) {
    key = found;
    return false;
  });
  scratch.rows->Put(Table::kState, key, "\xff\xff\xff");
  StateAt state(*scratch.rows, kNewest);
  v1::UnitState unit;
  CHECK_FALSE(state.Get("unit/u", &unit));
  CHECK(state.status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("applied commands, heads and roots are found again", "[decisions][unit]") {
  testing::ScratchStore scratch;
  Projector projector(*scratch.rows);
  const Hash32 id = Sha256("c-1");
  projector.PutApplied(id, {.position = 12, .command_hash = Sha256("command")});
  projector.PutLastChanged("unit/u", 12);
  projector.PutMark(12, {.root = Sha256("root"), .verdict = Verdict::kApplied});
  scratch.WriteBack();
  REQUIRE(projector.FindApplied(id).has_value());
  CHECK(projector.FindApplied(id)->position == 12);
  CHECK(projector.FindApplied(id)->command_hash == Sha256("command"));
  CHECK(projector.LastChanged("unit/u") == 12);
  CHECK_FALSE(projector.LastChanged("unit/x").has_value());
  CHECK(projector.RootAt(12) == Sha256("root"));
  CHECK_FALSE(projector.RootAt(13).has_value());
}

}  // namespace assay::decisions

#include "engine/org/units.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "tests/engine/org/org_spec.h"

namespace assay::testing {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("a unit is created in its own stream, effective from its first day", "[org][unit]") {
  OrgSpec spec;
  spec.When("p-hr", UnitCommand("co")).Then({R"(stream: "unit/co" effective: "2026-01-01"
                unit_created { unit: "co" name: "Unit co" kind: UNIT_KIND_DEPARTMENT
                               from: "2026-01-01" })"});
  CHECK(UnitOn(spec.state, "co", D("2026-01-01"))->active);
  CHECK_FALSE(UnitOn(spec.state, "co", D("2025-12-31"))->active);
}

TEST_CASE("creating a unit is refused in the order shape, existence, state", "[org][unit]") {
  struct Row {
    std::string command;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(create_unit { unit: "/" })", "INVALID_ID", "createUnit.unit"},
      {R"(create_unit { unit: "co" parent: "x" })", "INVALID_TEXT", "createUnit.name"},
      {"create_unit { unit: \"co\" name: \"" + std::string(limits::kTitleBytesMax + 1, 'n') +
           "\" }",
       "INVALID_TEXT", "createUnit.name"},
      {R"(create_unit { unit: "co" name: "N" parent: "x" })", "INVALID_ENUM", "createUnit.kind"},
      {R"(create_unit { unit: "co" name: "N" kind: UNIT_KIND_TEAM parent: " " })", "INVALID_ID",
       "createUnit.parent"},
      {R"(create_unit { unit: "co" name: "N" kind: UNIT_KIND_TEAM parent: "x" })", "INVALID_DAY",
       "createUnit.from"},
      {UnitCommand("co", "nowhere"), "NOT_FOUND", "createUnit.parent"},
      {UnitCommand("co", "d1", "2025-01-01"), "ALREADY_EXISTS", "createUnit.unit"},
      {UnitCommand("new", "d1", "2025-12-31"), "UNIT_RETIRED", "createUnit.parent"},
  };
  OrgSpec spec;
  spec.WithUnits();
  for (const Row& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("an unspecified kind is answered with the kinds there are", "[org][unit]") {
  OrgSpec spec;
  spec.When("p-hr", R"(create_unit { unit: "co" name: "N" from: "2026-01-01" })")
      .ThenRejected("INVALID_ENUM", "createUnit.kind");
  CHECK(spec.Refusal().expected ==
        "UNIT_KIND_LEGAL, UNIT_KIND_DEPARTMENT, UNIT_KIND_TEAM, UNIT_KIND_SITE, "
        "UNIT_KIND_COST_CENTRE, UNIT_KIND_PROJECT");
  CHECK(spec.Refusal().actual == "nothing");
}

TEST_CASE("a unit cannot hang below a unit that will retire", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", R"(retire_unit { unit: "d2" from: "2026-09-01" })");
  spec.When("p-hr", UnitCommand("d21", "d2", "2026-05-01"))
      .ThenRejected("UNIT_RETIRED", "createUnit.parent");
}

TEST_CASE("a tree of more than 64 levels is taken for a loop", "[org][unit]") {
  OrgSpec spec;
  spec.Given("p-hr", UnitCommand("u-1"));
  for (int i = 2; i <= 64; ++i) {
    spec.Given("p-hr", UnitCommand(fmt::format("u-{}", i), fmt::format("u-{}", i - 1)));
  }
  CHECK(PathToRoot(spec.state, "u-64", D("2026-01-01")).size() == 64);
  spec.When("p-hr", UnitCommand("u-65", "u-64")).ThenRejected("ORG_CYCLE", "createUnit.parent");
}

TEST_CASE("a name holds from its day and the former one before it", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.When("p-hr", R"(rename_unit { unit: "d1" name: "Press shop" from: "2026-04-01" })")
      .Then({R"(stream: "unit/d1" effective: "2026-04-01"
                unit_renamed { unit: "d1" name: "Press shop" from: "2026-04-01" })"});
  CHECK(UnitOn(spec.state, "d1", D("2026-03-31"))->name == "Unit d1");
  CHECK(UnitOn(spec.state, "d1", D("2026-04-01"))->name == "Press shop");
  spec.When("p-hr", R"(rename_unit { unit: "d1" name: "x" from: "2025-12-31" })")
      .ThenRejected("UNIT_RETIRED", "renameUnit.unit");
  spec.When("p-hr", R"(rename_unit { unit: "no" name: "x" from: "2026-04-01" })")
      .ThenRejected("NOT_FOUND", "renameUnit.unit");
}

TEST_CASE("a move changes the way to the root from its day on", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.When("p-hr", MoveCommand("d11", "d2", "2026-05-01"))
      .Then({R"(stream: "unit/d11" effective: "2026-05-01"
                unit_moved { unit: "d11" new_parent: "d2" from: "2026-05-01" old_parent: "d1" })"});
  CHECK(PathToRoot(spec.state, "d11", D("2026-04-30")) == Names{"d11", "d1", "co"});
  CHECK(PathToRoot(spec.state, "d11", D("2026-05-01")) == Names{"d11", "d2", "co"});
}

TEST_CASE("a back-dated move leaves what was recorded for later days", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", UnitCommand("d3", "co"));
  spec.Given("p-hr", MoveCommand("d11", "d2", "2026-05-01"));
  spec.Given("p-hr", MoveCommand("d11", "d3", "2026-02-01"));
  CHECK(PathToRoot(spec.state, "d11", D("2026-01-31"))[1] == "d1");
  CHECK(PathToRoot(spec.state, "d11", D("2026-02-01"))[1] == "d3");
  CHECK(PathToRoot(spec.state, "d11", D("2026-04-30"))[1] == "d3");
  CHECK(PathToRoot(spec.state, "d11", D("2026-05-01"))[1] == "d2");
}

TEST_CASE("a unit can become a root", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", MoveCommand("d1", "", "2026-05-01"));
  CHECK(PathToRoot(spec.state, "d11", D("2026-05-01")) == Names{"d11", "d1"});
}

TEST_CASE("a unit cannot move below itself", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.When("p-hr", MoveCommand("d1", "d11", "2026-02-01"))
      .ThenRejected("ORG_CYCLE", "moveUnit.newParent");
  CHECK(spec.Refusal().actual == "d11 stands below it on 2026-02-01");
  spec.When("p-hr", MoveCommand("d1", "d1", "2026-02-01"))
      .ThenRejected("ORG_CYCLE", "moveUnit.newParent");
}

TEST_CASE("a back-dated move is refused for a cycle on a later day", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  // From June on d2 hangs below d1; so d1 may stand below d2 only until then.
  spec.Given("p-hr", MoveCommand("d2", "d1", "2026-06-01"));
  spec.When("p-hr", MoveCommand("d1", "d2", "2026-03-01"))
      .ThenRejected("ORG_CYCLE", "moveUnit.newParent");
  CHECK(spec.Refusal().actual == "d2 stands below it on 2026-06-01");
  // With a later parent of its own the back-dated one ends in time.
  spec.Given("p-hr", MoveCommand("d1", "co", "2026-06-01"));
  spec.When("p-hr", MoveCommand("d1", "d2", "2026-03-01")).ThenAccepted();
}

TEST_CASE("a move reads every unit on the way, so that crossing moves conflict", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.When("p-hr", MoveCommand("d2", "d11", "2026-05-01")).ThenAccepted();
  for (const char* stream : {"unit/d2", "unit/d11", "unit/d1", "unit/co"}) {
    CHECK(spec.state.reads.contains(stream));
  }
}

TEST_CASE("moving is refused where a unit or its new parent is not active", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", UnitCommand("late", "co", "2026-06-01"));
  spec.When("p-hr", MoveCommand("no", "d2", "2026-05-01"))
      .ThenRejected("NOT_FOUND", "moveUnit.unit");
  spec.When("p-hr", MoveCommand("d1", "no", "2026-05-01"))
      .ThenRejected("NOT_FOUND", "moveUnit.newParent");
  spec.When("p-hr", MoveCommand("d1", "late", "2026-05-31"))
      .ThenRejected("UNIT_RETIRED", "moveUnit.newParent");
  spec.When("p-hr", MoveCommand("late", "d1", "2026-05-31"))
      .ThenRejected("UNIT_RETIRED", "moveUnit.unit");
  spec.When("p-hr", MoveCommand("late", "", "2026-05-31"))
      .ThenRejected("UNIT_RETIRED", "moveUnit.unit");
}

// --- merging ---

TEST_CASE("a merge counts the people to the target from its day and not before",
          "[org][unit][ORG-03]") {
  OrgSpec spec;
  spec.WithPeople(15).WithUnits();
  spec.Given("p-hr", PositionCommand("q1", "d1", 5));
  spec.Given("p-hr", PositionCommand("q2", "d2", 20));
  for (int i = 1; i <= 15; ++i) {
    spec.Given("p-hr", StartCommand(fmt::format("a-{}", i), fmt::format("p-{}", i),
                                    i <= 12 ? "q2" : "q1", 10'000));
  }
  spec.When("p-hr", R"(merge_units { sources: "d2" target: "d1" from: "2026-07-01" })")
      .Then({R"(stream: "unit/d2" effective: "2026-07-01"
                units_merged { source: "d2" target: "d1" from: "2026-07-01" })"});
  const Day june = D("2026-06-30");
  const Day july = D("2026-07-01");
  CHECK(PeopleOf(spec.state, "d2", june).size() == 12);
  CHECK(PeopleOf(spec.state, "d1", june).size() == 3);
  CHECK(PeopleOf(spec.state, "d2", july).empty());
  CHECK(PeopleOf(spec.state, "d1", july).size() == 3 + 12);
  // What is scored by the place held in June stays with D2.
  CHECK(UnitOfPosition(spec.state, "q2", june) == "d2");
  CHECK(UnitOfPosition(spec.state, "q2", july) == "d1");
}

TEST_CASE("children of a merged unit hang below the target", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", R"(merge_units { sources: "d1" target: "d2" from: "2026-07-01" })");
  CHECK(PathToRoot(spec.state, "d11", D("2026-06-30")) == Names{"d11", "d1", "co"});
  CHECK(PathToRoot(spec.state, "d11", D("2026-07-01")) == Names{"d11", "d2", "co"});
  // And the target can no longer move below them.
  spec.When("p-hr", MoveCommand("d2", "d11", "2026-08-01"))
      .ThenRejected("ORG_CYCLE", "moveUnit.newParent");
}

TEST_CASE("merging is refused where it makes no tree", "[org][unit]") {
  struct Row {
    std::string_view command;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(merge_units { target: "d1" from: "2026-07-01" })", "INVALID_ID", "mergeUnits.sources"},
      {R"(merge_units { sources: "d1" sources: "d1" target: "d2" from: "2026-07-01" })",
       "INVALID_ID", "mergeUnits.sources[1]"},
      {R"(merge_units { sources: "d1" target: "d2" from: "July" })", "INVALID_DAY",
       "mergeUnits.from"},
      {R"(merge_units { sources: "d1" sources: "no" target: "d2" from: "2026-07-01" })",
       "NOT_FOUND", "mergeUnits.sources[1]"},
      {R"(merge_units { sources: "d1" target: "no" from: "2026-07-01" })", "NOT_FOUND",
       "mergeUnits.target"},
      {R"(merge_units { sources: "gone" target: "d2" from: "2026-07-01" })", "UNIT_RETIRED",
       "mergeUnits.sources[0]"},
      {R"(merge_units { sources: "d1" target: "gone" from: "2026-02-01" })", "UNIT_RETIRED",
       "mergeUnits.target"},
      {R"(merge_units { sources: "d1" target: "d1" from: "2026-07-01" })", "ORG_CYCLE",
       "mergeUnits.target"},
      {R"(merge_units { sources: "d1" target: "d11" from: "2026-07-01" })", "ORG_CYCLE",
       "mergeUnits.target"},
  };
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", UnitCommand("gone", "co"));
  spec.Given("p-hr", R"(retire_unit { unit: "gone" from: "2026-03-01" })");
  for (const Row& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("a unit is merged once, and never back into what it took over", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", R"(merge_units { sources: "d2" target: "d1" from: "2026-07-01" })");
  spec.When("p-hr", R"(merge_units { sources: "d2" target: "co" from: "2026-06-01" })")
      .ThenRejected("UNIT_RETIRED", "mergeUnits.sources[0]");
  spec.When("p-hr", R"(merge_units { sources: "d1" target: "d2" from: "2026-06-01" })")
      .ThenRejected("ORG_CYCLE", "mergeUnits.target");
}

// --- retiring ---

TEST_CASE("a unit with a child or a person on or after the day cannot retire", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(1).WithUnits();
  spec.Given("p-hr", PositionCommand("q2", "d2", 1));
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q2", 10'000, "2026-01-01", "2026-07-01"));
  spec.When("p-hr", R"(retire_unit { unit: "d1" from: "2026-07-01" })")
      .ThenRejected("UNIT_NOT_EMPTY", "retireUnit.unit");
  CHECK(spec.Refusal().actual == "the unit d11 below it");
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-06-30" })")
      .ThenRejected("UNIT_NOT_EMPTY", "retireUnit.unit");
  CHECK(spec.Refusal().actual == "p-1 on the position q2");
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-07-01" })")
      .Then({R"(stream: "unit/d2" effective: "2026-07-01"
                unit_retired { unit: "d2" from: "2026-07-01" })"});
  CHECK(UnitOn(spec.state, "d2", D("2026-06-30"))->active);
  CHECK_FALSE(UnitOn(spec.state, "d2", D("2026-07-01"))->active);
}

TEST_CASE("a child that moves in later or moved away in time is told apart", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", MoveCommand("d11", "d2", "2026-05-01"));
  spec.When("p-hr", R"(retire_unit { unit: "d1" from: "2026-04-30" })")
      .ThenRejected("UNIT_NOT_EMPTY");
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-02-01" })")
      .ThenRejected("UNIT_NOT_EMPTY");
  spec.When("p-hr", R"(retire_unit { unit: "d1" from: "2026-05-01" })").ThenAccepted();
}

TEST_CASE("what a unit took over keeps it from retiring", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(1).WithUnits();
  spec.Given("p-hr", UnitCommand("d3", "co"));
  spec.Given("p-hr", PositionCommand("q3", "d3", 1));
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q3", 10'000));
  spec.Given("p-hr", R"(merge_units { sources: "d3" target: "d2" from: "2026-07-01" })");
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-06-01" })")
      .ThenRejected("UNIT_NOT_EMPTY");
  spec.Given("p-hr", R"(end_assignment { assignment: "a-1" to: "2026-07-01" })");
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-06-01" })").ThenAccepted();
}

TEST_CASE("retiring reads the sets that racing commands touch", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", PositionCommand("q2", "d2", 1));
  spec.When("p-hr", R"(retire_unit { unit: "d2" from: "2026-06-30" })").ThenAccepted();
  for (const char* stream :
       {"unit/d2/children", "unit/d2/merged", "unit/d2/positions", "position/q2/assignments"}) {
    CHECK(spec.state.reads.contains(stream));
  }
}

TEST_CASE("a retired unit is past: no name, no child, no position, no second end", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.Given("p-hr", R"(retire_unit { unit: "d2" from: "2026-03-01" })");
  for (const std::string& command :
       {std::string(R"(rename_unit { unit: "d2" name: "N" from: "2026-03-01" })"),
        UnitCommand("new", "d2", "2026-03-01"), PositionCommand("q", "d2", 1, "2026-03-01"),
        MoveCommand("d1", "d2", "2026-03-01"), MoveCommand("d2", "d1", "2026-03-01"),
        std::string(R"(retire_unit { unit: "d2" from: "2026-02-01" })")}) {
    spec.When("p-hr", command).ThenRejected("UNIT_RETIRED");
  }
}

}  // namespace
}  // namespace assay::testing

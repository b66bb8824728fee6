#include "engine/org/staffing.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "tests/engine/org/org_spec.h"

namespace assay::testing {
namespace {

struct Refused {
  std::string command;
  std::string_view code;
  std::string_view path;
};

// p-1 to p-9, and the positions q1 (5 places) in d1 and q2 (2 places) in d2.
OrgSpec Staffed() {
  OrgSpec spec;
  spec.WithPeople(9).WithUnits();
  spec.Given("p-hr", PositionCommand("q1", "d1", 5));
  spec.Given("p-hr", PositionCommand("q2", "d2", 2));
  return spec;
}

// --- positions ---

TEST_CASE("a position is created in an active unit", "[org][unit]") {
  OrgSpec spec;
  spec.WithUnits();
  spec.When("p-hr", R"(create_position { position: "q" unit: "d1" title: "Operator"
                                         template: "production@1" headcount: 3
                                         from: "2026-02-01" })")
      .Then({R"(stream: "position/q" effective: "2026-02-01"
                position_created { position: "q" unit: "d1" title: "Operator"
                                   template: "production@1" headcount: 3 from: "2026-02-01" })"});
  const auto row = spec.Row<v1::PositionState>("position/q");
  CHECK(HeadcountOn(row, D("2026-01-31")) == 0);
  CHECK(HeadcountOn(row, D("2026-02-01")) == 3);
}

TEST_CASE("position commands are refused in the order shape, existence, state", "[org][unit]") {
  const std::vector<Refused> rows = {
      {R"(create_position { position: "" unit: "d1" })", "INVALID_ID", "createPosition.position"},
      {R"(create_position { position: "q" unit: "" })", "INVALID_ID", "createPosition.unit"},
      {R"(create_position { position: "q" unit: "d1" template: "x" from: "2026-01-01" })",
       "INVALID_ID", "createPosition.template"},
      {PositionCommand("q", "d1", -1), "VALUE_OUT_OF_RANGE", "createPosition.headcount"},
      {PositionCommand("q", "d1", limits::kHeadcountMax + 1), "VALUE_OUT_OF_RANGE",
       "createPosition.headcount"},
      {PositionCommand("q", "d1", 1, "2026-02-30"), "INVALID_DAY", "createPosition.from"},
      {PositionCommand("q1", "no", 1), "NOT_FOUND", "createPosition.unit"},
      {PositionCommand("q1", "d1", 1, "2025-01-01"), "ALREADY_EXISTS", "createPosition.position"},
      {PositionCommand("q", "d1", 1, "2025-12-31"), "UNIT_RETIRED", "createPosition.unit"},
      {R"(set_headcount { position: "no" headcount: 1 from: "2026-01-01" })", "NOT_FOUND",
       "setHeadcount.position"},
      {R"(set_headcount { position: "q1" headcount: -1 from: "2026-01-01" })", "VALUE_OUT_OF_RANGE",
       "setHeadcount.headcount"},
      {R"(set_headcount { position: "q1" headcount: 1 from: "2025-12-31" })", "POSITION_RETIRED",
       "setHeadcount.position"},
      {R"(retire_position { position: "no" from: "2026-01-01" })", "NOT_FOUND",
       "retirePosition.position"},
      {R"(retire_position { position: "q1" from: "2025-01-01" })", "POSITION_RETIRED",
       "retirePosition.position"},
  };
  OrgSpec spec = Staffed();
  for (const Refused& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("the sixth assignment on five places is refused", "[org][unit][ORG-02]") {
  OrgSpec spec = Staffed();
  for (int i = 1; i <= 5; ++i) {
    spec.Given("p-hr", StartCommand(fmt::format("a-{}", i), fmt::format("p-{}", i), "q1", 10'000));
  }
  spec.When("p-hr", StartCommand("a-6", "p-6", "q1", 10'000, "2026-03-01"))
      .ThenRejected("HEADCOUNT_EXCEEDED", "startAssignment.position");
  CHECK(spec.Refusal().expected == "at most 5 assignments");
  CHECK(spec.Refusal().actual == "6 on 2026-03-01");
  // Places change with effective dates: from April there is a sixth one.
  spec.Given("p-hr", R"(set_headcount { position: "q1" headcount: 6 from: "2026-04-01" })");
  spec.When("p-hr", StartCommand("a-6", "p-6", "q1", 10'000, "2026-03-01"))
      .ThenRejected("HEADCOUNT_EXCEEDED");
  spec.When("p-hr", StartCommand("a-6", "p-6", "q1", 10'000, "2026-04-01")).ThenAccepted();
}

TEST_CASE("places are counted on every day of a span and not only on its first", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q2", 5'000));
  spec.Given("p-hr", StartCommand("a-2", "p-2", "q2", 5'000, "2026-06-01", "2026-06-02"));
  spec.When("p-hr", StartCommand("a-3", "p-3", "q2", 5'000, "2026-03-01"))
      .ThenRejected("HEADCOUNT_EXCEEDED");
  CHECK(spec.Refusal().actual == "3 on 2026-06-01");
  // One ends on the day on which the other begins: no day has three.
  spec.When("p-hr", StartCommand("a-3", "p-3", "q2", 5'000, "2026-03-01", "2026-06-01"))
      .ThenAccepted();
  spec.When("p-hr", StartCommand("a-4", "p-3", "q2", 5'000, "2026-06-02")).ThenAccepted();
}

TEST_CASE("a headcount cannot fall below the people of any later day", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 10'000));
  spec.Given("p-hr", StartCommand("a-2", "p-2", "q1", 10'000, "2026-05-01", "2026-06-01"));
  spec.When("p-hr", R"(set_headcount { position: "q1" headcount: 1 from: "2026-02-01" })")
      .ThenRejected("HEADCOUNT_EXCEEDED", "setHeadcount.headcount");
  CHECK(spec.Refusal().actual == "2 on 2026-05-01");
  spec.When("p-hr", R"(set_headcount { position: "q1" headcount: 1 from: "2026-06-01" })")
      .Then({R"(stream: "position/q1" effective: "2026-06-01"
                headcount_set { position: "q1" headcount: 1 from: "2026-06-01" })"});
}

TEST_CASE("a later headcount bounds how far a lower one is felt", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 10'000, "2026-05-01"));
  spec.Given("p-hr", R"(set_headcount { position: "q1" headcount: 2 from: "2026-05-01" })");
  spec.When("p-hr", R"(set_headcount { position: "q1" headcount: 0 from: "2026-03-01" })")
      .ThenAccepted();
  // A frozen position takes nobody.
  spec.When("p-hr", StartCommand("a-2", "p-2", "q1", 10'000, "2026-04-01", "2026-05-01"))
      .ThenRejected("HEADCOUNT_EXCEEDED");
}

TEST_CASE("a position retires when nobody holds it any more", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 10'000, "2026-01-01", "2026-04-01"));
  spec.When("p-hr", R"(retire_position { position: "q1" from: "2026-03-31" })")
      .ThenRejected("HEADCOUNT_EXCEEDED", "retirePosition.position");
  spec.When("p-hr", R"(retire_position { position: "q1" from: "2026-04-01" })")
      .Then({R"(stream: "position/q1" effective: "2026-04-01"
                position_retired { position: "q1" from: "2026-04-01" })"});
  spec.When("p-hr", R"(retire_position { position: "q1" from: "2026-05-01" })")
      .ThenRejected("POSITION_RETIRED");
  spec.When("p-hr", StartCommand("a-2", "p-2", "q1", 10'000, "2026-03-01"))
      .ThenRejected("POSITION_RETIRED", "startAssignment.position");
  spec.When("p-hr", StartCommand("a-2", "p-2", "q1", 10'000, "2026-03-01", "2026-04-01"))
      .ThenAccepted();
}

// --- assignments ---

TEST_CASE("an assignment is its own stream and names person and position", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.When("p-hr", StartCommand("a-1", "p-1", "q1", 6'000, "2026-02-01", "2026-08-01"))
      .Then({R"(stream: "assignment/a-1" effective: "2026-02-01"
                assignment_started { assignment: "a-1" person: "p-1" position: "q1"
                                     allocation_bp: 6000 kind: ASSIGNMENT_KIND_PRIMARY
                                     span { from: "2026-02-01" to: "2026-08-01" } })"});
  for (const char* stream : {"person/p-1", "position/q1", "assignment/a-1", "unit/d1",
                             "person/p-1/assignments", "position/q1/assignments"}) {
    CHECK(spec.state.reads.contains(stream));
  }
}

TEST_CASE("starting is refused in the order shape, existence, state, policy", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 6'000));
  const std::vector<Refused> rows = {
      {StartCommand("", "", "", 0), "INVALID_ID", "startAssignment.assignment"},
      {StartCommand("a-1", "", "", 0), "INVALID_ID", "startAssignment.person"},
      {StartCommand("a-1", "no", "", 0), "INVALID_ID", "startAssignment.position"},
      {StartCommand("a-1", "no", "no", 0), "VALUE_OUT_OF_RANGE", "startAssignment.allocationBp"},
      {StartCommand("a-1", "no", "no", 10'001), "VALUE_OUT_OF_RANGE",
       "startAssignment.allocationBp"},
      {R"(start_assignment { assignment: "a-1" person: "no" position: "no" allocation_bp: 1 })",
       "INVALID_ENUM", "startAssignment.kind"},
      {StartCommand("a-1", "no", "no", 1, "2026-02-01", "2026-02-01"), "INVALID_SPAN",
       "startAssignment.span"},
      {R"(start_assignment { assignment: "a-1" person: "no" position: "no" allocation_bp: 1
                             kind: ASSIGNMENT_KIND_TEMPORARY span { from: "2026-06-10" } })",
       "INVALID_SPAN", "startAssignment.span.to"},
      {StartCommand("a-1", "no", "no", 1), "NOT_FOUND", "startAssignment.person"},
      {StartCommand("a-1", "p-1", "no", 1), "NOT_FOUND", "startAssignment.position"},
      {StartCommand("a-1", "p-1", "q1", 1, "2025-01-01"), "ALREADY_EXISTS",
       "startAssignment.assignment"},
      {StartCommand("a-2", "p-1", "q1", 5'000, "2025-12-31"), "POSITION_RETIRED",
       "startAssignment.position"},
      {StartCommand("a-2", "p-1", "q1", 5'000), "SPAN_OVERLAP", "startAssignment.span"},
      {StartCommand("a-2", "p-1", "q2", 5'000), "ALLOCATION_OVER_100",
       "startAssignment.allocationBp"},
  };
  for (const Refused& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("an allocation of 60 + 50 is over 100 and says so", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 6'000));
  spec.When("p-hr", StartCommand("a-2", "p-1", "q2", 5'000, "2026-04-01"))
      .ThenRejected("ALLOCATION_OVER_100", "startAssignment.allocationBp");
  CHECK(spec.Refusal().expected == "at most 100 % on every day");
  CHECK(spec.Refusal().actual == "60 + 50 = 110 % on 2026-04-01");
  CHECK(spec.Refusal().message == "the person's allocations are 60 + 50 on 2026-04-01");
  spec.When("p-hr", StartCommand("a-2", "p-1", "q2", 4'000, "2026-04-01")).ThenAccepted();
}

TEST_CASE("three concurrent roles of 50, 30 and 20 fit and one basis point more does not",
          "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", PositionCommand("q3", "d11", 1));
  spec.Given("p-hr", PositionCommand("q4", "co", 1));
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 5'000));
  spec.Given("p-hr", StartCommand("a-2", "p-1", "q2", 3'000));
  spec.Given("p-hr", StartCommand("a-3", "p-1", "q3", 2'000));
  int32_t sum = 0;
  for (const v1::AssignmentState& assignment : AssignmentsOfPerson(spec.state, "p-1")) {
    sum += AllocationOn(assignment, D("2026-06-30"));
  }
  CHECK(sum == 10'000);
  spec.When("p-hr", StartCommand("a-4", "p-1", "q4", 1)).ThenRejected("ALLOCATION_OVER_100");
  CHECK(spec.Refusal().actual == "50 + 30 + 20 + 0.01 = 100.01 % on 2026-01-01");
}

TEST_CASE("allocations are summed on every day, also where an entry takes effect", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 3'000));
  spec.Given("p-hr",
             R"(change_allocation { assignment: "a-1" allocation_bp: 8000 from: "2026-05-01" })");
  spec.When("p-hr", StartCommand("a-2", "p-1", "q2", 7'000, "2026-02-01"))
      .ThenRejected("ALLOCATION_OVER_100");
  CHECK(spec.Refusal().actual == "80 + 70 = 150 % on 2026-05-01");
  spec.When("p-hr", StartCommand("a-2", "p-1", "q2", 7'000, "2026-02-01", "2026-05-01"))
      .ThenAccepted();
}

TEST_CASE("a change of allocation holds from its day until the next entry", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 6'000, "2026-01-01", "2026-09-01"));
  spec.Given("p-hr", StartCommand("a-2", "p-1", "q2", 4'000, "2026-07-01"));
  spec.When("p-hr",
            R"(change_allocation { assignment: "a-1" allocation_bp: 7000 from: "2026-02-01" })")
      .ThenRejected("ALLOCATION_OVER_100", "changeAllocation.allocationBp");
  spec.Given("p-hr",
             R"(change_allocation { assignment: "a-1" allocation_bp: 5000 from: "2026-07-01" })");
  spec.When("p-hr",
            R"(change_allocation { assignment: "a-1" allocation_bp: 7000 from: "2026-02-01" })")
      .Then({R"(stream: "assignment/a-1" effective: "2026-02-01"
                allocation_changed { assignment: "a-1" allocation_bp: 7000 from: "2026-02-01"
                                     person: "p-1" position: "q1" })"});
  const auto row = spec.Row<v1::AssignmentState>("assignment/a-1");
  CHECK(AllocationOn(row, D("2026-01-31")) == 6'000);
  CHECK(AllocationOn(row, D("2026-02-01")) == 7'000);
  CHECK(AllocationOn(row, D("2026-07-01")) == 5'000);
  CHECK(AllocationOn(row, D("2026-09-01")) == 0);
}

TEST_CASE("a change of allocation is refused outside the assignment", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 6'000, "2026-02-01", "2026-09-01"));
  const std::vector<Refused> rows = {
      {R"(change_allocation { assignment: "a-1" from: "2026-03-01" })", "VALUE_OUT_OF_RANGE",
       "changeAllocation.allocationBp"},
      {R"(change_allocation { assignment: "no" allocation_bp: 1 from: "2026-03-01" })", "NOT_FOUND",
       "changeAllocation.assignment"},
      {R"(change_allocation { assignment: "a-1" allocation_bp: 1 from: "2026-01-31" })",
       "INVALID_SPAN", "changeAllocation.from"},
      {R"(change_allocation { assignment: "a-1" allocation_bp: 1 from: "2026-09-01" })",
       "INVALID_SPAN", "changeAllocation.from"},
  };
  for (const Refused& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("the same person on the same position again needs days that are free", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 1'000, "2026-02-01", "2026-04-01"));
  spec.When("p-hr", StartCommand("a-2", "p-1", "q1", 1'000, "2026-03-31"))
      .ThenRejected("SPAN_OVERLAP", "startAssignment.span");
  CHECK(spec.Refusal().actual == "a-1 from 2026-02-01 to 2026-04-01");
  spec.When("p-hr", StartCommand("a-2", "p-1", "q1", 1'000, "2026-04-01")).ThenAccepted();
  spec.When("p-hr", StartCommand("a-3", "p-1", "q1", 1'000, "2026-01-01", "2026-02-01"))
      .ThenAccepted();
}

TEST_CASE("a temporary assignment ends by itself", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", R"(start_assignment { assignment: "a-1" person: "p-1" position: "q2"
                          allocation_bp: 10000 kind: ASSIGNMENT_KIND_TEMPORARY
                          span { from: "2026-06-10" to: "2026-06-21" } })");
  CHECK(PeopleOf(spec.state, "d2", D("2026-06-09")).empty());
  CHECK(PeopleOf(spec.state, "d2", D("2026-06-20")).size() == 1);
  CHECK(PeopleOf(spec.state, "d2", D("2026-06-21")).empty());
}

TEST_CASE("an assignment needs its unit, or the unit that took it over, on every day",
          "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", UnitCommand("d3", "co"));
  spec.Given("p-hr", R"(merge_units { sources: "d2" target: "d3" from: "2026-05-01" })");
  spec.When("p-hr", StartCommand("a-1", "p-1", "q2", 1'000, "2026-02-01")).ThenAccepted();
  spec.Given("p-hr", R"(end_assignment { assignment: "a-1" to: "2026-06-01" })");
  spec.Given("p-hr", R"(retire_unit { unit: "d3" from: "2026-06-01" })");
  spec.When("p-hr", StartCommand("a-2", "p-2", "q2", 1'000, "2026-02-01"))
      .ThenRejected("UNIT_RETIRED", "startAssignment.position");
  spec.When("p-hr", StartCommand("a-2", "p-2", "q2", 1'000, "2026-02-01", "2026-06-01"))
      .ThenAccepted();
}

TEST_CASE("an assignment can be made shorter", "[org][unit]") {
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 1'000, "2026-02-01"));
  spec.When("p-hr", R"(end_assignment { assignment: "a-1" to: "2026-05-01" })")
      .Then({R"(stream: "assignment/a-1" effective: "2026-05-01"
                assignment_ended { assignment: "a-1" to: "2026-05-01" person: "p-1"
                                   position: "q1" })"});
  const auto row = spec.Row<v1::AssignmentState>("assignment/a-1");
  CHECK(ActiveOn(row, D("2026-04-30")));
  CHECK_FALSE(ActiveOn(row, D("2026-05-01")));
  spec.When("p-hr", R"(end_assignment { assignment: "a-1" to: "2026-02-01" })")
      .ThenRejected("INVALID_SPAN", "endAssignment.to");
  spec.When("p-hr", R"(end_assignment { assignment: "no" to: "2026-02-01" })")
      .ThenRejected("NOT_FOUND", "endAssignment.assignment");
}

TEST_CASE("an assignment made longer is judged like a new one", "[org][unit]") {
  const auto longer = R"(end_assignment { assignment: "a-1" to: "2026-06-01" })";
  OrgSpec spec = Staffed();
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q2", 6'000, "2026-02-01", "2026-03-01"));
  SECTION("with place and time it may") {
    spec.When("p-hr", longer).ThenAccepted();
    CHECK(ActiveOn(spec.Row<v1::AssignmentState>("assignment/a-1"), D("2026-05-31")));
  }
  SECTION("the places are taken") {
    spec.Given("p-hr", StartCommand("a-2", "p-2", "q2", 6'000, "2026-03-01"));
    spec.Given("p-hr", StartCommand("a-3", "p-3", "q2", 6'000, "2026-04-01"));
    spec.When("p-hr", longer).ThenRejected("HEADCOUNT_EXCEEDED", "endAssignment.to");
  }
  SECTION("the person's time is taken") {
    spec.Given("p-hr", StartCommand("a-2", "p-1", "q1", 6'000, "2026-05-01"));
    spec.When("p-hr", longer).ThenRejected("ALLOCATION_OVER_100", "endAssignment.to");
  }
  SECTION("the person came back to the position in between") {
    spec.Given("p-hr", StartCommand("a-2", "p-1", "q2", 1'000, "2026-05-01"));
    spec.When("p-hr", longer).ThenRejected("SPAN_OVERLAP", "endAssignment.to");
  }
  SECTION("the position is gone") {
    spec.Given("p-hr", R"(retire_position { position: "q2" from: "2026-04-01" })");
    spec.When("p-hr", longer).ThenRejected("POSITION_RETIRED", "endAssignment.to");
  }
}

}  // namespace
}  // namespace assay::testing

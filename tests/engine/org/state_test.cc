#include "engine/org/state.h"

#include <catch2/catch.hpp>

#include "tests/engine/org/org_spec.h"

namespace assay::testing {
namespace {

TEST_CASE("folding an event changes the row of its stream and no other", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(2).WithUnits();
  spec.Given("p-hr", PositionCommand("q1", "d1", 2));
  const auto before = spec.state.rows;
  v1::AssignmentStarted started;
  started.set_assignment("a-1");
  started.set_person("p-1");
  started.set_position("q1");
  started.set_allocation_bp(4'000);
  started.mutable_span()->set_from("2026-02-01");
  v1::Event event;
  event.set_stream("assignment/a-1");
  *event.mutable_assignment_started() = started;
  EvolveIn(org::Table(), event, {}, spec.state);
  auto after = spec.state.rows;
  CHECK(after.at("assignment/a-1") == org::NewAssignment(started).SerializeAsString());
  after.erase("assignment/a-1");
  CHECK(after == before);
}

TEST_CASE("events of other domains change nothing", "[org][unit]") {
  OrgSpec spec;
  spec.GivenEvent(R"(stream: "person/p-1" person_added { person: "p-1" })");
  CHECK(spec.state.rows.empty());
}

TEST_CASE("every event of the organisation leaves its trace in the row", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(2).WithUnits();
  spec.GivenEvent(R"(stream: "unit/d1" unit_renamed { unit: "d1" name: "N" from: "2026-02-01" })")
      .GivenEvent(R"(stream: "unit/d1" unit_moved { unit: "d1" new_parent: "d2" from: "2026-03-01"
                                                    old_parent: "co" })")
      .GivenEvent(R"(stream: "unit/d1" units_merged { source: "d1" target: "d2"
                                                      from: "2026-04-01" })")
      .GivenEvent(R"(stream: "unit/d2" unit_retired { unit: "d2" from: "2026-05-01" })");
  CHECK(spec.Row<v1::UnitState>("unit/d1").DebugString() == FromText<v1::UnitState>(R"(
          unit: "d1" kind: UNIT_KIND_DEPARTMENT from: "2026-01-01"
          names { from: "2026-01-01" value: "Unit d1" } names { from: "2026-02-01" value: "N" }
          parents { from: "2026-01-01" value: "co" } parents { from: "2026-03-01" value: "d2" }
          merged_into: "d2" merged_from: "2026-04-01")")
                                                                .DebugString());
  CHECK(spec.Row<v1::UnitState>("unit/d2").retired_from() == "2026-05-01");

  spec.Given("p-hr", PositionCommand("q1", "d11", 2))
      .GivenEvent(R"(stream: "position/q1" headcount_set { position: "q1" headcount: 4
                                                           from: "2026-02-01" })")
      .GivenEvent(
          R"(stream: "position/q1" position_retired { position: "q1" from: "2026-09-01" })");
  CHECK(spec.Row<v1::PositionState>("position/q1").DebugString() == FromText<v1::PositionState>(R"(
          position: "q1" unit: "d11" title: "T" from: "2026-01-01"
          headcounts { from: "2026-01-01" value: 2 } headcounts { from: "2026-02-01" value: 4 }
          retired_from: "2026-09-01")")
                                                                        .DebugString());

  spec.GivenEvent(R"(stream: "assignment/a-1" assignment_started {
                       assignment: "a-1" person: "p-1" position: "q1" allocation_bp: 4000
                       kind: ASSIGNMENT_KIND_CONCURRENT span { from: "2026-01-01" } })")
      .GivenEvent(R"(stream: "assignment/a-1" allocation_changed { assignment: "a-1"
                       allocation_bp: 5000 from: "2026-02-01" person: "p-1" position: "q1" })")
      .GivenEvent(R"(stream: "assignment/a-1" assignment_ended { assignment: "a-1" to: "2026-08-01"
                       person: "p-1" position: "q1" })");
  CHECK(spec.Row<v1::AssignmentState>("assignment/a-1").DebugString() ==
        FromText<v1::AssignmentState>(R"(
          assignment: "a-1" person: "p-1" position: "q1" kind: ASSIGNMENT_KIND_CONCURRENT
          span { from: "2026-01-01" to: "2026-08-01" }
          allocations { from: "2026-01-01" value: 4000 }
          allocations { from: "2026-02-01" value: 5000 })")
            .DebugString());

  spec.GivenEvent(R"(stream: "person/p-1" reporting_line_set { person: "p-1" manager: "p-2"
                       line: REPORTING_LINE_DOTTED span { from: "2026-02-01" } })");
  CHECK(spec.Row<v1::PersonState>("person/p-1").DebugString() == FromText<v1::PersonState>(R"(
          person: "p-1"
          lines { manager: "p-2" line: REPORTING_LINE_DOTTED span { from: "2026-02-01" } })")
                                                                     .DebugString());
}

}  // namespace
}  // namespace assay::testing

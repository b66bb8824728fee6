#include "engine/event/org_reading.h"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "engine/event/streams.h"
#include "tests/support/memory_state.h"
#include "tests/support/printing.h"

namespace assay::testing {
namespace {

using Names = std::vector<std::string>;

Day D(std::string_view text) { return Day::Parse(text).value(); }

template <typename Row>
Row RowOf(const std::string& text) {
  Row row;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &row));
  return row;
}

// Rows as they would be folded, with the sets that lead to them.
class Chart {
 public:
  void Unit(const std::string& unit, const std::string& text) {
    const auto row = RowOf<v1::UnitState>(text);
    state.Put(streams::Unit(unit), row);
    if (!row.merged_into().empty()) Join(streams::UnitMerged(row.merged_into()), unit);
  }
  void Position(const std::string& position, const std::string& unit) {
    v1::PositionState row;
    row.set_position(position);
    row.set_unit(unit);
    row.set_from("2026-01-01");
    state.Put(streams::Position(position), row);
    Join(streams::UnitPositions(unit), position);
  }
  void Assignment(const std::string& assignment, const std::string& person,
                  const std::string& position, const std::string& span) {
    auto row = RowOf<v1::AssignmentState>(fmt::format("span {{ {} }}", span));
    row.set_assignment(assignment);
    row.set_person(person);
    row.set_position(position);
    state.Put(streams::Assignment(assignment), row);
    Join(streams::PositionAssignments(position), assignment);
    Join(streams::PersonAssignments(person), assignment);
  }
  void Join(const std::string& set_stream, const std::string& id) {
    v1::Member member;
    member.set_id(id);
    state.PutMember(set_stream, member);
  }

  MemoryState state;
};

// co above a and b; c below a. a is merged into b from July, b into d from October.
Chart Merged() {
  Chart chart;
  chart.Unit("co", R"(from: "2026-01-01" names { from: "2026-01-01" value: "Company" })");
  chart.Unit("a", R"(from: "2026-01-01" parents { from: "2026-01-01" value: "co" }
                     merged_into: "b" merged_from: "2026-07-01")");
  chart.Unit("b", R"(from: "2026-01-01" parents { from: "2026-01-01" value: "co" }
                     merged_into: "d" merged_from: "2026-10-01")");
  chart.Unit("c", R"(from: "2026-02-01" kind: UNIT_KIND_TEAM
                     names { from: "2026-02-01" value: "Old" }
                     names { from: "2026-05-01" value: "New" }
                     parents { from: "2026-02-01" value: "a" })");
  chart.Unit("d", R"(from: "2026-01-01" parents { from: "2026-01-01" value: "co" })");
  return chart;
}

TEST_CASE("a unit is active from its first day until its end", "[event][unit]") {
  const auto retired = RowOf<v1::UnitState>(R"(from: "2026-02-01" retired_from: "2026-05-01")");
  CHECK_FALSE(ActiveOn(retired, D("2026-01-31")));
  CHECK(ActiveOn(retired, D("2026-02-01")));
  CHECK(ActiveOn(retired, D("2026-04-30")));
  CHECK_FALSE(ActiveOn(retired, D("2026-05-01")));
  const auto merged =
      RowOf<v1::UnitState>(R"(from: "2026-02-01" merged_into: "b" merged_from: "2026-05-01")");
  CHECK(ActiveOn(merged, D("2026-04-30")));
  CHECK_FALSE(ActiveOn(merged, D("2026-05-01")));
}

TEST_CASE("a position and an assignment are active within their days", "[event][unit]") {
  const auto position =
      RowOf<v1::PositionState>(R"(from: "2026-02-01" retired_from: "2026-05-01")");
  CHECK_FALSE(ActiveOn(position, D("2026-01-31")));
  CHECK(ActiveOn(position, D("2026-04-30")));
  CHECK_FALSE(ActiveOn(position, D("2026-05-01")));
  const auto assignment =
      RowOf<v1::AssignmentState>(R"(span { from: "2026-02-01" to: "2026-05-01" })");
  CHECK_FALSE(ActiveOn(assignment, D("2026-01-31")));
  CHECK(ActiveOn(assignment, D("2026-04-30")));
  CHECK_FALSE(ActiveOn(assignment, D("2026-05-01")));
}

TEST_CASE("an allocation is the entry of the day and nothing outside the span", "[event][unit]") {
  const auto row = RowOf<v1::AssignmentState>(R"(
      span { from: "2026-02-01" to: "2026-08-01" }
      allocations { from: "2026-02-01" value: 6000 }
      allocations { from: "2026-05-01" value: 3000 }
      allocations { from: "2026-05-01" value: 4000 })");
  CHECK(AllocationOn(row, D("2026-01-31")) == 0);
  CHECK(AllocationOn(row, D("2026-04-30")) == 6'000);
  CHECK(AllocationOn(row, D("2026-05-01")) == 4'000);
  CHECK(AllocationOn(row, D("2026-08-01")) == 0);
}

TEST_CASE("a headcount is the entry of the day", "[event][unit]") {
  const auto row = RowOf<v1::PositionState>(R"(
      headcounts { from: "2026-02-01" value: 6 } headcounts { from: "2026-05-01" value: 0 })");
  CHECK(HeadcountOn(row, D("2026-01-31")) == 0);
  CHECK(HeadcountOn(row, D("2026-02-01")) == 6);
  CHECK(HeadcountOn(row, D("2026-05-01")) == 0);
}

TEST_CASE("the solid line recorded last for a day holds, whatever other lines there are",
          "[event][unit]") {
  const auto row = RowOf<v1::PersonState>(R"(
      lines { manager: "m1" line: REPORTING_LINE_SOLID span { from: "2026-01-01" } }
      lines { manager: "m2" line: REPORTING_LINE_SOLID
              span { from: "2026-05-01" to: "2026-06-01" } }
      lines { manager: "m3" line: REPORTING_LINE_DOTTED span { from: "2026-01-01" } })");
  CHECK(SolidManagerOn(row, D("2025-12-31")).empty());
  CHECK(SolidManagerOn(row, D("2026-04-30")) == "m1");
  CHECK(SolidManagerOn(row, D("2026-05-01")) == "m2");
  CHECK(SolidManagerOn(row, D("2026-06-01")) == "m1");
  Chart chart;
  chart.state.Put(streams::Person("p"), row);
  CHECK(SolidManager(chart.state, "p", D("2026-05-01")) == "m2");
  CHECK(SolidManager(chart.state, "nobody", D("2026-05-01")).empty());
}

TEST_CASE("a unit is read as it was on the day", "[event][unit]") {
  Chart chart = Merged();
  const auto before = UnitOn(chart.state, "c", D("2026-01-31"));
  REQUIRE(before.has_value());
  CHECK(before->name == "Old");
  CHECK_FALSE(before->active);
  const auto june = UnitOn(chart.state, "c", D("2026-06-30"));
  CHECK(june->name == "New");
  CHECK(june->kind == v1::UNIT_KIND_TEAM);
  CHECK(june->parent == "a");
  CHECK(june->active);
  CHECK(UnitOn(chart.state, "c", D("2026-07-01"))->parent == "b");
  CHECK(UnitOn(chart.state, "co", D("2026-07-01"))->parent.empty());
  CHECK_FALSE(UnitOn(chart.state, "nowhere", D("2026-07-01")).has_value());
}

TEST_CASE("a merged unit names the one to which it counts by then", "[event][unit]") {
  Chart chart = Merged();
  CHECK(UnitOn(chart.state, "a", D("2026-06-30"))->merged_into.empty());
  CHECK(UnitOn(chart.state, "a", D("2026-07-01"))->merged_into == "b");
  CHECK(UnitOn(chart.state, "a", D("2026-10-01"))->merged_into == "d");
  CHECK(LivingUnit(chart.state, "a", D("2026-06-30")) == "a");
  CHECK(LivingUnit(chart.state, "a", D("2026-09-30")) == "b");
  CHECK(LivingUnit(chart.state, "a", D("2026-10-01")) == "d");
  CHECK(LivingUnit(chart.state, "nowhere", D("2026-10-01")).empty());
}

TEST_CASE("the way to the root follows merges and says until when it holds", "[event][unit]") {
  Chart chart = Merged();
  const UnitPath june = WalkToRoot(chart.state, "c", D("2026-06-30"));
  CHECK(june.units == Names{"c", "a", "co"});
  CHECK(june.merged.empty());
  CHECK(june.until == D("2026-07-01"));
  CHECK(june.complete);
  const UnitPath august = WalkToRoot(chart.state, "c", D("2026-08-01"));
  CHECK(august.units == Names{"c", "b", "co"});
  CHECK(august.merged == Names{"a"});
  CHECK(august.until == D("2026-10-01"));
  const UnitPath december = WalkToRoot(chart.state, "c", D("2026-12-01"));
  CHECK(december.units == Names{"c", "d", "co"});
  CHECK(december.until == kDayMax);
  CHECK(PathToRoot(chart.state, "a", D("2026-12-01")) == Names{"d", "co"});
}

TEST_CASE("a way that leads nowhere or goes on for ever is not complete", "[event][unit]") {
  Chart chart;
  chart.Unit("x", R"(from: "2026-01-01" parents { from: "2026-01-01" value: "nowhere" })");
  CHECK_FALSE(WalkToRoot(chart.state, "x", D("2026-02-01")).complete);
  CHECK(PathToRoot(chart.state, "nowhere", D("2026-02-01")).empty());
  chart.Unit("y", R"(from: "2026-01-01" parents { from: "2026-01-01" value: "y" })");
  const UnitPath loop = WalkToRoot(chart.state, "y", D("2026-02-01"));
  CHECK_FALSE(loop.complete);
  CHECK(loop.units.size() == static_cast<size_t>(limits::kUnitDepthMax));
}

TEST_CASE("positions and people count to the unit that took theirs over", "[event][unit]") {
  Chart chart = Merged();
  chart.Position("qa", "a");
  chart.Position("qb", "b");
  chart.Assignment("s1", "p2", "qa", R"(from: "2026-01-01")");
  chart.Assignment("s2", "p1", "qb", R"(from: "2026-01-01")");
  // Two places of one person are one person; a span that is over counts no more.
  chart.Assignment("s3", "p1", "qa", R"(from: "2026-01-01")");
  chart.Assignment("s4", "p3", "qa", R"(from: "2026-01-01" to: "2026-07-01")");
  CHECK(UnitOfPosition(chart.state, "qa", D("2026-06-30")) == "a");
  CHECK(UnitOfPosition(chart.state, "qa", D("2026-07-01")) == "b");
  CHECK(UnitOfPosition(chart.state, "none", D("2026-07-01")).empty());
  CHECK(UnitsCountedTo(chart.state, "b", D("2026-06-30")) == Names{"b"});
  CHECK(UnitsCountedTo(chart.state, "b", D("2026-07-01")) == Names{"b", "a"});
  CHECK(UnitsCountedTo(chart.state, "b", D("2026-10-01")).empty());
  CHECK(UnitsCountedTo(chart.state, "d", D("2026-10-01")) == Names{"d", "b", "a"});
  CHECK(PeopleOf(chart.state, "a", D("2026-06-30")) == Names{"p1", "p2", "p3"});
  CHECK(PeopleOf(chart.state, "b", D("2026-06-30")) == Names{"p1"});
  CHECK(PeopleOf(chart.state, "a", D("2026-07-01")).empty());
  CHECK(PeopleOf(chart.state, "b", D("2026-07-01")) == Names{"p1", "p2"});
  CHECK(PeopleOf(chart.state, "d", D("2026-10-01")) == Names{"p1", "p2"});
}

TEST_CASE("assignments are listed whether they hold or not", "[event][unit]") {
  Chart chart;
  chart.Position("q", "a");
  chart.Assignment("s2", "p1", "q", R"(from: "2026-01-01")");
  chart.Assignment("s1", "p1", "q", R"(from: "2025-01-01" to: "2025-02-01")");
  REQUIRE(AssignmentsOfPosition(chart.state, "q").size() == 2);
  CHECK(AssignmentsOfPosition(chart.state, "q")[0].assignment() == "s1");
  CHECK(AssignmentsOfPerson(chart.state, "p1")[1].assignment() == "s2");
  CHECK(AssignmentsOfPerson(chart.state, "p9").empty());
}

}  // namespace
}  // namespace assay::testing

#include "engine/org/reporting.h"

#include <catch2/catch.hpp>

#include "tests/engine/org/org_spec.h"

namespace assay::testing {
namespace {

TEST_CASE("a reporting line stands in the person's stream", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(2);
  spec.When("p-hr", LineCommand("p-1", "p-2", "2026-02-01"))
      .Then({R"(stream: "person/p-1" effective: "2026-02-01"
                reporting_line_set { person: "p-1" manager: "p-2" line: REPORTING_LINE_SOLID
                                     span { from: "2026-02-01" to: "" } })"});
  CHECK(SolidManager(spec.state, "p-1", D("2026-01-31")).empty());
  CHECK(SolidManager(spec.state, "p-1", D("2026-02-01")) == "p-2");
}

TEST_CASE("a new solid line replaces the former from its start", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(4);
  spec.Given("p-hr", LineCommand("p-1", "p-2"));
  spec.Given("p-hr", LineCommand("p-1", "p-3", "2026-05-01"));
  spec.Given("p-hr", LineCommand("p-1", "p-4", "2026-03-01", "", "REPORTING_LINE_DOTTED"));
  CHECK(SolidManager(spec.state, "p-1", D("2026-04-30")) == "p-2");
  CHECK(SolidManager(spec.state, "p-1", D("2026-05-01")) == "p-3");
}

TEST_CASE("a stand-in's line gives way to the former again", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(3);
  spec.Given("p-hr", LineCommand("p-1", "p-2"));
  spec.Given("p-hr", LineCommand("p-1", "p-3", "2026-05-01", "2026-06-01"));
  CHECK(SolidManager(spec.state, "p-1", D("2026-05-31")) == "p-3");
  CHECK(SolidManager(spec.state, "p-1", D("2026-06-01")) == "p-2");
}

TEST_CASE("reporting lines are refused in the order shape, existence, state", "[org][unit]") {
  struct Row {
    std::string command;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {LineCommand("", ""), "INVALID_ID", "setReportingLine.person"},
      {LineCommand("no", ""), "INVALID_ID", "setReportingLine.manager"},
      {LineCommand("no", "no", "x", "", "REPORTING_LINE_UNSPECIFIED"), "INVALID_ENUM",
       "setReportingLine.line"},
      {LineCommand("no", "no", "2026-02-01", "2026-01-01"), "INVALID_SPAN",
       "setReportingLine.span"},
      {LineCommand("no", "no"), "NOT_FOUND", "setReportingLine.person"},
      {LineCommand("p-1", "no"), "NOT_FOUND", "setReportingLine.manager"},
      {LineCommand("p-1", "p-1"), "ORG_CYCLE", "setReportingLine.manager"},
      {LineCommand("p-1", "p-1", "2026-01-01", "", "REPORTING_LINE_DOTTED"), "ORG_CYCLE",
       "setReportingLine.manager"},
  };
  OrgSpec spec;
  spec.WithPeople(2);
  for (const Row& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

TEST_CASE("solid lines make no circle on any day", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(4);
  spec.Given("p-hr", LineCommand("p-2", "p-1", "2026-01-01", "2026-06-01"));
  spec.Given("p-hr", LineCommand("p-3", "p-2", "2026-04-01"));
  spec.When("p-hr", LineCommand("p-1", "p-3", "2026-02-01"))
      .ThenRejected("ORG_CYCLE", "setReportingLine.manager");
  CHECK(spec.Refusal().actual == "p-3 reports to p-1 on 2026-04-01");
  SECTION("before the circle would close it may") {
    spec.When("p-hr", LineCommand("p-1", "p-3", "2026-02-01", "2026-04-01")).ThenAccepted();
  }
  SECTION("after it was opened it may") {
    spec.When("p-hr", LineCommand("p-1", "p-3", "2026-06-01")).ThenAccepted();
  }
  SECTION("another kind of line carries no authority and may") {
    spec.When("p-hr", LineCommand("p-1", "p-3", "2026-02-01", "", "REPORTING_LINE_PROJECT"))
        .ThenAccepted();
  }
}

TEST_CASE("every person on the way up is read, so that crossing lines conflict", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(3);
  spec.Given("p-hr", LineCommand("p-2", "p-3"));
  spec.When("p-hr", LineCommand("p-1", "p-2")).ThenAccepted();
  for (const char* stream : {"person/p-1", "person/p-2", "person/p-3"}) {
    CHECK(spec.state.reads.contains(stream));
  }
}

}  // namespace
}  // namespace assay::testing

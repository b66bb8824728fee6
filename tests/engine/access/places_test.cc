#include "engine/access/places.h"

#include <catch2/catch.hpp>

#include "tests/engine/access/access_spec.h"

namespace assay::testing {
namespace {

// "d1 2026-01-01, d2 2026-06-01"
std::string Shown(const std::optional<Places>& places) {
  if (!places) return "not there";
  std::string text;
  for (const Place& place : *places) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        place.unit.empty() ? "all" : place.unit, place.day.ToString());
  }
  return text;
}

// The places of a command, by its row.
std::string Of(AccessSpec& spec, std::string_view text) {
  const auto command = FromText<v1::Command>(text);
  const DecideContext context{.command = command, .actor = "p-hr", .today = D("2026-06-01")};
  const Authority who(context, spec.state);
  return Shown(assay::RowOf(command.body_case())->access.places(who));
}

std::string Line(AccessSpec& spec, std::string_view person, std::string_view span) {
  return Of(spec,
            fmt::format(R"(set_reporting_line {{ person: "{}" span {{ {} }} }})", person, span));
}

// p-own stands in d1 from 2026-01-01, and in d2 from 2026-08-01.
AccessSpec Moved() {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "assignment/s-own" assignment_ended {
                       assignment: "s-own" to: "2026-08-01" })");
  spec.GivenEvent(R"(stream: "assignment/s-2" assignment_started {
                       assignment: "s-2" person: "p-own" position: "q2" allocation_bp: 10000
                       span { from: "2026-08-01" } })");
  return spec;
}

TEST_CASE("a person has places on every day of a span, also of one that begins in the past",
          "[access][unit]") {
  AccessSpec spec = Moved();
  CHECK(Line(spec, "p-own", R"(from: "2026-06-01" to: "2026-07-01")") == "d1 2026-06-01");
  CHECK(Line(spec, "p-own", R"(from: "2026-02-01" to: "2026-03-01")") == "d1 2026-02-01");
  // As it was then and as it is today.
  CHECK(Line(spec, "p-own", R"(from: "2026-02-01" to: "2026-07-01")") ==
        "d1 2026-02-01, d1 2026-06-01");
  CHECK(Line(spec, "p-own", R"(from: "2026-06-01")") == "d2 2026-08-01, d1 2026-06-01");
  CHECK(Line(spec, "p-own", R"(from: "2026-09-01")") == "d2 2026-09-01");
}

TEST_CASE("who stands nowhere is a matter of the whole company", "[access][unit]") {
  AccessSpec spec = Moved();
  CHECK(Line(spec, "p-mgr", R"(from: "2026-06-01")") == "all 2026-06-01");
  CHECK(Line(spec, "p-own", R"(from: "2025-01-01" to: "2025-06-01")") == "all 2025-01-01");
  CHECK(Line(spec, "p-own", R"(from: "soon")") == "d2 2026-08-01, d1 2026-06-01");
}

TEST_CASE("assignments of admins, and the first one of a holder of grants, are the company's",
          "[access][unit]") {
  AccessSpec spec;
  const auto start = [&](std::string_view person) {
    return Of(spec, fmt::format(R"(start_assignment {{ person: "{}" position: "q2"
                                                 span {{ from: "2026-06-01" }} }})",
                                person));
  };
  const auto end = [&] {
    return Of(spec, R"(end_assignment { assignment: "s-own" to: "2026-06-01" })");
  };
  CHECK(start("p-new") == "d2 2026-06-01");
  spec.WithGrant("p-outside", "EXECUTIVE");
  CHECK(start("p-outside") == "d2 2026-06-01, all 2026-06-01");
  spec.WithGrant("p-own", "EXECUTIVE");
  CHECK(start("p-own") == "d2 2026-06-01");
  CHECK(end() == "d1 2026-06-01");
  spec.GivenMember(streams::Admins(), R"(id: "g" person: "p-own")");
  CHECK(start("p-own") == "d2 2026-06-01, all 2026-06-01");
  CHECK(end() == "d1 2026-06-01, all 2026-06-01");
}

TEST_CASE("a metric stands where its owner is, the edited one also where it was",
          "[access][unit]") {
  AccessSpec spec;
  CHECK(Of(spec, R"(publish_metric { metric: "output@1" })") == "d1 2026-06-01");
  CHECK(Of(spec, R"(sign_source { metric: "none@1" })") == "not there");
  CHECK(Of(spec, R"(edit_metric_draft { metric: "output@1" definition { owner_unit: "d2" } })") ==
        "d2 2026-06-01, d1 2026-06-01");
}

}  // namespace
}  // namespace assay::testing

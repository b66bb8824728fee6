#include "engine/adjustment/budgets.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/event/streams.h"
#include "tests/engine/adjustment/fixture.h"

namespace assay {
namespace {

using testing::DomainSpec;
using testing::FromText;
using testing::GivenScore;
using testing::SealedJune;

DomainSpec WithBudgets(std::string_view budgets) {
  DomainSpec spec = SealedJune();
  testing::GivenJune(spec, fmt::format(R"(stage: CYCLE_STAGE_LOCKED sealed: true
      period {{ from: "2026-06-01" to: "2026-07-01" }} budgets {{ {} }})",
                                       budgets));
  for (const char* person : {"p-2", "p-3"}) {
    spec.scores.scores[{"2026-06", person}] = spec.scores.scores[{"2026-06", "p-1"}];
  }
  return spec;
}

std::string Request(std::string_view id, std::string_view person, std::string_view delta) {
  return fmt::format(R"(request_adjustment {{ adjustment: "{}" person: "{}" cycle: "2026-06"
      delta: "{}" reason_code: "r" remark {{ bytes: "r" }} }})",
                     id, person, delta);
}

std::string Approve(std::string_view id) {
  return fmt::format(R"(approve_adjustment {{ adjustment: "{}" }})", id);
}

TEST_CASE("a budget of the requester counts all people of the cycle, up and down",
          "[adjustment][unit]") {
  DomainSpec spec = WithBudgets(R"(per_requester: "10")");
  spec.Given("p-ceo", Request("x-1", "p-1", "4")).Given("p-ceo", Request("x-2", "p-2", "-4"));
  spec.When("p-ceo", Request("x-3", "p-3", "2.0001"))
      .ThenRejected("ADJUSTMENT_BUDGET", "requestAdjustment.delta");
  const auto& refusal = std::get<Rejection>(spec.Outcome());
  CHECK(refusal.expected == "at most 10 points requested by p-ceo");
  CHECK(refusal.actual == "10.0001 points with this one");
  CHECK(refusal.rejection_class == RejectionClass::kPolicy);
  spec.When("p-cfo", Request("x-3", "p-3", "10")).ThenAccepted();
  spec.When("p-ceo", Request("x-4", "p-3", "2")).ThenAccepted();
  spec.Given("p-hr", R"(reason { bytes: "r" } reject_adjustment { adjustment: "x-1" })");
  spec.When("p-ceo", Request("x-5", "p-1", "4")).ThenAccepted();
}

TEST_CASE("a budget of the approver counts what was approved, also once of two",
          "[adjustment][unit]") {
  DomainSpec spec = WithBudgets(R"(per_approver: "5")");
  for (const char* id : {"1", "2", "3"}) {
    spec.Given("p-ceo", Request(fmt::format("x-{}", id), fmt::format("p-{}", id), "2.5"));
  }
  spec.Given("p-hr", Approve("x-1")).Given("p-hr", Approve("x-2"));
  spec.When("p-hr", Approve("x-3"))
      .ThenRejected("ADJUSTMENT_BUDGET", "approveAdjustment.adjustment");
  spec.When("p-hr2", Approve("x-3")).ThenAccepted();
}

TEST_CASE("a budget of a unit counts those who stand in it at the end of the cycle",
          "[adjustment][unit]") {
  DomainSpec spec = WithBudgets(R"(per_unit: "6")");
  const auto stands = [&](std::string_view person, std::string_view unit) {
    const std::string position = fmt::format("q-{}", unit);
    const std::string id = fmt::format("s-{}", person);
    spec.GivenRow(streams::Unit(unit),
                  FromText<v1::UnitState>(fmt::format(R"(unit: "{}" from: "2026-01-01")", unit)));
    spec.GivenRow(streams::Position(position),
                  FromText<v1::PositionState>(fmt::format(
                      R"(position: "{}" unit: "{}" from: "2026-01-01")", position, unit)));
    spec.GivenRow(streams::Assignment(id),
                  FromText<v1::AssignmentState>(fmt::format(
                      R"(assignment: "{}" person: "{}" position: "{}" span {{ from: "2026-01-01" }}
                         allocations {{ from: "2026-01-01" value: 10000 }})",
                      id, person, position)));
    spec.GivenMember(streams::UnitPositions(unit), fmt::format(R"(id: "{}")", position));
    spec.GivenMember(streams::PositionAssignments(position), fmt::format(R"(id: "{}")", id));
    spec.GivenMember(streams::PersonAssignments(person), fmt::format(R"(id: "{}")", id));
  };
  stands("p-1", "d1");
  stands("p-2", "d1");
  stands("p-3", "d2");
  spec.Given("p-ceo", Request("x-1", "p-1", "4")).Given("p-ceo", Request("x-3", "p-3", "6"));
  spec.When("p-cfo", Request("x-2", "p-2", "-3"))
      .ThenRejected("ADJUSTMENT_BUDGET", "requestAdjustment.delta");
  CHECK(std::get<Rejection>(spec.Outcome()).expected == "at most 6 points of people of unit d1");
  // Those of other units are not read.
  CHECK_FALSE(spec.state.reads.contains("adjustment/x-3"));
  spec.When("p-cfo", Request("x-2", "p-2", "-2")).ThenAccepted();
}

TEST_CASE("a cycle without budgets reads no adjustment of other people", "[adjustment][unit]") {
  DomainSpec spec = WithBudgets("");
  spec.Given("p-ceo", Request("x-1", "p-1", "4"));
  CHECK_FALSE(spec.state.reads.contains("cycle/2026-06/adjustments"));
}

}  // namespace
}  // namespace assay

#include "engine/adjustment/decide.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/engine/adjustment/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::DomainSpec;
using testing::GivenJune;
using testing::GivenScore;
using testing::kAddFive;
using testing::kApprove;
using testing::kReject;
using testing::kRevoke;
using testing::SealedJune;

v1::AdjustmentState RowOf(DomainSpec& spec) {
  return spec.Row<v1::AdjustmentState>("adjustment/x-1");
}

TEST_CASE("an approved adjustment is a line on top of the computed score", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive)
      .When("p-hr", kApprove)
      .Then({R"(stream: "adjustment/x-1" adjustment_approved {
             adjustment: "x-1" by: "p-hr" level: 1 })",
             R"(stream: "adjustment/x-1" adjustment_applied {
             adjustment: "x-1" before: "80" after: "85" person: "p-1"
             cycle: "2026-06" item: "output" delta: "5" })"});
  const auto row = RowOf(spec);
  CHECK(row.stage() == v1::ADJUSTMENT_STAGE_APPLIED);
  CHECK(row.seen().computed() == "80");
  CHECK(row.before() == "80");
  CHECK(row.after() == "85");
  CHECK(spec.state.Members("cycle/2026-06/adjustments").front().state() == "APPLIED");
}

TEST_CASE("requester, subject and their delegates are no second pair of eyes",
          "[adjustment][unit][ADJ-10]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive)
      .When("p-ceo", kApprove)
      .ThenRejected("FOUR_EYES_SAME_PERSON", "approveAdjustment.adjustment")
      .When("p-1", kApprove)
      .ThenRejected("FOUR_EYES_SAME_PERSON")
      .When("p-aide", R"(actor { person: "p-aide" on_behalf_of: "p-ceo" }
                         approve_adjustment { adjustment: "x-1" })")
      .ThenRejected("FOUR_EYES_SAME_PERSON");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "p-ceo");
  CHECK(RowOf(spec).stage() == v1::ADJUSTMENT_STAGE_REQUESTED);

  // More than 5 points need two approvers, exactly 5 one.
  CHECK(RowOf(spec).levels() == 1);
  spec.Given("p-ceo", R"(request_adjustment { adjustment: "x-2" person: "p-1" cycle: "2026-06"
      delta: "-5.0001" reason_code: "quality" remark { bytes: "r" } })");
  CHECK(spec.Row<v1::AdjustmentState>("adjustment/x-2").levels() == 2);
  spec.When("p-hr", R"(approve_adjustment { adjustment: "x-2" })")
      .Then({R"(stream: "adjustment/x-2" adjustment_approved {
                adjustment: "x-2" by: "p-hr" level: 1 })"});
  CHECK(spec.Row<v1::AdjustmentState>("adjustment/x-2").stage() == v1::ADJUSTMENT_STAGE_REQUESTED);
  spec.When("p-hr", R"(approve_adjustment { adjustment: "x-2" })")
      .ThenRejected("FOUR_EYES_SAME_PERSON")
      .When("p-hr2", R"(approve_adjustment { adjustment: "x-2" })")
      .ThenAccepted();
  const auto row = spec.Row<v1::AdjustmentState>("adjustment/x-2");
  CHECK(row.stage() == v1::ADJUSTMENT_STAGE_APPLIED);
  CHECK(row.after() == "74.9999");
  CHECK(row.approved_by_size() == 2);
}

TEST_CASE("revoking restores the score and erases nothing", "[adjustment][unit][ADJ-11]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive).Given("p-hr", kApprove);
  GivenScore(spec, "80", "5", "85");
  spec.When("p-hr", kRevoke).Then({R"(stream: "adjustment/x-1" adjustment_revoked {
      adjustment: "x-1" by: "p-hr" reason { bytes: "why" } before: "85" after: "80" person: "p-1"
      cycle: "2026-06" })"});
  const auto row = RowOf(spec);
  CHECK(row.stage() == v1::ADJUSTMENT_STAGE_REVOKED);
  std::vector<std::string> events;
  for (const v1::HistoryLine& line : row.history()) events.push_back(line.event());
  CHECK(events == std::vector<std::string>{"AdjustmentRequested", "AdjustmentApproved",
                                           "AdjustmentApplied", "AdjustmentRevoked"});

  // A revoked one leaves room: two more are possible, the third is too many.
  GivenScore(spec, "80", "0", "80");
  const auto request = [](std::string_view id) {
    return fmt::format(R"(request_adjustment {{ adjustment: "{}" person: "p-1" cycle: "2026-06"
        item: "output" delta: "1" reason_code: "r" remark {{ bytes: "r" }} }})",
                       id);
  };
  spec.Given("p-ceo", request("x-2"))
      .Given("p-ceo", request("x-3"))
      .When("p-ceo", request("x-4"))
      .ThenRejected("ADJUSTMENT_LIMIT", "requestAdjustment.item");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "2");
}

TEST_CASE("before and after are those before the cap of the total", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive);
  GivenScore(spec, "98", "4", "100");
  spec.When("p-hr", kApprove).ThenAccepted();
  CHECK(RowOf(spec).before() == "102");
  CHECK(RowOf(spec).after() == "107");
}

TEST_CASE("two approvals for one person at once conflict", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive).When("p-hr", kApprove).ThenAccepted();
  CHECK(spec.state.reads.contains("cycle/2026-06/person/p-1/adjustments"));
  CHECK(spec.state.reads.contains("cycle/2026-06"));
}

TEST_CASE("a rejection needs a reason and ends the request", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive)
      .When("p-hr", R"(reject_adjustment { adjustment: "x-1" })")
      .ThenRejected("REASON_REQUIRED", "reason")
      .When("p-hr", kReject)
      .Then({R"(stream: "adjustment/x-1" adjustment_rejected { adjustment: "x-1" by: "p-hr"
                reason { bytes: "why" } person: "p-1" cycle: "2026-06" })"})
      .When("p-hr", kApprove)
      .ThenRejected("ADJUSTMENT_NOT_REQUESTED", "approveAdjustment.adjustment");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "REJECTED");
}

TEST_CASE("the subject does not reject what takes points away", "[adjustment][unit][ADJ-10]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", R"(request_adjustment { adjustment: "x-1" person: "p-1" cycle: "2026-06"
      delta: "-5" reason_code: "r" remark { bytes: "r" } })");
  spec.When("p-1", kReject)
      .ThenRejected("FOUR_EYES_SAME_PERSON", "rejectAdjustment.adjustment")
      .When("p-aide", fmt::format(R"(actor {{ on_behalf_of: "p-1" }} {})", kReject))
      .ThenRejected("FOUR_EYES_SAME_PERSON");
  CHECK(RowOf(spec).stage() == v1::ADJUSTMENT_STAGE_REQUESTED);
  // Who requested it may take it back.
  spec.When("p-ceo", kReject).ThenAccepted();
}

TEST_CASE("a revocation needs a reason, another person and something applied",
          "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive)
      .When("p-hr", R"(revoke_adjustment { adjustment: "x-1" })")
      .ThenRejected("REASON_REQUIRED", "reason")
      .When("p-hr", kRevoke)
      .ThenRejected("ADJUSTMENT_NOT_APPLIED", "revokeAdjustment.adjustment")
      .Given("p-hr", kApprove)
      .When("p-ceo", kRevoke)
      .ThenRejected("FOUR_EYES_SAME_PERSON", "revokeAdjustment.adjustment")
      .When("p-1", kRevoke)
      .ThenRejected("FOUR_EYES_SAME_PERSON")
      .When("p-fin", kRevoke)
      .ThenAccepted()
      .When("p-fin", kRevoke)
      .ThenRejected("ADJUSTMENT_NOT_APPLIED");
}

TEST_CASE("after publishing nothing can be approved, rejected or revoked", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", kAddFive);
  GivenJune(spec, "stage: CYCLE_STAGE_PUBLISHED sealed: true");
  spec.When("p-hr", kApprove).ThenRejected("CYCLE_LOCKED");
  spec.When("p-hr", kReject).ThenRejected("CYCLE_LOCKED");
  GivenJune(spec, "stage: CYCLE_STAGE_LOCKED sealed: true");
  spec.Given("p-hr", kApprove);
  GivenJune(spec, "stage: CYCLE_STAGE_PUBLISHED sealed: true");
  spec.When("p-hr", kRevoke).ThenRejected("CYCLE_LOCKED", "revokeAdjustment.adjustment");
}

TEST_CASE("an adjustment that is not there is not visible", "[adjustment][unit]") {
  for (const std::string_view command : {kApprove, kReject, kRevoke}) {
    INFO(command);
    SealedJune().When("p-hr", command).ThenRejected("NOT_FOUND");
  }
  SealedJune()
      .When("p-hr", R"(approve_adjustment { adjustment: " " })")
      .ThenRejected("INVALID_ID", "approveAdjustment.adjustment");
}

TEST_CASE("a command of another domain is the caller's fault", "[adjustment][unit]") {
  CHECK(testing::Aborts([] { SealedJune().When("p-hr", R"(open_cycle { cycle: "c-1" })"); }));
}

TEST_CASE("results wait for adjustments that wait", "[adjustment][unit]") {
  testing::MemoryState state;
  const auto enter = [&](const char* id, const char* stage) {
    state.PutMember("cycle/2026-06/adjustments", MemberOf(id, "p-1", stage));
  };
  const auto publish = testing::FromText<v1::Command>(R"(publish_results { cycle: "2026-06" })");
  CHECK_FALSE(adjustment::CheckNothingPending(publish, state).has_value());
  CHECK(state.reads.contains("cycle/2026-06/adjustments"));
  enter("x-1", "APPLIED");
  enter("x-2", "REQUESTED");
  enter("x-3", "REQUESTED");
  const auto refused = adjustment::CheckNothingPending(publish, state);
  REQUIRE(refused.has_value());
  CHECK(refused->code == "PENDING_ADJUSTMENTS");
  CHECK(refused->path == "publishResults.cycle");
  CHECK(refused->actual == "2 waiting: x-2, x-3");
  enter("x-2", "APPLIED");
  enter("x-3", "REJECTED");
  CHECK_FALSE(adjustment::CheckNothingPending(publish, state).has_value());
}

}  // namespace
}  // namespace assay

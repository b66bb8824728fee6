#include "engine/access/reach.h"

#include <catch2/catch.hpp>

#include "tests/engine/access/access_spec.h"

namespace assay::testing {
namespace {

std::string Request(std::string_view item, std::string_view delta,
                    std::string_view person = "p-own") {
  return fmt::format(R"(request_adjustment {{ adjustment: "x" person: "{}" cycle: "c1" item: "{}"
                                              delta: "{}" }})",
                     person, item, delta);
}

TEST_CASE("an executive adjusts the metrics of the own authority and no other",
          "[access][unit][ADJ-09]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(metrics: "output")");
  spec.When("p-exec", Request("out", "5")).ThenAccepted();
  spec.When("p-exec", Request("sell", "5"))
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.item");
  CHECK(spec.Refusal().expected == "metrics output");
  CHECK(spec.Refusal().actual == "metric sales");
  CHECK(spec.Refusal().rejection_class == RejectionClass::kAuth);
}

TEST_CASE("the metric is that of the signed terms", "[access][unit]") {
  AccessSpec spec;
  // An earlier version of the terms had another metric in this item.
  spec.WithGrant("p-exec", "EXECUTIVE", R"(metrics: "scrap")");
  spec.When("p-exec", Request("out", "5")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  CHECK(spec.Refusal().actual == "metric output");
  spec.When("p-exec", Request("none", "5")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  CHECK(spec.Refusal().actual == "none, no signed item");
}

TEST_CASE("terms that were withdrawn give no authority", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(metrics: "output")");
  auto agreement = spec.Row<v1::AgreementState>("agreement/ag");
  agreement.set_stage(v1::AGREEMENT_STAGE_WITHDRAWN);
  spec.GivenRow("agreement/ag", agreement);
  spec.When("p-exec", Request("out", "5")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
}

TEST_CASE("the total is for those whose metrics are not bounded", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(metrics: "output" metrics: "sales")");
  spec.When("p-exec", Request("", "5"))
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.item");
  CHECK(spec.Refusal().actual == "the total");
  spec.WithGrant("p-ceo", "EXECUTIVE");
  spec.When("p-ceo", Request("", "5")).ThenAccepted();
}

TEST_CASE("units bound an executive by where the person stands", "[access][unit][ADJ-09]") {
  AccessSpec spec;
  spec.WithGrant("p-e1", "EXECUTIVE", R"(units: "d1")")
      .WithGrant("p-e2", "EXECUTIVE", R"(units: "d2")")
      .WithGrant("p-e0", "EXECUTIVE", R"(units: "co")");
  spec.When("p-e1", Request("out", "5")).ThenAccepted();
  spec.When("p-e0", Request("out", "5")).ThenAccepted();
  spec.When("p-e2", Request("out", "5"))
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.person");
  CHECK(spec.Refusal().expected == "units d2");
  CHECK(spec.Refusal().actual == "unit d1 on 2026-06-30");
  spec.When("p-e1", Request("out", "5", "p-other")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  CHECK(spec.Refusal().actual == "no assignment on 2026-06-30");
}

TEST_CASE("where the person stands is told by the last day of the cycle", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-e2", "EXECUTIVE", R"(units: "d2")");
  spec.GivenEvent(R"(stream: "unit/d1" units_merged { source: "d1" target: "d2"
                                                      from: "2026-06-30" })");
  // Decided on 1 June, judged on 30 June.
  spec.When("p-e2", Request("out", "5")).ThenAccepted();
  // Of a cycle that is not there only today is known.
  spec.state.rows.erase("cycle/c1");
  spec.When("p-e2", Request("out", "5")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  CHECK(spec.Refusal().actual == "unit d1 on 2026-06-01");
}

TEST_CASE("of a person with two places both must be covered", "[access][unit]") {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "assignment/s-2" assignment_started {
                       assignment: "s-2" person: "p-own" position: "q2" allocation_bp: 1
                       span { from: "2026-01-01" } })");
  spec.WithGrant("p-e1", "EXECUTIVE", R"(units: "d1")");
  spec.When("p-e1", Request("out", "5")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  CHECK(spec.Refusal().actual == "unit d1, unit d2 on 2026-06-30");
  spec.WithGrant("p-e1", "EXECUTIVE", R"(units: "d1" units: "d2")");
  spec.When("p-e1", Request("out", "5")).ThenAccepted();
}

TEST_CASE("the limit bounds the size in both directions, itself included", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(limit: "5")");
  for (const char* delta : {"5", "-5", "0.1", "5.000"}) {
    spec.When("p-exec", Request("out", delta)).ThenAccepted();
  }
  for (const char* delta : {"5.000000000001", "-5.000000000001", "100"}) {
    spec.When("p-exec", Request("out", delta))
        .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.delta");
    CHECK(spec.Refusal().expected == "at most 5 points");
    CHECK(spec.Refusal().actual == fmt::format("{} points", delta));
  }
  // The domain refuses what is no number.
  spec.When("p-exec", Request("out", "five")).ThenAccepted();
}

// What stands of p-own in c1.
void Stands(AccessSpec& spec, std::string_view id, std::string_view by, std::string_view item,
            std::string_view delta, std::string_view stage = "APPLIED") {
  spec.GivenRow(fmt::format("adjustment/{}", id),
                FromText<v1::AdjustmentState>(fmt::format(
                    R"(adjustment: "{}" person: "p-own" cycle: "c1" item: "{}" delta: "{}"
                       requested_by: "{}" approved_by: "p-boss")",
                    id, item, delta, by)));
  spec.GivenMember(streams::CyclePersonAdjustments("c1", "p-own"),
                   fmt::format(R"(id: "{}" person: "p-own" state: "{}")", id, stage));
}

TEST_CASE("the limit bounds the sum of the pieces, item by item and total together",
          "[access][unit][ADJ-09]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(limit: "5")");
  Stands(spec, "x1", "p-exec", "out", "2", "REQUESTED");
  Stands(spec, "x2", "p-exec", "", "2");
  spec.When("p-exec", Request("sell", "1")).ThenAccepted();
  spec.When("p-exec", Request("sell", "1.0001"))
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.delta");
  CHECK(spec.Refusal().expected == "at most 5 points in sum for p-own in c1");
  CHECK(spec.Refusal().actual == "5.0001 points, of which 4 stand");
  // Downwards is another sum, and so is what others requested or what was taken back.
  spec.When("p-exec", Request("sell", "-5")).ThenAccepted();
  spec.When("p-exec", Request("sell", "-5.1")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  Stands(spec, "x3", "p-other", "out", "5");
  Stands(spec, "x4", "p-exec", "out", "5", "REVOKED");
  Stands(spec, "x5", "p-exec", "out", "5", "REJECTED");
  spec.When("p-exec", Request("sell", "1")).ThenAccepted();
  Stands(spec, "x6", "p-exec", "out", "1");
  spec.When("p-exec", Request("sell", "0.0001")).ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  // Without a limit nothing is read.
  spec.WithGrant("p-ceo", "EXECUTIVE");
  spec.When("p-ceo", Request("out", "500")).ThenAccepted();
  CHECK_FALSE(spec.state.reads.contains("cycle/c1/person/p-own/adjustments"));
}

TEST_CASE("the limit of an approver bounds what that approver lets through", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-boss", "EXECUTIVE", R"(limit: "8")");
  // Whoever requested them; adj of -5 waits.
  Stands(spec, "x1", "p-a", "out", "-3");
  spec.When("p-boss", R"(approve_adjustment { adjustment: "adj" })").ThenAccepted();
  Stands(spec, "x2", "p-b", "", "-0.5", "REQUESTED");
  spec.When("p-boss", R"(approve_adjustment { adjustment: "adj" })")
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "approveAdjustment.adjustment");
  CHECK(spec.Refusal().actual == "-8.5 points, of which -3.5 stand");
  spec.When("p-boss", R"(reject_adjustment { adjustment: "adj" })").ThenAccepted();
}

TEST_CASE("one grant must cover unit, metric and size, and the nearest one explains",
          "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-exec", "EXECUTIVE", R"(units: "d2")")
      .WithGrant("p-exec", "EXECUTIVE", R"(units: "d1" metrics: "sales" limit: "9")")
      .WithGrant("p-exec", "EXECUTIVE", R"(units: "d1" metrics: "output" limit: "3")");
  spec.When("p-exec", Request("out", "3")).ThenAccepted();
  spec.When("p-exec", Request("sell", "9")).ThenAccepted();
  spec.When("p-exec", Request("out", "9"))
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY", "requestAdjustment.delta");
  CHECK(spec.Refusal().expected == "at most 3 points");
}

TEST_CASE("HR requests on behalf without the bounds of executives", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-hr", "HR").WithGrant("p-hr", "EXECUTIVE", R"(units: "d2" limit: "1")");
  spec.When("p-hr", Request("", "50")).ThenAccepted();
}

TEST_CASE("approving and rejecting need the same authority, revoking no size", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-small", "EXECUTIVE", R"(units: "d1" metrics: "output" limit: "4")")
      .WithGrant("p-sales", "EXECUTIVE", R"(metrics: "sales")")
      .WithGrant("p-far", "EXECUTIVE", R"(units: "d2")")
      .WithGrant("p-big", "EXECUTIVE", R"(units: "d1" metrics: "output" limit: "5")");
  for (const char* verb : {"approve", "reject", "revoke"}) {
    const std::string command = fmt::format(R"({}_adjustment {{ adjustment: "adj" }})", verb);
    const std::string path = fmt::format("{}Adjustment.adjustment", verb);
    spec.When("p-big", command).ThenAccepted();
    spec.When("p-sales", command).ThenRejected("ADJUST_OUT_OF_AUTHORITY", path);
    spec.When("p-far", command).ThenRejected("ADJUST_OUT_OF_AUTHORITY", path);
    spec.When("p-none", command).ThenRejected("PERMISSION_DENIED", "actor");
  }
  spec.When("p-small", R"(approve_adjustment { adjustment: "adj" })")
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  spec.When("p-small", R"(reject_adjustment { adjustment: "adj" })")
      .ThenRejected("ADJUST_OUT_OF_AUTHORITY");
  spec.When("p-small", R"(revoke_adjustment { adjustment: "adj" })").ThenAccepted();
  // What is not there is for the domain to say.
  spec.When("p-small", R"(approve_adjustment { adjustment: "none" })").ThenAccepted();
}

}  // namespace
}  // namespace assay::testing

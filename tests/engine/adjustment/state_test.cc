#include "engine/adjustment/state.h"

#include <catch2/catch.hpp>

#include "tests/engine/adjustment/fixture.h"

namespace assay {
namespace {

TEST_CASE("the history says who did what, when, where on the log and why", "[adjustment][unit]") {
  testing::DomainSpec spec = testing::SealedJune();
  spec.At("2026-07-03T09:00:00Z")
      .Given("p-ceo", testing::kAddFive)
      .At("2026-07-04T10:30:00Z")
      .Given("p-hr", testing::kApprove)
      .At("2026-07-05T11:00:00Z")
      .Given("p-fin", testing::kRevoke);
  const auto row = spec.Row<v1::AdjustmentState>("adjustment/x-1");
  CHECK(row.DebugString() == testing::FromText<v1::AdjustmentState>(R"(
      adjustment: "x-1" person: "p-1" cycle: "2026-06" item: "output" delta: "5"
      reason_code: "over-target" remark { bytes: "sealed remark" }
      evidence { source: "erp" record: "881" record: "1" } requested_by: "p-ceo"
      seen { computed: "80" total: "80" } levels: 1 approved_by: "p-hr"
      stage: ADJUSTMENT_STAGE_REVOKED before: "80" after: "85"
      applied_at: "2026-07-04T10:30:00.000Z"
      history { event: "AdjustmentRequested" actor: "p-ceo" at: "2026-07-03T09:00:00.000Z"
                position: 1 reason { bytes: "sealed remark" } }
      history { event: "AdjustmentApproved" actor: "p-hr" at: "2026-07-04T10:30:00.000Z"
                position: 2 }
      history { event: "AdjustmentApplied" actor: "p-hr" at: "2026-07-04T10:30:00.000Z"
                position: 2 }
      history { event: "AdjustmentRevoked" actor: "p-fin" at: "2026-07-05T11:00:00.000Z"
                position: 3 reason { bytes: "why" } })")
                                 .DebugString());
}

}  // namespace
}  // namespace assay

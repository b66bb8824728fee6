// What the tests of the adjustments share: a locked and sealed June in which p-1 has 80 points.

#pragma once

#include <string_view>

#include "engine/adjustment/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

inline void GivenJune(DomainSpec& spec, std::string_view fields) {
  spec.GivenRow("cycle/2026-06", FromText<v1::CycleState>(std::string(R"(cycle: "2026-06" )") +
                                                          std::string(fields)));
}

inline void GivenScore(DomainSpec& spec, std::string_view computed, std::string_view adjustments,
                       std::string_view total) {
  spec.scores.scores[{"2026-06", "p-1"}] = {.computable = true,
                                            .status = "OK",
                                            .computed = DecimalOf(computed),
                                            .adjustments = DecimalOf(adjustments),
                                            .total = DecimalOf(total),
                                            .items = {"output", "quality"}};
}

inline DomainSpec SealedJune() {
  DomainSpec spec(adjustment::Table());
  GivenJune(spec, R"(stage: CYCLE_STAGE_LOCKED sealed: true two_approvers_above: "5")");
  GivenScore(spec, "80", "0", "80");
  spec.scores.records.insert({"erp", {"881", "1"}});
  return spec;
}

inline constexpr std::string_view kAddFive = R"(request_adjustment { adjustment: "x-1"
    person: "p-1" cycle: "2026-06" item: "output" delta: "5" reason_code: "over-target"
    remark { bytes: "sealed remark" } evidence { source: "erp" record: "881" record: "1" } })";
inline constexpr std::string_view kApprove = R"(approve_adjustment { adjustment: "x-1" })";
inline constexpr std::string_view kReject =
    R"(reason { bytes: "why" } reject_adjustment { adjustment: "x-1" })";
inline constexpr std::string_view kRevoke =
    R"(reason { bytes: "why" } revoke_adjustment { adjustment: "x-1" })";

}  // namespace assay::testing

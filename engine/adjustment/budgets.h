// The budgets of a cycle: how many points of adjustments its people may request and approve.

#pragma once

#include <assay/v1/state.pb.h>

#include <optional>
#include <string>

#include "engine/base/decimal.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::adjustment {

// ADJUSTMENT_BUDGET when a request of `delta` points would pass the budget of its requester, or of
// a unit in which the person stands on the last day of the cycle. Points count without their signs,
// of what waits and what is applied. Reads the adjustments of the cycle only where it has budgets.
[[nodiscard]] std::optional<Rejection> CheckRequestBudgets(const v1::CycleState& cycle,
                                                           const std::string& requester,
                                                           const std::string& person, Decimal delta,
                                                           StateReader& state);

// The same of who approves `adjustment`.
[[nodiscard]] std::optional<Rejection> CheckApproverBudget(const v1::CycleState& cycle,
                                                           const std::string& approver,
                                                           const v1::AdjustmentState& adjustment,
                                                           StateReader& state);

}  // namespace assay::adjustment

// Reading the adjustments that stand: those applied, and those that may still be.

#pragma once

#include <assay/v1/state.pb.h>

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/event/state.h"

namespace assay {

using Adjustments = std::vector<v1::AdjustmentState>;

// Of one person in one cycle, by ascending id; revoked and rejected ones are left out.
[[nodiscard]] Adjustments StandingAdjustments(StateReader& state, std::string_view cycle,
                                              std::string_view person);
// Of everybody in the cycle for whom `counts` says so; the others are not read.
[[nodiscard]] Adjustments StandingAdjustments(StateReader& state, std::string_view cycle,
                                              const std::function<bool(const v1::Member&)>& counts);

// The points of those with the sign of `like`, so that ups and downs do not hide each other;
// nothing when they leave the range of Decimal.
[[nodiscard]] std::optional<Decimal> SumAlike(
    const Adjustments& adjustments, Decimal like,
    const std::function<bool(const v1::AdjustmentState&)>& counts);

// Without its sign.
[[nodiscard]] Decimal Magnitude(Decimal value);

}  // namespace assay

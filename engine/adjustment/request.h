// Deciding the request of an adjustment, and what every line must find: a sealed cut and a score.

#pragma once

#include <assay/v1/state.pb.h>

#include <optional>
#include <string_view>
#include <variant>

#include "engine/base/decimal.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::adjustment {

// Refusals: see engine/adjustment/decide.h. REQUIRES: the command is requestAdjustment.
[[nodiscard]] Decision DecideRequest(const DecideContext& context, StateReader& state);

// CYCLE_NOT_LOCKED, CYCLE_LOCKED (its results are published) or CUT_INCOMPLETE at `path`.
[[nodiscard]] std::optional<Rejection> CheckAdjustable(std::string_view path,
                                                       const v1::CycleState& cycle);

// What a line of `delta` points does to a score.
struct Line {
  LockedScore score;
  // Computed plus adjustments, before any cap.
  Decimal before;
  Decimal after;
};

// Reads the set of the person's adjustments, since a racing one changes the score.
//
// NOT_FOUND at `path` when the person has no score in the cycle, SCORE_NOT_COMPUTABLE when it has
// no total, VALUE_OUT_OF_RANGE when a sum would leave the range of Decimal. REQUIRES: the cut of
// `cycle` is sealed.
[[nodiscard]] std::variant<Line, Rejection> LineOn(std::string_view path, std::string_view cycle,
                                                   std::string_view person, Decimal delta,
                                                   const DecideContext& context,
                                                   StateReader& state);

}  // namespace assay::adjustment

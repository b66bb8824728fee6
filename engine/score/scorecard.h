// A scorecard: the score of one person in one cycle, computed from definitions and day totals.
//
//   achieved   of an item: its metric's formula over the measures of the person's entities, on the
//              days on which the part was held
//   points     weight x the curve's share of the achieved value, rounded once to 4 digits
//   computed   of a part: the sum of its items' points, to the last digit; of several parts: their
//              mean by allocation-days, rounded once
//   total      computed + adjustments - overflow, which keeps it in [0, cap]
//
// What cannot be computed is empty with a status and never silently zero. Nothing here reads a
// clock or keeps state: the same input and facts give the same digits.

#pragma once

#include <assay/v1/output.pb.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/score/measure_items.h"
#include "engine/score/score_input.h"
#include "engine/score/status.h"

namespace assay {

struct ItemScore {
  ScoreStatus status;
  // With the metric's rules applied.
  std::optional<Decimal> achieved;
  // Empty when it does not count. A not computable item under a template's rule ZERO has 0.
  std::optional<Decimal> points;
  // Points at share 1, for display rounded half-even to 4 digits; 0 when excluded.
  Decimal max;
};

struct PartScore {
  ScoreStatus status;
  std::optional<Decimal> computed;
  // Days times basis points of allocation.
  int64_t allocation_days = 0;
  // Its weight in the total, as shown.
  int32_t weight_bp = 0;
  // The weights that count; less than 10,000 when items are excluded.
  int32_t included_bp = 10'000;
  // As in the input.
  std::vector<ItemScore> items;
};

struct Scorecard {
  ScoreStatus status;
  std::optional<Decimal> computed;
  Decimal adjustments;
  std::optional<Decimal> overflow;
  std::optional<Decimal> total;
  // Empty without total or bands. Valid while the bands of the input live.
  std::string_view band;
  std::vector<PartScore> parts;
};

// --- evaluation ---

// REQUIRES: `achieved` is what MeasureItems gave for the same parts and items.
[[nodiscard]] Scorecard ScoreAchieved(const ScorecardInput& input,
                                      std::span<const Achieved> achieved);

// MeasureItems and ScoreAchieved.
[[nodiscard]] Scorecard EvaluateScorecard(const ScorecardInput& input, FactReader& facts);

// As the output topics and the score table carry it; decimals are canonical strings.
[[nodiscard]] v1::ScoreRecord ToRecord(const ScorecardInput& input, const Scorecard& scorecard);

}  // namespace assay

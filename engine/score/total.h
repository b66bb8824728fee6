// From parts to a total: weights by allocation-days, adjustments, cap.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/score/ratio.h"

namespace assay {

// One part in a total: its computed points and its days times basis points of allocation.
struct WeightedPart {
  Decimal computed;
  int64_t allocation_days = 0;
};

// The sum of computed x allocation-days, divided by the sum of allocation-days; a single part
// counts as it is. REQUIRES: the sum of allocation-days is above 0, or there is one part.
[[nodiscard]] Ratio ComputedRatio(std::span<const WeightedPart> parts);
// The same, rounded half-up once to kPointsDigits when there are several parts. Nothing on
// overflow.
[[nodiscard]] std::optional<Decimal> ComputedOf(std::span<const WeightedPart> parts);

// The weights as shown: in basis points, by largest remainder so that they add up to 10,000; of
// equal remainders the earlier part is given the point. A single part has 10,000. REQUIRES: as
// above.
[[nodiscard]] std::vector<int32_t> PartWeights(std::span<const int64_t> allocation_days);

// What must be taken off `sum` so that the total lies in [0, cap]: above the cap the positive rest;
// below zero the negative rest, so that total = sum - overflow is 0.
[[nodiscard]] Decimal OverflowOf(Decimal sum, Decimal cap);

}  // namespace assay

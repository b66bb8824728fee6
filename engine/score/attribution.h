// From the day totals of entities to the value of a measure for one part of a scorecard.

#pragma once

#include <cstdint>
#include <limits>

#include "engine/base/decimal.h"
#include "engine/base/time.h"
#include "engine/score/formula.h"

namespace assay {

// The sum of a day whose facts add up to more than a Decimal holds: out of the range of every sum,
// so that whatever is computed from it overflows too.
inline constexpr Decimal kSumBeyond = Decimal::FromRaw(std::numeric_limits<__int128>::max());

// What is kept of the facts of one (entity, measure, day). REQUIRES: count > 0
struct MeasureTotals {
  Decimal sum;
  int64_t count = 0;
  Decimal min;
  Decimal max;
  // Of the fact with the latest event time; of equals the one with the highest version, then key.
  Decimal last;
  int64_t last_time_ms = 0;

  bool operator==(const MeasureTotals&) const = default;
};

struct DayTotals {
  Day day;
  MeasureTotals totals;

  bool operator==(const DayTotals&) const = default;
};

// part_bp / total_bp of a day's sum and count. min, max and last are values of single facts and
// are never divided. REQUIRES: 0 <= part_bp <= total_bp, total_bp > 0
struct AllocationShare {
  int32_t part_bp = 1;
  int32_t total_bp = 1;

  [[nodiscard]] bool IsWhole() const { return part_bp == total_bp; }
  bool operator==(const AllocationShare&) const = default;
};

// Totals with the share of a part in them. Sums are exact except for one half-even rounding at the
// 12th digit per divided day.
struct AttributedTotals {
  bool empty = true;
  bool overflowed = false;
  Decimal sum;
  Decimal count;
  Decimal min;
  Decimal max;
  Decimal last;
  Day last_day = kDayMin;
  int64_t last_time_ms = 0;

  // One more day, in any order.
  void Add(const DayTotals& day, const AllocationShare& share);
  // What was attributed elsewhere; of two `last` on one day at one time, the one added last holds.
  void Merge(const AttributedTotals& other);

  // kNoData when empty, but a count is then 0.
  [[nodiscard]] NumberResult Value(Aggregate aggregate) const;

  bool operator==(const AttributedTotals&) const = default;
};

}  // namespace assay

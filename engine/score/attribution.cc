#include "engine/score/attribution.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace assay {
namespace {

// Adds `value` to `sum`, or notes that it cannot be.
void AddChecked(Decimal& sum, std::optional<Decimal> value, bool& overflowed) {
  const std::optional<Decimal> added = value ? sum.Plus(*value) : std::nullopt;
  overflowed |= !added.has_value();
  sum = added.value_or(sum);
}

std::optional<Decimal> Share(Decimal value, const AllocationShare& share) {
  if (value == kSumBeyond) return std::nullopt;
  if (share.IsWhole()) return value;
  return value.TimesRatio(Decimal::FromInt(share.part_bp), Decimal::FromInt(share.total_bp));
}

}  // namespace

void AttributedTotals::Add(const DayTotals& day, const AllocationShare& share) {
  AttributedTotals one{.empty = false,
                       .min = day.totals.min,
                       .max = day.totals.max,
                       .last = day.totals.last,
                       .last_day = day.day,
                       .last_time_ms = day.totals.last_time_ms};
  AddChecked(one.sum, Share(day.totals.sum, share), one.overflowed);
  AddChecked(one.count, Share(Decimal::FromInt(day.totals.count), share), one.overflowed);
  Merge(one);
}

void AttributedTotals::Merge(const AttributedTotals& other) {
  if (other.empty) return;
  min = empty ? other.min : std::min(min, other.min);
  max = empty ? other.max : std::max(max, other.max);
  if (empty || std::tie(other.last_day, other.last_time_ms) >= std::tie(last_day, last_time_ms)) {
    last = other.last;
    last_day = other.last_day;
    last_time_ms = other.last_time_ms;
  }
  overflowed |= other.overflowed;
  AddChecked(sum, other.sum, overflowed);
  AddChecked(count, other.count, overflowed);
  empty = false;
}

NumberResult AttributedTotals::Value(Aggregate aggregate) const {
  if (empty) {
    const bool is_count = aggregate == Aggregate::kCount;
    return {is_count ? EvalStatus::kOk : EvalStatus::kNoData, {}};
  }
  switch (aggregate) {
    case Aggregate::kMin:
      return {EvalStatus::kOk, min};
    case Aggregate::kMax:
      return {EvalStatus::kOk, max};
    case Aggregate::kLast:
      return {EvalStatus::kOk, last};
    default:
      break;
  }
  if (overflowed) return {EvalStatus::kOverflow, {}};
  if (aggregate == Aggregate::kSum) return {EvalStatus::kOk, sum};
  if (aggregate == Aggregate::kCount) return {EvalStatus::kOk, count};
  // A share so small that its count rounds to nothing has no mean.
  if (count.IsZero()) return {EvalStatus::kNoData, {}};
  const std::optional<Decimal> mean = sum.DividedBy(count);
  if (!mean) return {EvalStatus::kOverflow, {}};
  return {EvalStatus::kOk, *mean};
}

}  // namespace assay

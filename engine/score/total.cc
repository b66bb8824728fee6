#include "engine/score/total.h"

#include <algorithm>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/score/curve.h"

namespace assay {
namespace {

// In raw units of Decimal.
template <typename Ints>
Fraction<typename Ints::Int> WeightedMean(Ints& ints, std::span<const WeightedPart> parts) {
  auto sum = ints(0);
  auto days = ints(0);
  for (const WeightedPart& part : parts) {
    sum = sum + ints(part.computed.Raw()) * ints(part.allocation_days);
    days = days + ints(part.allocation_days);
  }
  return {sum, days};
}

constexpr __int128 kRawPerPointUnit = 100'000'000;  // 10^(12 - kPointsDigits)

template <typename Ints>
std::optional<Decimal> RoundedMean(Ints& ints, std::span<const WeightedPart> parts) {
  Fraction<typename Ints::Int> mean = WeightedMean(ints, parts);
  mean.denominator = mean.denominator * ints(kRawPerPointUnit);
  return DecimalOfUnits(RoundToWhole(ints, mean, Rounding::kHalfUp), kPointsDigits);
}

}  // namespace

Ratio ComputedRatio(std::span<const WeightedPart> parts) {
  if (parts.size() == 1) return Ratio::Of(parts.front().computed);
  WideInts ints;
  const Fraction<WideInt> mean = WeightedMean(ints, parts);
  return Ratio(mean.numerator, mean.denominator).Times(Ratio::Of(Decimal::FromRaw(1)));
}

std::optional<Decimal> ComputedOf(std::span<const WeightedPart> parts) {
  if (parts.size() == 1) return parts.front().computed;
  NarrowInts narrow;
  const std::optional<Decimal> computed = RoundedMean(narrow, parts);
  if (!narrow.overflowed) return computed;
  WideInts wide;
  return RoundedMean(wide, parts);
}

std::vector<int32_t> PartWeights(std::span<const int64_t> allocation_days) {
  if (allocation_days.size() == 1) return {limits::kBasisPointsWhole};
  const int64_t sum = std::accumulate(allocation_days.begin(), allocation_days.end(), int64_t{0});
  ASSAY_REQUIRE(sum > 0, "no allocation in {} parts", allocation_days.size());
  std::vector<int32_t> weights;
  std::vector<size_t> by_remainder(allocation_days.size());
  std::iota(by_remainder.begin(), by_remainder.end(), size_t{0});
  for (const int64_t days : allocation_days) {
    weights.push_back(static_cast<int32_t>(days * limits::kBasisPointsWhole / sum));
  }
  std::ranges::stable_sort(by_remainder, std::ranges::greater(), [&](size_t i) {
    return allocation_days[i] * limits::kBasisPointsWhole % sum;
  });
  const int32_t given = std::accumulate(weights.begin(), weights.end(), 0);
  for (int32_t i = 0; i < limits::kBasisPointsWhole - given; ++i) {
    ++weights[by_remainder[static_cast<size_t>(i)]];
  }
  return weights;
}

Decimal OverflowOf(Decimal sum, Decimal cap) {
  if (sum.IsNegative()) return sum;
  if (sum <= cap) return {};
  // Both are positive, so it fits.
  return sum.Minus(cap).value_or(Decimal());
}

}  // namespace assay

#include "engine/score/attribution.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::D;
using testing::DayAt;

DayTotals On(std::string_view day, std::string_view sum, int64_t count, std::string_view low,
             std::string_view high, std::string_view last, int64_t at_ms = 0) {
  return {DayAt(day), {D(sum), count, D(low), D(high), D(last), at_ms}};
}

std::string Shown(const AttributedTotals& totals, Aggregate aggregate) {
  const NumberResult result = totals.Value(aggregate);
  return result.Ok() ? result.value.ToString() : std::string(EvalStatusName(result.status));
}

TEST_CASE("nothing has no sum, but a count of 0", "[score][unit]") {
  const AttributedTotals nothing;
  CHECK(Shown(nothing, Aggregate::kSum) == "NO_DATA");
  CHECK(Shown(nothing, Aggregate::kMean) == "NO_DATA");
  CHECK(Shown(nothing, Aggregate::kMin) == "NO_DATA");
  CHECK(Shown(nothing, Aggregate::kMax) == "NO_DATA");
  CHECK(Shown(nothing, Aggregate::kLast) == "NO_DATA");
  CHECK(Shown(nothing, Aggregate::kCount) == "0");
}

TEST_CASE("days of several entities merge whatever their order", "[score][unit]") {
  AttributedTotals totals;
  totals.Add(On("2026-06-02", "10", 2, "4", "6", "6", 50), {});
  totals.Add(On("2026-06-01", "3", 1, "3", "3", "3", 99), {});
  AttributedTotals other;
  other.Add(On("2026-06-02", "7", 1, "7", "7", "7", 40), {});
  totals.Merge(other);
  totals.Merge(AttributedTotals());
  CHECK(Shown(totals, Aggregate::kSum) == "20");
  CHECK(Shown(totals, Aggregate::kCount) == "4");
  CHECK(Shown(totals, Aggregate::kMean) == "5");
  CHECK(Shown(totals, Aggregate::kMin) == "3");
  CHECK(Shown(totals, Aggregate::kMax) == "7");
  // The latest day, then the latest time, then the one added last.
  CHECK(Shown(totals, Aggregate::kLast) == "6");
  AttributedTotals tie;
  tie.Add(On("2026-06-02", "8", 1, "8", "8", "8", 50), {});
  totals.Merge(tie);
  CHECK(Shown(totals, Aggregate::kLast) == "8");
}

TEST_CASE("a share divides sums and counts once a day and single values never", "[score][unit]") {
  AttributedTotals totals;
  const AllocationShare third{1, 3};
  totals.Add(On("2026-06-01", "10", 1, "10", "10", "10"), third);
  totals.Add(On("2026-06-02", "10", 1, "10", "10", "10"), third);
  CHECK(Shown(totals, Aggregate::kSum) == "6.666666666666");
  CHECK(Shown(totals, Aggregate::kCount) == "0.666666666666");
  CHECK(Shown(totals, Aggregate::kMax) == "10");
  // Shares of a whole allocation are exact, so their mean is too.
  AttributedTotals quarter;
  quarter.Add(On("2026-06-01", "10", 1, "10", "10", "10"), {3'333, 10'000});
  quarter.Add(On("2026-06-02", "11", 1, "11", "11", "11"), {3'333, 10'000});
  CHECK(Shown(quarter, Aggregate::kMean) == "10.5");
  AttributedTotals whole;
  whole.Add(On("2026-06-01", "0.000000000001", 1, "0", "0", "0"), {6'000, 6'000});
  CHECK(Shown(whole, Aggregate::kSum) == "0.000000000001");
}

TEST_CASE("a sum out of range is an overflow, single values stay", "[score][unit]") {
  AttributedTotals totals;
  const std::string huge = "170141183460469231731687303";
  totals.Add(On("2026-06-01", huge, 1, "1", "2", "2"), {});
  CHECK(Shown(totals, Aggregate::kSum) == huge);
  totals.Add(On("2026-06-02", huge, 1, "1", "2", "2"), {});
  CHECK(Shown(totals, Aggregate::kSum) == "OVERFLOW");
  CHECK(Shown(totals, Aggregate::kMean) == "OVERFLOW");
  CHECK(Shown(totals, Aggregate::kMax) == "2");
}

TEST_CASE("a day whose sum left the range is an overflow by itself, and in any share",
          "[score][unit]") {
  const std::string beyond = "170141183460469231731687303.715884105727";
  for (const AllocationShare& share : {AllocationShare{}, AllocationShare{1, 10'000}}) {
    AttributedTotals totals;
    totals.Add(On("2026-06-01", beyond, 3, "1", "2", "2"), share);
    CHECK(Shown(totals, Aggregate::kSum) == "OVERFLOW");
    CHECK(Shown(totals, Aggregate::kMax) == "2");
  }
}

}  // namespace
}  // namespace assay

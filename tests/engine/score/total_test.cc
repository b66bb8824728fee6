#include "engine/score/total.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <vector>

#include "engine/score/curve.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::D;
using testing::Seed;

std::optional<Decimal> Mean(const std::vector<WeightedPart>& parts) { return ComputedOf(parts); }
std::vector<int32_t> Weights(const std::vector<int64_t>& days) { return PartWeights(days); }

TEST_CASE("V11: two positions at 60 and 40 percent", "[score][unit][SCO-04]") {
  CHECK(Mean({{D("90"), 6'000}, {D("80"), 4'000}}) == D("86"));
}

TEST_CASE("V10: a 360 of four classes", "[score][unit]") {
  CHECK(Mean({{D("90"), 40}, {D("85"), 30}, {D("80"), 20}, {D("95"), 10}}) == D("87"));
}

TEST_CASE("the mean of parts is rounded once", "[score][unit]") {
  CHECK(Mean({{D("10"), 1}, {D("20"), 2}}) == D("16.6667"));
  CHECK(Mean({{D("0"), 1}, {D("0.0001"), 1}}) == D("0.0001"));
  CHECK(Mean({{D("77.12345"), 0}}) == D("77.12345"));
  CHECK(ComputedRatio(std::vector<WeightedPart>{{D("10"), 1}, {D("20"), 2}}) == Ratio(50, 3));
  const Decimal huge = D("170141183460469231731687303");
  CHECK(Mean({{huge, 300'000}, {huge, 300'000}}) == huge);
}

TEST_CASE("part weights add up to 10,000 whatever the days", "[score][unit]") {
  CHECK(Weights({1}) == std::vector<int32_t>{10'000});
  CHECK(Weights({1, 1, 1}) == std::vector<int32_t>{3'334, 3'333, 3'333});
  CHECK(Weights({2, 1}) == std::vector<int32_t>{6'667, 3'333});
  CHECK(Weights({0, 5}) == std::vector<int32_t>{0, 10'000});
  CHECK(Weights({0}) == std::vector<int32_t>{10'000});
  std::mt19937_64 random(Seed());
  for (int turn = 0; turn < 1'000; ++turn) {
    std::vector<int64_t> days(2 + random() % 6);
    for (int64_t& d : days) d = static_cast<int64_t>(random() % 3'650'000);
    days.front() += 1;
    const std::vector<int32_t> weights = Weights(days);
    REQUIRE(std::accumulate(weights.begin(), weights.end(), 0) == 10'000);
    for (size_t i = 0; i < days.size(); ++i) {
      if (days[i] == 0) REQUIRE(weights[i] == 0);
    }
  }
}

TEST_CASE("what stands above the cap or below zero is taken off", "[score][unit]") {
  CHECK(OverflowOf(D("85"), D("100")) == D("0"));
  CHECK(OverflowOf(D("100"), D("100")) == D("0"));
  CHECK(OverflowOf(D("103.5"), D("100")) == D("3.5"));
  CHECK(OverflowOf(D("-2"), D("100")) == D("-2"));
}

}  // namespace
}  // namespace assay

#include "engine/event/definitions.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

v1::MetricDefinition Metric(v1::Direction direction) {
  v1::MetricDefinition metric;
  metric.set_unit("pcs");
  metric.set_direction(direction);
  return metric;
}

v1::CurveDefinition Curve(v1::CurveKind kind, v1::Direction direction) {
  v1::CurveDefinition curve;
  curve.set_kind(kind);
  curve.set_direction(direction);
  return curve;
}

}  // namespace

TEST_CASE("a target in another unit than the metric is refused", "[event][unit]") {
  const auto metric = Metric(v1::DIRECTION_HIGHER_IS_BETTER);
  CHECK_FALSE(CheckTargetUnit("items[0]", "output@1", metric, "pcs"));
  const auto refused = CheckTargetUnit("items[0]", "output@1", metric, "kg");
  REQUIRE(refused);
  CHECK(refused->code == "UNIT_MISMATCH");
  CHECK(refused->path == "items[0].unit");
  CHECK(refused->expected == "pcs");
  CHECK(refused->actual == "kg");
}

TEST_CASE("a curve that rewards more of what is worse is refused", "[event][unit][MET-05]") {
  const auto scrap = Metric(v1::DIRECTION_LOWER_IS_BETTER);
  const auto check = [&](v1::CurveKind kind, v1::Direction direction) {
    return CheckDirections("items[2]", "scrap@1", scrap, "c@1", Curve(kind, direction));
  };
  CHECK_FALSE(check(v1::CURVE_KIND_LINEAR_RANGE, v1::DIRECTION_LOWER_IS_BETTER));
  CHECK_FALSE(check(v1::CURVE_KIND_TARGET_RATIO_LOWER, v1::DIRECTION_UNSPECIFIED));
  // The rows of a rubric decide by themselves.
  CHECK_FALSE(check(v1::CURVE_KIND_RUBRIC, v1::DIRECTION_UNSPECIFIED));
  CHECK(check(v1::CURVE_KIND_LINEAR_RANGE, v1::DIRECTION_HIGHER_IS_BETTER));
  CHECK(check(v1::CURVE_KIND_IN_RANGE, v1::DIRECTION_UNSPECIFIED));
  // A proportional curve rises whether it says so or not.
  const auto refused = check(v1::CURVE_KIND_PROPORTIONAL, v1::DIRECTION_UNSPECIFIED);
  REQUIRE(refused);
  CHECK(refused->code == "CURVE_NOT_MONOTONE");
  CHECK(refused->path == "items[2].curve");
  CHECK(refused->expected == "LOWER_IS_BETTER");
  CHECK(refused->actual == "HIGHER_IS_BETTER");
  CHECK(refused->message == "c@1 rewards what scrap@1 calls worse");
}

}  // namespace assay

#include "engine/event/definitions.h"

#include <fmt/core.h>

#include "engine/event/effective.h"

namespace assay {
namespace {

// What the curve rewards; unspecified when its rows alone decide.
v1::Direction DirectionOf(const v1::CurveDefinition& curve) {
  switch (curve.kind()) {
    case v1::CURVE_KIND_PROPORTIONAL:
      return v1::DIRECTION_HIGHER_IS_BETTER;
    case v1::CURVE_KIND_TARGET_RATIO_LOWER:
      return v1::DIRECTION_LOWER_IS_BETTER;
    case v1::CURVE_KIND_IN_RANGE:
      return v1::DIRECTION_IN_RANGE;
    default:
      return curve.direction();
  }
}

std::string NameOf(v1::Direction direction) {
  return ShortEnumName(v1::Direction_Name(direction), "DIRECTION_");
}

}  // namespace

std::optional<Rejection> CheckTargetUnit(const std::string& path, const std::string& metric_id,
                                         const v1::MetricDefinition& metric,
                                         const std::string& unit) {
  if (unit == metric.unit()) return std::nullopt;
  return Invalid("UNIT_MISMATCH", path + ".unit", metric.unit(), unit,
                 fmt::format("{} is measured in \"{}\"", metric_id, metric.unit()),
                 "state the target in the unit of the metric");
}

std::optional<Rejection> CheckDirections(const std::string& path, const std::string& metric_id,
                                         const v1::MetricDefinition& metric,
                                         const std::string& curve_id,
                                         const v1::CurveDefinition& curve) {
  const v1::Direction rewarded = DirectionOf(curve);
  if (rewarded == v1::DIRECTION_UNSPECIFIED || rewarded == metric.direction()) return std::nullopt;
  return Invalid(
      "CURVE_NOT_MONOTONE", path + ".curve", NameOf(metric.direction()), NameOf(rewarded),
      fmt::format("{} rewards what {} calls worse", curve_id, metric_id),
      fmt::format("name a curve that is {}, as the metric is", NameOf(metric.direction())));
}

}  // namespace assay

// What every use of a metric's definition must fit, whichever domain uses it.

#pragma once

#include <assay/v1/metric.pb.h>

#include <optional>
#include <string>

#include "engine/event/decision.h"

namespace assay {

// UNIT_MISMATCH when a target is stated in another unit than `metric` is measured in: it is a
// number that means something else. `path` is the item's.
[[nodiscard]] std::optional<Rejection> CheckTargetUnit(const std::string& path,
                                                       const std::string& metric_id,
                                                       const v1::MetricDefinition& metric,
                                                       const std::string& unit);

// CURVE_NOT_MONOTONE when the curve rewards the direction that the metric calls worse.
[[nodiscard]] std::optional<Rejection> CheckDirections(const std::string& path,
                                                       const std::string& metric_id,
                                                       const v1::MetricDefinition& metric,
                                                       const std::string& curve_id,
                                                       const v1::CurveDefinition& curve);

}  // namespace assay

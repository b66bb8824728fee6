// Deciding what is published in one step: curves, templates, band tables.

#pragma once

#include <assay/v1/metric.pb.h>

#include <optional>
#include <string_view>

#include "engine/event/decision.h"
#include "engine/event/state.h"
#include "engine/metric/definition_checker.h"

namespace assay::metric {

[[nodiscard]] Decision DecidePublishCurve(const v1::PublishCurve& command, StateReader& state,
                                          const DefinitionChecker& checker);
// WEIGHT_SUM_NOT_100 gives the sum as "95.00 %"; weights are set all at once or not at all.
[[nodiscard]] Decision DecidePublishTemplate(const v1::PublishTemplate& command,
                                             StateReader& state);
[[nodiscard]] Decision DecidePublishBandTable(const v1::PublishBandTable& command,
                                              StateReader& state, const DefinitionChecker& checker);

// VERSION_GAP at `path` unless `former_exists` or this is version 1; `id` is "name@version".
[[nodiscard]] std::optional<Rejection> CheckVersionFollows(std::string_view path,
                                                           std::string_view id, bool former_exists);
// "output@2" of "output@3"; empty for a first version.
[[nodiscard]] std::string FormerVersion(std::string_view id);

}  // namespace assay::metric

// What publishing needs to know about formulas, curves and conditions, on engine/score.
//
// The domains declare what they need (engine/metric, engine/source) and know nothing of the formula
// language; this is the one place that puts both together.

#pragma once

#include "engine/metric/definition_checker.h"
#include "engine/source/condition_checker.h"

namespace assay {

class ScoreDefinitionChecker : public metric::DefinitionChecker {
 public:
  [[nodiscard]] std::optional<Rejection> Check(std::string_view path,
                                               const v1::MetricDefinition& definition,
                                               const metric::MeasureUnits& measures) const override;
  [[nodiscard]] std::optional<Rejection> CheckCurve(
      std::string_view path, const v1::CurveDefinition& definition) const override;
  [[nodiscard]] std::optional<Rejection> CheckBands(
      std::string_view path, const v1::BandTableDefinition& definition) const override;
};

class ScoreConditionChecker : public source::ConditionChecker {
 public:
  [[nodiscard]] std::optional<Rejection> Check(std::string_view path,
                                               std::string_view condition) const override;
  [[nodiscard]] std::vector<std::string> MeasuresOf(std::string_view formula) const override;
};

}  // namespace assay

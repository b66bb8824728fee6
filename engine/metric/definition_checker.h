// What publishing a definition needs to know about formulas, curves and bands.
//
// Formulas and curves are understood by engine/score, which the domains do not know; whoever wires
// the decisions hands in a checker that stands on it.

#pragma once

#include <assay/v1/metric.pb.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/event/decision.h"

namespace assay::metric {

// The measures that a formula may name, "source.measure", with their units.
using MeasureUnits = std::map<std::string, std::string, std::less<>>;

// Pure: the same definition gives the same answer for ever, or decisions could not be verified.
// Thread-safe. `path` is where the definition stands in the command; a refusal names a field below
// it ("submitMetric.definition.formula").
class DefinitionChecker {
 public:
  virtual ~DefinitionChecker() = default;

  // FORMULA_ERROR with the place in the formula; UNIT_MISMATCH when the units of the measures do
  // not give the unit of the metric. Called only for definitions that have a formula.
  [[nodiscard]] virtual std::optional<Rejection> Check(std::string_view path,
                                                       const v1::MetricDefinition& definition,
                                                       const MeasureUnits& measures) const = 0;
  // CURVE_NOT_TOTAL, CURVE_NOT_MONOTONE, INVALID_DECIMAL, ...: everything that can be wrong with a
  // curve.
  [[nodiscard]] virtual std::optional<Rejection> CheckCurve(
      std::string_view path, const v1::CurveDefinition& definition) const = 0;
  // BANDS_NOT_TOTAL, INVALID_DECIMAL, ...: everything that can be wrong with the bands; the
  // guideline is the domain's.
  [[nodiscard]] virtual std::optional<Rejection> CheckBands(
      std::string_view path, const v1::BandTableDefinition& definition) const = 0;
};

}  // namespace assay::metric

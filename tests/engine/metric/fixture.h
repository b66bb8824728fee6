// What the tests of the definitions share: a checker that can be read, and metrics to publish.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "engine/metric/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

// A formula is the name of one measure, and its unit must be the metric's; a curve needs a kind, a
// band table a band.
class SimpleChecker : public metric::DefinitionChecker {
 public:
  std::optional<Rejection> Check(std::string_view path, const v1::MetricDefinition& definition,
                                 const metric::MeasureUnits& measures) const override {
    const std::string at = fmt::format("{}.formula", path);
    const auto measure = measures.find(definition.formula());
    if (measure == measures.end()) {
      return Invalid("FORMULA_ERROR", at, "a measure", definition.formula(), "column 1");
    }
    if (measure->second == definition.unit()) return std::nullopt;
    return Invalid("UNIT_MISMATCH", at, definition.unit(), measure->second, "units do not fit");
  }
  std::optional<Rejection> CheckCurve(std::string_view path,
                                      const v1::CurveDefinition& definition) const override {
    if (definition.kind() != v1::CURVE_KIND_UNSPECIFIED) return std::nullopt;
    return Invalid("CURVE_NOT_TOTAL", fmt::format("{}.kind", path), "a kind", "none", "no curve");
  }
  std::optional<Rejection> CheckBands(std::string_view path,
                                      const v1::BandTableDefinition& definition) const override {
    if (!definition.bands().empty()) return std::nullopt;
    return Invalid("BANDS_NOT_TOTAL", fmt::format("{}.bands", path), "bands", "none", "no bands");
  }
};

inline Domain MetricTable() {
  static const SimpleChecker kChecker;
  return metric::Table(kChecker);
}

// With unit u-1 and source erp, which measures output in pcs and amount in CNY.
inline DomainSpec MetricSpec() {
  DomainSpec spec(MetricTable());
  spec.GivenRow("unit/u-1", FromText<v1::UnitState>(R"(unit: "u-1")"));
  spec.GivenRow("source/erp", FromText<v1::SourceState>(R"(
      source: "erp"
      contract { measures { name: "output" unit: "pcs" }
                 measures { name: "amount" unit: "CNY" } })"));
  return spec;
}

// A complete quantitative definition of that name.
inline std::string Definition(std::string_view name) {
  return fmt::format(R"(definition {{ name: "{}" owner_unit: "u-1" kind: METRIC_KIND_QUANTITATIVE
      sources: "erp" formula: "erp.output" unit: "pcs" grain: GRAIN_MONTH
      direction: DIRECTION_HIGHER_IS_BETTER }})",
                     name);
}

inline std::string DraftCommand(std::string_view metric, std::string_view definition) {
  return fmt::format("draft_metric {{ metric: \"{}\" {} }}", metric, definition);
}

// Drafts, submits, signs twice and publishes.
inline void PublishMetric(DomainSpec& spec, std::string_view metric, std::string_view name) {
  spec.Given("p-hr", DraftCommand(metric, Definition(name)))
      .Given("p-hr", fmt::format(R"(submit_metric {{ metric: "{}" }})", metric))
      .Given("p-biz", fmt::format(R"(sign_definition {{ metric: "{}" }})", metric))
      .Given("p-fin", fmt::format(R"(sign_source {{ metric: "{}" }})", metric))
      .Given("p-hr",
             fmt::format(R"(publish_metric {{ metric: "{}" from: "2026-01-01" }})", metric));
}

}  // namespace assay::testing

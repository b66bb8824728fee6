#include "engine/score/score_input.h"

#include <utility>

namespace assay {
namespace {

// Puts what was compiled together with its id.
template <typename Named, typename Compiled, typename Make>
std::variant<Named, Rejection> Joined(std::variant<Compiled, Rejection> compiled,
                                      const Make& make) {
  if (auto* const rejection = std::get_if<Rejection>(&compiled)) return std::move(*rejection);
  return make(std::get<Compiled>(std::move(compiled)));
}

}  // namespace

std::variant<ScoringMetric, Rejection> ScoringMetric::Compile(
    std::string id, const v1::MetricDefinition& definition) {
  return Joined<ScoringMetric>(
      Formula::Parse(definition.formula(), "formula"), [&](Formula formula) {
        return ScoringMetric{std::move(id), definition, std::move(formula)};
      });
}

std::variant<ScoringCurve, Rejection> ScoringCurve::Compile(std::string id,
                                                            const v1::CurveDefinition& definition) {
  return Joined<ScoringCurve>(Curve::Compile(definition), [&](Curve curve) {
    return ScoringCurve{std::move(id), std::move(curve)};
  });
}

std::variant<ScoringBands, Rejection> ScoringBands::Compile(
    std::string id, const v1::BandTableDefinition& definition) {
  return Joined<ScoringBands>(BandTable::Compile(definition), [&](BandTable table) {
    return ScoringBands{std::move(id), std::move(table)};
  });
}

}  // namespace assay

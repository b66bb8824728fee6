#include "engine/commit/checkers.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "engine/score/bands.h"
#include "engine/score/curve.h"
#include "engine/score/formula.h"

namespace assay {
namespace {

// The refusal of a compiler, with its path under `path`.
template <typename Compiled>
std::optional<Rejection> RejectionOf(std::variant<Compiled, Rejection> outcome,
                                     std::string_view path) {
  if (std::holds_alternative<Compiled>(outcome)) return std::nullopt;
  Rejection rejection = std::get<Rejection>(std::move(outcome));
  rejection.path =
      rejection.path.empty() ? std::string(path) : fmt::format("{}.{}", path, rejection.path);
  return rejection;
}

}  // namespace

std::optional<Rejection> ScoreDefinitionChecker::Check(std::string_view path,
                                                       const v1::MetricDefinition& definition,
                                                       const metric::MeasureUnits& measures) const {
  const std::string formula_path = fmt::format("{}.formula", path);
  auto parsed = Formula::Parse(definition.formula(), formula_path);
  if (auto* rejection = std::get_if<Rejection>(&parsed)) return std::move(*rejection);
  const auto unit_of = [&](std::string_view measure) -> std::optional<std::string> {
    const auto found = measures.find(measure);
    if (found == measures.end()) return std::nullopt;
    return found->second;
  };
  return std::get<Formula>(parsed).CheckUnits(unit_of, definition.unit(), formula_path);
}

std::optional<Rejection> ScoreDefinitionChecker::CheckCurve(
    std::string_view path, const v1::CurveDefinition& definition) const {
  return RejectionOf(Curve::Compile(definition), path);
}

std::optional<Rejection> ScoreDefinitionChecker::CheckBands(
    std::string_view path, const v1::BandTableDefinition& definition) const {
  return RejectionOf(BandTable::Compile(definition), path);
}

std::optional<Rejection> ScoreConditionChecker::Check(std::string_view path,
                                                      std::string_view condition) const {
  auto parsed = Condition::Parse(condition, path);
  if (auto* rejection = std::get_if<Rejection>(&parsed)) return std::move(*rejection);
  return std::nullopt;
}

std::vector<std::string> ScoreConditionChecker::MeasuresOf(std::string_view formula) const {
  const auto parsed = Formula::Parse(formula, "");
  if (std::holds_alternative<Rejection>(parsed)) return {};
  return std::get<Formula>(parsed).Measures();
}

}  // namespace assay

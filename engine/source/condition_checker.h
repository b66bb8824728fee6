// What registering a source needs to know about conditions and formulas.
//
// Both are understood by engine/score, which the domains do not know; whoever wires the decisions
// hands in a checker that stands on it.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event/decision.h"

namespace assay::source {

// Pure and thread-safe: the same condition gives the same answer for ever.
class ConditionChecker {
 public:
  virtual ~ConditionChecker() = default;
  // FORMULA_ERROR at `path` with the place in `condition`, which is not empty.
  [[nodiscard]] virtual std::optional<Rejection> Check(std::string_view path,
                                                       std::string_view condition) const = 0;
  // The measures, "source.measure", that the formula of a published metric names.
  [[nodiscard]] virtual std::vector<std::string> MeasuresOf(std::string_view formula) const = 0;
};

}  // namespace assay::source

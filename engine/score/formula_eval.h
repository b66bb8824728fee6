// The one evaluator of formulas and conditions; explaining and checking use it too.

#pragma once

#include <string>
#include <vector>

#include "engine/score/formula.h"
#include "engine/score/formula_ast.h"

namespace assay {

// What an evaluation reads and where it leaves its steps. Measures are needed by formulas, fields
// by conditions; `steps` may be null.
struct FormulaInputs {
  MeasureValues* measures = nullptr;
  FieldValues* fields = nullptr;
  std::vector<FormulaStep>* steps = nullptr;
};

// REQUIRES: `tree` was parsed and gives a number (a truth).
[[nodiscard]] NumberResult EvaluateNumber(const FormulaTree& tree, const FormulaInputs& inputs);
[[nodiscard]] TruthResult EvaluateTruth(const FormulaTree& tree, const FormulaInputs& inputs);

}  // namespace assay

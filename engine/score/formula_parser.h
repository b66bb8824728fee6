// From the text of a formula or condition to its tree, typed and within limits.

#pragma once

#include <string_view>
#include <variant>

#include "engine/event/decision.h"
#include "engine/score/formula_ast.h"

namespace assay {

enum class FormulaKind : uint8_t { kFormula, kCondition };

// FORMULA_ERROR at `path` with the column in the message. Nesting (parentheses, calls, prefix
// operators, branches of ?:) is limited by kFormulaDepthMax; a chain of operators only by
// kFormulaNodesMax.
[[nodiscard]] std::variant<FormulaTree, Rejection> ParseFormulaTree(FormulaKind kind,
                                                                    std::string_view text,
                                                                    std::string_view path);

// "+", "==", "min": as written.
[[nodiscard]] std::string_view FormulaOpName(FormulaOp op);

}  // namespace assay

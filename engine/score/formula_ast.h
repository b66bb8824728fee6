// The tree of a parsed formula or condition: one array of nodes, children before their parent.
//
// Both languages share it, so that there is one parser and one evaluator. Users of formulas need
// only engine/score/formula.h.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/decimal.h"

namespace assay {

// How the facts of one measure become one number.
enum class Aggregate : uint8_t { kSum, kCount, kMean, kMin, kMax, kLast };

// One aggregate of one measure, as a formula asks for it.
struct MeasureUse {
  // "source.measure"
  std::string measure;
  Aggregate aggregate = Aggregate::kSum;

  auto operator<=>(const MeasureUse&) const = default;
};

enum class FormulaType : uint8_t { kNumber, kBoolean, kText, kField };

enum class FormulaOp : uint8_t {
  kNumber,
  kText,
  kBoolean,
  kMeasure,
  kField,
  kNegate,
  kNot,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kAnd,
  kOr,
  kChoose,
  kMin,
  kMax,
  kClamp,
};

struct FormulaNode {
  FormulaOp op = FormulaOp::kNumber;
  FormulaType type = FormulaType::kNumber;
  // Comparisons and kIn: as what both sides are compared.
  FormulaType compared_as = FormulaType::kNumber;
  bool truth = false;
  // 1-based, in characters.
  uint16_t column = 0;
  // Into `children`.
  uint16_t first_child = 0;
  uint16_t child_count = 0;
  // kText: into `texts`; kMeasure: into `uses`; kField: into `fields`.
  uint16_t index = 0;
  Decimal number;
};

struct FormulaTree {
  std::string text;
  std::vector<FormulaNode> nodes;
  std::vector<uint16_t> children;
  std::vector<std::string> texts;
  // Each once, in the order of first appearance.
  std::vector<MeasureUse> uses;
  std::vector<std::string> fields;

  // REQUIRES: the tree was parsed.
  [[nodiscard]] const FormulaNode& Root() const { return nodes.back(); }
  [[nodiscard]] const FormulaNode& Child(const FormulaNode& node, int i) const {
    return nodes[children[static_cast<size_t>(node.first_child) + static_cast<size_t>(i)]];
  }
};

}  // namespace assay

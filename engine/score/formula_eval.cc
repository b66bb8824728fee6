#include "engine/score/formula_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/score/formula_parser.h"

namespace assay {
namespace {

struct TextResult {
  EvalStatus status = EvalStatus::kOk;
  std::string_view value;

  [[nodiscard]] bool Ok() const { return status == EvalStatus::kOk; }
};

// A comparison before it is judged.
struct OrderResult {
  EvalStatus status = EvalStatus::kOk;
  std::strong_ordering order = std::strong_ordering::equal;
};

NumberResult Checked(std::optional<Decimal> value, EvalStatus otherwise = EvalStatus::kOverflow) {
  return value ? NumberResult{EvalStatus::kOk, *value} : NumberResult{otherwise, {}};
}

NumberResult Apply(FormulaOp op, Decimal left, Decimal right) {
  switch (op) {
    case FormulaOp::kAdd:
      return Checked(left.Plus(right));
    case FormulaOp::kSubtract:
      return Checked(left.Minus(right));
    case FormulaOp::kMultiply:
      return Checked(left.Times(right));
    default:
      return right.IsZero() ? NumberResult{EvalStatus::kDivZero, {}}
                            : Checked(left.DividedBy(right));
  }
}

bool Judge(FormulaOp op, std::strong_ordering order) {
  switch (op) {
    case FormulaOp::kNotEqual:
      return order != 0;
    case FormulaOp::kLess:
      return order < 0;
    case FormulaOp::kLessOrEqual:
      return order <= 0;
    case FormulaOp::kGreater:
      return order > 0;
    case FormulaOp::kGreaterOrEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

std::string Show(const NumberResult& result) {
  return result.Ok() ? result.value.ToString() : std::string(EvalStatusName(result.status));
}

std::string Show(bool truth) { return truth ? "true" : "false"; }

std::string Show(std::string_view text) { return fmt::format("\"{}\"", text); }

class Evaluator {
 public:
  Evaluator(const FormulaTree& tree, const FormulaInputs& inputs) : tree_(tree), inputs_(inputs) {}

  NumberResult Number(const FormulaNode& node) {
    switch (node.op) {
      case FormulaOp::kNumber:
        return {EvalStatus::kOk, node.number};
      case FormulaOp::kMeasure:
        return Measure(node);
      case FormulaOp::kField:
        return FieldAsNumber(node);
      case FormulaOp::kNegate:
        return Negate(node);
      case FormulaOp::kChoose:
        return Chosen(node, [this](const FormulaNode& branch) { return Number(branch); });
      case FormulaOp::kMin:
      case FormulaOp::kMax:
      case FormulaOp::kClamp:
        return Function(node);
      default:
        return Arithmetic(node);
    }
  }

  TruthResult Truth(const FormulaNode& node) {
    switch (node.op) {
      case FormulaOp::kBoolean:
        return {EvalStatus::kOk, node.truth};
      case FormulaOp::kNot:
        return Not(node);
      case FormulaOp::kAnd:
      case FormulaOp::kOr:
        return Logic(node);
      case FormulaOp::kIn:
        return In(node);
      case FormulaOp::kChoose:
        return Chosen(node, [this](const FormulaNode& branch) { return Truth(branch); });
      default:
        return Comparison(node);
    }
  }

 private:
  TextResult Text(const FormulaNode& node) {
    switch (node.op) {
      case FormulaOp::kText:
        return {EvalStatus::kOk, tree_.texts[node.index]};
      case FormulaOp::kField:
        return Field(node);
      default:
        ASSAY_INVARIANT(node.op == FormulaOp::kChoose, "no text: {}", FormulaOpName(node.op));
        return Chosen(node, [this](const FormulaNode& branch) { return Text(branch); });
    }
  }

  NumberResult Measure(const FormulaNode& node) {
    const MeasureUse& use = tree_.uses[node.index];
    const NumberResult result = inputs_.measures->Value(node.index, use);
    if (inputs_.steps) inputs_.steps->push_back({ToString(use), {}, Show(result)});
    return result;
  }

  TextResult Field(const FormulaNode& node) {
    const std::optional<std::string_view> text =
        inputs_.fields->Value(node.index, tree_.fields[node.index]);
    return text ? TextResult{EvalStatus::kOk, *text} : TextResult{EvalStatus::kNoData, {}};
  }

  NumberResult FieldAsNumber(const FormulaNode& node) {
    const TextResult text = Field(node);
    if (!text.Ok()) return {text.status, {}};
    return Checked(Decimal::Parse(text.value), EvalStatus::kNotANumber);
  }

  NumberResult Negate(const FormulaNode& node) {
    const NumberResult operand = Number(tree_.Child(node, 0));
    if (!operand.Ok()) return operand;
    return Traced(node, {operand.value}, Checked(operand.value.Negated()));
  }

  NumberResult Arithmetic(const FormulaNode& node) {
    const NumberResult left = Number(tree_.Child(node, 0));
    if (!left.Ok()) return left;
    const NumberResult right = Number(tree_.Child(node, 1));
    if (!right.Ok()) return right;
    return Traced(node, {left.value, right.value}, Apply(node.op, left.value, right.value));
  }

  NumberResult Function(const FormulaNode& node) {
    if (node.op == FormulaOp::kClamp) return Clamp(node);
    std::vector<Decimal> operands;
    Decimal extreme;
    for (int i = 0; i < node.child_count; ++i) {
      const NumberResult operand = Number(tree_.Child(node, i));
      if (!operand.Ok()) return operand;
      const bool is_better = i == 0 || (node.op == FormulaOp::kMin ? operand.value < extreme
                                                                   : operand.value > extreme);
      if (is_better) extreme = operand.value;
      if (inputs_.steps) operands.push_back(operand.value);
    }
    return Traced(node, operands, {EvalStatus::kOk, extreme});
  }

  NumberResult Clamp(const FormulaNode& node) {
    const NumberResult value = Number(tree_.Child(node, 0));
    if (!value.Ok()) return value;
    const NumberResult low = Number(tree_.Child(node, 1));
    if (!low.Ok()) return low;
    const NumberResult high = Number(tree_.Child(node, 2));
    if (!high.Ok()) return high;
    const Decimal clamped = std::min(std::max(value.value, low.value), high.value);
    return Traced(node, {value.value, low.value, high.value}, {EvalStatus::kOk, clamped});
  }

  TruthResult Not(const FormulaNode& node) {
    const TruthResult operand = Truth(tree_.Child(node, 0));
    if (!operand.Ok()) return operand;
    if (inputs_.steps) AddStep("!", {Show(operand.value)}, Show(!operand.value));
    return {EvalStatus::kOk, !operand.value};
  }

  TruthResult Logic(const FormulaNode& node) {
    const TruthResult left = Truth(tree_.Child(node, 0));
    const bool is_decided = left.value == (node.op == FormulaOp::kOr);
    if (!left.Ok()) return left;
    if (is_decided) {
      if (inputs_.steps) AddStep(FormulaOpName(node.op), {Show(left.value)}, Show(left.value));
      return left;
    }
    const TruthResult right = Truth(tree_.Child(node, 1));
    if (right.Ok() && inputs_.steps) {
      AddStep(FormulaOpName(node.op), {Show(left.value), Show(right.value)}, Show(right.value));
    }
    return right;
  }

  TruthResult Comparison(const FormulaNode& node) {
    std::vector<std::string> operands;
    const OrderResult order =
        Order(node.compared_as, tree_.Child(node, 0), tree_.Child(node, 1), operands);
    if (order.status != EvalStatus::kOk) return {order.status, false};
    const bool truth = Judge(node.op, order.order);
    if (inputs_.steps) AddStep(FormulaOpName(node.op), std::move(operands), Show(truth));
    return {EvalStatus::kOk, truth};
  }

  TruthResult In(const FormulaNode& node) {
    std::vector<std::string> operands;
    bool found = false;
    for (int i = 1; i < node.child_count && !found; ++i) {
      std::vector<std::string> pair;
      const OrderResult order =
          Order(node.compared_as, tree_.Child(node, 0), tree_.Child(node, i), pair);
      if (order.status != EvalStatus::kOk) return {order.status, false};
      found = order.order == 0;
      if (inputs_.steps) operands.insert(operands.end(), pair.begin() + (i > 1), pair.end());
    }
    if (inputs_.steps) AddStep("in", std::move(operands), Show(found));
    return {EvalStatus::kOk, found};
  }

  OrderResult Order(FormulaType as, const FormulaNode& left, const FormulaNode& right,
                    std::vector<std::string>& operands) {
    if (as == FormulaType::kText) return Order(Text(left), Text(right), operands);
    if (as == FormulaType::kBoolean) return Order(Truth(left), Truth(right), operands);
    return Order(Number(left), Number(right), operands);
  }

  template <typename Result>
  OrderResult Order(const Result& left, const Result& right, std::vector<std::string>& operands) {
    if (!left.Ok()) return {left.status};
    if (!right.Ok()) return {right.status};
    if (inputs_.steps) operands = {ShowValue(left), ShowValue(right)};
    return {EvalStatus::kOk, left.value <=> right.value};
  }

  static std::string ShowValue(const NumberResult& result) { return Show(result); }
  template <typename Result>
  static std::string ShowValue(const Result& result) {
    return Show(result.value);
  }

  template <typename Evaluate>
  auto Chosen(const FormulaNode& node, const Evaluate& evaluate) -> decltype(evaluate(node)) {
    const TruthResult condition = Truth(tree_.Child(node, 0));
    if (!condition.Ok()) return {condition.status, {}};
    const auto branch = evaluate(tree_.Child(node, condition.value ? 1 : 2));
    if (branch.Ok() && inputs_.steps) {
      const std::string value = ShowValue(branch);
      AddStep(condition.value ? "?" : ":", {Show(condition.value), value}, value);
    }
    return branch;
  }

  NumberResult Traced(const FormulaNode& node, std::initializer_list<Decimal> operands,
                      const NumberResult& result) {
    if (inputs_.steps) return Traced(node, std::vector<Decimal>(operands), result);
    return result;
  }

  NumberResult Traced(const FormulaNode& node, const std::vector<Decimal>& operands,
                      const NumberResult& result) {
    if (!inputs_.steps) return result;
    std::vector<std::string> shown;
    for (const Decimal operand : operands) shown.push_back(operand.ToString());
    AddStep(FormulaOpName(node.op), std::move(shown), Show(result));
    return result;
  }

  void AddStep(std::string_view operation, std::vector<std::string> operands, std::string result) {
    inputs_.steps->push_back({std::string(operation), std::move(operands), std::move(result)});
  }

  const FormulaTree& tree_;
  const FormulaInputs& inputs_;
};

}  // namespace

NumberResult EvaluateNumber(const FormulaTree& tree, const FormulaInputs& inputs) {
  return Evaluator(tree, inputs).Number(tree.Root());
}

TruthResult EvaluateTruth(const FormulaTree& tree, const FormulaInputs& inputs) {
  return Evaluator(tree, inputs).Truth(tree.Root());
}

}  // namespace assay

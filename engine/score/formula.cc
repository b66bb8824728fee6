#include "engine/score/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/score/formula_eval.h"
#include "engine/score/formula_parser.h"
#include "engine/score/units.h"

namespace assay {
namespace {

constexpr std::array<std::pair<Aggregate, std::string_view>, 6> kAggregateNames = {{
    {Aggregate::kSum, "sum"},
    {Aggregate::kCount, "count"},
    {Aggregate::kMean, "mean"},
    {Aggregate::kMin, "min"},
    {Aggregate::kMax, "max"},
    {Aggregate::kLast, "last"},
}};

constexpr std::array<std::pair<EvalStatus, std::string_view>, 5> kStatusNames = {{
    {EvalStatus::kOk, "OK"},
    {EvalStatus::kNoData, "NO_DATA"},
    {EvalStatus::kDivZero, "DIV_ZERO"},
    {EvalStatus::kOverflow, "OVERFLOW"},
    {EvalStatus::kNotANumber, "NOT_A_NUMBER"},
}};

template <typename Table, typename Enum>
std::string_view NameIn(const Table& table, Enum value) {
  const auto found = std::ranges::find(table, value, [](const auto& row) { return row.first; });
  return found == table.end() ? std::string_view() : found->second;
}

template <typename Table>
auto ValueIn(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type::first_type> {
  const auto found = std::ranges::find(table, name, [](const auto& row) { return row.second; });
  if (found == table.end()) return std::nullopt;
  return found->first;
}

// Nothing = fits every unit, as the literal 0 does.
using AnyUnit = std::optional<Unit>;

class UnitChecker {
 public:
  UnitChecker(const FormulaTree& tree, const Formula::UnitOf& unit_of, std::string_view path)
      : tree_(tree), unit_of_(unit_of), path_(path) {}

  // Of a truth: without dimension. Meaningless once there is an error.
  AnyUnit UnitOf(const FormulaNode& node) {
    switch (node.op) {
      case FormulaOp::kNumber:
        return node.number.IsZero() ? AnyUnit() : Unit();
      case FormulaOp::kMeasure:
        return OfMeasure(node);
      case FormulaOp::kNegate:
        return UnitOf(tree_.Child(node, 0));
      case FormulaOp::kMultiply:
      case FormulaOp::kDivide:
        return OfProduct(node);
      case FormulaOp::kChoose:
        UnitOf(tree_.Child(node, 0));
        return Common(node, 1);
      case FormulaOp::kAdd:
      case FormulaOp::kSubtract:
      case FormulaOp::kMin:
      case FormulaOp::kMax:
      case FormulaOp::kClamp:
        return Common(node, 0);
      default:
        if (node.type == FormulaType::kBoolean && node.child_count > 0) OfTruth(node);
        return Unit();
    }
  }

  std::optional<Rejection> TakeError() { return std::move(error_); }

 private:
  AnyUnit OfMeasure(const FormulaNode& node) {
    const MeasureUse& use = tree_.uses[node.index];
    const std::optional<std::string> text = unit_of_(use.measure);
    if (!text) {
      Fail("FORMULA_ERROR", node, "a measure of a registered source", use.measure);
      return Unit();
    }
    const std::optional<Unit> unit = Unit::Parse(*text);
    if (!unit) Fail("UNIT_MISMATCH", node, "a measure with a unit such as pcs or pcs/h", *text);
    return use.aggregate == Aggregate::kCount ? Unit() : unit.value_or(Unit());
  }

  AnyUnit OfProduct(const FormulaNode& node) {
    const AnyUnit left = UnitOf(tree_.Child(node, 0));
    const AnyUnit right = UnitOf(tree_.Child(node, 1));
    if (!left || !right) return AnyUnit();
    return node.op == FormulaOp::kMultiply ? left->Times(*right) : left->DividedBy(*right);
  }

  void OfTruth(const FormulaNode& node) {
    const bool compares =
        node.op != FormulaOp::kNot && node.op != FormulaOp::kAnd && node.op != FormulaOp::kOr;
    if (compares && node.compared_as == FormulaType::kNumber) {
      Common(node, 0);
    } else {
      for (int i = 0; i < node.child_count; ++i) UnitOf(tree_.Child(node, i));
    }
  }

  // The one unit of the children from `first` on.
  AnyUnit Common(const FormulaNode& node, int first) {
    AnyUnit common;
    for (int i = first; i < node.child_count; ++i) {
      const AnyUnit unit = UnitOf(tree_.Child(node, i));
      if (common && unit && *common != *unit) {
        Fail("UNIT_MISMATCH", node, common->ToString(), unit->ToString());
      }
      if (!common) common = unit;
    }
    return common;
  }

  void Fail(std::string code, const FormulaNode& node, std::string expected, std::string actual) {
    if (error_) return;
    std::string message =
        fmt::format("column {}: expected {}, found {}", node.column, expected, actual);
    error_ = Invalid(std::move(code), std::string(path_), std::move(expected), std::move(actual),
                     std::move(message));
  }

  const FormulaTree& tree_;
  const Formula::UnitOf& unit_of_;
  std::string_view path_;
  std::optional<Rejection> error_;
};

template <typename T>
std::vector<T> SortedUnique(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

bool IsWord(std::string_view operation) {
  return !operation.empty() && operation.front() >= 'a' && operation.front() <= 'z';
}

}  // namespace

std::string_view AggregateName(Aggregate aggregate) { return NameIn(kAggregateNames, aggregate); }

std::optional<Aggregate> AggregateFromName(std::string_view name) {
  return ValueIn(kAggregateNames, name);
}

std::string ToString(const MeasureUse& use) {
  return fmt::format("{}({})", AggregateName(use.aggregate), use.measure);
}

std::string_view EvalStatusName(EvalStatus status) { return NameIn(kStatusNames, status); }

std::optional<EvalStatus> EvalStatusFromName(std::string_view name) {
  return ValueIn(kStatusNames, name);
}

std::string FormulaStep::ToString() const {
  if (operands.empty()) return fmt::format("{} = {}", operation, result);
  if (IsWord(operation)) {
    return fmt::format("{}({}) = {}", operation, fmt::join(operands, ", "), result);
  }
  if (operands.size() == 2) {
    return fmt::format("{} {} {} = {}", operands[0], operation, operands[1], result);
  }
  // The right side of && and || was not needed.
  if (operation == "&&" || operation == "||") {
    return fmt::format("{} {} .. = {}", operands[0], operation, result);
  }
  return fmt::format("{}({}) = {}", operation, operands[0], result);
}

std::variant<Formula, Rejection> Formula::Parse(std::string_view text, std::string_view path) {
  std::variant<FormulaTree, Rejection> parsed = ParseFormulaTree(FormulaKind::kFormula, text, path);
  if (auto* const rejection = std::get_if<Rejection>(&parsed)) return std::move(*rejection);
  return Formula(std::get<FormulaTree>(std::move(parsed)));
}

std::vector<std::string> Formula::Measures() const {
  std::vector<std::string> measures;
  std::ranges::transform(tree_.uses, std::back_inserter(measures), &MeasureUse::measure);
  return SortedUnique(std::move(measures));
}

std::vector<std::string> Formula::Sources() const {
  std::vector<std::string> sources;
  for (const MeasureUse& use : tree_.uses) sources.emplace_back(SourceOfMeasure(use.measure));
  return SortedUnique(std::move(sources));
}

std::optional<Rejection> Formula::CheckUnits(const UnitOf& unit_of, std::string_view unit,
                                             std::string_view path) const {
  UnitChecker checker(tree_, unit_of, path);
  const AnyUnit found = checker.UnitOf(tree_.Root());
  if (std::optional<Rejection> error = checker.TakeError()) return error;
  const std::optional<Unit> expected = Unit::Parse(unit);
  if (expected && found.value_or(*expected) == *expected) return std::nullopt;
  const std::string actual = found ? found->ToString() : "any unit";
  return Invalid("UNIT_MISMATCH", std::string(path), std::string(unit), actual,
                 fmt::format("the formula gives {} and the metric is in '{}'", actual, unit),
                 "change the unit of the metric, or the formula");
}

NumberResult Formula::Evaluate(MeasureValues& values, std::vector<FormulaStep>* steps) const {
  return EvaluateNumber(tree_, {.measures = &values, .steps = steps});
}

std::variant<Condition, Rejection> Condition::Parse(std::string_view text, std::string_view path) {
  std::variant<FormulaTree, Rejection> parsed =
      ParseFormulaTree(FormulaKind::kCondition, text, path);
  if (auto* const rejection = std::get_if<Rejection>(&parsed)) return std::move(*rejection);
  return Condition(std::get<FormulaTree>(std::move(parsed)));
}

TruthResult Condition::Evaluate(FieldValues& values, std::vector<FormulaStep>* steps) const {
  return EvaluateTruth(tree_, {.fields = &values, .steps = steps});
}

std::string_view SourceOfMeasure(std::string_view measure) {
  const size_t dot = measure.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : measure.substr(0, dot);
}

}  // namespace assay

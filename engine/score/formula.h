// The formula language: a subset of CEL on Decimal, in two environments over one tree.
//
//   expression  = expression ? expression : expression | || | && | == != < <= > >= in | + - | * /
//                 | - ! | ( ) | literal | call | name            (weakest first, as in C and CEL)
//   literal     = 12 | 0.8 | "text" | 'text' | true | false
//   call        = min(a, b, ..) | max(a, b, ..) | clamp(x, low, high)
//   x in [a, b] = x equals one of them
//   name        = letters, digits, "_" and "."; any other name between backquotes: `order no`
//
// A *formula* gives a number from facts. It names measures, each under an aggregate:
// sum(mes.good) / sum(mes.hours); the aggregates are sum count mean min max last. min and max of
// one measure are aggregates, of two or more expressions functions.
//
// A *condition* gives a truth from the fields of one source record: status == "DONE" && qty > 0. A
// field is text. Against a text it is compared as text, bytewise; against a number, and in
// arithmetic, its text is read as a number. Two fields are compared as text by == and !=, as
// numbers by the rest.
//
// Both are total: there is no loop, no clock and no randomness, cost is bounded by the limits in
// engine/base/limits.h, and what cannot be computed is a status, never an exception, infinity or a
// silent zero. && || ?: evaluate only what they need, from left to right.
//
// Formula and Condition are immutable values; one object may serve any number of threads.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/event/decision.h"
#include "engine/score/formula_ast.h"

namespace assay {

// "sum"
[[nodiscard]] std::string_view AggregateName(Aggregate aggregate);
[[nodiscard]] std::optional<Aggregate> AggregateFromName(std::string_view name);
// "sum(mes.good)"
[[nodiscard]] std::string ToString(const MeasureUse& use);

enum class EvalStatus : uint8_t {
  kOk,
  // mean, min, max, last or sum over no facts; a field that the record does not have. A count over
  // no facts is 0.
  kNoData,
  kDivZero,
  // A value beyond the range of Decimal.
  kOverflow,
  // A field whose text is no number stands where a number is needed.
  kNotANumber,
};

// "OK", "NO_DATA", "DIV_ZERO", "OVERFLOW", "NOT_A_NUMBER"
[[nodiscard]] std::string_view EvalStatusName(EvalStatus status);
[[nodiscard]] std::optional<EvalStatus> EvalStatusFromName(std::string_view name);

// `value` is 0 unless the status is kOk.
struct NumberResult {
  EvalStatus status = EvalStatus::kOk;
  Decimal value;

  [[nodiscard]] bool Ok() const { return status == EvalStatus::kOk; }
  bool operator==(const NumberResult&) const = default;
};

// `value` is false unless the status is kOk.
struct TruthResult {
  EvalStatus status = EvalStatus::kOk;
  bool value = false;

  [[nodiscard]] bool Ok() const { return status == EvalStatus::kOk; }
  bool operator==(const TruthResult&) const = default;
};

// Where a formula finds the values of its measures.
class MeasureValues {
 public:
  virtual ~MeasureValues() = default;
  // `index` is the place of `use` in Formula::Uses(). kNoData where the aggregate has none; a count
  // of nothing is 0.
  virtual NumberResult Value(size_t index, const MeasureUse& use) = 0;
};

// Where a condition finds the fields of a record.
class FieldValues {
 public:
  virtual ~FieldValues() = default;
  // `index` is the place of `field` in Condition::Fields(). Nothing gives the status kNoData;
  // whoever wants absent fields to count as empty answers "". The text must live until the
  // evaluation ends.
  virtual std::optional<std::string_view> Value(size_t index, std::string_view field) = 0;
};

// One operation of an evaluation, in the order in which they were done.
struct FormulaStep {
  // An operator ("/", "?:"), a function ("clamp") or a measure under its aggregate.
  std::string operation;
  // Those that were evaluated. Canonical decimals, true, false, quoted texts.
  std::vector<std::string> operands;
  // A value as above, or the name of a status.
  std::string result;

  // "960 / 160 = 6", "clamp(7, 0, 5) = 5", "sum(mes.good) = 960".
  [[nodiscard]] std::string ToString() const;
  bool operator==(const FormulaStep&) const = default;
};

class Formula {
 public:
  // FORMULA_ERROR at `path` with the column (1-based, in characters) in the message: what is no
  // formula, does not give a number, or is over a limit.
  [[nodiscard]] static std::variant<Formula, Rejection> Parse(std::string_view text,
                                                              std::string_view path);

  [[nodiscard]] const std::string& Text() const { return tree_.text; }
  // Each once, in the order of first appearance.
  [[nodiscard]] const std::vector<MeasureUse>& Uses() const { return tree_.uses; }
  // "source.measure", each once, sorted.
  [[nodiscard]] std::vector<std::string> Measures() const;
  // "source" of Measures(), each once, sorted.
  [[nodiscard]] std::vector<std::string> Sources() const;

  // Gives the unit text of a measure, or nothing for an unknown measure.
  using UnitOf = std::function<std::optional<std::string>(std::string_view measure)>;
  // UNIT_MISMATCH at `path` when + - min max clamp ?: or a comparison joins different units, or the
  // result is not of `unit`. FORMULA_ERROR for an unknown measure. A count and a literal have no
  // dimension; the literal 0 fits every unit.
  [[nodiscard]] std::optional<Rejection> CheckUnits(const UnitOf& unit_of, std::string_view unit,
                                                    std::string_view path) const;

  // Never kNotANumber. Appends the steps to `steps` when it is given.
  [[nodiscard]] NumberResult Evaluate(MeasureValues& values,
                                      std::vector<FormulaStep>* steps = nullptr) const;

 private:
  explicit Formula(FormulaTree tree) : tree_(std::move(tree)) {}
  FormulaTree tree_;
};

class Condition {
 public:
  // FORMULA_ERROR as for Formula; a condition gives a truth.
  [[nodiscard]] static std::variant<Condition, Rejection> Parse(std::string_view text,
                                                                std::string_view path);

  [[nodiscard]] const std::string& Text() const { return tree_.text; }
  // Names of the fields it reads, each once, in the order of first appearance.
  [[nodiscard]] const std::vector<std::string>& Fields() const { return tree_.fields; }

  [[nodiscard]] TruthResult Evaluate(FieldValues& values,
                                     std::vector<FormulaStep>* steps = nullptr) const;

 private:
  explicit Condition(FormulaTree tree) : tree_(std::move(tree)) {}
  FormulaTree tree_;
};

// "mes" of "mes.good": what stands before the last dot.
[[nodiscard]] std::string_view SourceOfMeasure(std::string_view measure);

}  // namespace assay

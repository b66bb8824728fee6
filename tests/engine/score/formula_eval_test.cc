#include "engine/score/formula_eval.h"

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/score/formula_parser.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using testing::D;
using testing::Seed;
using testing::Turns;
using testing::Value;

class MapValues : public MeasureValues, public FieldValues {
 public:
  NumberResult Value(size_t /*index*/, const MeasureUse& use) override {
    asked.push_back(ToString(use));
    const auto found = numbers.find(ToString(use));
    if (found == numbers.end()) return {EvalStatus::kNoData, {}};
    return {EvalStatus::kOk, found->second};
  }
  std::optional<std::string_view> Value(size_t /*index*/, std::string_view field) override {
    const auto found = fields.find(std::string(field));
    if (found == fields.end()) return std::nullopt;
    return found->second;
  }

  std::map<std::string, Decimal> numbers;
  std::map<std::string, std::string> fields;
  std::vector<std::string> asked;
};

NumberResult Number(std::string_view text, MapValues& values,
                    std::vector<FormulaStep>* steps = nullptr) {
  INFO(text);
  const FormulaTree tree = Value(ParseFormulaTree(FormulaKind::kFormula, text, "formula"));
  return EvaluateNumber(tree, {.measures = &values, .steps = steps});
}

std::string Evaluated(std::string_view text) {
  MapValues values;
  const NumberResult result = Number(text, values);
  return result.Ok() ? result.value.ToString() : std::string(EvalStatusName(result.status));
}

TruthResult Truth(std::string_view text, MapValues& values) {
  INFO(text);
  const FormulaTree tree = Value(ParseFormulaTree(FormulaKind::kCondition, text, "condition"));
  return EvaluateTruth(tree, {.fields = &values});
}

TEST_CASE("arithmetic is exact on decimals", "[score][unit]") {
  CHECK(Evaluated("0.1 + 0.2") == "0.3");
  CHECK(Evaluated("1 / 3") == "0.333333333333");
  CHECK(Evaluated("2 / 3 * 3") == "2.000000000001");
  CHECK(Evaluated("-(2 - 5) * 2") == "6");
  CHECK(Evaluated("min(3, 1, 2) + max(3, 1, 2)") == "4");
  CHECK(Evaluated("clamp(7, 0, 5) + clamp(-1, 0, 5) + clamp(3, 0, 5)") == "8");
  CHECK(Evaluated("2 > 1 && !(1 > 2) ? 10 : 20") == "10");
  CHECK(Evaluated("'a' < 'b' ? 1 : 0") == "1");
  CHECK(Evaluated("2 in [1, 2, 3] ? 1 : 0") == "1");
}

TEST_CASE("what cannot be computed is a status", "[score][unit]") {
  CHECK(Evaluated("1 / 0") == "DIV_ZERO");
  CHECK(Evaluated("1 / (0.5 - 0.5) + sum(a.b)") == "DIV_ZERO");
  CHECK(Evaluated("sum(a.b) + 1 / 0") == "NO_DATA");
  CHECK(Evaluated("99999999999999999999999999 * 100") == "OVERFLOW");
  CHECK(Evaluated("100000000000000000000000000 + 100000000000000000000000000") == "OVERFLOW");
  CHECK(Evaluated("min(1, 1 / 0)") == "DIV_ZERO");
  CHECK(Evaluated("1 / 0 > 1 ? 1 : 2") == "DIV_ZERO");
}

TEST_CASE("only what is needed is evaluated", "[score][unit]") {
  CHECK(Evaluated("true || 1 / 0 > 1 ? 1 : 2") == "1");
  CHECK(Evaluated("false && 1 / 0 > 1 ? 1 : 2") == "2");
  CHECK(Evaluated("1 < 2 ? 5 : 1 / 0") == "5");
  MapValues values;
  values.numbers = {{"sum(a.b)", D("4")}};
  CHECK(Number("sum(a.b) == 0 ? 0 : 8 / sum(a.b)", values).value == D("2"));
  CHECK(values.asked == std::vector<std::string>{"sum(a.b)", "sum(a.b)"});
  values.asked.clear();
  CHECK(Number("1 < 2 ? sum(a.b) : sum(c.d)", values).value == D("4"));
  CHECK(values.asked == std::vector<std::string>{"sum(a.b)"});
}

TEST_CASE("a field is text against text and a number against a number", "[score][unit]") {
  MapValues values;
  values.fields = {{"status", "DONE"}, {"qty", "10.0"},   {"limit", "9"},
                   {"状态", "完成"},   {"order no", "7"}, {"empty", ""}};
  const auto holds = [&](std::string_view text) {
    const TruthResult result = Truth(text, values);
    INFO(text);
    REQUIRE(result.Ok());
    return result.value;
  };
  CHECK(holds("status == 'DONE' && qty > 0"));
  CHECK(holds("qty == 10"));
  CHECK_FALSE(holds("qty == '10'"));
  CHECK(holds("qty > limit"));
  CHECK_FALSE(holds("qty == limit"));
  CHECK(holds("qty * 2 - limit == 11"));
  CHECK(holds("status in ['OPEN', 'DONE']"));
  CHECK_FALSE(holds("limit in [1, 2]"));
  CHECK(holds("状态 == \"完成\""));
  CHECK(holds("`order no` >= 7"));
  CHECK(holds("empty == '' && !(empty != '')"));
  CHECK(holds("(qty > 5 ? status : '') == 'DONE'"));
  CHECK(Truth("status > 1", values).status == EvalStatus::kNotANumber);
  CHECK(Truth("gone == ''", values).status == EvalStatus::kNoData);
  CHECK(holds("status == 'DONE' || gone == ''"));
}

TEST_CASE("every step is traced in the order in which it was done", "[score][unit]") {
  MapValues values;
  values.numbers = {{"sum(mes.good)", D("960")}, {"sum(mes.hours)", D("160")}};
  const auto steps_of = [&](std::string_view text) {
    std::vector<FormulaStep> steps;
    (void)Number(text, values, &steps);
    std::vector<std::string> texts;
    for (const FormulaStep& step : steps) texts.push_back(step.ToString());
    return texts;
  };
  using Texts = std::vector<std::string>;
  CHECK(steps_of("sum(mes.good) / sum(mes.hours)") ==
        Texts{"sum(mes.good) = 960", "sum(mes.hours) = 160", "960 / 160 = 6"});
  CHECK(steps_of("clamp(-7, 0, 5)") == Texts{"-(7) = -7", "clamp(-7, 0, 5) = 0"});
  CHECK(steps_of("1 < 2 && !('a' == 'b') ? 3 : 4") ==
        Texts{"1 < 2 = true", "\"a\" == \"b\" = false", "!(false) = true", "true && true = true",
              "true ? 3 = 3"});
  CHECK(steps_of("2 < 1 && 1 < 2 ? 3 : max(4, 1)") ==
        Texts{"2 < 1 = false", "false && .. = false", "max(4, 1) = 4", "false : 4 = 4"});
  CHECK(steps_of("1 / 0") == Texts{"1 / 0 = DIV_ZERO"});
  CHECK(steps_of("3 in [1, 3, 5] ? 1 : 0") == Texts{"in(3, 1, 3) = true", "true ? 1 = 1"});
  CHECK(steps_of("sum(x.y) + 1") == Texts{"sum(x.y) = NO_DATA"});
}

// --- an independent evaluator ---

const cpp_int kOne = 1'000'000'000'000;
const cpp_int kWideMax = (cpp_int(1) << 127) - 1;

// A value of the oracle: raw units of 10^-12, or a status.
struct Expected {
  EvalStatus status = EvalStatus::kOk;
  cpp_int raw;
};

Expected InRange(const cpp_rational& exact) {
  const cpp_int numerator = boost::multiprecision::numerator(exact);
  const cpp_int denominator = boost::multiprecision::denominator(exact);
  const cpp_int magnitude = abs(numerator);
  cpp_int quotient = magnitude / denominator;
  const cpp_int twice = 2 * (magnitude % denominator);
  if (twice > denominator || (twice == denominator && quotient % 2 == 1)) ++quotient;
  if (quotient > kWideMax) return {EvalStatus::kOverflow, 0};
  return {EvalStatus::kOk, numerator < 0 ? cpp_int(-quotient) : quotient};
}

// Writes a random expression and computes it on rationals on the way, rounding as Decimal promises.
// Levels are those of the grammar, so that parentheses stand only where they must.
class Generator {
 public:
  explicit Generator(std::mt19937_64& random) : random_(random) {}

  Expected Choice(int depth, std::string& out) {
    if (depth == 0 || Roll(4) != 0) return Sum(depth, out);
    bool holds = false;
    const Expected condition = Comparison(depth - 1, out, holds);
    out += " ? ";
    const Expected then = Choice(depth - 1, out);
    out += " : ";
    const Expected otherwise = Choice(depth - 1, out);
    if (condition.status != EvalStatus::kOk) return condition;
    return holds ? then : otherwise;
  }

 private:
  uint64_t Roll(uint64_t sides) { return random_() % sides; }

  Expected Comparison(int depth, std::string& out, bool& holds) {
    constexpr std::array<const char*, 6> kOperators = {" < ",  " <= ", " > ",
                                                       " >= ", " == ", " != "};
    const Expected left = Sum(depth, out);
    const uint64_t op = Roll(6);
    out += kOperators[op];
    const Expected right = Sum(depth, out);
    if (left.status != EvalStatus::kOk) return left;
    if (right.status != EvalStatus::kOk) return right;
    const int order = left.raw.compare(right.raw);
    const std::array<bool, 6> outcomes = {order<0, order <= 0, order> 0, order >= 0, order == 0,
                                          order != 0};
    holds = outcomes[op];
    return {};
  }

  Expected Sum(int depth, std::string& out) {
    Expected sum = Product(depth, out);
    for (uint64_t more = Roll(3); more > 0; --more) {
      const bool adds = Roll(2) == 0;
      out += adds ? " + " : "-";
      const Expected next = Product(depth, out);
      if (sum.status != EvalStatus::kOk) continue;
      sum = next.status != EvalStatus::kOk
                ? next
                : InRange(cpp_rational(adds ? cpp_int(sum.raw + next.raw)
                                            : cpp_int(sum.raw - next.raw)));
    }
    return sum;
  }

  Expected Product(int depth, std::string& out) {
    Expected product = Primary(depth, out);
    for (uint64_t more = Roll(3); more > 0; --more) {
      const bool multiplies = Roll(2) == 0;
      out += multiplies ? " * " : " / ";
      const Expected next = Primary(depth, out);
      if (product.status != EvalStatus::kOk) continue;
      if (next.status != EvalStatus::kOk) {
        product = next;
      } else if (multiplies) {
        product = InRange(cpp_rational(product.raw * next.raw, kOne));
      } else if (next.raw == 0) {
        product = {EvalStatus::kDivZero, 0};
      } else {
        product = InRange(cpp_rational(product.raw * kOne) / cpp_rational(next.raw));
      }
    }
    return product;
  }

  Expected Primary(int depth, std::string& out) {
    if (depth == 0) return Literal(out);
    switch (Roll(5)) {
      case 0: {
        out += "(";
        const Expected inner = Choice(depth - 1, out);
        out += ")";
        return inner;
      }
      case 1: {
        out += "-";
        Expected operand = Primary(depth - 1, out);
        operand.raw = -operand.raw;
        return operand;
      }
      case 2:
        return Extreme(depth - 1, out);
      default:
        return Literal(out);
    }
  }

  Expected Extreme(int depth, std::string& out) {
    const bool is_min = Roll(2) == 0;
    out += is_min ? "min(" : "max(";
    Expected extreme = Choice(depth, out);
    for (uint64_t more = 1 + Roll(2); more > 0; --more) {
      out += ", ";
      const Expected next = Choice(depth, out);
      if (extreme.status != EvalStatus::kOk) continue;
      const bool is_better = is_min ? next.raw < extreme.raw : next.raw > extreme.raw;
      if (next.status != EvalStatus::kOk || is_better) extreme = next;
    }
    out += ")";
    return extreme;
  }

  Expected Literal(std::string& out) {
    const uint64_t digits = Roll(13);
    uint64_t power = 1;
    for (uint64_t i = 0; i < digits; ++i) power *= 10;
    const uint64_t whole = Roll(8) == 0 ? random_() : Roll(Roll(2) == 0 ? 3 : 10'000);
    const uint64_t fraction = Roll(3) == 0 ? 0 : Roll(power);
    std::string text = std::to_string(fraction);
    text.insert(0, digits - std::min<size_t>(digits, text.size()), '0');
    out += std::to_string(whole);
    if (digits > 0) out += "." + text;
    return {EvalStatus::kOk, cpp_int(whole) * kOne + cpp_int(fraction) * (kOne / power)};
  }

  std::mt19937_64& random_;
};

TEST_CASE("a campaign of formulas agrees with an evaluator on rationals", "[score][campaign]") {
  std::mt19937_64 random(Seed());
  std::map<EvalStatus, int> seen;
  const int turns = Turns("ASSAY_FORMULAS", 12'000);
  int evaluated = 0;
  for (int turn = 0; turn < turns; ++turn) {
    std::string text;
    const Expected expected = Generator(random).Choice(1 + static_cast<int>(random() % 3), text);
    const auto parsed = ParseFormulaTree(FormulaKind::kFormula, text, "formula");
    // A few are over the limits.
    if (!std::holds_alternative<FormulaTree>(parsed)) continue;
    ++evaluated;
    const NumberResult result = EvaluateNumber(std::get<FormulaTree>(parsed), {});
    ++seen[result.status];
    cpp_int raw = static_cast<int64_t>(result.value.Raw() >> 64);
    raw = (raw << 64) + static_cast<uint64_t>(result.value.Raw());
    const bool agrees = result.status == expected.status && (!result.Ok() || raw == expected.raw);
    if (!agrees) FAIL(text << " seed " << Seed() << " turn " << turn);
  }
  CHECK(evaluated > turns * 9 / 10);
  CHECK(seen[EvalStatus::kOk] > 0);
  CHECK(seen[EvalStatus::kDivZero] > 0);
  CHECK(seen[EvalStatus::kOverflow] > 0);
}

}  // namespace
}  // namespace assay

#include "engine/score/formula_parser.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/limits.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Refusal;
using testing::Seed;
using testing::Turns;
using testing::Value;

// The tree with all its parentheses.
std::string Shape(const FormulaTree& tree, const FormulaNode& node) {
  if (node.child_count == 0) {
    switch (node.op) {
      case FormulaOp::kNumber:
        return node.number.ToString();
      case FormulaOp::kText:
        return "'" + tree.texts[node.index] + "'";
      case FormulaOp::kBoolean:
        return node.truth ? "true" : "false";
      case FormulaOp::kField:
        return tree.fields[node.index];
      default:
        return ToString(tree.uses[node.index]);
    }
  }
  std::string shape = node.op == FormulaOp::kChoose ? "?:" : std::string(FormulaOpName(node.op));
  for (int i = 0; i < node.child_count; ++i) shape += " " + Shape(tree, tree.Child(node, i));
  return "(" + shape + ")";
}

std::string Shape(FormulaKind kind, std::string_view text) {
  INFO(text);
  const FormulaTree tree = Value(ParseFormulaTree(kind, text, "formula"));
  return Shape(tree, tree.Root());
}

std::string Formula(std::string_view text) { return Shape(FormulaKind::kFormula, text); }
std::string Condition(std::string_view text) { return Shape(FormulaKind::kCondition, text); }

TEST_CASE("operators bind as in C and CEL", "[score][unit]") {
  CHECK(Formula("1 + 2 * 3 - 4 / 5") == "(- (+ 1 (* 2 3)) (/ 4 5))");
  CHECK(Formula("1 - 2 - 3") == "(- (- 1 2) 3)");
  CHECK(Formula("8 / 4 / 2") == "(/ (/ 8 4) 2)");
  CHECK(Formula("-1 + 2") == "(+ (- 1) 2)");
  CHECK(Formula("-(1 + 2)") == "(- (+ 1 2))");
  CHECK(Formula("1 < 2 ? 3 : 4 < 5 ? 6 : 7") == "(?: (< 1 2) 3 (?: (< 4 5) 6 7))");
  CHECK(Condition("a == 'x' || b > 1 && !(c < 2)") == "(|| (== a 'x') (&& (> b 1) (! (< c 2))))");
  CHECK(Condition("a in ['x', 'y'] && true") == "(&& (in a 'x' 'y') true)");
  CHECK(Condition("qty * 2 + 1 >= min(a, b, 3)") == "(>= (+ (* qty 2) 1) (min a b 3))");
}

TEST_CASE("min and max of one measure are aggregates, of expressions functions", "[score][unit]") {
  CHECK(Formula("min(mes.good)") == "min(mes.good)");
  CHECK(Formula("min(sum(mes.good), 5)") == "(min sum(mes.good) 5)");
  CHECK(Formula("max(last(a.b), mean(a.b), count(a.b))") == "(max last(a.b) mean(a.b) count(a.b))");
  CHECK(Formula("clamp(sum(a.b), 0, 1)") == "(clamp sum(a.b) 0 1)");
  CHECK(Formula("sum(`mes-1.good`)") == "sum(mes-1.good)");
}

TEST_CASE("a measure is listed once however often it is used", "[score][unit]") {
  const FormulaTree tree =
      Value(ParseFormulaTree(FormulaKind::kFormula, "sum(a.b) / count(a.b) + sum(a.b)", "formula"));
  CHECK(tree.uses == std::vector<MeasureUse>{{"a.b", Aggregate::kSum}, {"a.b", Aggregate::kCount}});
}

TEST_CASE("what is no formula is refused with its column", "[score][unit]") {
  const std::vector<std::tuple<FormulaKind, std::string, int>> wrong = {
      {FormulaKind::kFormula, "", 1},
      {FormulaKind::kFormula, "1 +", 4},
      {FormulaKind::kFormula, "1 + * 2", 5},
      {FormulaKind::kFormula, "(1 + 2", 7},
      {FormulaKind::kFormula, "1 2", 3},
      {FormulaKind::kFormula, "1)", 2},
      {FormulaKind::kFormula, "sum(mes.good", 13},
      {FormulaKind::kFormula, "sum(good)", 5},
      {FormulaKind::kFormula, "sum(1)", 5},
      {FormulaKind::kFormula, "sum(mes.good, mes.bad)", 13},
      {FormulaKind::kFormula, "min(mes.good, mes.bad)", 13},
      {FormulaKind::kFormula, "min(1)", 1},
      {FormulaKind::kFormula, "clamp(1, 2)", 1},
      {FormulaKind::kFormula, "median(mes.good)", 1},
      {FormulaKind::kFormula, "mes.good", 1},
      {FormulaKind::kFormula, "1 + mes.good", 5},
      {FormulaKind::kFormula, "1 < 2", 1},
      {FormulaKind::kFormula, "'text'", 1},
      {FormulaKind::kFormula, "1 + 'a'", 5},
      {FormulaKind::kFormula, "1 < 2 < 3", 7},
      {FormulaKind::kFormula, "1 ? 2 : 3", 1},
      {FormulaKind::kFormula, "true ? 1 : 'a'", 6},
      {FormulaKind::kFormula, "true ? 1", 9},
      {FormulaKind::kFormula, "-true", 2},
      {FormulaKind::kFormula, "1 = 2", 3},
      {FormulaKind::kFormula, "100 %", 5},
      {FormulaKind::kCondition, "a", 1},
      {FormulaKind::kCondition, "a + 1", 1},
      {FormulaKind::kCondition, "!a", 2},
      {FormulaKind::kCondition, "a && b == 1", 1},
      {FormulaKind::kCondition, "a == true", 3},
      {FormulaKind::kCondition, "true < false", 6},
      {FormulaKind::kCondition, "a in []", 7},
      {FormulaKind::kCondition, "a in [1, 'x']", 10},
      {FormulaKind::kCondition, "a in 1", 6},
      {FormulaKind::kCondition, "sum(a) > 1", 5},
      {FormulaKind::kCondition, "'a' + 'b' == 'c'", 1},
      {FormulaKind::kCondition, "状态 = 1", 4},
  };
  for (const auto& [kind, text, column] : wrong) {
    INFO(text);
    const Rejection refusal = Refusal(ParseFormulaTree(kind, text, "measures[0].condition"));
    CHECK(refusal.code == "FORMULA_ERROR");
    CHECK(refusal.path == "measures[0].condition");
    CHECK(refusal.message.starts_with(fmt::format("column {}:", column)));
  }
}

TEST_CASE("limits hold to the unit", "[score][unit]") {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '(') + "1" +
           std::string(static_cast<size_t>(depth), ')');
  };
  CHECK(Formula(nested(limits::kFormulaDepthMax)) == "1");
  CHECK(Refusal(ParseFormulaTree(FormulaKind::kFormula, nested(limits::kFormulaDepthMax + 1), ""))
            .message.find("32 levels") != std::string::npos);

  // A chain of n numbers has 2n - 1 nodes.
  const auto chain = [](int numbers) {
    std::string text = "1";
    for (int i = 1; i < numbers; ++i) text += "+1";
    return text;
  };
  const int numbers_max = (limits::kFormulaNodesMax + 1) / 2;
  CHECK(std::holds_alternative<FormulaTree>(
      ParseFormulaTree(FormulaKind::kFormula, chain(numbers_max), "")));
  CHECK(Refusal(ParseFormulaTree(FormulaKind::kFormula, chain(numbers_max + 1), "")).code ==
        "FORMULA_ERROR");

  const std::string padding(limits::kFormulaBytesMax - 1, ' ');
  CHECK(Formula("1" + padding) == "1");
  CHECK(Refusal(ParseFormulaTree(FormulaKind::kFormula, "11" + padding, "")).code ==
        "FORMULA_ERROR");
}

TEST_CASE("a campaign of texts is parsed or refused and never more", "[score][campaign]") {
  const std::vector<std::string> words = {
      "sum", "(",    ")",    "mes.good", "min", "clamp", "1",    "0.5", "+",  "-", "*",  "/",
      "?",   ":",    "&&",   "||",       "!",   "==",    "<",    ",",   "[",  "]", "in", "'a'",
      "`",   "true", "状态", "\xff",     "%",   "\\",    "last", "x",   "\"", ".", "=",  "\n"};
  std::mt19937_64 random(Seed());
  int parsed = 0;
  for (int turn = Turns("ASSAY_FORMULA_TEXTS", 100'000); turn > 0; --turn) {
    std::string text;
    for (uint64_t count = random() % 12; count > 0; --count) text += words[random() % words.size()];
    for (const FormulaKind kind : {FormulaKind::kFormula, FormulaKind::kCondition}) {
      const auto result = ParseFormulaTree(kind, text, "formula");
      if (const auto* rejection = std::get_if<Rejection>(&result)) {
        if (rejection->code != "FORMULA_ERROR") FAIL(text);
      } else {
        ++parsed;
      }
    }
  }
  CHECK(parsed > 0);
}

}  // namespace
}  // namespace assay

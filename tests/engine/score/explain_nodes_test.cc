#include "engine/score/explain_nodes.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::AddRow;
using testing::CurveOf;
using testing::D;
using testing::DayAt;
using testing::Value;

DayTotals SomeDay() {
  return {DayAt("2026-06-30"), {D("12.5"), 3, D("-1"), D("9"), D("4.5"), 1'782'864'000'123}};
}

FactLeaf SomeFact(std::string_view value) {
  return {.value = D(value), .unit = "pcs", .origin = {.source = "erp", .record = {"o-1", "2"}}};
}

TEST_CASE("a day reads back as it was written", "[score][unit]") {
  const ExplainNode node = DayNode(SomeDay(), {}, {});
  CHECK(ReadDay(node) == SomeDay());
  for (const char* name : {"sum", "count", "min", "max", "last", "lastAt"}) {
    INFO(name);
    ExplainNode wrong = node;
    for (NamedText& input : wrong.inputs) {
      if (input.name == name) input.value = "x";
    }
    CHECK_FALSE(ReadDay(wrong));
    std::erase_if(wrong.inputs, [&](const NamedText& input) { return input.name == name; });
    CHECK_FALSE(ReadDay(wrong));
  }
  for (const char* count : {"0", "-1", "1.5", "200000000000000"}) {
    ExplainNode wrong = node;
    wrong.inputs[1].value = count;
    CHECK_FALSE(ReadDay(wrong));
  }
}

TEST_CASE("a large day is shortened to count and hash", "[score][unit]") {
  std::vector<ExplainNode> facts;
  for (int i = 0; i < 3; ++i) facts.push_back(FactNode(SomeFact("4")));
  const ExplainNode full = DayNode(SomeDay(), facts, {.day_facts_max = 3});
  CHECK(full.children.size() == 3);
  CHECK(full.Input("factsHash") == nullptr);
  const ExplainNode shortened = DayNode(SomeDay(), facts, {.day_facts_max = 2});
  CHECK(shortened.children.empty());
  REQUIRE(shortened.Input("factsHash") != nullptr);
  CHECK(*shortened.Input("factsHash") == FactsHash(facts));
  CHECK(DayNode(SomeDay(), facts, {.day_facts_max = 2, .all = true}).children.size() == 3);
  facts[1] = FactNode(SomeFact("5"));
  CHECK(*shortened.Input("factsHash") != FactsHash(facts));
}

TEST_CASE("totals read back, also empty and overflowed", "[score][unit]") {
  const auto trip = [](const AttributedTotals& totals) {
    ExplainNode node;
    SetTotals(node, totals);
    return ReadTotals(node);
  };
  AttributedTotals totals;
  CHECK(trip(totals) == totals);
  totals.Add(SomeDay(), {1, 3});
  CHECK(trip(totals) == totals);
  totals.overflowed = true;
  totals.sum = totals.count = Decimal();
  CHECK(trip(totals) == totals);
  ExplainNode damaged;
  SetTotals(damaged, totals);
  damaged.inputs[0].value = "x";
  CHECK_FALSE(ReadTotals(damaged));
}

TEST_CASE("every kind of curve reads back from its node", "[score][unit]") {
  v1::CurveDefinition rows = CurveOf(v1::CURVE_KIND_STEP_TABLE, v1::DIRECTION_HIGHER_IS_BETTER);
  rows.set_input(v1::CURVE_INPUT_RATIO);
  rows.set_cap("1.1");
  AddRow(rows, "", "0", "none");
  AddRow(rows, "0.9", "0.8");
  v1::CurveDefinition range = CurveOf(v1::CURVE_KIND_IN_RANGE);
  range.set_low("30");
  range.set_high("40");
  range.set_zero_low("20");
  range.set_zero_high("60");
  v1::CurveDefinition threshold = CurveOf(v1::CURVE_KIND_THRESHOLD, v1::DIRECTION_LOWER_IS_BETTER);
  threshold.set_else_share("0.25");
  for (const v1::CurveDefinition& definition :
       {rows, range, threshold, testing::LinearRange("3", "6"), testing::Proportional("1.2")}) {
    INFO(definition.ShortDebugString());
    const ScoringCurve curve = Value(ScoringCurve::Compile("c@1", definition));
    const ExplainNode node = CurveNode(curve, D("5"), D("4"));
    const auto read = ReadCurve(node);
    REQUIRE(read);
    CHECK(read->SerializeAsString() == definition.SerializeAsString());
    CHECK(node.value);
    CHECK(node.Input("exact") != nullptr);
  }
  ExplainNode node = CurveNode(Value(ScoringCurve::Compile("c@1", rows)), D("5"), D("0"));
  CHECK(node.status == "DIV_ZERO");
  CHECK_FALSE(node.value);
  node.rule = "CIRCLE";
  CHECK_FALSE(ReadCurve(node));
}

TEST_CASE("bands read back", "[score][unit]") {
  const ScoringBands bands = Value(ScoringBands::Compile("bands@1", testing::UsualBands()));
  ExplainNode node;
  AddBands(node, bands);
  const v1::BandTableDefinition read = ReadBands(node);
  CHECK_FALSE(CheckBands(read));
  for (const char* total : {"100", "90", "89.9999", "70", "0"}) {
    CHECK(BandOf(read, D(total)) == bands.table.Of(D(total)));
  }
  CHECK(ReadBands(ExplainNode()).bands().empty());
}

TEST_CASE("steps and outcomes read back", "[score][unit]") {
  v1::MetricDefinition metric;
  metric.set_formula("1 / 0");
  metric.set_unit("%");
  metric.set_div_zero(v1::DIV_ZERO_RULE_ZERO);
  ExplainNode node = NodeOfFormula(Value(ScoringMetric::Compile("m@1", metric)));
  CHECK(*node.Input("attribution") == "SPLIT");
  CHECK(*node.Input("missing") == "NOT_COMPUTABLE");
  CHECK(*node.Input("divZero") == "ZERO");
  AddSteps(node, {{"/", {"1", "0"}, "DIV_ZERO"}});
  CHECK(ReadSteps(node) == std::vector<std::string>{"1 / 0 = DIV_ZERO"});
  const Achieved achieved{ScoreReason::kDivZero, {}};
  SetOutcome(node, achieved, ApplyMetricRules(achieved, metric.missing(), metric.div_zero()));
  CHECK(*node.Input("outcome") == "DIV_ZERO");
  CHECK(node.value == "0");
  CHECK(node.status.empty());
  CHECK(OutcomeText({ScoreReason::kNone, D("6")}) == "6");
}

TEST_CASE("names of rules read back", "[score][unit]") {
  CHECK(MissingRuleFromName(MissingRuleName(v1::MISSING_RULE_EXCLUDE_AND_STATE)) ==
        v1::MISSING_RULE_EXCLUDE_AND_STATE);
  CHECK(DivZeroRuleFromName(DivZeroRuleName(v1::DIV_ZERO_RULE_ZERO)) == v1::DIV_ZERO_RULE_ZERO);
  CHECK(MissingRuleFromName("LUCK") == v1::MISSING_RULE_UNSPECIFIED);
  CHECK(RoundingOf(v1::ROUNDING_MODE_UNSPECIFIED) == Rounding::kHalfUp);
  CHECK(RoundingOf(v1::ROUNDING_MODE_HALF_EVEN) == Rounding::kHalfEven);
  CHECK(RoundingOf(v1::ROUNDING_MODE_DOWN) == Rounding::kDown);
}

TEST_CASE("small nodes say what they rest on", "[score][unit]") {
  const ExplainNode rounding = RoundingNode(Ratio(299, 30), 4, Rounding::kHalfUp, D("9.9667"));
  CHECK(*rounding.Input("exact") == "299/30");
  CHECK(rounding.rule == "HALF_UP");
  CHECK(rounding.value == "9.9667");
  CHECK(RoundingNode(Ratio(), 4, Rounding::kDown, std::nullopt).status == "OVERFLOW");
  CHECK(CapNode(D("103"), D("100")).value == "3");
  CHECK(AdjustmentNode({.id = "adj-1", .delta = D("5")}).label == "total");
  CHECK(AdjustmentNode({.id = "adj-1", .item = "output", .delta = D("5")}).label == "output");
  const ExplainNode fact = FactNode(SomeFact("4"));
  CHECK(fact.label == "o-1/2");
  CHECK(fact.value == "4");
  CHECK(fact.digest == DigestOf(fact));
}

}  // namespace
}  // namespace assay

#include "engine/score/measure_items.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Card;
using testing::D;
using testing::DayAt;
using testing::ItemSpec;
using testing::kEmployee;

// The outcome of one formula over the facts of the card.
std::string Outcome(Card& card, ItemSpec spec) {
  card.Part("a-" + std::to_string(card.input.parts.size()), {std::move(spec)});
  const Achieved achieved = MeasureItems(card.input, card.facts).back();
  return achieved.reason == ScoreReason::kNone ? achieved.value.ToString()
                                               : std::string(ScoreReasonName(achieved.reason));
}

std::string Outcome(Card& card, const std::string& formula) {
  return Outcome(card, ItemSpec{.item = "i", .formula = formula});
}

TEST_CASE("efficiency joins facts of two systems", "[score][unit][MET-01]") {
  Card card;
  card.facts.Add(kEmployee, "mes.good", "2026-06-01", "500");
  card.facts.Add(kEmployee, "mes.good", "2026-06-30", "460");
  card.facts.Add(kEmployee, "iot.run_time", "2026-06-02", "160");
  const std::string formula = "sum(mes.good) / sum(iot.run_time)";
  CHECK(D(Outcome(card, formula)).ToFixed(4) == "6.0000");
  // Run time 0 is not computable, neither 0 nor infinity.
  Card stopped;
  stopped.facts.Add(kEmployee, "mes.good", "2026-06-01", "960");
  stopped.facts.Add(kEmployee, "iot.run_time", "2026-06-01", "0");
  CHECK(Outcome(stopped, formula) == "DIV_ZERO");
  const Scorecard score = stopped.Evaluate();
  CHECK(score.parts[0].items[0].status.ToString() == "NOT_COMPUTABLE(DIV_ZERO)");
  CHECK_FALSE(score.parts[0].items[0].points);
}

TEST_CASE("a pass rate is good over all", "[score][unit][MET-02]") {
  Card card;
  card.facts.Add(kEmployee, "qms.passed", "2026-06-10", "9600");
  card.facts.Add(kEmployee, "qms.inspected", "2026-06-10", "10000");
  const std::string rate = Outcome(card, "sum(qms.passed) / sum(qms.inspected) * 100");
  CHECK(D(rate).ToFixed(2) == "96.00");
}

TEST_CASE("ratings are joined by the aggregate that is declared", "[score][unit][MET-03]") {
  Card card;
  card.facts.Add(kEmployee, "crm.rating", "2026-06-05", "90");
  card.facts.Add(kEmployee, "crm.rating", "2026-06-12", "92");
  card.facts.Add(kEmployee, "crm.rating", "2026-06-19", "91");
  CHECK(D(Outcome(card, "mean(crm.rating)")).ToFixed(2) == "91.00");
  CHECK(Outcome(card, "last(crm.rating)") == "91");
  CHECK(Outcome(card, "min(crm.rating)") == "90");
  CHECK(Outcome(card, "max(crm.rating)") == "92");
  CHECK(Outcome(card, "count(crm.rating)") == "3");
}

TEST_CASE("assembly efficiency follows from machine facts alone", "[score][unit][MET-04]") {
  Card card;
  card.input.entities.push_back({"machine", "m-7", {}});
  card.facts.Add("machine/m-7", "iot.good", "2026-06-03", "450");
  card.facts.Add(kEmployee, "iot.hours", "2026-06-03", "7.5");
  CHECK(D(Outcome(card, "sum(iot.good) / sum(iot.hours)")).ToFixed(4) == "60.0000");
}

TEST_CASE("a reject rate is lower-is-better", "[score][unit][MET-05]") {
  Card card;
  card.facts.Add(kEmployee, "qms.rejects", "2026-06-03", "40");
  card.facts.Add(kEmployee, "qms.total", "2026-06-03", "1000");
  const std::string rate = Outcome(card, "sum(qms.rejects) / sum(qms.total) * 100");
  CHECK(D(rate).ToFixed(2) == "4.00");
  // The direction is a part of the definition: more rejects, fewer points.
  const v1::CurveDefinition curve =
      testing::CurveOf(v1::CURVE_KIND_TARGET_RATIO_LOWER, v1::DIRECTION_LOWER_IS_BETTER);
  CHECK(EvaluateCurve(curve, D("4"), D("3")).share == Ratio(3, 4));
  CHECK(EvaluateCurve(curve, D("5"), D("3")).share == Ratio(3, 5));
}

TEST_CASE("only days of the period, the binding and the allocation count", "[score][unit]") {
  Card card;
  for (const char* day : {"2026-05-31", "2026-06-01", "2026-06-15", "2026-06-30", "2026-07-01"}) {
    card.facts.Add(kEmployee, "erp.output", day, "1");
  }
  CHECK(Outcome(card, "sum(erp.output)") == "3");
  card.input.entities[0].bound = {DayAt("2026-06-15"), DayAt("2026-06-30")};
  CHECK(Outcome(card, "sum(erp.output)") == "1");
  card.input.entities[0].bound = {};
  card.input.parts.clear();
  card.Part("a", {{.item = "i"}}).allocation = {
      {{DayAt("2026-06-01"), DayAt("2026-06-10")}, 5'000, 5'000},
      {{DayAt("2026-06-20"), DayAt("2026-07-10")}, 5'000, 5'000}};
  CHECK(MeasureItems(card.input, card.facts).front().value == D("2"));
}

TEST_CASE("a split day is shared by allocation and a whole one is not", "[score][unit]") {
  Card card;
  card.facts.Add(kEmployee, "erp.output", "2026-06-02", "100");
  card.Part("a-60", {{.item = "i"}}, 6'000);
  card.Part("a-40", {{.item = "i"}}, 4'000);
  card.Part("a-whole", {{.item = "i", .attribution = v1::ATTRIBUTION_WHOLE}}, 4'000);
  card.Part("a-none", {{.item = "i"}}, 0);
  const std::vector<Achieved> achieved = MeasureItems(card.input, card.facts);
  CHECK(achieved[0].value == D("60"));
  CHECK(achieved[1].value == D("40"));
  CHECK(achieved[2].value == D("100"));
  CHECK(achieved[3].reason == ScoreReason::kNoData);
}

TEST_CASE("attribution by the position in the record is stated as not supported", "[score][unit]") {
  Card card;
  card.facts.Add(kEmployee, "erp.output", "2026-06-02", "100");
  CHECK(Outcome(card, ItemSpec{.item = "i", .attribution = v1::ATTRIBUTION_POSITION}) ==
        "ATTRIBUTION");
}

TEST_CASE("totals are read once for all items and parts", "[score][unit]") {
  Card card;
  card.facts.Add(kEmployee, "erp.output", "2026-06-02", "100");
  card.Part("a", {{.item = "i", .weight_bp = 5'000}, {.item = "k", .weight_bp = 5'000}}, 5'000);
  card.Part("b", {{.item = "i", .formula = "mean(erp.output) + sum(erp.output)"}}, 5'000);
  (void)MeasureItems(card.input, card.facts);
  CHECK(card.facts.reads == 1);
}

}  // namespace
}  // namespace assay

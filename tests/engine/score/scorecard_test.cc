#include "engine/score/scorecard.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/engine/score/score_fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::Card;
using testing::D;
using testing::DayAt;
using testing::ItemSpec;
using testing::kEmployee;
using testing::Text;

// An item on a measure of its own, "src.<item>", whose share is value / 100.
ItemSpec Percent(const std::string& item, int32_t weight_bp, const std::string& block = "") {
  return {.item = item,
          .formula = "sum(src." + item + ")",
          .weight_bp = weight_bp,
          .block = block,
          .unit = "%"};
}

void Report(Card& card, const std::string& item, std::string_view value) {
  card.facts.Add(kEmployee, "src." + item, "2026-06-15", value);
}

// The five-metric card; the share of the last one is 8/15.
void FillFive(Card& card) {
  ItemSpec team = Percent("team", 1'500);
  team.target = "15";
  card.Part("a-1", {Percent("efficiency", 3'000), Percent("quality", 2'500),
                    Percent("sales", 2'000), Percent("attendance", 1'000), team});
  Report(card, "efficiency", "100");
  Report(card, "quality", "88");
  Report(card, "sales", "80");
  Report(card, "attendance", "90");
  Report(card, "team", "8");
}

std::string PointsOf(const Scorecard& card, size_t part = 0) {
  std::string points;
  for (const ItemScore& item : card.parts[part].items) points += Text(item.points) + " ";
  return points;
}

// --- golden vectors ---

TEST_CASE("V5: the five-metric card has 85", "[score][unit][SCO-01]") {
  Card card;
  FillFive(card);
  const Scorecard score = card.Evaluate();
  CHECK(PointsOf(score) == "30 22 16 9 8 ");
  CHECK(score.total == D("85"));
  CHECK(score.status.Ok());
}

TEST_CASE("parts add up to the total to the last digit", "[score][unit][SCO-02]") {
  Card card;
  FillFive(card);
  const Scorecard score = card.Evaluate();
  CHECK(score.parts[0].items[0].points == D("30"));
  CHECK(score.parts[0].items[1].points == D("22"));
  CHECK(score.computed->Minus(D("30"))->Minus(D("22")) == D("33"));
  // Shares that end in no digit: what is shown still adds up.
  Card thirds;
  thirds.Part("a-1", {Percent("x", 3'334), Percent("y", 3'333), Percent("z", 3'333)});
  for (auto& item : thirds.input.parts[0].items) item.target = D("3");
  for (const char* item : {"x", "y", "z"}) Report(thirds, item, "1");
  const Scorecard third = thirds.Evaluate();
  CHECK(PointsOf(third) == "11.1133 11.11 11.11 ");
  CHECK(third.computed == D("33.3333"));
}

TEST_CASE("V6: an adjustment stands beside the computed score", "[score][unit]") {
  Card card;
  card.Part("a-1", {Percent("x", 10'000)});
  Report(card, "x", "80");
  card.Adjust("adj-1", "5");
  const Scorecard score = card.Evaluate();
  CHECK(score.computed == D("80"));
  CHECK(score.adjustments == D("5"));
  CHECK(score.total == D("85"));
  CHECK(score.overflow == D("0"));
}

TEST_CASE("V7: two blocks at 60 and 40 percent", "[score][unit][SCO-05]") {
  Card card;
  card.Part("a-1", {Percent("business", 6'000, "RESULT"), Percent("other", 4'000, "BEHAVIOUR")});
  Report(card, "business", "85");
  Report(card, "other", "90");
  CHECK(card.Evaluate().total == D("87"));
}

TEST_CASE("V8: two blocks at 70 and 30 percent", "[score][unit]") {
  Card card;
  card.Part("a-1", {Percent("business", 7'000, "RESULT"), Percent("other", 3'000, "BEHAVIOUR")});
  Report(card, "business", "85");
  Report(card, "other", "90");
  CHECK(card.Evaluate().total == D("86.5"));
}

TEST_CASE("V9: three items at 40, 30 and 30 percent", "[score][unit]") {
  Card card;
  card.Part("a-1",
            {Percent("volume", 4'000), Percent("product", 3'000), Percent("quality", 3'000)});
  Report(card, "volume", "90");
  Report(card, "product", "70");
  Report(card, "quality", "95");
  const Scorecard score = card.Evaluate();
  CHECK(PointsOf(score) == "36 21 28.5 ");
  CHECK(score.total == D("85.5"));
}

TEST_CASE("V11: a person with two positions has one total by allocation", "[score][unit][SCO-04]") {
  Card card;
  ItemSpec first = Percent("x", 10'000);
  ItemSpec second = Percent("y", 10'000);
  first.attribution = second.attribution = v1::ATTRIBUTION_WHOLE;
  card.Part("a-1", {first}, 6'000);
  card.Part("a-2", {second}, 4'000);
  Report(card, "x", "90");
  Report(card, "y", "80");
  const Scorecard score = card.Evaluate();
  CHECK(score.total == D("86"));
  CHECK(score.parts[0].weight_bp == 6'000);
  CHECK(score.parts[1].weight_bp == 4'000);
}

TEST_CASE("V23: a missing part is left out and stated, never a silent zero", "[score][unit]") {
  Card card;
  auto& part = card.Part("a-1", {Percent("x", 3'334), Percent("y", 3'333), Percent("z", 3'333)});
  Report(card, "x", "5");
  Report(card, "y", "5");
  const Scorecard refused = card.Evaluate();
  CHECK_FALSE(refused.total);
  CHECK(refused.status.ToString() == "NOT_COMPUTABLE(NO_DATA)");
  part.missing = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  const Scorecard score = card.Evaluate();
  CHECK(score.total == D("5"));
  CHECK(score.parts[0].items[2].status.ToString() == "EXCLUDED");
  CHECK(score.parts[0].included_bp == 6'667);
  CHECK(score.parts[0].items[0].max == D("50.0075"));
  CHECK(score.parts[0].items[2].max == D("0"));
}

TEST_CASE("V25: a division by zero is not computable", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x", .formula = "sum(src.x) / sum(src.h)"}});
  Report(card, "x", "960");
  Report(card, "h", "0");
  const Scorecard score = card.Evaluate();
  CHECK(score.status.ToString() == "NOT_COMPUTABLE(DIV_ZERO)");
  CHECK_FALSE(score.computed);
  CHECK_FALSE(score.total);
}

// --- rules ---

TEST_CASE("rules of the metric decide before those of the template", "[score][unit]") {
  const auto score = [](v1::MissingRule metric_rule, v1::MissingRule template_rule) {
    Card card;
    ItemSpec missing = Percent("y", 5'000);
    missing.missing = metric_rule;
    card.Part("a-1", {Percent("x", 5'000), missing}).missing = template_rule;
    Report(card, "x", "80");
    const Scorecard result = card.Evaluate();
    return result.parts[0].items[1].status.ToString() + " " +
           Text(result.parts[0].items[1].points) + " " + Text(result.total);
  };
  const auto none = v1::MISSING_RULE_UNSPECIFIED;
  const auto zero = v1::MISSING_RULE_ZERO;
  const auto exclude = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  CHECK(score(none, none) == "NOT_COMPUTABLE(NO_DATA) null null");
  CHECK(score(zero, none) == "OK 0 40");
  CHECK(score(exclude, none) == "EXCLUDED null 80");
  CHECK(score(none, exclude) == "EXCLUDED null 80");
  CHECK(score(none, zero) == "NOT_COMPUTABLE(NO_DATA) 0 40");
  CHECK(score(exclude, zero) == "EXCLUDED null 80");
}

TEST_CASE("a card of which everything is left out has no score", "[score][unit]") {
  Card card;
  card.Part("a-1", {Percent("x", 10'000)}).missing = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  const Scorecard score = card.Evaluate();
  CHECK(score.status.ToString() == "NOT_COMPUTABLE(NO_DATA)");
  CHECK_FALSE(score.total);
}

TEST_CASE("a target that does not fit the curve is stated", "[score][unit]") {
  Card card;
  ItemSpec none = Percent("x", 5'000);
  none.target = "";
  ItemSpec zero = Percent("y", 5'000);
  zero.target = "0";
  // No rule of the template hides a missing target.
  card.Part("a-1", {none, zero}).missing = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  Report(card, "x", "1");
  Report(card, "y", "1");
  const Scorecard score = card.Evaluate();
  CHECK(score.parts[0].items[0].status.ToString() == "NOT_COMPUTABLE(NO_TARGET)");
  CHECK(score.parts[0].items[1].status.ToString() == "EXCLUDED");
  CHECK(score.status.ToString() == "NOT_COMPUTABLE(NO_TARGET)");
}

TEST_CASE("a total stays between zero and its cap and shows the rest", "[score][unit]") {
  Card card;
  card.Part("a-1", {Percent("x", 10'000)});
  Report(card, "x", "98");
  card.Adjust("adj-1", "5");
  Scorecard score = card.Evaluate();
  CHECK(score.total == D("100"));
  CHECK(score.overflow == D("3"));
  card.Adjust("adj-2", "-110");
  score = card.Evaluate();
  CHECK(score.adjustments == D("-105"));
  CHECK(score.total == D("0"));
  CHECK(score.overflow == D("-7"));
  card.input.total_cap = D("120");
  card.input.adjustments.resize(1);
  CHECK(card.Evaluate().total == D("103"));
}

TEST_CASE("one part without score leaves the total without score", "[score][unit]") {
  Card card;
  card.Part("a-1", {Percent("x", 10'000)}, 6'000);
  card.Part("a-2", {Percent("y", 10'000)}, 4'000);
  Report(card, "x", "90");
  card.Adjust("adj-1", "5");
  Scorecard score = card.Evaluate();
  CHECK(score.parts[0].computed == D("54"));
  CHECK_FALSE(score.total);
  CHECK(score.status.ToString() == "NOT_COMPUTABLE(NO_DATA)");
  CHECK(score.adjustments == D("5"));
  // Without allocation it has no weight, so nothing is missing.
  card.input.parts[1].allocation[0].part_bp = 0;
  score = card.Evaluate();
  CHECK(score.total == D("59"));
  CHECK(score.parts[0].weight_bp == 10'000);
  card.input.parts[0].allocation[0].part_bp = 0;
  CHECK(card.Evaluate().status.ToString() == "NOT_COMPUTABLE(NO_ALLOCATION)");
}

TEST_CASE("a person without agreement has no score", "[score][unit]") {
  Card card;
  CHECK(card.Evaluate().status.ToString() == "NOT_COMPUTABLE(NO_AGREEMENT)");
  card.Part("a-1", {});
  CHECK(card.Evaluate().status.ToString() == "NOT_COMPUTABLE(NO_AGREEMENT)");
}

TEST_CASE("parts weigh by the days on which they were held", "[score][unit]") {
  Card card;
  ItemSpec whole = Percent("x", 10'000);
  whole.attribution = v1::ATTRIBUTION_WHOLE;
  card.Part("a-1", {whole}).allocation = {
      {{DayAt("2026-05-01"), DayAt("2026-06-11")}, 10'000, 10'000}};
  card.Part("a-2", {whole}).allocation = {
      {{DayAt("2026-06-11"), DayAt("2026-07-01")}, 10'000, 10'000}};
  card.facts.Add(kEmployee, "src.x", "2026-06-05", "60");
  card.facts.Add(kEmployee, "src.x", "2026-06-20", "90");
  const Scorecard score = card.Evaluate();
  CHECK(score.parts[0].allocation_days == 100'000);
  CHECK(score.parts[1].allocation_days == 200'000);
  CHECK(score.parts[0].weight_bp == 3'333);
  CHECK(score.parts[1].weight_bp == 6'667);
  CHECK(score.total == D("80"));
}

TEST_CASE("outcomes that were kept score new weights without a fact", "[score][unit]") {
  Card card;
  FillFive(card);
  const std::vector<Achieved> achieved = MeasureItems(card.input, card.facts);
  card.facts.facts.clear();
  CHECK(ScoreAchieved(card.input, achieved).total == D("85"));
  card.input.parts[0].items[0].weight_bp = 2'000;
  card.input.parts[0].items[1].weight_bp = 3'500;
  CHECK(ScoreAchieved(card.input, achieved).total == D("83.8"));
  const std::vector<Achieved> short_list(achieved.begin(), achieved.begin() + 2);
  CHECK(testing::Aborts([&] { (void)ScoreAchieved(card.input, short_list); }));
}

TEST_CASE("a record carries canonical decimals and empty texts for what is missing",
          "[score][unit]") {
  Card card;
  card.input.generation = 2;
  card.input.unit = "u-7";
  card.UseBands(testing::UsualBands());
  card.Part("a-1", {Percent("x", 6'000), Percent("y", 4'000)}).missing =
      v1::MISSING_RULE_EXCLUDE_AND_STATE;
  Report(card, "x", "91.50");
  const v1::ScoreRecord record = ToRecord(card.input, card.Evaluate());
  CHECK(record.cycle() == "2026-06");
  CHECK(record.person() == "p-0001");
  CHECK(record.unit() == "u-7");
  CHECK(record.generation() == 2);
  CHECK(record.status() == "OK");
  CHECK(record.computed() == "91.5");
  CHECK(record.adjustments() == "0");
  CHECK(record.overflow() == "0");
  CHECK(record.total() == "91.5");
  CHECK(record.band() == "优秀");
  REQUIRE(record.items_size() == 2);
  CHECK(record.items(0).metric() == "x-metric@1");
  CHECK(record.items(0).achieved() == "91.5");
  CHECK(record.items(0).max() == "100");
  CHECK(record.items(0).weight_bp() == 6'000);
  CHECK(record.items(0).target() == "100");
  CHECK(record.items(1).status() == "EXCLUDED");
  CHECK(record.items(1).points().empty());
  CHECK(record.items(1).achieved().empty());
  REQUIRE(record.parts_size() == 1);
  CHECK(record.parts(0).weight_bp() == 10'000);
  CHECK(record.parts(0).items_size() == 2);
  card.input.parts[0].missing = v1::MISSING_RULE_NOT_COMPUTABLE;
  const v1::ScoreRecord missing = ToRecord(card.input, card.Evaluate());
  CHECK(missing.status() == "NOT_COMPUTABLE(NO_DATA)");
  CHECK(missing.total().empty());
  CHECK(missing.band().empty());
}

TEST_CASE("the same input and facts give the same bytes", "[score][unit]") {
  Card card;
  FillFive(card);
  card.Adjust("adj-1", "1.5", "quality");
  CHECK(ToRecord(card.input, card.Evaluate()).SerializeAsString() ==
        ToRecord(card.input, card.Evaluate()).SerializeAsString());
}

}  // namespace
}  // namespace assay

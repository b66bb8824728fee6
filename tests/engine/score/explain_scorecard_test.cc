#include "engine/score/explain_scorecard.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/score/check.h"
#include "engine/score/explain_nodes.h"
#include "tests/engine/score/random_cards.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Card;
using testing::D;
using testing::ItemSpec;
using testing::RandomCards;
using testing::Seed;
using testing::Turns;

// "total > part > item": the kinds on the way down the first children.
std::string FirstBranch(const ExplainNode& root) {
  std::string kinds(ExplainKindName(root.kind));
  for (const ExplainNode* node = &root; !node->children.empty();) {
    node = &node->children.front();
    kinds += " > " + std::string(ExplainKindName(node->kind));
  }
  return kinds;
}

std::string Kinds(const std::vector<ExplainNode>& nodes) {
  std::string kinds;
  for (const ExplainNode& node : nodes) kinds += std::string(ExplainKindName(node.kind)) + " ";
  return kinds;
}

TEST_CASE("a score leads from its total down to source records", "[score][unit][AUD-05]") {
  Card card;
  card.Part("a-1", {{.item = "output", .weight_bp = 10'000, .block = "RESULT"}});
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "80").unit = "pcs";
  const ExplainNode tree = card.Explain().tree;
  CHECK(FirstBranch(tree) ==
        "total > part > block > item > curve > formula > measure > attribution > day > fact");
  CHECK(tree.value == "80");
  const ExplainNode* leaf = &tree;
  while (!leaf->children.empty()) leaf = &leaf->children.front();
  REQUIRE(leaf->fact);
  CHECK(leaf->fact->src.topic == "erp.orders");
  CHECK(leaf->fact->src.log == "cluster-1/erp.orders/1");
  CHECK(leaf->fact->src.partition == 3);
  CHECK(leaf->fact->src.offset > 0);
  CHECK(leaf->fact->src.hash.size() == 64);
  CHECK(leaf->fact->record == std::vector<std::string>{"r-0"});
  CHECK(leaf->fact->version == "1");
  CHECK(leaf->fact->effective == "2026-06-10");
  CHECK(leaf->fact->source == "erp");
  CHECK(leaf->fact->entity == "employee/e-1");
  CHECK(leaf->unit == "pcs");
}

TEST_CASE("a score prints its inputs, steps and roundings, and again gives the same number",
          "[score][unit][AUD-02]") {
  Card card;
  ItemSpec efficiency{.item = "efficiency", .formula = "sum(mes.good) / sum(mes.hours)"};
  efficiency.target = "9";
  efficiency.weight_bp = 3'000;
  card.Part("a-1", {efficiency, {.item = "output", .weight_bp = 7'000}});
  card.facts.Add("employee/e-1", "mes.good", "2026-06-10", "960");
  card.facts.Add("employee/e-1", "mes.hours", "2026-06-10", "160");
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "50");
  card.Adjust("adj-1", "60");
  const ExplainedScorecard explained = card.Explain();
  CHECK(explained.scorecard.total == D("100"));
  const ExplainNode& tree = explained.tree;
  CHECK(Kinds(tree.children) == "part adjustment cap ");
  CHECK(*tree.Input("computed") == "55");
  CHECK(*tree.Input("adjustments") == "60");
  CHECK(*tree.Input("overflow") == "15");
  const ExplainNode* item = FindItem(tree, "efficiency");
  REQUIRE(item);
  CHECK(item->value == "20");
  CHECK(*item->Input("weight") == "30");
  CHECK(Kinds(item->children) == "curve rounding ");
  const ExplainNode& curve = item->children[0];
  CHECK(curve.rule == "PROPORTIONAL");
  CHECK(curve.value == "0.666666666667");
  CHECK(*curve.Input("exact") == "2/3");
  const ExplainNode& formula = curve.children[0];
  CHECK(formula.label == "efficiency-metric@1");
  CHECK(formula.rule == "sum(mes.good) / sum(mes.hours)");
  CHECK(*formula.Input("step.1") == "sum(mes.good) = 960");
  CHECK(*formula.Input("step.3") == "960 / 160 = 6");
  CHECK(item->children[1].rule == "HALF_UP");
  CHECK(*item->children[1].Input("exact") == "20");
  const CheckResult again = CheckExplain(tree);
  INFO(again.place << ": " << again.reason);
  CHECK(again.ok);
  CHECK(again.total == explained.scorecard.total->ToString());
}

TEST_CASE("what is left out is stated with the weights that count", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x", .weight_bp = 6'000},
                    {.item = "y", .formula = "sum(no.data)", .weight_bp = 4'000}})
      .missing = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "80");
  const ExplainNode tree = card.Explain().tree;
  const ExplainNode& part = tree.children[0];
  CHECK(part.rule == "sum of points without y; the other weights count times 10000/6000");
  CHECK(*part.Input("includedBp") == "6000");
  const ExplainNode* y = FindItem(tree, "y");
  REQUIRE(y);
  CHECK(y->status == "EXCLUDED");
  CHECK_FALSE(y->value);
  CHECK(y->children[0].children[0].status == "NOT_COMPUTABLE(NO_DATA)");
  CHECK(tree.value == "80");
  CHECK(CheckExplain(tree).ok);
}

TEST_CASE("a day with many facts is one node unless all are asked for", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x"}});
  for (int i = 0; i < 51; ++i) card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "1");
  const auto day_of = [](const ExplainNode& root) {
    const ExplainNode* node = &root;
    while (node->kind != ExplainKind::kDay) node = &node->children.front();
    return *node;
  };
  const ExplainNode tree = card.Explain().tree;
  CHECK(day_of(tree).children.empty());
  CHECK(*day_of(tree).Input("count") == "51");
  CHECK(CheckExplain(tree).ok);
  const ExplainNode full = card.Explain({.all = true}).tree;
  CHECK(day_of(full).children.size() == 51);
  CHECK(*day_of(tree).Input("factsHash") == FactsHash(day_of(full).children));
  CHECK(CheckExplain(full).ok);
  card.facts.facts.pop_back();
  CHECK(day_of(card.Explain().tree).children.size() == 50);
}

TEST_CASE("several parts show their days, weights and one rounding", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x"}}, 6'000);
  card.Part("a-2", {{.item = "x"}}, 3'000);
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "50");
  const ExplainNode tree = card.Explain().tree;
  CHECK(Kinds(tree.children) == "part part rounding cap ");
  CHECK(*tree.children[0].Input("allocationDays") == "180000");
  CHECK(*tree.children[0].Input("weightBp") == "6667");
  CHECK(*tree.children[2].Input("exact") == "25");
  CHECK(tree.value == "25");
  CHECK(CheckExplain(tree).ok);
}

TEST_CASE("a campaign of explained scorecards changes no digit and every tree checks",
          "[score][campaign]") {
  RandomCards cards(Seed());
  std::map<std::string, int> statuses;
  for (int turn = Turns("ASSAY_TREES", 1'500); turn > 0; --turn) {
    const auto card = cards.Next();
    const Scorecard plain = card->Evaluate();
    const ExplainedScorecard explained = card->Explain({.day_facts_max = 2});
    ++statuses[plain.status.ToString()];
    REQUIRE(ToRecord(card->input, plain).SerializeAsString() ==
            ToRecord(card->input, explained.scorecard).SerializeAsString());
    const CheckResult check = CheckExplain(explained.tree);
    INFO(ExplainJson(explained.tree));
    INFO(check.place << ": " << check.reason);
    REQUIRE(check.ok);
    REQUIRE(check.total.value_or("null") == testing::Text(plain.total));
  }
  CHECK(statuses["OK"] > 100);
  CHECK(statuses.size() >= 4);
}

}  // namespace
}  // namespace assay

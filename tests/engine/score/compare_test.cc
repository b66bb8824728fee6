#include "engine/score/compare.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

ExplainNode Tree() {
  testing::Card card;
  card.Part("a-1", {{.item = "x"}});
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "80");
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "1");
  card.Adjust("adj-1", "-2");
  card.Adjust("adj-2", "1");
  return card.Explain().tree;
}

// The first node of the kind.
ExplainNode& First(ExplainNode& node, ExplainKind kind) {
  ExplainNode* found = &node;
  while (found->kind != kind) found = &found->children.front();
  return *found;
}

struct Change {
  std::function<void(ExplainNode&)> make;
  std::string pointer;
  std::string field;
};

}  // namespace

TEST_CASE("equal trees have no difference, whatever their digests and scopes", "[score][unit]") {
  ExplainNode tree = Tree();
  CHECK_FALSE(CompareExplain(tree, Tree()));
  tree.digest = "x";
  tree.of.emplace();
  CHECK_FALSE(CompareExplain(tree, Tree()));
}

TEST_CASE("a difference is told at its node, with field, found and expected", "[score][unit]") {
  const std::string day =
      "/children/0/children/0/children/0/children/0/children/0/children/0"
      "/children/0";
  const std::vector<Change> changes = {
      {[](ExplainNode& tree) { tree.label = "p-2"; }, "", "label"},
      {[](ExplainNode& tree) { tree.value.reset(); }, "", "value"},
      {[](ExplainNode& tree) { tree.status = "S"; }, "", "status"},
      {[](ExplainNode& tree) { tree.unit = "S"; }, "", "unit"},
      {[](ExplainNode& tree) { tree.rule = "S"; }, "", "rule"},
      {[](ExplainNode& tree) { tree.inputs[0].value = "S"; }, "", "inputs/cycle"},
      {[](ExplainNode& tree) { tree.inputs.erase(tree.inputs.begin()); }, "", "inputs/cycle"},
      {[](ExplainNode& tree) { tree.AddInput("more", "1"); }, "", "inputs/more"},
      {[](ExplainNode& tree) { std::swap(tree.inputs[0], tree.inputs[1]); }, "", "inputs"},
      {[](ExplainNode& tree) { tree.children[0].kind = ExplainKind::kBlock; }, "/children/0",
       "kind"},
      {[](ExplainNode& tree) { tree.children.erase(tree.children.begin() + 1); }, "", "children/1"},
      {[](ExplainNode& tree) { tree.children.emplace_back(); }, "", "children/4"},
      {[](ExplainNode& tree) { tree.children[1].adjustment->delta = "3"; }, "/children/1", "delta"},
      {[](ExplainNode& tree) { tree.children[1].adjustment->approved_by = {}; }, "/children/1",
       "approvedBy"},
      {[](ExplainNode& tree) { First(tree, ExplainKind::kDay).value = "82"; }, day, "value"},
      {[](ExplainNode& tree) { First(tree, ExplainKind::kFact).fact->src.hash = "0"; },
       day + "/children/0", "src/hash"},
      {[](ExplainNode& tree) { ++First(tree, ExplainKind::kFact).fact->src.offset; },
       day + "/children/0", "src/offset"},
  };
  for (const auto& [make, pointer, field] : changes) {
    ExplainNode tree = Tree();
    make(tree);
    const auto difference = CompareExplain(tree, Tree());
    INFO(pointer << " " << field);
    REQUIRE(difference);
    CHECK(difference->place.pointer == pointer);
    CHECK(difference->field == field);
    CHECK(difference->found != difference->expected);
  }
  ExplainNode tree = Tree();
  tree.children.erase(tree.children.begin() + 1);
  CHECK(CompareExplain(tree, Tree())->found == "adjustment adj-2");
  CHECK(CompareExplain(tree, Tree())->expected == "adjustment adj-1");
}

TEST_CASE("a remark that nobody can read any more agrees with every other", "[score][unit]") {
  ExplainNode expected = Tree();
  expected.children[1].adjustment->remark = "(erased)";
  CHECK(CompareExplain(Tree(), expected)->field == "remark");
  CHECK_FALSE(CompareExplain(Tree(), expected, "(erased)"));
  CHECK(CompareExplain(expected, Tree(), "(erased)")->field == "remark");
}

}  // namespace assay

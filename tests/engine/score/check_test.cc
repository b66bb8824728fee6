#include "engine/score/check.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/score/random_cards.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Card;
using testing::RandomCards;
using testing::Seed;
using testing::Turns;

using Path = std::vector<int>;

ExplainNode& At(ExplainNode& root, const Path& path) {
  ExplainNode* node = &root;
  for (const int child : path) node = &node->children[static_cast<size_t>(child)];
  return *node;
}

void CollectPaths(const ExplainNode& node, Path& path, std::vector<Path>& paths) {
  paths.push_back(path);
  for (size_t i = 0; i < node.children.size(); ++i) {
    path.push_back(static_cast<int>(i));
    CollectPaths(node.children[i], path, paths);
    path.pop_back();
  }
}

std::vector<Path> PathsOf(const ExplainNode& root) {
  Path path;
  std::vector<Path> paths;
  CollectPaths(root, path, paths);
  return paths;
}

// Every text of a node, as a place where a forger can write.
std::vector<std::string*> TextsOf(ExplainNode& node) {
  std::vector<std::string*> texts = {&node.label, &node.status, &node.unit, &node.rule,
                                     &node.digest};
  if (node.value) texts.push_back(&*node.value);
  for (NamedText& input : node.inputs) {
    texts.push_back(&input.name);
    texts.push_back(&input.value);
  }
  if (node.fact) {
    FactOrigin& fact = *node.fact;
    for (std::string* text : {&fact.source, &fact.entity, &fact.version, &fact.effective, &fact.at,
                              &fact.src.log, &fact.src.topic, &fact.src.hash}) {
      texts.push_back(text);
    }
    for (std::string& text : fact.record) texts.push_back(&text);
  }
  if (node.adjustment) {
    AdjustmentOrigin& adjustment = *node.adjustment;
    for (std::string* text : {&adjustment.id, &adjustment.delta, &adjustment.reason_code,
                              &adjustment.remark, &adjustment.requested_by, &adjustment.at}) {
      texts.push_back(text);
    }
    for (std::string& text : adjustment.approved_by) texts.push_back(&text);
  }
  return texts;
}

// Another text of the same kind: a digit more, less or other, or a letter.
std::string Changed(const std::string& text) {
  if (text.empty()) return "1";
  std::string changed = text;
  char& last = changed.back();
  last = last == '1' ? '2' : '1';
  return changed;
}

// 20 trees that together have every kind of node, and more when asked.
std::vector<ExplainNode> VariedTrees() {
  RandomCards cards(Seed());
  std::vector<ExplainNode> trees;
  for (int i = Turns("ASSAY_FORGED_TREES", 20); i > 0; --i) {
    trees.push_back(cards.Next()->Explain({.day_facts_max = 2}).tree);
  }
  return trees;
}

TEST_CASE("a tree is evaluated again from its leaves", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x"}});
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "80.5");
  const ExplainNode tree = card.Explain().tree;
  const CheckResult whole = CheckExplain(tree);
  CHECK(whole.ok);
  CHECK(whole.total == "80.5");
  // Any node may be the root.
  const ExplainNode* item = FindItem(tree, "x");
  REQUIRE(item);
  CHECK(CheckExplain(*item).total == "80.5");
}

TEST_CASE("a difference is told by path, pointer and words", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x"}});
  card.facts.Add("employee/e-1", "erp.output", "2026-06-10", "80");
  ExplainNode tree = card.Explain().tree;
  At(tree, {0, 0, 1}).value = "81";
  const CheckResult result = CheckExplain(tree);
  CHECK_FALSE(result.ok);
  CHECK_FALSE(result.total);
  CHECK(result.path == Path{0, 0, 1});
  CHECK(result.pointer == "/children/0/children/0/children/1");
  CHECK(result.place == "total p-0001 > part a-1 > item x > rounding rounding");
  CHECK(result.reason ==
        "one of its fields was changed: they do not have its digest; the value is 81 and should be "
        "80");
  // A field that is no value of its own is told by what contradicts it.
  At(tree, {0, 0, 1}).value = "80";
  At(tree, {0, 0}).inputs[1].value = "9999";
  CHECK(CheckExplain(tree).reason ==
        "one of its fields was changed: they do not have its digest; weight is '100' and should be "
        "'9999/100'");
  At(tree, {0, 0}).inputs[1].value = "10000";
  At(tree, {0}).label = "a-2";
  CHECK(CheckExplain(tree).path == Path{0});
  CHECK(CheckExplain(tree).reason.ends_with("; no value contradicts it"));
  tree = card.Explain().tree;
  At(tree, {0, 0, 1}).value = "81";
  SealDigests(tree);
  CHECK(CheckExplain(tree).reason == "the value is 81 and should be 80");
}

TEST_CASE("a campaign of changed texts is reported at the very node each time",
          "[score][campaign]") {
  std::map<ExplainKind, int> changed;
  for (ExplainNode& tree : VariedTrees()) {
    REQUIRE(CheckExplain(tree).ok);
    for (const Path& path : PathsOf(tree)) {
      ExplainNode& node = At(tree, path);
      for (std::string* text : TextsOf(node)) {
        const std::string before = std::exchange(*text, Changed(*text));
        const CheckResult result = CheckExplain(tree);
        INFO(ExplainKindName(node.kind) << " " << before << " -> " << *text);
        REQUIRE_FALSE(result.ok);
        REQUIRE(result.path == path);
        *text = before;
        ++changed[node.kind];
      }
    }
    REQUIRE(CheckExplain(tree).ok);
  }
  CHECK(changed.size() == 13);
}

TEST_CASE("a campaign of changed numbers and kinds is reported at the very node each time",
          "[score][campaign]") {
  using Change = std::function<void(ExplainNode&)>;
  // Each with whether it can be made at a node.
  const std::vector<std::pair<std::function<bool(const ExplainNode&)>, Change>> changes = {
      {[](const ExplainNode&) { return true; },
       [](ExplainNode& node) {
         const bool is_cap = node.kind == ExplainKind::kCap;
         node.kind = is_cap ? ExplainKind::kRounding : ExplainKind::kCap;
       }},
      {[](const ExplainNode& node) { return node.value.has_value(); },
       [](ExplainNode& node) { node.value.reset(); }},
      {[](const ExplainNode& node) { return !node.value; },
       [](ExplainNode& node) { node.value = "0"; }},
      {[](const ExplainNode& node) { return node.fact.has_value(); },
       [](ExplainNode& node) { ++node.fact->src.partition; }},
      {[](const ExplainNode& node) { return node.fact.has_value(); },
       [](ExplainNode& node) { --node.fact->src.offset; }},
      {[](const ExplainNode&) { return true; },
       [](ExplainNode& node) { node.AddInput("more", "1"); }},
      {[](const ExplainNode& node) { return !node.inputs.empty(); },
       [](ExplainNode& node) { node.inputs.erase(node.inputs.begin()); }},
      {[](const ExplainNode& node) { return !node.children.empty(); },
       [](ExplainNode& node) { node.children.pop_back(); }},
      {[](const ExplainNode& node) { return node.children.size() > 1; },
       [](ExplainNode& node) { std::swap(node.children.front(), node.children.back()); }},
  };
  for (ExplainNode& tree : VariedTrees()) {
    for (const Path& path : PathsOf(tree)) {
      for (const auto& [applies, change] : changes) {
        ExplainNode& node = At(tree, path);
        if (!applies(node)) continue;
        const ExplainNode before = node;
        change(node);
        const CheckResult result = CheckExplain(tree);
        INFO(result.place << ": " << result.reason);
        REQUIRE_FALSE(result.ok);
        REQUIRE(result.path == path);
        node = before;
      }
    }
    REQUIRE(CheckExplain(tree).ok);
  }
}

TEST_CASE("a campaign of forgers who make the digests anew is caught by arithmetic",
          "[score][campaign]") {
  // The constants behind values: changed, they no longer give the value that stands.
  const std::vector<std::string> constants = {
      "sum",     "count",  "min",      "max",   "last",           "lastAt",      "lastDay",
      "outcome", "actual", "achieved", "exact", "computed",       "adjustments", "overflow",
      "cap",     "weight", "digits",   "band",  "allocationDays", "totalBp"};
  std::map<std::string, int> caught;
  for (ExplainNode& tree : VariedTrees()) {
    for (const Path& path : PathsOf(tree)) {
      ExplainNode& node = At(tree, path);
      std::vector<std::pair<std::string, std::string*>> places;
      if (node.value) places.emplace_back("value", &*node.value);
      for (NamedText& input : node.inputs) {
        if (std::ranges::find(constants, input.name) != constants.end()) {
          places.emplace_back(input.name, &input.value);
        }
      }
      if (node.adjustment) places.emplace_back("delta", &node.adjustment->delta);
      for (const auto& [name, text] : places) {
        const std::string before = *text;
        // A whole unit more, so that no rounding hides it.
        const auto number = Decimal::Parse(before);
        *text = number ? number->Plus(Decimal::FromInt(1))->ToString() : Changed(before);
        SealDigests(tree);
        const CheckResult result = CheckExplain(tree);
        const bool is_below =
            result.path.size() >= path.size()
                ? result.path == path
                : std::equal(result.path.begin(), result.path.end(), path.begin());
        const bool hidden = result.ok;
        INFO(ExplainKindName(node.kind) << " " << name << " " << before << " -> " << *text << " at "
                                        << result.place << ": " << result.reason);
        // A cap or a share of days may change and the result be the same: then nothing is wrong.
        const bool may_agree =
            name == "cap" || name == "totalBp" || name == "allocationDays" || name == "digits";
        if (!may_agree) REQUIRE_FALSE(hidden);
        // Reported at the node itself, or at the first one above it that no longer follows.
        if (!hidden) REQUIRE(is_below);
        // A value that follows from nodes below it is reported at its own node.
        if (name == "value" && node.kind != ExplainKind::kFact) REQUIRE(result.path == path);
        *text = before;
        caught[name] += hidden ? 0 : 1;
      }
      SealDigests(tree);
    }
    REQUIRE(CheckExplain(tree).ok);
  }
  for (const std::string& name : constants) {
    INFO(name);
    CHECK(caught[name] > 0);
  }
}

TEST_CASE("a campaign of trees without sense is judged and never crashes", "[score][campaign]") {
  RandomCards cards(Seed() + 1);
  const std::vector<std::string> odd = {
      "",      "x",     "-1",         "0",          "1e26", "99999999999999999999",
      "1/0",   "9/7",   "2026-06-31", "2026-06-10", "OK",   "sum(a.b)",
      "1 / 0", "SPLIT", "EXCLUDED"};
  int refused = 0;
  for (int turn = Turns("ASSAY_ODD_TREES", 2'000); turn > 0; --turn) {
    ExplainNode tree = cards.Next()->Explain({.day_facts_max = 2}).tree;
    const std::vector<Path> paths = PathsOf(tree);
    for (uint64_t changes = 1 + cards.Roll(4); changes > 0; --changes) {
      ExplainNode& node = At(tree, paths[cards.Roll(paths.size())]);
      const std::vector<std::string*> texts = TextsOf(node);
      *texts[cards.Roll(texts.size())] = odd[cards.Roll(odd.size())];
      if (cards.Roll(6) == 0) node.kind = static_cast<ExplainKind>(cards.Roll(13));
      if (cards.Roll(6) == 0) node.fact.reset();
      if (cards.Roll(6) == 0 && changes == 1) node.children.clear();
    }
    SealDigests(tree);
    refused += CheckExplain(tree).ok ? 0 : 1;
  }
  CHECK(refused > 0);
  ExplainNode deep;
  for (int i = 0; i < 50; ++i) {
    ExplainNode above{.kind = ExplainKind::kBlock};
    above.children.push_back(std::move(deep));
    deep = std::move(above);
  }
  CHECK(CheckExplain(deep).reason == "the tree is too deep");
}

}  // namespace
}  // namespace assay

#include "tools/assay/explain_file.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/score/check.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Card;
using testing::UsualBands;

ExplainNode Parsed(const std::string& json) { return testing::Value(ParseExplain(json)); }

// Two parts, blocks, a correction, an adjustment, bands: a tree with every kind of node.
ExplainNode FullTree() {
  Card card;
  card.Part("a-1",
            {{.item = "output", .weight_bp = 6'000, .block = "results"},
             {.item = "quality",
              .formula = "1 - sum(erp.bad) / sum(erp.output)",
              .target = "1",
              .weight_bp = 4'000,
              .block = "results",
              .unit = "1"}},
            5'000, 10'000);
  card.Part("a-2", {{.item = "output-2"}}, 5'000, 10'000);
  card.facts.Add("employee/e-1", "erp.output", "2026-06-02", "60.5");
  card.facts.Add("employee/e-1", "erp.output", "2026-06-02", "29.5").version = "";
  card.facts.Add("employee/e-1", "erp.output", "2026-06-30", "50").record = "a \"b\"\\\t\x01 产量";
  card.facts.Add("employee/e-1", "erp.bad", "2026-06-30", "1");
  card.UseBands(UsualBands());
  card.Adjust("adj-1", "-2.5");
  card.Adjust("adj-2", "1", "output");
  return card.Explain().tree;
}

bool HasKind(const ExplainNode& node, ExplainKind kind) {
  if (node.kind == kind) return true;
  return std::ranges::any_of(node.children,
                             [kind](const ExplainNode& child) { return HasKind(child, kind); });
}

// The JSON with `from` replaced by `to` at its first place.
std::string With(std::string json, const std::string& from, const std::string& to) {
  const size_t at = json.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a tree that is read back is the tree that was written", "[assay][unit]") {
  const ExplainNode tree = FullTree();
  for (int kind = 0; kind <= static_cast<int>(ExplainKind::kRounding); ++kind) {
    INFO(ExplainKindName(static_cast<ExplainKind>(kind)));
    CHECK(HasKind(tree, static_cast<ExplainKind>(kind)));
  }
  const std::string json = ExplainJson(tree);
  CHECK(Parsed(json) == tree);
  CHECK(ExplainJson(Parsed(json)) == json);
}

TEST_CASE("what a tree explains is read back from its root, and from no other node",
          "[assay][unit]") {
  ExplainNode tree = FullTree();
  tree.of = {.company = "c-1",
             .log = "l-1",
             .cycle = "2026-06",
             .person = "p-1",
             .item = "output",
             .agreement = "a-1",
             .moment = "7@1,-1"};
  CHECK(Parsed(ExplainJson(tree)) == tree);
  tree.of->item = tree.of->agreement = "";
  const std::string json = ExplainJson(tree);
  CHECK(Parsed(json) == tree);
  CHECK(testing::Refusal(ParseExplain(With(json, ",\"moment\":\"7@1,-1\"", ""))).path ==
        "/of/moment");
  CHECK(testing::Refusal(ParseExplain(With(json, "\"log\":", "\"logs\":"))).path == "/of/logs");
  const std::string below = With(json, "\"kind\":\"part\"", "\"kind\":\"part\",\"of\":{}");
  CHECK(testing::Refusal(ParseExplain(below)).path == "/children/0/of");
}

TEST_CASE("a printed derivation evaluates again to the same number", "[assay][unit][AUD-02]") {
  Card card;
  card.Part("a-1", {{.item = "output"}});
  card.facts.Add("employee/e-1", "erp.output", "2026-06-02", "33.3333");
  card.facts.Add("employee/e-1", "erp.output", "2026-06-03", "0.00005");
  card.Adjust("adj-1", "5");
  const ExplainedScorecard explained = card.Explain();
  const CheckResult again = CheckExplain(Parsed(ExplainJson(explained.tree)));
  INFO(again.place << ": " << again.reason);
  CHECK(again.ok);
  CHECK(again.total == explained.scorecard.total->ToString());

  const std::string changed = With(ExplainJson(explained.tree), "33.3333", "43.3333");
  CHECK_FALSE(CheckExplain(Parsed(changed)).ok);
}

TEST_CASE("a value that is missing stays apart from an empty one", "[assay][unit]") {
  ExplainNode node{.label = "p-1", .status = "NOT_COMPUTABLE(NO_DATA)"};
  SealDigests(node);
  CHECK_FALSE(Parsed(ExplainJson(node)).value.has_value());
  node.value = "";
  CHECK(Parsed(ExplainJson(node)).value == "");
}

TEST_CASE("what a tree cannot hold is refused at its place", "[assay][unit]") {
  const std::string json = ExplainJson(FullTree());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {With(json, "\"label\"", "\"lable\""), "/lable"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"peace\""), "/children/0/kind"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"part\",\"kind\":\"part\""), "/children/0/kind"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"part\",\"more\":1"), "/children/0/more"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"part\",\"status\":\"\""), "/children/0/status"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"part\",\"source\":\"erp\""),
       "/children/0/source"},
      {With(json, "\"kind\":\"part\"", "\"kind\":\"fact\""), "/children/0/source"},
      {With(json, "\"inputs\":{", "\"inputs\":{\"cycle\":\"x\","), "/inputs/cycle"},
      {With(json, "\"inputs\":{", "\"inputs\":{\"more\":1,"), "/inputs/more"},
      {With(json, "\"children\":[", "\"children\":[7,"), "/children/0"},
      {With(json, "\"children\":[{", "\"children\":{\"a\":[{") + "}", ""},
      {With(json, "\"partition\":3", "\"partition\":\"3\""), "/src/partition"},
      {With(json, "\"partition\":3", "\"partition\":-3"), "/src/partition"},
      {With(json, "\"partition\":3", "\"partition\":4294967299"), "/src/partition"},
      {With(json, "\"record\":[\"", "\"record\":[1,\""), "/record"},
      {With(json, "\"approvedBy\":[", "\"approvedBy\":7,\"x\":["), "/x"},
      {json.substr(0, json.size() - 1), ""},
      {json + "{}", ""},
      {"[" + json + "]", ""},
      {"", ""},
  };
  for (const auto& [text, place] : cases) {
    INFO(text.substr(0, 200));
    const Rejection refusal = testing::Refusal(ParseExplain(text));
    CHECK(refusal.code == "EXPLAIN_UNREADABLE");
    CHECK(refusal.rejection_class == RejectionClass::kIntegrity);
    CHECK(refusal.path.ends_with(place));
  }
}

TEST_CASE("a tree without end is refused and not followed", "[assay][unit]") {
  std::string json;
  for (int i = 0; i < 500; ++i) json += R"({"kind":"part","label":"a","value":"1","children":[)";
  json += "]";
  for (int i = 1; i < 500; ++i) json += R"(,"digest":""}])";
  json += R"(,"digest":""})";
  CHECK(testing::Refusal(ParseExplain(json)).actual == "more levels");
}

TEST_CASE("several trees are read from an array or from lines", "[assay][unit]") {
  const std::string json = ExplainJson(FullTree());
  for (const std::string& text : {json, json + "\n", "[" + json + "]",
                                  "[" + json + ",\n" + json + "]", json + "\n" + json + "\n"}) {
    const auto trees = testing::Value(ParseExplains(text));
    REQUIRE(!trees.empty());
    for (const ExplainNode& tree : trees) CHECK(tree == FullTree());
  }
  CHECK(testing::Value(ParseExplains(json + "\n" + json)).size() == 2);
  CHECK(testing::Refusal(ParseExplains("[" + json + ",7]")).path == "/1");
  CHECK(testing::Refusal(ParseExplains(json + "\n{\"kind\":7}")).path == "/1/kind");
  CHECK(testing::Refusal(ParseExplains("[]")).code == "EXPLAIN_UNREADABLE");
  CHECK(testing::Refusal(ParseExplains("")).code == "EXPLAIN_UNREADABLE");
}

}  // namespace assay

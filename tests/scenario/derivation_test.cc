// Printed derivations, honest and forged, against the home that they came from.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "engine/score/check.h"
#include "tests/scenario/scene.h"
#include "tools/assay/explain_file.h"

namespace assay::testing {
namespace {

const std::vector<std::string> kExplain = {"-o", "json", "score", "explain", "2026-06", "p-1"};

ExplainNode Parsed(std::string_view json) {
  auto parsed = ParseExplain(json);
  if (const auto* refusal = std::get_if<Rejection>(&parsed)) FAIL(refusal->ToString());
  return std::get<ExplainNode>(std::move(parsed));
}

// Every `from` replaced, of which there must be one.
std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  for (; at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

using Texts = std::vector<std::pair<std::string_view, std::string_view>>;

void ReplaceIn(ExplainNode& tree, const Texts& texts) {
  std::string json = ExplainJson(tree);
  for (const auto& [from, to] : texts) json = Replaced(std::move(json), from, to);
  tree = Parsed(json);
}

// p-1 has 60 records of 2.5 on one day and one of 7 on another, which is above the most that
// counts, and 20 of 100 points of the rest; then 5 points more.
Scene ScoredScene() {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "130", .weight_bp = 5'000, .unit = "pcs"},
                         {.item = "rest", .target = "100", .weight_bp = 5'000}}});
  const std::vector<std::string_view> rows(60, "2026-06-10,E1,2.5,");
  scene.Feed("output,rest", rows);
  scene.Feed("output,rest", {"one,1,2026-06-11,E1,7,20"});
  return scene;
}

Scene LockedScene() {
  Scene scene = ScoredScene();
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}") +
           By("p-ex",
              "requestAdjustment: {adjustment: adj-1, person: p-1, cycle: 2026-06, "
              "delta: \"5\", reasonCode: OUTPUT, remark: 参考ERP}") +
           By("p-ex2", "approveAdjustment: {adjustment: adj-1}"));
  return scene;
}

Ended Check(const Scene& scene, std::string_view json) {
  scene.Files().Write("tree.json", json);
  return scene.Files().Run({"--home", "home", "score", "check", "tree.json"});
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("a forged derivation whose digests and sums agree is found at the node that was changed",
          "[scenario][AUD-02][AUD-05]") {
  Scene scene = LockedScene();
  REQUIRE(scene.Total() == "OK 70 + 5 - 0 = 75 合格");
  const std::string honest = scene.Tell(kExplain);
  REQUIRE(Check(scene, honest).code == 0);
  const auto texts = [](Texts pairs) {
    return [pairs = std::move(pairs)](ExplainNode& tree) { ReplaceIn(tree, pairs); };
  };
  const struct {
    const char* what;
    std::function<void(ExplainNode&)> forge;
    const char* place;
  } forgeries[] = {
      {"5 points are 6",
       texts(
           {{R"("value":"5","id":"adj-1","delta":"5")", R"("value":"6","id":"adj-1","delta":"6")"},
            {R"("adjustments":"5")", R"("adjustments":"6")"},
            {R"("75")", R"("76")"}}),
       "(/children/1/value)"},
      {"no adjustment",
       [](ExplainNode& tree) {
         tree.children.erase(tree.children.begin() + 1);
         ReplaceIn(tree,
                   {{R"("adjustments":"5")", R"("adjustments":"0")"}, {R"("75")", R"("70")"}});
       },
       "(/children/1)"},
      {"another approver", texts({{R"("p-ex2")", R"("p-hr")"}}), "(/children/1/approvedBy)"},
      {"another remark", texts({{"参考ERP", "参考MES"}}), "(/children/1/remark)"},
      {"a lower boundary and another band",
       texts({{R"("band":"合格")", R"("band":"优秀")"},
              {R"("band.3.from":"90")", R"("band.3.from":"75")"}}),
       "(/inputs/band.3.from)"},
      {"a lower target", texts({{R"("130")", R"("120")"}}),
       "(/children/0/children/0/children/0/inputs/target)"},
      {"another person", texts({{R"("label":"p-1")", R"("label":"p-2")"}}), "(/label)"},
      {"more on a shortened day",
       texts({{R"("150")", R"("151")"}, {R"("157")", R"("158")"}, {R"(= 157")", R"(= 158")"}}),
       "/children/0/children/0/children/0/value)"},
      {"another hash of a shortened day", texts({{R"("factsHash":")", R"("factsHash":"0)"}}),
       "/inputs/factsHash)"},
  };
  for (const auto& [what, forge, place] : forgeries) {
    INFO(what);
    ExplainNode tree = Parsed(honest);
    forge(tree);
    SealDigests(tree);
    const CheckResult alone = CheckExplain(tree);
    INFO(alone.place << ": " << alone.reason);
    CHECK(alone.ok);
    const Ended ended = Check(scene, ExplainJson(tree));
    INFO(ended.err);
    CHECK(ended.code == 5);
    CHECK(ended.err.starts_with("error HOME_DIFFERS: total p-"));
    CHECK(FirstLine(ended.err).ends_with(place));
    // Also when the digests were left as they were.
    ExplainNode careless = Parsed(honest);
    forge(careless);
    CHECK(FirstLine(Check(scene, ExplainJson(careless)).err) == FirstLine(ended.err));
  }
}

TEST_CASE("what was changed is told as found and expected", "[scenario][AUD-02]") {
  Scene scene = LockedScene();
  ExplainNode tree = Parsed(scene.Tell(kExplain));
  ReplaceIn(tree, {{R"("approvedBy":["p-ex2"])", R"("approvedBy":["p-hr"])"}});
  CHECK(
      Check(scene, ExplainJson(tree)).err ==
      "error HOME_DIFFERS: total p-1 > adjustment total: approvedBy is not what the home computes "
      "at that moment (/children/1/approvedBy)\n"
      "hint: expected p-ex2, got p-hr; the file was changed after it was printed\n");
  scene.Files().Write("tree.json", ExplainJson(tree));
  CHECK(scene.Files().Run({"score", "check", "tree.json"}).err ==
        "error EXPLAIN_DIFFERS: total p-1 > adjustment total: one of its fields was changed: they "
        "do not have its digest; no value contradicts it (/children/1)\n"
        "hint: ask for the derivation again: assay score explain\n");
}

TEST_CASE("an honest derivation stays right while the company goes on", "[scenario][AUD-02]") {
  Scene scene = ScoredScene();
  std::vector<std::string> words = kExplain;
  const std::string open = scene.Tell(words);
  words.emplace_back("--all");
  const std::string whole = scene.Tell(words);
  words = kExplain;
  words.emplace_back("rest");
  const std::string item = scene.Tell(words);
  const auto all_ok = [&](const std::vector<std::string>& trees) {
    for (const std::string& tree : trees) {
      const Ended ended = Check(scene, tree);
      INFO(ended.err);
      CHECK(ended.code == 0);
    }
  };
  // A correction and a new record of a day that was shown.
  scene.At("2026-07-01T09:00:00Z");
  scene.Feed("output,rest", {"one,2,2026-06-11,E1,9,30", "two,1,2026-06-10,E1,1,1"});
  CHECK(scene.Items() == "output 160 -> 60, rest 31 -> 15.5");
  all_ok({open, whole, item});
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
  const std::string locked = scene.Tell(kExplain);
  scene.At("2026-07-03T09:00:00Z");
  scene.Feed("output,rest", {"two,2,2026-06-10,E1,3,2"});
  scene.Do(By("p-ex",
              "requestAdjustment: {adjustment: adj-1, person: p-1, cycle: 2026-06, "
              "delta: \"5\", reasonCode: OUTPUT, remark: 参考ERP}") +
           By("p-ex2", "approveAdjustment: {adjustment: adj-1}"));
  all_ok({open, whole, item, locked, scene.Tell(kExplain)});
  CHECK(Check(scene, whole)
            .err.find("62 facts read at their places in the journal, 0 shortened "
                      "days") != std::string::npos);
  CHECK(Check(scene, item).err.find("1 fact read at its place") != std::string::npos);
}

TEST_CASE("a derivation of another company, of no moment or of one to come is told as such",
          "[scenario][AUD-02]") {
  Scene scene = ScoredScene();
  const std::string honest = scene.Tell(kExplain);
  const Ended other = Check(ScoredScene(), honest);
  CHECK(other.code == 5);
  CHECK(
      other.err.starts_with("error EXPLAIN_OF_ANOTHER_LOG: the derivation is not of the company "
                            "in this home (/of/"));
  ExplainNode tree = Parsed(honest);
  tree.of->moment = "9999@0,0,0,0,0,0,0,0";
  CHECK(Check(scene, ExplainJson(tree)).err.find("(/of/moment)") != std::string::npos);
  tree = Parsed(honest);
  tree.of->person = "p-mgr";
  CHECK(Check(scene, ExplainJson(tree)).err.find("(/of/person)") != std::string::npos);
  tree = Parsed(honest);
  tree.of.reset();
  SealDigests(tree);
  const Ended old = Check(scene, ExplainJson(tree));
  CHECK(old.code == 5);
  CHECK(
      old.err.starts_with("error EXPLAIN_WITHOUT_MOMENT: the file does not say what it explains"));
  CHECK(scene.Files().Run({"score", "check", "tree.json"}).code == 0);
}

}  // namespace assay::testing

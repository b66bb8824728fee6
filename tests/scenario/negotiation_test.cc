// Two sides come to terms, through command files, and read the whole course back.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

struct Term {
  const char* item;
  const char* target;
  int weight_bp;
  const char* difficulty = "1";
};

std::string Terms(const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) {
    text += fmt::format(
        "{}{{item: {}, metric: {}@1, curve: prop@1, target: \"{}\", unit: pcs, weightBp: {}, "
        "difficulty: \"{}\"}}",
        text.empty() ? "" : ", ", term.item, term.item, term.target, term.weight_bp,
        term.difficulty);
  }
  return "[" + text + "]";
}

std::string Propose(const std::vector<Term>& terms) {
  return By("p-mgr", fmt::format("proposeTerms: {{agreement: a-1, items: {}}}", Terms(terms)));
}

std::string Counter(std::string_view by, const std::vector<Term>& terms, std::string_view note) {
  return By(
      by, fmt::format("counterTerms: {{agreement: a-1, items: {}, note: {}}}", Terms(terms), note));
}

std::string Accept(std::string_view by, std::string_view items = "") {
  return By(by, fmt::format("acceptItems: {{agreement: a-1, items: [{}]}}", items));
}

std::string Sign(std::string_view by) { return By(by, "signAgreement: {agreement: a-1}"); }

Scene TermsScene(const std::vector<Term>& terms) {
  std::vector<Line> lines;
  for (const Term& term : terms) {
    lines.push_back(
        {.item = term.item, .target = term.target, .weight_bp = term.weight_bp, .unit = "pcs"});
  }
  Scene scene;
  scene.Score({.lines = lines});
  return scene;
}

std::string Stage(Scene& scene) {
  return TextIn(scene.Json({"agreement", "show", "a-1"}), "state");
}

// "2 p-1 items[output].target 1000 -> 900": every change of every version behind the first.
std::string Changes(Scene& scene) {
  std::string text;
  for (const simdjson::dom::element version :
       simdjson::dom::array(scene.Json({"agreement", "show", "a-1"})["versions"])) {
    if (TextIn(version, "version") == "1") continue;
    for (const simdjson::dom::element change : simdjson::dom::array(version["changes"])) {
      text +=
          fmt::format("{} {} {} {} -> {}\n", TextIn(version, "version"), TextIn(version, "by"),
                      TextIn(change, "path"), TextIn(change, "before"), TextIn(change, "after"));
    }
  }
  return text;
}

}  // namespace

TEST_CASE("counter-proposals are versions, and their differences are named by field",
          "[scenario][NEG-02]") {
  Scene scene = TermsScene({{"output", "1000", 4'000}, {"rest", "1", 6'000}});
  scene.Do(Propose({{"output", "1000", 4'000}, {"rest", "1", 6'000}}) +
           Counter("p-1", {{"output", "900", 3'500}, {"rest", "1", 6'500}}, "检修") +
           Counter("p-mgr", {{"output", "950", 4'000}, {"rest", "1", 6'000}}, "各让一步") +
           Accept("p-1"));
  CHECK(Changes(scene) ==
        "2 p-1 items[output].target 1000 -> 900\n"
        "2 p-1 items[output].weightBp 4000 -> 3500\n"
        "2 p-1 items[rest].weightBp 6000 -> 6500\n"
        "3 p-mgr items[output].target 900 -> 950\n"
        "3 p-mgr items[output].weightBp 3500 -> 4000\n"
        "3 p-mgr items[rest].weightBp 6500 -> 6000\n");
  CHECK(Stage(scene) == "AGREED");
}

TEST_CASE("one side alone completes nothing, item by item, and the score follows what was signed",
          "[scenario][NEG-04]") {
  const std::vector<Term> terms = {{"output", "50", 4'000},
                                   {"b", "10", 1'500},
                                   {"c", "10", 1'500},
                                   {"d", "10", 1'500},
                                   {"e", "10", 1'500}};
  std::vector<Term> usual = terms;
  usual.front().target = "100";
  Scene scene = TermsScene(usual);
  scene.Do(Propose(terms));
  scene.Feed("output,b,c,d,e", {"2026-06-10,E1,40,10,10,10,10"});
  CHECK(Stage(scene) == "PROPOSED");
  scene.Do(Accept("p-1", "output, b, c, d"));
  CHECK(Stage(scene) == "PROPOSED");
  CHECK(scene.Refusal(Sign("p-1")) ==
        "error ITEM_NOT_CONFIRMED: 1 of 5 items are not confirmed by both sides "
        "(signAgreement.items[e])");
  scene.Do(Accept("p-1", "e"));
  CHECK(Stage(scene) == "AGREED");
  // 40 of the template's 100 until both have signed 50.
  CHECK(scene.Total() == "OK 76 + 0 - 0 = 76 合格");
  scene.Do(Sign("p-mgr"));
  CHECK(Stage(scene) == "AGREED");
  CHECK(scene.Total() == "OK 76 + 0 - 0 = 76 合格");
  scene.Do(Sign("p-1"));
  CHECK(Stage(scene) == "SIGNED");
  CHECK(scene.Total() == "OK 92 + 0 - 0 = 92 优秀");
}

TEST_CASE("what is signed changes by an amendment alone, and both versions keep their hash",
          "[scenario][NEG-05]") {
  Scene scene = TermsScene({{"output", "100", 10'000}});
  const std::string both = Sign("p-mgr") + Sign("p-1");
  scene.Do(Propose({{"output", "100", 10'000}}) + Accept("p-1") + both);
  CHECK(scene.Refusal(Counter("p-1", {{"output", "90", 10'000}}, "降")) ==
        "error AGREEMENT_IMMUTABLE: a-1 is signed by both sides (counterTerms.agreement)");
  scene.Do(By("p-mgr", "proposeAmendment: {agreement: a-1, items: " +
                           Terms({{"output", "90", 10'000}}) + "}") +
           Accept("p-1") + both);
  const auto agreement = scene.Json({"agreement", "show", "a-1"});
  const auto versions = simdjson::dom::array(agreement["versions"]);
  REQUIRE(versions.size() == 2);
  CHECK(TextIn(versions.at(1).value(), "amends") == "1");
  CHECK(TextIn(simdjson::dom::array(versions.at(0).value()["items"]).at(0).value(), "target") ==
        "100");
  CHECK(TextIn(simdjson::dom::array(versions.at(1).value()["items"]).at(0).value(), "target") ==
        "90");
  const auto signatures = simdjson::dom::array(agreement["signatures"]);
  REQUIRE(signatures.size() == 4);
  const auto hash = [&](size_t i) { return TextIn(signatures.at(i).value(), "contentHash"); };
  CHECK(hash(0) == hash(1));
  CHECK(hash(2) == hash(3));
  CHECK(hash(0) != hash(2));
}

TEST_CASE("a reject rate cannot be agreed without a number, and can with 3 percent",
          "[scenario][NEG-12]") {
  Scene scene = TermsScene({{"rejects", "0.03", 10'000}});
  CHECK(scene.Refusal(Propose({{"rejects", "", 10'000}})) ==
        "error TARGET_REQUIRED: item rejects is quantitative: it needs a number and a unit "
        "(proposeTerms.items[0].target)");
  scene.Do(Propose({{"rejects", "0.03", 10'000}}) + Accept("p-1"));
  CHECK(Stage(scene) == "AGREED");
}

TEST_CASE("a score is computed by the metric version that was signed, until an amendment is",
          "[scenario][NEG-13]") {
  Scene scene = TermsScene({{"output", "100", 10'000}});
  scene.Do(Propose({{"output", "100", 10'000}}) + Accept("p-1") + Sign("p-mgr") + Sign("p-1"));
  scene.Feed("output", {"2026-06-10,E1,40"});
  scene.Do(
      Publish({.id = "output", .formula = "sum(erp.output) * 2", .unit = "pcs", .version = 2}));
  CHECK(scene.Items() == "output 40 -> 40");
  scene.Do(By("p-mgr",
              "proposeAmendment: {agreement: a-1, items: [{item: output, metric: output@2, "
              "curve: prop@1, target: \"100\", unit: pcs, weightBp: 10000}]}") +
           Accept("p-1") + Sign("p-mgr"));
  CHECK(scene.Items() == "output 40 -> 40");
  scene.Do(By("p-1", "signAgreement: {agreement: a-1, version: 2}"));
  CHECK(scene.Items() == "output 80 -> 80");
}

TEST_CASE("a weight is asked for together with the one that gives way", "[scenario][NEG-06]") {
  Scene scene = TermsScene({{"kpi1", "10", 3'000}, {"kpi2", "10", 2'000}, {"rest", "1", 5'000}});
  scene.Do(Propose({{"kpi1", "10", 3'000}, {"kpi2", "10", 2'000}, {"rest", "1", 5'000}}));
  CHECK(scene.Refusal(Counter(
            "p-1", {{"kpi1", "10", 2'000}, {"kpi2", "10", 2'000}, {"rest", "1", 5'000}}, "降")) ==
        "error WEIGHT_SUM_NOT_100: the weights add up to 90.00 %, not to 100.00 % "
        "(counterTerms.items)");
  scene.Do(Counter("p-1", {{"kpi1", "10", 2'000}, {"kpi2", "10", 3'000}, {"rest", "1", 5'000}},
                   "岗位以第二项为主"));
  CHECK(Changes(scene) ==
        "2 p-1 items[kpi1].weightBp 3000 -> 2000\n"
        "2 p-1 items[kpi2].weightBp 2000 -> 3000\n");
  CHECK(Stage(scene) == "PROPOSED");
}

TEST_CASE("less self-assessment is stated with more for the manager, never renormalised",
          "[scenario][NEG-07]") {
  Scene scene = TermsScene({{"self", "5", 2'000}, {"manager", "5", 4'000}, {"rest", "1", 4'000}});
  scene.Do(Propose({{"self", "5", 2'000}, {"manager", "5", 4'000}, {"rest", "1", 4'000}}));
  CHECK(scene.Refusal(Counter(
            "p-1", {{"self", "5", 1'000}, {"manager", "5", 4'000}, {"rest", "1", 4'000}}, "降")) ==
        "error WEIGHT_SUM_NOT_100: the weights add up to 90.00 %, not to 100.00 % "
        "(counterTerms.items)");
  scene.Do(Counter("p-1", {{"self", "5", 1'000}, {"manager", "5", 5'000}, {"rest", "1", 4'000}},
                   "自评降低"));
  CHECK(Changes(scene) ==
        "2 p-1 items[self].weightBp 2000 -> 1000\n"
        "2 p-1 items[manager].weightBp 4000 -> 5000\n");
}

TEST_CASE("weights and difficulty are tuned with author, reason, before and after",
          "[scenario][NEG-09]") {
  Scene scene = TermsScene({{"output", "100", 2'500}, {"rest", "1", 7'500}});
  scene.Do(Propose({{"output", "100", 2'500, "1"}, {"rest", "1", 7'500}}) +
           Counter("p-1", {{"output", "90", 2'500, "1"}, {"rest", "1", 7'500}}, "检修") +
           Counter("p-mgr", {{"output", "90", 2'200, "1.1"}, {"rest", "1", 7'800}}, "难度上调"));
  CHECK(Changes(scene) ==
        "2 p-1 items[output].target 100 -> 90\n"
        "3 p-mgr items[output].weightBp 2500 -> 2200\n"
        "3 p-mgr items[output].difficulty 1 -> 1.1\n"
        "3 p-mgr items[rest].weightBp 7500 -> 7800\n");
  const auto versions = scene.Json({"agreement", "show", "a-1"})["versions"].value();
  CHECK(TextIn(simdjson::dom::array(versions).at(2).value(), "note") == "难度上调");
}

TEST_CASE("a step that needs a reason is refused without one, and each says who and on what",
          "[scenario][CYC-07]") {
  Scene scene = TermsScene({{"output", "100", 10'000}});
  scene.Do(Propose({{"output", "100", 10'000}}));
  const std::string reject = "rejectItem: {agreement: a-1, item: output}";
  CHECK(scene.Refusal(By("p-1", reject)) ==
        "error REASON_REQUIRED: an item is rejected with a reason (reason)");
  scene.Do(By("p-1", reject + "\nreason: 目标过高"));
  const std::string log = scene.Tell({"log", "show", "decisions", "--stream", "agreement/a-1"});
  const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
  simdjson::dom::parser parser;
  const simdjson::dom::element commit = parser.parse(last).value();
  CHECK(TextIn(commit, "actor") == "p-1");
  CHECK(TextIn(commit, "command") == "rejectItem");
  CHECK(int64_t(commit["basis"]["position"]) == int64_t(commit["position"]) - 1);
  CHECK(TextIn(commit["basis"].value(), "root").size() == 64);
}

TEST_CASE("who accepted or rejected which item, and why, is shown", "[scenario][NEG-02]") {
  Scene scene = TermsScene({{"output", "100", 6'000}, {"rest", "1", 4'000}});
  scene.Do(Propose({{"output", "100", 6'000}, {"rest", "1", 4'000}}) + Accept("p-1", "rest") +
           By("p-1", "rejectItem: {agreement: a-1, item: output}\nreason: 目标过高"));
  std::string answers;
  for (const simdjson::dom::element answer :
       simdjson::dom::array(scene.Json({"agreement", "show", "a-1"})["answers"])) {
    answers += fmt::format("{} {} {} {} {} {}\n", TextIn(answer, "version"), TextIn(answer, "item"),
                           TextIn(answer, "answer"), TextIn(answer, "by"), TextIn(answer, "side"),
                           TextIn(answer, "reason"));
  }
  CHECK(answers ==
        "1 rest ACCEPTED p-1 EMPLOYEE ?\n"
        "1 output REJECTED p-1 EMPLOYEE 目标过高\n");
  const std::string table = scene.Tell({"agreement", "show", "a-1"});
  INFO(table);
  CHECK(table.find("REJECTED  p-1  EMPLOYEE") != std::string::npos);
  CHECK(table.find("目标过高") != std::string::npos);
  // As of the moment before the rejection nobody had rejected anything.
  const std::string at = std::to_string(
      int64_t(simdjson::dom::array(scene.Json({"agreement", "show", "a-1"})["answers"])
                  .at(0)
                  .value()["position"]));
  CHECK(scene.Tell({"--at", at, "agreement", "show", "a-1"}).find("REJECTED") == std::string::npos);
}

TEST_CASE("an open amendment stands behind the version in force", "[scenario][NEG-02]") {
  Scene scene = TermsScene({{"output", "100", 10'000}});
  scene.Do(Propose({{"output", "100", 10'000}}) + Accept("p-1") + Sign("p-mgr") + Sign("p-1"));
  scene.Do(By("p-mgr", fmt::format("proposeAmendment: {{agreement: a-1, items: {}}}",
                                   Terms({{"output", "120", 10'000}}))));
  const auto agreement = scene.Json({"agreement", "show", "a-1"});
  CHECK(TextIn(agreement, "inForce") == "1");
  CHECK(TextIn(agreement, "proposed") == "2");
  const std::string table = scene.Tell({"agreement", "show", "a-1"});
  INFO(table);
  CHECK(table.find("SIGNED: version 1 is in force; version 2 PROPOSED") != std::string::npos);
  const size_t in_force = table.find("terms of version 1 (signed, in force)");
  const size_t proposed = table.find("terms of version 2 (proposed, not in force)");
  REQUIRE(in_force != std::string::npos);
  REQUIRE(proposed != std::string::npos);
  CHECK(in_force < proposed);
}

}  // namespace assay::testing

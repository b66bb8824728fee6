// Who is credited when people hold several positions, move, or stand in units that merge.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

std::string Position(std::string_view id) {
  return By("p-hr", fmt::format("createPosition: {{position: {}, unit: u-1, title: T, "
                                "headcount: 9, from: 2026-01-01}}",
                                id));
}

std::string Start(std::string_view position, int allocation_bp, std::string_view span,
                  std::string_view kind = "CONCURRENT") {
  return By("p-hr", fmt::format("startAssignment: {{assignment: as-{0}, person: p-1, "
                                "position: {0}, allocationBp: {1}, kind: {2}, span: {{{3}}}}}",
                                position, allocation_bp, kind, span));
}

std::string Allocate(int allocation_bp) {
  return By("p-hr", fmt::format("changeAllocation: {{assignment: as-p-1, allocationBp: {}, "
                                "from: 2026-06-01}}",
                                allocation_bp));
}

// An agreement's own target, proposed by the manager.
std::string Target(std::string_view agreement, std::string_view target) {
  return By("p-mgr", fmt::format("proposeTerms: {{agreement: {}, items: {}}}", agreement,
                                 Items({{.item = "output", .target = target, .unit = "pcs"}}))) +
         By("p-1", fmt::format("acceptItems: {{agreement: {}}}", agreement)) +
         By("p-mgr", fmt::format("signAgreement: {{agreement: {}}}", agreement)) +
         By("p-1", fmt::format("signAgreement: {{agreement: {}}}", agreement));
}

Scene OutputScene(std::string_view attribution = "SPLIT") {
  Scene scene;
  scene.Score(
      {.lines = {{.item = "output", .target = "100", .unit = "pcs", .attribution = attribution}}});
  return scene;
}

}  // namespace

TEST_CASE("V11: 60 percent of 90 and 40 percent of 80 are 86, by split facts and by whole ones",
          "[scenario][SCO-04]") {
  const struct {
    const char* attribution;
    const char* fact;
    const char* second_target;
  } rows[] = {{"SPLIT", "150", "75"}, {"WHOLE", "90", "112.5"}};
  for (const auto& [attribution, fact, second_target] : rows) {
    INFO(attribution);
    Scene scene = OutputScene(attribution);
    scene.Do(Position("pos-2") + Allocate(6'000) + Start("pos-2", 4'000, "from: 2026-06-01"));
    scene.Agree("a-2", "pos-2").Do(Target("a-1", "100") + Target("a-2", second_target));
    scene.Feed("output", {std::string("2026-06-10,E1,") + fact});
    CHECK(scene.Parts() == "pos-op 6000 of 90, pos-2 4000 of 80");
    CHECK(scene.Total() == "OK 86 + 0 - 0 = 86 合格");
  }
  Scene scene = OutputScene();
  CHECK(scene.Refusal(Position("pos-2") + Allocate(6'000) +
                      Start("pos-2", 5'000, "from: 2026-06-01")) ==
        "error ALLOCATION_OVER_100: the person's allocations are 60 + 50 on 2026-06-01 "
        "(startAssignment.allocationBp)");
}

TEST_CASE("an item of two positions is explained in both", "[scenario][MET-17][AUD-02]") {
  Scene scene = OutputScene();
  scene.Do(Position("pos-2") + Allocate(6'000) + Start("pos-2", 4'000, "from: 2026-06-01"));
  scene.Agree("a-2", "pos-2");
  scene.Feed("output", {"2026-06-10,E1,100"});
  const std::string words = scene.Tell({"score", "explain", "2026-06", "p-1", "output"});
  CHECK(
      words.starts_with("part a-1, position pos-op, weight 60 %: 60\n"
                        "  item output: 0.6 x 100 = 60.0000, "));
  CHECK(words.find("\npart a-2, position pos-2, weight 40 %: 40\n"
                   "  item output: 0.4 x 100 = 40.0000, ") != std::string::npos);
  for (const char* format : {"json", "ndjson"}) {
    scene.Files().Write("items",
                        scene.Tell({"-o", format, "score", "explain", "2026-06", "p-1", "output"}));
    CHECK(scene.Tell({"score", "check", "items"}) == "ok 60\nok 40\n");
  }
  const auto trees = scene.Json({"score", "explain", "2026-06", "p-1", "output"});
  CHECK(TextIn(trees.at(0)["of"], "agreement") == "a-1");
  CHECK(TextIn(trees.at(1)["of"], "agreement") == "a-2");
  CHECK(scene.Tell({"-o", "csv", "score", "explain", "2026-06", "p-1", "output"})
            .find("\n/1,item,output,40,") != std::string::npos);
}

TEST_CASE("three positions of 50, 30 and 20 percent with 88, 76 and 92 are 85.2",
          "[scenario][ORG-07]") {
  Scene scene = OutputScene("WHOLE");
  scene.Do(Position("pos-2") + Position("pos-3") + Allocate(5'000) +
           Start("pos-2", 3'000, "from: 2026-06-01") + Start("pos-3", 2'000, "from: 2026-06-01"));
  scene.Agree("a-2", "pos-2").Agree("a-3", "pos-3");
  // 1672 is 88 % of 1900, 76 % of 2200 and, to the last digit, 92 % of 1817.391304347826.
  scene.Do(Target("a-1", "1900") + Target("a-2", "2200") + Target("a-3", "1817.391304347826"));
  scene.Feed("output", {"2026-06-10,E1,1672"});
  CHECK(scene.Parts() == "pos-op 5000 of 88, pos-2 3000 of 76, pos-3 2000 of 92");
  CHECK(scene.Total() == "OK 85.2 + 0 - 0 = 85.2 合格");
}

TEST_CASE("after a promotion on the 16th, facts to the 15th are judged by the old agreement",
          "[scenario][ORG-06]") {
  Scene scene = OutputScene();
  scene.Do(Position("pos-lead") +
           By("p-hr", "endAssignment: {assignment: as-p-1, to: 2026-06-16}") +
           Start("pos-lead", 10'000, "from: 2026-06-16", "PRIMARY"));
  scene.Agree("a-2", "pos-lead").Do(Target("a-1", "100") + Target("a-2", "50"));
  scene.Feed("output",
             {"2026-06-01,E1,40", "2026-06-15,E1,50", "2026-06-16,E1,30", "2026-06-30,E1,10"});
  // 90 of 100 by the 15th, 40 of 50 from the 16th; each holds for half of June.
  CHECK(scene.Parts() == "pos-op 5000 of 90, pos-lead 5000 of 80");
  CHECK(scene.Total() == "OK 85 + 0 - 0 = 85 合格");
}

TEST_CASE("a temporary position is credited with the facts of its window alone",
          "[scenario][ORG-05]") {
  Scene scene = OutputScene();
  scene.Do(Position("pos-temp") +
           By("p-hr", "endAssignment: {assignment: as-p-1, to: 2026-06-10}") +
           Start("pos-temp", 10'000, "from: 2026-06-10, to: 2026-06-21", "TEMPORARY") +
           By("p-hr",
              "startAssignment: {assignment: as-back, person: p-1, position: pos-op, "
              "allocationBp: 10000, kind: PRIMARY, span: {from: 2026-06-21}}"));
  scene.Agree("a-2", "pos-temp").Do(Target("a-1", "100") + Target("a-2", "100"));
  scene.Feed("output",
             {"2026-06-09,E1,1", "2026-06-10,E1,20", "2026-06-20,E1,40", "2026-06-21,E1,2"});
  CHECK(scene.Parts() == "pos-op 6333 of 3, pos-temp 3667 of 60");
}

TEST_CASE("facts of an unbound key count for nobody until a back-dated binding credits them",
          "[scenario]") {
  Scene scene = OutputScene();
  CHECK(scene.Feed("output", {"2026-06-10,E9,60", "2026-06-20,E9,20"}) ==
        "applied 2 unattributed 2");
  CHECK(scene.Items() == "output ? -> ? NOT_COMPUTABLE(NO_DATA)");
  scene.Do(By("p-hr",
              "bindSourceKey: {person: p-1, entityType: employee, key: E9, "
              "span: {from: 2026-06-15}}"));
  CHECK(scene.Items() == "output 20 -> 20");
  CHECK(TextIn(simdjson::dom::array(scene.Json({"status"})["sources"]).at(0).value(),
               "unattributed") == "1");
}

TEST_CASE("an assignment that is entered late for the past credits the facts of its days",
          "[scenario]") {
  Scene scene = OutputScene();
  scene.Do(Position("pos-2"));
  scene.Feed("output", {"2026-06-10,E1,40", "2026-06-25,E1,30"});
  CHECK(scene.Total() == "OK 70 + 0 - 0 = 70 合格");
  scene.At("2026-07-02T08:00:00Z")
      .Do(By("p-hr", "endAssignment: {assignment: as-p-1, to: 2026-06-16}") +
          Start("pos-2", 10'000, "from: 2026-06-16", "PRIMARY"));
  scene.Agree("a-2", "pos-2");
  CHECK(scene.Parts() == "pos-op 5000 of 40, pos-2 5000 of 30");
  // As of the day before, the card stands on what was known then.
  CHECK(scene.Total({"--at", "2026-07-01T23:59:59Z"}) == "OK 70 + 0 - 0 = 70 合格");
}

TEST_CASE("a merge moves people from its day on, and the scores before it stay",
          "[scenario][ORG-03]") {
  Scene scene = OutputScene();
  std::string documents =
      By("p-hr",
         "createUnit: {unit: u-2, name: D2, kind: DEPARTMENT, parent: u-1, "
         "from: 2026-01-01}") +
      By("p-hr",
         "createPosition: {position: pos-d2, unit: u-2, title: T, headcount: 12, "
         "from: 2026-01-01}");
  for (int i = 1; i <= 12; ++i) {
    documents += By("p-hr", fmt::format("addPerson: {{person: q-{}}}", i)) +
                 By("p-hr", fmt::format("startAssignment: {{assignment: as-q-{0}, person: q-{0}, "
                                        "position: pos-d2, allocationBp: 10000, kind: PRIMARY, "
                                        "span: {{from: 2026-01-01}}}}",
                                        i)) +
                 By("p-hr", fmt::format("openAgreement: {{agreement: q-{0}, person: q-{0}, "
                                        "position: pos-d2, cycle: 2026-06}}",
                                        i));
  }
  scene.Do(documents + By("p-hr", "mergeUnits: {sources: [u-2], target: u-1, from: 2026-07-01}"));
  const auto people_of = [&](const char* day, const char* unit) {
    size_t people = 0;
    for (const simdjson::dom::element row :
         simdjson::dom::array(scene.Json({"--on", day, "org", "show", unit})["positions"])) {
      people += simdjson::dom::array(row["people"]).size();
    }
    return people;
  };
  CHECK(people_of("2026-06-30", "u-2") == 12);
  CHECK(people_of("2026-06-30", "u-1") == 1);
  CHECK(people_of("2026-07-01", "u-1") == 13);
  CHECK(simdjson::dom::array(scene.Json({"score", "list", "2026-06", "--unit", "u-2"})).size() ==
        12);
}

TEST_CASE("facts after the end of a key are nobody's, until it is bound again", "[scenario][org]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-05,E1,60", "2026-06-20,E1,30"});
  CHECK(scene.Items() == "output 90 -> 90");
  scene.Do(
      By("p-hr", "endSourceKey: {person: p-1, entityType: employee, key: E1, to: 2026-06-10}"));
  CHECK(scene.Items() == "output 60 -> 60");
  CHECK(scene
            .Refusal(By("p-hr",
                        "endSourceKey: {person: p-1, entityType: employee, key: E1, to: "
                        "2026-06-10}"))
            .starts_with("error NOT_BOUND: the key does not stand for p-1 on 2026-06-10"));
  scene.Do(By("p-hr",
              "bindSourceKey: {person: p-1, entityType: employee, key: E1, span: {from: "
              "2026-06-15}}"));
  CHECK(scene.Items() == "output 90 -> 90");
  // Nothing of it is in clear on the log.
  CHECK(scene.Tell({"log", "show", "decisions"}).find("\"E1\"") == std::string::npos);
  CHECK(scene.Try({"verify", "--decisions"}).code == 0);
}

}  // namespace assay::testing

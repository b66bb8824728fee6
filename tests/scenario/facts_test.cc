// From records of any system to points: what a customer configures, in two files.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

std::string Cycle(std::string_view id, std::string_view from, std::string_view to,
                  std::string_view scheme) {
  return By("p-hr", fmt::format("planCycle: {{cycle: {}, period: {{from: {}, to: {}}}, "
                                "grain: MONTH, template: {}}}",
                                id, from, to, scheme)) +
         By("p-hr", fmt::format("openCycle: {{cycle: {}}}", id));
}

std::string Agreement(std::string_view id, std::string_view cycle) {
  return By("p-hr", fmt::format("openAgreement: {{agreement: {}, person: p-1, position: pos-op, "
                                "cycle: {}}}",
                                id, cycle));
}

}  // namespace

TEST_CASE("3 complaints on 200 orders are a complaint rate of 1.50 percent", "[scenario][ING-04]") {
  Scene scene;
  scene.Score({.lines = {{.item = "rate",
                          .target = "0.03",
                          .curve = "lower@1",
                          .formula = "sum(erp.complaints) / sum(erp.orders)",
                          .direction = "LOWER_IS_BETTER"}},
               .measures = {"complaints pcs", "orders pcs"},
               .curves = By("p-hr",
                            "publishCurve: {curve: lower@1, definition: {kind: "
                            "LINEAR_RANGE, direction: LOWER_IS_BETTER, zero: \"0.06\"}}")});
  scene.Feed("complaints,orders", {"2026-06-10,E1,1,120", "2026-06-20,E1,2,80"});
  CHECK(scene.Items() == "rate 0.015 -> 100");
}

TEST_CASE("22 of 22 workdays present are 100 percent, 10 of 10 points", "[scenario][ING-06]") {
  Scene scene;
  scene.Score({.lines = {{.item = "attendance",
                          .target = "1",
                          .weight_bp = 1'000,
                          .formula = "sum(erp.present) / sum(erp.planned)"},
                         {.item = "rest", .target = "1", .weight_bp = 9'000}},
               .measures = {"present d", "planned d", "rest 1"}});
  std::vector<std::string> rows;
  for (int day = 1; day <= 30; ++day) {
    // June 2026 begins on a Monday.
    if (day % 7 != 6 && day % 7 != 0) rows.push_back(fmt::format("2026-06-{:02},E1,1,1,", day));
  }
  REQUIRE(rows.size() == 22);
  CHECK(scene.Feed("present,planned,rest", {rows.begin(), rows.end()}) == "applied 22");
  CHECK(scene.Items() == "attendance 1 -> 10, rest ? -> ? NOT_COMPUTABLE(NO_DATA)");
}

TEST_CASE("8 of 10 courses are 80 percent", "[scenario][ING-08]") {
  Scene scene;
  scene.Score({.lines = {{.item = "training",
                          .target = "1",
                          .formula = "sum(erp.done) / sum(erp.courses)"}},
               .measures = {"done pcs", "courses pcs"}});
  scene.Feed("done,courses", {"2026-06-10,E1,5,6", "2026-06-20,E1,3,4"});
  CHECK(scene.Items() == "training 0.8 -> 80");
}

TEST_CASE("a cost record is used by a cost metric", "[scenario][ING-13]") {
  Scene scene;
  scene.Score({.lines = {{.item = "cost",
                          .target = "1000",
                          .unit = "CNY",
                          .curve = "cost@1",
                          .direction = "LOWER_IS_BETTER"}},
               .curves = By("p-hr",
                            "publishCurve: {curve: cost@1, definition: {kind: "
                            "TARGET_RATIO_LOWER, direction: LOWER_IS_BETTER}}")});
  CHECK(scene.Feed("cost", {"2026-06-10,E1,750", "2026-06-20,E1,500"}) == "applied 2");
  CHECK(scene.Items() == "cost 1250 -> 80");
}

TEST_CASE("counter-metrics stand beside the volume: 92 percent of the material, 94 percent on time",
          "[scenario][MET-14]") {
  Scene scene;
  scene.Score({.lines = {{.item = "utilisation",
                          .target = "1",
                          .weight_bp = 5'000,
                          .formula = "sum(erp.used) / sum(erp.taken)"},
                         {.item = "on-time",
                          .target = "1",
                          .weight_bp = 5'000,
                          .formula = "sum(erp.punctual) / sum(erp.delivered)"}},
               .measures = {"used kg", "taken kg", "punctual pcs", "delivered pcs"}});
  scene.Feed("used,taken,punctual,delivered", {"2026-06-30,E1,920,1000,47,50"});
  CHECK(scene.Items() == "utilisation 0.92 -> 46, on-time 0.94 -> 47");
}

TEST_CASE("3 patents of 4 are 75 percent, beside a progress of 80 percent", "[scenario][MET-15]") {
  Scene scene;
  scene.Score(
      {.lines =
           {{.item = "patents", .target = "4", .weight_bp = 5'000, .formula = "count(erp.patent)"},
            {.item = "progress",
             .target = "1",
             .weight_bp = 5'000,
             .formula = "last(erp.progress)"}},
       .measures = {"patent pcs", "progress 1"}});
  scene.Feed("patent,progress",
             {"2026-06-05,E1,1,0.2", "2026-06-15,E1,1,0.5", "2026-06-25,E1,1,0.8"});
  CHECK(scene.Items() == "patents 3 -> 37.5, progress 0.8 -> 40");
}

TEST_CASE("a new source and metric are configuration: the next record gives the first score",
          "[scenario][MET-18]") {
  Scene scene;
  scene.Source("equipment", {"failures pcs", "checks pcs"});
  scene.Do(Publish({.id = "failure-rate",
                    .formula = "sum(equipment.failures) / sum(equipment.checks)",
                    .unit = "1",
                    .sources = "equipment"}) +
           CurveAndBands() +
           Template("std@1", {{.item = "failure-rate", .target = "0.5", .unit = "1"}}) +
           June("std@1"));
  scene.Agree("a-1");
  CHECK(scene.Items() == "failure-rate ? -> ? NOT_COMPUTABLE(NO_DATA)");
  CHECK(scene.Feed("failures,checks", {"2026-06-10,E1,1,4"}, "equipment") == "applied 1");
  CHECK(scene.Items() == "failure-rate 0.25 -> 50");
}

TEST_CASE("V9: re-weighting is a new template version, and last month's result stays as it was",
          "[scenario][MET-13]") {
  Scene scene;
  const std::vector<Item> before = {{.item = "volume", .target = "100", .unit = "1"}};
  const std::vector<Item> after = {
      {.item = "volume", .target = "100", .weight_bp = 4'000, .unit = "1"},
      {.item = "product", .target = "100", .weight_bp = 3'000, .unit = "1"},
      {.item = "quality", .target = "100", .weight_bp = 3'000, .unit = "1"}};
  scene.Source("erp", {"volume 1", "product 1", "quality 1"});
  std::string documents;
  for (const Item& item : after) {
    const std::string formula = fmt::format("sum(erp.{})", item.item);
    documents += Publish({.id = item.item, .formula = formula, .unit = "1"});
  }
  scene.Do(documents + CurveAndBands() + Template("std@1", before) +
           Cycle("2026-05", "2026-05-01", "2026-06-01", "std@1") + Agreement("a-may", "2026-05"));
  scene.Feed("volume,product,quality", {"2026-05-20,E1,77,1,1", "2026-06-20,E1,90,70,95"});
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-05}") + By("p-hr", "lockCycle: {cycle: 2026-05}") +
           By("p-hr", "publishResults: {cycle: 2026-05}"));
  const std::string may = scene.Tell({"-o", "json", "score", "list", "2026-05"});
  const std::string may_items = scene.Items({}, "p-1", "2026-05");
  CHECK(may_items == "volume 77 -> 77");
  scene.Do(Template("std@2", after) + Cycle("2026-06", "2026-06-01", "2026-07-01", "std@2") +
           Agreement("a-june", "2026-06"));
  CHECK(scene.Items() == "volume 90 -> 36, product 70 -> 21, quality 95 -> 28.5");
  CHECK(scene.Total() == "OK 85.5 + 0 - 0 = 85.5 合格");
  CHECK(scene.Tell({"-o", "json", "score", "list", "2026-05"}) == may);
  CHECK(scene.Items({}, "p-1", "2026-05") == may_items);
  CHECK(scene.Tell({"verify"}).find("publishedCycles  1") != std::string::npos);
}

TEST_CASE(
    "a metric that is added in mid-cycle scores 20 people anew in one run, and no closed cycle",
    "[scenario][MET-12]") {
  constexpr int kManagers = 20;
  Scene scene;
  scene.Source("erp", {"volume 1"}).Source("crm", {"repurchase 1"});
  const std::vector<Item> before = {{.item = "volume", .target = "100", .unit = "1"}};
  const std::vector<Item> after = {
      {.item = "volume", .target = "100", .weight_bp = 9'000, .unit = "1"},
      {.item = "repurchase", .target = "100", .weight_bp = 1'000, .unit = "1"}};
  std::string hired;
  std::string opened;
  std::string signed_first;
  std::string amended;
  std::vector<std::string> volumes;
  std::vector<std::string> repurchases;
  for (int i = 1; i <= kManagers; ++i) {
    const std::string person = fmt::format("p-{}", i);
    const auto settle = [&](const char* verb, const std::vector<Item>& items) {
      const auto step = [&](std::string_view by, const char* name) {
        return By(by, fmt::format("{}: {{agreement: june-{}}}", name, i));
      };
      return By("p-mgr",
                fmt::format("{}: {{agreement: june-{}, items: {}}}", verb, i, Items(items))) +
             step(person, "acceptItems") + step("p-mgr", "signAgreement") +
             step(person, "signAgreement");
    };
    if (i > 1) hired += Hire(person, fmt::format("E{}", i));
    for (const auto& [name, cycle] : {std::pair("may", "2026-05"), {"june", "2026-06"}}) {
      opened += By("p-hr", fmt::format("openAgreement: {{agreement: {}-{}, person: {}, position: "
                                       "pos-op, cycle: {}}}",
                                       name, i, person, cycle));
    }
    signed_first += settle("proposeTerms", before);
    amended += settle("proposeAmendment", after);
    volumes.push_back(fmt::format("2026-05-10,E{},70", i));
    volumes.push_back(fmt::format("2026-06-10,E{},80", i));
    repurchases.push_back(fmt::format("2026-06-15,E{},50", i));
  }
  scene.Do(hired + Publish({.id = "volume", .formula = "sum(erp.volume)", .unit = "1"}) +
           CurveAndBands() + Template("std@1", before) +
           Cycle("2026-05", "2026-05-01", "2026-06-01", "std@1") +
           Cycle("2026-06", "2026-06-01", "2026-07-01", "std@1") + opened + signed_first);
  scene.Feed("volume", {volumes.begin(), volumes.end()});
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-05}") + By("p-hr", "lockCycle: {cycle: 2026-05}") +
           By("p-hr", "publishResults: {cycle: 2026-05}"));
  const auto may = scene.Tell({"-o", "json", "score", "list", "2026-05"});
  const auto with_computed = [&](std::string_view cycle, std::string_view computed) {
    int count = 0;
    for (const simdjson::dom::element row :
         simdjson::dom::array(scene.Json({"score", "list", std::string(cycle)}))) {
      count += TextIn(row, "computed") == computed ? 1 : 0;
    }
    return count;
  };
  CHECK(with_computed("2026-05", "70") == kManagers);
  CHECK(with_computed("2026-06", "80") == kManagers);
  scene.Do(Publish(
      {.id = "repurchase", .formula = "sum(crm.repurchase)", .unit = "1", .sources = "crm"}));
  scene.Feed("repurchase", {repurchases.begin(), repurchases.end()}, "crm");
  CHECK(with_computed("2026-06", "80") == kManagers);
  scene.Do(amended);
  CHECK(with_computed("2026-06", "77") == kManagers);
  CHECK(scene.Tell({"-o", "json", "score", "list", "2026-05"}) == may);
}

TEST_CASE("three months that are delivered twice count once", "[scenario][ING-19]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  std::vector<std::string> rows;
  for (int month = 4; month <= 6; ++month) {
    for (int day = 1; day <= 20; ++day) {
      rows.push_back(fmt::format("o-{0}-{1},1,2026-{0:02}-{1:02},E1,4", month, day));
    }
  }
  const std::vector<std::string_view> views(rows.begin(), rows.end());
  CHECK(scene.Feed("output", views) == "applied 60");
  const std::string digest = TextIn(scene.Json({"digest"}), "digest");
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  // The same file, and the same records in another one.
  CHECK(scene.Feed("output", views) == "");
  std::vector<std::string_view> turned(views.rbegin(), views.rend());
  CHECK(scene.Feed("output", turned) == "duplicate 60");
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  CHECK(TextIn(scene.Json({"digest"}), "digest") == digest);
}

TEST_CASE("files of a contract's first version are taken after its second was registered",
          "[scenario][OPS-03]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  CHECK(scene.Feed("output", {"2026-06-10,E1,40"}) == "applied 1");
  scene.Source("erp", {"output pcs", "scrap kg"});
  CHECK(scene.Feed("output,scrap", {"2026-06-11,E1,20,3"}) == "applied 1");
  CHECK(scene.Feed("output", {"2026-06-12,E1,10"}) == "applied 1");
  CHECK(scene.Items() == "output 70 -> 70");
}

TEST_CASE("progress shows a new record at once, with its id", "[scenario][PRG-01]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"SO-1,1,2026-06-10,E1,40"});
  CHECK(scene.Items() == "output 40 -> 40");
  scene.Feed("output", {"SO-881,1,2026-06-11,E1,15"});
  CHECK(scene.Items() == "output 55 -> 55");
  const std::string tree = scene.Tell({"score", "explain", "2026-06", "p-1", "output"});
  CHECK(tree.find("SO-881: 15 pcs, source erp, version 1") != std::string::npos);
}

TEST_CASE("level 4 of 5 on an item of 15 points is 12 by the rubric, 53.3333 percent are 8",
          "[scenario][R360-03][R360-04]") {
  Scene scene;
  scene.Score({.lines = {{.item = "level",
                          .target = "5",
                          .weight_bp = 1'500,
                          .curve = "rubric@1",
                          .formula = "last(erp.level)"},
                         {.item = "teamwork", .target = "1", .weight_bp = 1'500},
                         {.item = "rest", .target = "1", .weight_bp = 7'000}},
               .curves = By("p-hr",
                            "publishCurve: {curve: rubric@1, definition: {kind: RUBRIC, "
                            "direction: HIGHER_IS_BETTER, rows: [{from: \"1\", share: \"0.2\"}, "
                            "{from: \"2\", share: \"0.4\"}, {from: \"3\", share: \"0.6\"}, "
                            "{from: \"4\", share: \"0.8\"}, {from: \"5\", share: \"1\"}]}}")});
  scene.Feed("level,teamwork,rest", {"2026-06-30,E1,4,0.533333,1"});
  CHECK(scene.Items() == "level 4 -> 12, teamwork 0.533333 -> 8, rest 1 -> 70");
}

}  // namespace assay::testing

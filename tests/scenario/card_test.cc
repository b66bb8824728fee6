// The golden vectors of scoring, from a command file and a CSV file to the card.

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

// Curves beside prop@1.
std::string Curve(std::string_view id, std::string_view definition) {
  return By("p-hr", "publishCurve: {curve: " + std::string(id) + ", definition: {" +
                        std::string(definition) + "}}");
}

std::string Lower(std::string_view id, std::string_view rest) {
  return Curve(id, "direction: LOWER_IS_BETTER, " + std::string(rest));
}

}  // namespace

TEST_CASE("V1: progress of 80 percent that arrives is 20 of 25 points",
          "[scenario][ING-09][MET-06]") {
  Scene scene;
  scene.Score({.lines = {{.item = "progress", .target = "1", .weight_bp = 2'500},
                         {.item = "rest", .target = "1", .weight_bp = 7'500}}});
  CHECK(scene.Items() ==
        "progress ? -> ? NOT_COMPUTABLE(NO_DATA), "
        "rest ? -> ? NOT_COMPUTABLE(NO_DATA)");
  CHECK(scene.Feed("progress,rest", {"2026-06-30,E1,0.80,1"}) == "applied 1");
  CHECK(scene.Items() == "progress 0.8 -> 20, rest 1 -> 75");
  CHECK(scene.Tell({"score", "explain", "2026-06", "p-1", "progress"})
            .starts_with("item progress: 0.8 x 25 = 20.0000, achieved 0.8, target 1; "
                         "source: erp r-1, version 1\n"));
}

TEST_CASE("V2, V3, V4: a fault rate at its target has 10 points, and falls in a line to its worst",
          "[scenario][ING-11][MET-07]") {
  const struct {
    const char* rate;
    const char* step;
    const char* line;
  } rows[] = {{"2", "10", "10"}, {"3", "10", "10"}, {"3.01", "0", "9.9667"},
              {"4.5", "0", "5"}, {"6", "0", "0"},   {"7", "0", "0"}};
  Scene scene;
  scene.Score({.lines = {{.item = "step",
                          .target = "3",
                          .weight_bp = 1'000,
                          .curve = "step@1",
                          .formula = "last(erp.rate)",
                          .direction = "LOWER_IS_BETTER"},
                         {.item = "line",
                          .target = "3",
                          .weight_bp = 1'000,
                          .curve = "line@1",
                          .formula = "last(erp.rate)",
                          .direction = "LOWER_IS_BETTER"},
                         {.item = "rest", .target = "1", .weight_bp = 8'000}},
               .measures = {"rate 1", "rest 1"},
               .curves = Lower("step@1", "kind: THRESHOLD, elseShare: \"0\"") +
                         Lower("line@1", "kind: LINEAR_RANGE, zero: \"6\"")});
  int revision = 0;
  for (const auto& [rate, step, line] : rows) {
    const std::string row = "fault," + std::to_string(++revision) + ",2026-06-30,E1," + rate + ",1";
    CHECK(scene.Feed("rate,rest", {row}) == "applied 1");
    CHECK(scene.Items() == std::string("step ") + rate + " -> " + step + ", line " + rate + " -> " +
                               line + ", rest 1 -> 80");
  }
  CHECK(scene.Refusal(Curve("gap@1",
                            "kind: STEP_TABLE, direction: LOWER_IS_BETTER, input: ACTUAL, "
                            "rows: [{from: \"0\", share: \"1\"}, {from: \"3\", share: \"0\"}]")) ==
        "error CURVE_NOT_TOTAL: a value would have no outcome: an empty from (from minus infinity) "
        "is needed (publishCurve.definition.rows[0].from)");
}

TEST_CASE("V5: the five-metric card has 30 + 22 + 16 + 9 + 8 = 85", "[scenario][SCO-01][SCO-02]") {
  Scene scene;
  scene.Score({.lines = {{.item = "efficiency", .target = "1", .weight_bp = 3'000},
                         {.item = "quality", .target = "1", .weight_bp = 2'500},
                         {.item = "sales", .target = "1", .weight_bp = 2'000},
                         {.item = "attendance", .target = "1", .weight_bp = 1'000},
                         {.item = "teamwork",
                          .target = "1",
                          .weight_bp = 1'500,
                          .formula = "sum(erp.points) / sum(erp.forms)"}},
               .measures = {"efficiency 1", "quality 1", "sales 1", "attendance 1", "points 1",
                            "forms 1"}});
  scene.Feed("efficiency,quality,sales,attendance,points,forms",
             {"2026-06-30,E1,1,0.88,0.8,0.9,8,15"});
  CHECK(scene.Items() ==
        "efficiency 1 -> 30, quality 0.88 -> 22, sales 0.8 -> 16, "
        "attendance 0.9 -> 9, teamwork 0.533333333333 -> 8");
  CHECK(scene.Total() == "OK 85 + 0 - 0 = 85 合格");
}

TEST_CASE("V7, V8: 85 and 90 are 87 at 60 to 40, and 86.5 at 70 to 30", "[scenario][SCO-05]") {
  const struct {
    int results;
    const char* total;
  } rows[] = {{6'000, "OK 87 + 0 - 0 = 87 合格"}, {7'000, "OK 86.5 + 0 - 0 = 86.5 合格"}};
  for (const auto& [results, total] : rows) {
    Scene scene;
    scene.Score({.lines = {{.item = "results", .target = "100", .weight_bp = results},
                           {.item = "conduct", .target = "100", .weight_bp = 10'000 - results}}});
    scene.Feed("results,conduct", {"2026-06-30,E1,85,90"});
    CHECK(scene.Total() == total);
  }
}

TEST_CASE("V13: bands are half-open: 90, 89.99, 89.5, 70 and 69.9999", "[scenario]") {
  Scene scene;
  scene.Score({.lines = {{.item = "share", .target = "100", .formula = "last(erp.share)"}},
               .measures = {"share 1"}});
  const struct {
    const char* share;
    const char* band;
  } rows[] = {
      {"90", "优秀"}, {"89.99", "合格"}, {"89.5", "合格"}, {"70", "合格"}, {"69.9999", "待改进"}};
  int revision = 0;
  for (const auto& [share, band] : rows) {
    scene.Feed("share", {"share," + std::to_string(++revision) + ",2026-06-30,E1," + share});
    CHECK(scene.Total() == std::string("OK ") + share + " + 0 - 0 = " + share + " " + band);
  }
  CHECK(scene.Refusal(By("p-hr",
                         "publishBandTable: {table: bands@2, definition: {bands: "
                         "[{name: C, to: \"70\"}, {name: B, from: \"70\", to: \"89\"}, "
                         "{name: A, from: \"90\"}]}}")) ==
        "error BANDS_NOT_TOTAL: the bands have a gap (publishBandTable.definition.bands[2].from)");
}

TEST_CASE("V17: three thirds of 33.33 percent are refused, 3334 + 3333 + 3333 are published",
          "[scenario][TPL-01]") {
  Scene scene;
  std::vector<Line> lines;
  for (const char* item : {"a", "b", "c", "d", "e"}) {
    lines.push_back({.item = item, .target = "1", .weight_bp = 2'000});
  }
  scene.Score({.lines = lines});
  const auto weighted = [&](std::string_view id, const std::vector<int>& weights) {
    std::vector<Item> items;
    for (const int weight : weights) {
      items.push_back(
          {.item = lines[items.size()].item, .target = "1", .weight_bp = weight, .unit = "1"});
    }
    return Template(id, items);
  };
  const std::string sum_of = "error WEIGHT_SUM_NOT_100: the weights add up to ";
  const std::string place = " %, not to 100.00 % (publishTemplate.definition.items)";
  CHECK(scene.Refusal(weighted("thirds@1", {3'333, 3'333, 3'333})) == sum_of + "99.99" + place);
  scene.Do(weighted("thirds@1", {3'334, 3'333, 3'333}));
  CHECK(scene.Refusal(weighted("five@1", {3'000, 2'500, 2'000, 1'000, 1'000})) ==
        sum_of + "95.00" + place);
  scene.Do(weighted("five@1", {3'000, 2'500, 2'000, 1'000, 1'500}));
}

TEST_CASE("V18: from 200 down to 0, 100 is half of the way", "[scenario]") {
  Scene scene;
  scene.Score(
      {.lines =
           {{.item = "defects", .target = "0", .curve = "down@1", .direction = "LOWER_IS_BETTER"}},
       .curves = Lower("down@1", "kind: LINEAR_RANGE, full: \"0\", zero: \"200\"")});
  scene.Feed("defects", {"2026-06-30,E1,100"});
  CHECK(scene.Total() == "OK 50 + 0 - 0 = 50 待改进");
}

TEST_CASE("V21: 80 of 70 is 114.29 percent, in the band from 110 to 125", "[scenario]") {
  Scene scene;
  scene.Score(
      {.lines = {{.item = "actual", .target = "70", .curve = "over@1"}},
       .curves = Curve("over@1", "kind: PROPORTIONAL, direction: HIGHER_IS_BETTER, cap: \"1.5\"") +
                 By("p-hr",
                    "publishBandTable: {table: bands@2, definition: {bands: "
                    "[{name: below 110, to: \"110\"}, "
                    "{name: 110-125, from: \"110\", to: \"125\"}, "
                    "{name: above 125, from: \"125\"}]}}"),
       .card = {.bands = "bands@2", .cap = "150"}});
  scene.Feed("actual", {"2026-06-30,E1,80"});
  CHECK(scene.Total() == "OK 114.2857 + 0 - 0 = 114.2857 110-125");
}

TEST_CASE("V23: two of three parts with 5 and 5 are 5.0 with the third left out, never 3.33",
          "[scenario]") {
  for (const std::string_view missing : {"EXCLUDE_AND_STATE", "NOT_COMPUTABLE"}) {
    Scene scene;
    std::vector<Line> lines = {{.item = "a", .target = "100", .weight_bp = 3'334},
                               {.item = "b", .target = "100", .weight_bp = 3'333},
                               {.item = "c", .target = "100", .weight_bp = 3'333}};
    for (Line& line : lines) line.missing = missing;
    scene.Score({.lines = lines, .card = {.missing = missing}});
    scene.Feed("a,b,c", {"2026-06-30,E1,5,5,"});
    CHECK(scene.Total() == (missing == "EXCLUDE_AND_STATE"
                                ? "OK 5 + 0 - 0 = 5 待改进"
                                : "NOT_COMPUTABLE(NO_DATA) ? + 0 - ? = ? ?"));
  }
}

TEST_CASE("V25: 960 units in 0 hours are not computable, in 160 hours 6 an hour",
          "[scenario][MET-01]") {
  Scene scene;
  scene.Score({.lines = {{.item = "rate",
                          .target = "6",
                          .unit = "pcs/h",
                          .formula = "sum(erp.output) / sum(erp.hours)"}},
               .measures = {"output pcs", "hours h"}});
  scene.Feed("output,hours", {"run,1,2026-06-30,E1,960,0"});
  CHECK(scene.Items() == "rate ? -> ? NOT_COMPUTABLE(DIV_ZERO)");
  scene.Feed("output,hours", {"run,2,2026-06-30,E1,960,160"});
  CHECK(scene.Items() == "rate 6 -> 100");
}

}  // namespace assay::testing

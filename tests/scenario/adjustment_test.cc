// Lines on top of computed scores, late facts, and cards as of another moment.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

std::string Request(std::string_view delta, std::string_view remark) {
  return By("p-ex", fmt::format("requestAdjustment: {{adjustment: adj-1, person: p-1, "
                                "cycle: 2026-06, delta: \"{}\", reasonCode: OUTPUT, remark: {}}}",
                                delta, remark));
}

std::string Approve() { return By("p-ex2", "approveAdjustment: {adjustment: adj-1}"); }

std::string Lock() {
  return By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}");
}

// p-1 has `output` of 100 in June.
Scene LockedScene(std::string_view output) {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {fmt::format("order-1,1,2026-06-10,E1,{}", output)});
  scene.At("2026-07-02T15:59:59Z").Do(Lock());
  return scene;
}

// How many rows of the cycle's list are in the band.
int CountInBand(Scene& scene, std::string_view band) {
  int count = 0;
  for (const simdjson::dom::element row :
       simdjson::dom::array(scene.Json({"score", "list", "2026-06"}))) {
    count += TextIn(row, "band") == band ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("V6: 5 points on a computed 80 are 85, and the computed line still reads 80",
          "[scenario][ADJ-01]") {
  Scene scene = LockedScene("80");
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  scene.Do(Request("5", "生产效率超标"));
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  scene.Do(Approve());
  CHECK(scene.Total() == "OK 80 + 5 - 0 = 85 合格");
  CHECK(scene.Items() == "output 80 -> 80");
}

TEST_CASE("5 points on 88 are 93 and another band at once", "[scenario][ADJ-03]") {
  Scene scene = LockedScene("88");
  CHECK(scene.Total() == "OK 88 + 0 - 0 = 88 合格");
  CHECK(CountInBand(scene, "合格") == 1);
  CHECK(CountInBand(scene, "优秀") == 0);
  scene.Do(Request("5", "生产效率超标") + Approve());
  CHECK(scene.Total() == "OK 88 + 5 - 0 = 93 优秀");
  CHECK(CountInBand(scene, "合格") == 0);
  CHECK(CountInBand(scene, "优秀") == 1);
}

TEST_CASE("a limit of 20 points is not passed in pieces, item by item or through the total",
          "[scenario][ADJ-09]") {
  Scene scene = LockedScene("40");
  const auto request = [](std::string_view id, std::string_view item, std::string_view delta) {
    return By("p-ex", fmt::format("requestAdjustment: {{adjustment: {}, person: p-1, "
                                  "cycle: 2026-06, delta: \"{}\", reasonCode: OUTPUT, "
                                  "remark: because{}}}",
                                  id, delta, item.empty() ? "" : fmt::format(", item: {}", item)));
  };
  const auto approve = [](std::string_view id) {
    return By("p-hr", fmt::format("approveAdjustment: {{adjustment: {}}}", id));
  };
  scene.Do(request("x1", "", "20") + approve("x1"));
  for (const char* item : {"", "output"}) {
    const std::string refusal = scene.Refusal(request("x2", item, "20"));
    INFO(refusal);
    CHECK(refusal.find("ADJUST_OUT_OF_AUTHORITY") != std::string::npos);
  }
  CHECK(scene.Total() == "OK 40 + 20 - 0 = 60 待改进");
  // Downwards is another sum, and what is revoked leaves room.
  scene.Do(request("x3", "output", "-5"));
  scene.Do(By("p-ex2", "revokeAdjustment: {adjustment: x1}\nreason: 有误"));
  scene.Do(request("x4", "output", "15") + approve("x4"));
  CHECK(scene.Refusal(request("x5", "", "5.0001")).find("ADJUST_OUT_OF_AUTHORITY") !=
        std::string::npos);
}

TEST_CASE("a request of somebody who has left says so", "[scenario]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"order-1,1,2026-06-10,E1,80"});
  scene.Do(Hire("p-ex", "E8"));
  scene.At("2026-07-02T15:59:59Z").Do(Lock() + Request("5", "超标"));
  const auto left = [&] {
    const auto list = scene.Json({"adjustment", "list"});
    return TextIn(simdjson::dom::array(list).at(0).value(), "requesterLeft");
  };
  CHECK(left() == "false");
  scene.Do(By("p-hr", "endAssignment: {assignment: as-p-ex, to: 2026-07-02}"));
  CHECK(left() == "true");
  CHECK(scene.Tell({"adjustment", "show", "adj-1"}).find("p-ex (has left)") != std::string::npos);
  // And asks for nothing more.
  CHECK(scene
            .Refusal(By("p-ex",
                        "requestAdjustment: {adjustment: adj-2, person: p-1, cycle: 2026-06, "
                        "delta: \"1\", reasonCode: OUTPUT, remark: x}"))
            .find("PERMISSION_DENIED") != std::string::npos);
}

TEST_CASE("the history of a score is answered as of any instant, with author and reason",
          "[scenario][ADJ-05][ADJ-07]") {
  Scene scene = LockedScene("80");
  scene.At("2026-07-10T02:00:00Z").Do(Request("5", "生产效率超标") + Approve());
  CHECK(scene.Total({"--at", "2026-07-09T23:59:59+08:00"}) == "OK 80 + 0 - 0 = 80 合格");
  CHECK(scene.Total({"--at", "2026-07-10T23:59:59+08:00"}) == "OK 80 + 5 - 0 = 85 合格");
  CHECK(simdjson::dom::array(scene.Json({"--at", "2026-07-09T23:59:59+08:00", "adjustment", "list",
                                         "--person", "p-1"}))
            .size() == 0);
  const auto list = scene.Json({"adjustment", "list", "--person", "p-1"});
  REQUIRE(simdjson::dom::array(list).size() == 1);
  const simdjson::dom::element line = simdjson::dom::array(list).at(0).value();
  CHECK(TextIn(line, "delta") == "5");
  CHECK(TextIn(line, "remark") == "生产效率超标");
  CHECK(TextIn(line, "before") == "80");
  CHECK(TextIn(line, "after") == "85");
  CHECK(TextIn(line, "requestedBy") == "p-ex");
  CHECK(TextIn(line, "approvedBy") == "[\"p-ex2\"]");
  CHECK(TextIn(line, "appliedAt") == "2026-07-10T02:00:00.000Z");
}

TEST_CASE("a record behind the cut is held with its effect, and the locked score stays",
          "[scenario][ING-18]") {
  Scene scene = LockedScene("80");
  scene.At("2026-07-03T08:00:00Z");
  CHECK(scene.Feed("output", {"order-2,1,2026-06-30,E1,7"}) == "held 1");
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  const auto late = scene.Json({"late", "list", "2026-06"});
  REQUIRE(simdjson::dom::array(late).size() == 1);
  const simdjson::dom::element row = simdjson::dom::array(late).at(0).value();
  CHECK(TextIn(row, "day") == "2026-06-30");
  CHECK(TextIn(row, "person") == "p-1");
  CHECK(TextIn(row, "computed") == "80");
  CHECK(TextIn(row, "withLate") == "87");
  CHECK(TextIn(row, "effect") == "7");
}

TEST_CASE("a lock that was killed before its cuts is gone on with by whatever is written next",
          "[scenario][ING-18]") {
  for (const bool is_ingest : {true, false}) {
    Scene scene;
    scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
    scene.Feed("output", {"order-1,1,2026-06-10,E1,80"});
    scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}"));
    scene.Files().Write("lock.yaml", By("p-hr", "lockCycle: {cycle: 2026-06}"));
    int writes = 0;
    const auto killed = scene.Files().RunWatched(
        {"--home", "home", "--now", "2026-07-02T08:00:00Z", "run", "lock.yaml"},
        [&](const Operation& operation) {
          const bool is_append = operation.what == "write" && operation.path.ends_with(".log") &&
                                 operation.path.starts_with("home/journal/");
          // The heads of the day before, the lock, and then the first cut.
          return is_append && ++writes == 3;
        });
    if (!killed.has_value()) {
      WARN("this machine lets no process trace its child");
      return;
    }
    REQUIRE(killed->Killed());
    scene.At("2026-07-03T08:00:00Z");
    if (is_ingest) CHECK(scene.Feed("output", {"order-2,1,2026-06-30,E1,7"}) == "held 1");
    scene.Do(By("p-hr", "publishResults: {cycle: 2026-06}"));
    CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
    CHECK(scene.Tell({"verify"}).find("publishedCycles  1") != std::string::npos);
  }
}

TEST_CASE("exports as CSV and JSON have the numbers of the card", "[scenario][REP-01]") {
  Scene scene = LockedScene("87.65432");
  scene.Do(Request("-2.5", "数据核对") + Approve());
  CHECK(scene.Total() == "OK 87.6543 + -2.5 - 0 = 85.1543 合格");
  const auto row = simdjson::dom::array(scene.Json({"score", "list", "2026-06"})).at(0).value();
  const std::string numbers = TextIn(row, "computed") + "," + TextIn(row, "adjustments") + "," +
                              TextIn(row, "total") + "," + TextIn(row, "band");
  CHECK(numbers == "87.6543,-2.5,85.1543,合格");
  CHECK(scene.Tell({"-o", "csv", "score", "list", "2026-06"}) ==
        "person,name,unit,computed,adjustments,overflow,total,band,status\n"
        "p-1,员工 p-1,u-1,87.6543,-2.5,0,85.1543,合格,OK\n");
}

TEST_CASE("the evidence of an adjustment is shown", "[scenario][ADJ-01]") {
  Scene scene = LockedScene("80");
  scene.Do(By("p-ex",
              "requestAdjustment: {adjustment: adj-1, person: p-1, cycle: 2026-06, delta: \"5\", "
              "reasonCode: OUTPUT, remark: 超标, evidence: [{source: erp, record: [order-1]}]}"));
  const std::string table = scene.Tell({"adjustment", "show", "adj-1"});
  INFO(table);
  CHECK(table.find("evidence\nSOURCE  RECORD\nerp     order-1\n") != std::string::npos);
}

}  // namespace assay::testing

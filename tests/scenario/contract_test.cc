// A contract under a signed metric: nobody replaces it alone, and its text says what it does.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

// erp counts 1000 pcs of output as 100 points.
Scene Counting() {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "1000", .unit = "pcs"}}});
  return scene;
}

// The contract of erp with a value of `output` that its source does not have.
std::string Forged(std::string_view value = "\"4999\"") {
  std::string text = Contract("erp", {"output pcs"});
  const std::string former = "value: output";
  text.replace(text.find(former), former.size(), fmt::format("value: {}", value));
  return text + "ignore: [output]\n";
}

Ended Add(Scene& scene, std::string_view contract) {
  scene.Files().Write("forged.yaml", contract);
  return scene.Try({"source", "add", "forged.yaml"});
}

std::string InForce(Scene& scene) {
  return TextIn(scene.Json({"source", "show", "erp"}), "version");
}

}  // namespace

TEST_CASE("one person alone does not change what a signed metric counts", "[scenario][attack]") {
  Scene scene = Counting();
  const Ended added = Add(scene, Forged());
  INFO(added.out << added.err);
  REQUIRE(added.code == 0);
  CHECK(added.err.find("version 2 of erp waits for the signatures of its owner and of finance; "
                       "until then version 1 maps") != std::string::npos);
  // A record of one piece is one piece.
  CHECK(scene.Feed("output", {"2026-06-10,E1,10"}) == "applied 1");
  CHECK(scene.Items() == "output 10 -> 1");
  CHECK(InForce(scene) == "1");
  const auto pending = scene.Json({"source", "show", "erp"})["pending"].value();
  CHECK(TextIn(simdjson::dom::array(pending["changes"]).at(0).value(), "path") ==
        "measures[output].value");
  CHECK(TextIn(simdjson::dom::array(pending["changes"]).at(0).value(), "after") == "4999");
  const std::string shown = scene.Tell({"source", "show", "erp"});
  INFO(shown);
  CHECK(shown.find("measures[output].value  output  4999") != std::string::npos);
  CHECK(scene.Tell({"source", "list"}).find("PENDING") != std::string::npos);

  // p-fin owns the source and is finance: one person all the same.
  scene.Do(By("p-fin", "signContract: {source: erp, version: 2}"));
  CHECK(InForce(scene) == "1");
  CHECK(scene.Refusal(By("p-fin", "signContract: {source: erp, version: 2}")) ==
        "error ALREADY_SIGNED: p-fin has signed version 2 (signContract.version)");
  CHECK(scene.Refusal(By("p-hr", "signContract: {source: erp, version: 2}"))
            .starts_with("error PERMISSION_DENIED"));
  scene.Do(By("p-head", "signContract: {source: erp, version: 2}"));
  CHECK(InForce(scene) == "2");
  // Two people, and one login.
  const std::string told = scene.Tell({"source", "show", "erp"});
  INFO(told);
  CHECK(told.find("ONE LOGIN WITH") != std::string::npos);
  CHECK(told.ends_with(" acted as p-fin, p-head\n"));
  const simdjson::dom::array signatures = scene.Json({"source", "show", "erp"})["signatures"];
  REQUIRE(signatures.size() == 2);
  CHECK(TextIn(signatures.at(1).value(), "oneLoginWith") == "[\"p-fin\"]");
  CHECK(scene.Feed("output", {"2026-06-11,E1,10"}) == "applied 1");
  CHECK(scene.Items() == "output 5009 -> 120");
  CHECK(scene.Tell({"verify", "--decisions"}).find("verified") != std::string::npos);
}

TEST_CASE("a contract that is not its text is refused at the door", "[scenario][attack]") {
  Scene scene = Counting();
  const std::string contract =
      "contract: {source: erp, origin: SYSTEM, owner: p-fin, input: {format: CSV, encoding: utf-8, "
      "delimiter: \",\", decimalMark: \".\"}, strict: true, key: [record], versionField: rev, "
      "versionType: INTEGER, when: {field: day, format: \"%Y-%m-%d\", zone: Asia/Shanghai}, "
      "entity: {type: employee, key: emp}, raw: HASH, measures: [{name: output, value: \"4999\", "
      "unit: pcs}]}";
  CHECK(scene
            .Refusal(By(
                "p-hr",
                "registerSource:\n  text: \"source: erp\\n# nothing changed\\n\"\n  " + contract))
            .starts_with("error CONTRACT_INVALID"));
  std::string text;
  for (const char c : Contract("erp", {"output pcs"})) {
    text += c == '\n' ? std::string("\\n") : c == '"' ? std::string("\\\"") : std::string(1, c);
  }
  CHECK(
      scene
          .Refusal(By("p-hr", fmt::format("registerSource:\n  text: \"{}\"\n  {}", text, contract)))
          .starts_with("error CONTRACT_DIFFERS: the contract says something else than its text"));
  CHECK(InForce(scene) == "1");
}

TEST_CASE("a command may leave the contract out: it is read from the text", "[scenario]") {
  Scene scene;
  std::string text;
  for (const char c : Contract("erp", {"output pcs"})) {
    text += c == '\n' ? std::string("\\n") : c == '"' ? std::string("\\\"") : std::string(1, c);
  }
  scene.Do(By("p-hr", fmt::format("registerSource: {{text: \"{}\"}}", text)));
  CHECK(InForce(scene) == "1");
  CHECK(scene.Feed("output", {"2026-06-10,E1,10"}) == "applied 1");
}

TEST_CASE("a unit or measure under a published metric stays, and who rests on it is named",
          "[scenario][attack]") {
  Scene scene = Counting();
  scene.Do(By("p-mgr",
              "proposeTerms: {agreement: a-1, items: [{item: output, metric: output@1, "
              "curve: prop@1, target: \"1000\", unit: pcs, weightBp: 10000}]}"));
  Ended added = Add(scene, Contract("erp", {"output t"}));
  CHECK(added.code == 1);
  CHECK(added.err.find("MEASURE_UNIT_IN_USE: forged.yaml: the unit of the measure output of erp "
                       "cannot change: the published output@1 rests on it, and by it the agreement "
                       "a-1") != std::string::npos);
  added = Add(scene, Contract("erp", {"scrap kg"}));
  CHECK(added.code == 1);
  CHECK(added.err.find("MEASURE_IN_USE") != std::string::npos);
  CHECK(InForce(scene) == "1");
}

TEST_CASE("the same contract again registers nothing and says which version it is", "[scenario]") {
  Scene scene = Counting();
  Ended added = Add(scene, Contract("erp", {"output pcs"}));
  CHECK(added.code == 0);
  CHECK(added.out == "ok (unchanged) (version 1)\n");
  (void)Add(scene, Forged());
  added = Add(scene, "# with a comment\n" + Forged());
  CHECK(added.out == "ok (unchanged) (version 2)\n");
  CHECK(InForce(scene) == "1");
}

TEST_CASE("a check of records says which version maps", "[scenario]") {
  Scene scene = Counting();
  (void)Add(scene, Forged());
  scene.Files().Write("erp.csv", "record,rev,day,emp,output\n1,1,2026-06-10,E1,5\n");
  const auto check = [&](std::string_view contract) {
    scene.Files().Write("checked.yaml", contract);
    return scene.Try({"source", "check", "checked.yaml", "erp.csv"}).err;
  };
  CHECK(check(Forged()).find("this is version 2 of erp, which waits for its signatures: version 1 "
                             "maps") != std::string::npos);
  CHECK(check(Forged("emp")).find("this is not registered: version 1 of erp maps") !=
        std::string::npos);
  CHECK(check(Contract("erp", {"output pcs"})).find("maps") == std::string::npos);
}

TEST_CASE("a version that waits is rejected by who could sign it", "[scenario]") {
  Scene scene = Counting();
  (void)Add(scene, Forged());
  scene.Do(By("p-head", "rejectContract: {source: erp, version: 2}"));
  CHECK(scene.Json({"source", "show", "erp"})["pending"].is_null());
  CHECK(scene.Refusal(By("p-fin", "signContract: {source: erp, version: 2}"))
            .starts_with("error CONTRACT_NOT_PENDING"));
  (void)Add(scene, Forged());
  CHECK(TextIn(scene.Json({"source", "show", "erp"})["pending"].value(), "version") == "3");
}

}  // namespace assay::testing

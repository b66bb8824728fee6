// Who accepts or signs means what he was shown: a command names the version, or it is clear.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

std::string Terms(std::string_view verb, std::string_view target) {
  return fmt::format(
      "{}: {{agreement: a-1, items: [{{item: output, metric: output@1, curve: "
      "prop@1, target: \"{}\", unit: pcs, weightBp: 10000}}]}}",
      verb, target);
}

// The same answer to that version.
std::string Answering(int version, std::string command) {
  return command.replace(command.find("{agreement"), 1, fmt::format("{{version: {}, ", version));
}

Scene Negotiating() {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "1000", .unit = "pcs"}}});
  return scene;
}

Ended Run(Scene& scene, std::string_view documents) {
  scene.Files().Write("now.yaml", documents);
  return scene.Try({"run", "now.yaml"});
}

const char* const kAccept = "acceptItems: {agreement: a-1}";

std::string RunAtTerminal(Scene& scene, const std::string& answer) {
  return scene.Files().RunAtTerminal({"--home", "home", "--now", scene.Now(), "run", "now.yaml"},
                                     answer);
}

}  // namespace

TEST_CASE("the only version there is needs no name, and is told", "[scenario]") {
  Scene scene = Negotiating();
  scene.Do(By("p-mgr", Terms("proposeTerms", "900")));
  const Ended accepted = Run(scene, By("p-1", kAccept));
  CHECK(accepted.code == 0);
  CHECK(accepted.out.find(" (version 1)\n") != std::string::npos);
}

TEST_CASE("terms that changed between reading and accepting are not accepted",
          "[scenario][attack]") {
  Scene scene = Negotiating();
  scene.Do(By("p-mgr", Terms("proposeTerms", "900")));
  const Ended countered = Run(scene, By("p-1", Terms("counterTerms", "800")));
  CHECK(countered.out.find(" (answers version 1)\n") != std::string::npos);
  // p-1 has read 800; meanwhile the manager says 5000.
  scene.Do(By("p-mgr", Answering(2, Terms("counterTerms", "5000"))));
  CHECK(scene.Refusal(By("p-1", kAccept)) ==
        "error VERSION_REQUIRED: the newest version of a-1 is 3; against version 2 it changes "
        "items[output].target: 800 -> 5000 (acceptItems.version)");
  for (const std::string& answer :
       {Terms("counterTerms", "850"), std::string("rejectItem: {agreement: a-1, item: output}")}) {
    INFO(answer);
    CHECK(scene.Refusal(By("p-1", answer + "\nreason: x")).starts_with("error VERSION_REQUIRED"));
    CHECK(scene.Refusal(By("p-1", Answering(2, answer) + "\nreason: x"))
              .starts_with("error ROUND_STALE"));
  }
  CHECK(scene.Refusal(By("p-1", "acceptItems: {agreement: a-1, version: 2}")) ==
        "error ROUND_STALE: version 2 is not the newest, 3 is (acceptItems.version)");
  scene.Do(By("p-1", "acceptItems: {agreement: a-1, version: 3}"));
  CHECK(scene.Refusal(By("p-1", "signAgreement: {agreement: a-1}"))
            .starts_with("error VERSION_REQUIRED"));
}

TEST_CASE("a file means the versions that it made itself", "[scenario]") {
  Scene scene = Negotiating();
  const std::string documents =
      WithIds("n", By("p-mgr", Terms("proposeTerms", "900")) +
                       By("p-1", Terms("counterTerms", "800")) + By("p-mgr", kAccept));
  Ended ended = Run(scene, documents);
  INFO(ended.out << ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.out.find(" (version 2)\n") != std::string::npos);
  // The same file again gives the first answers, also when there is a newer version.
  scene.Do(By("p-mgr", Answering(2, Terms("counterTerms", "700"))));
  ended = Run(scene, documents);
  INFO(ended.out << ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.out.find("(repeated)") != std::string::npos);
  // Another file did not make it.
  CHECK(scene.Refusal(By("p-1", kAccept)).starts_with("error VERSION_REQUIRED"));
}

TEST_CASE("who signs an edited metric names the edit", "[scenario][attack]") {
  Scene scene = Negotiating();
  const auto definition = [](std::string_view formula) {
    return fmt::format(
        "{{name: twice, ownerUnit: u-1, kind: QUANTITATIVE, sources: [erp], formula: "
        "\"{}\", unit: pcs, grain: MONTH, direction: HIGHER_IS_BETTER, attribution: "
        "SPLIT, missing: ZERO, divZero: ZERO, rounding: HALF_UP}}",
        formula);
  };
  const std::string submit = By("p-hr", "submitMetric: {metric: twice@1}");
  scene.Do(By("p-hr", fmt::format("draftMetric: {{metric: twice@1, definition: {}}}",
                                  definition("sum(erp.output)"))) +
           submit);
  // The head has read sum(erp.output); before he signs, it is edited and submitted again.
  scene.Do(By("p-hr", fmt::format("editMetricDraft: {{metric: twice@1, definition: {}}}",
                                  definition("sum(erp.output) * 9"))) +
           submit);
  CHECK(scene.Refusal(By("p-head", "signDefinition: {metric: twice@1}")) ==
        "error VERSION_REQUIRED: twice@1 was edited; revision 1 says: twice = sum(erp.output) * 9 "
        "[pcs] (signDefinition.revision)");
  scene.Do(By("p-head", "signDefinition: {metric: twice@1, revision: 1}"));
}

TEST_CASE("at a terminal the newest version is asked for", "[scenario]") {
  Scene scene = Negotiating();
  scene.Do(By("p-mgr", Terms("proposeTerms", "900")));
  scene.Do(By("p-1", Terms("counterTerms", "800")));
  scene.Files().Write("now.yaml", By("p-mgr", kAccept));
  std::string shown = RunAtTerminal(scene, "n\n");
  INFO(shown);
  CHECK(shown.find("items[output].target: 900 -> 800") != std::string::npos);
  CHECK(shown.find("Is version 2 the one that you mean? [y/N]") != std::string::npos);
  CHECK(shown.ends_with("exit 1"));
  shown = RunAtTerminal(scene, "y\n");
  INFO(shown);
  CHECK(shown.find("(version 2)") != std::string::npos);
  CHECK(shown.ends_with("exit 0"));
}

}  // namespace assay::testing

// Steps of the engine that somebody else takes, or takes the id of.

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"
#include "tests/support/kept_home.h"

namespace assay::testing {
namespace {

// June, ready to be locked.
Scene ClosedJune() {
  Scene scene("2026-07-01T08:00:00Z");
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"order-1,1,2026-06-10,E1,80"});
  scene.At("2026-07-02T08:00:00Z");
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}"));
  return scene;
}

}  // namespace

TEST_CASE("a home that was bricked by the id of a seal goes on, and verifies", "[attack][golden]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1_bricked", scratch.Path("home"));
  program.Write("add.yaml", By("p-hr", "addPerson: {person: p-9}"));
  const std::vector<std::string> home = {"--home", "home", "--now", "2026-08-02T08:00:00Z"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.begin(), home.begin(), home.end());
    return words;
  };
  program.Out(with({"run", "add.yaml"}));
  // The lock has its cuts, so its scores are those before it.
  const std::string shown = program.Out(with({"-o", "json", "log", "show", "decisions"}));
  CHECK(shown.find("CutSealed") != std::string::npos);
  CHECK(program.Out(with({"verify", "--decisions"})).find("verified") != std::string::npos);
}

TEST_CASE("an employee who takes the former id of a seal stops nobody", "[attack]") {
  Scene scene = ClosedJune();
  // A command of p-1 that is applied, under the id that a seal had in the first release.
  scene.Do(
      "commandId: seal-cut.2026-06.1\nactor: {person: p-1}\nproposeTerms: {agreement: a-1, "
      "items: " +
      Items({{.item = "output", .target = "100", .unit = "pcs"}}) + "}\n");
  scene.Do(By("p-hr", "lockCycle: {cycle: 2026-06}"));
  scene.Do(By("p-hr", "addPerson: {person: p-9}"));
  scene.Do(By("p-hr", "publishResults: {cycle: 2026-06}"));
  CHECK(scene.Tell({"verify", "--decisions"}).find("publishedCycles  1") != std::string::npos);
}

TEST_CASE("ids of the engine are refused from everybody else", "[attack]") {
  Scene scene = ClosedJune();
  const std::string refusal = scene.Refusal(
      "commandId: \"engine:0123456789abcdef01234567\"\nactor: {person: p-hr}\n"
      "addPerson: {person: p-9}\n");
  CHECK(refusal.find("COMMAND_ID_RESERVED") != std::string::npos);
  // Of the same command one letter before the id makes it one of a person's own.
  scene.Do(
      "commandId: \"xengine:0123456789abcdef01234567\"\nactor: {person: p-hr}\n"
      "addPerson: {person: p-9}\n");
}

TEST_CASE("nobody but the engine seals a cut, whatever is said of the caller", "[attack]") {
  Scene scene = ClosedJune();
  scene.Do(By("p-hr", "lockCycle: {cycle: 2026-06}"));
  const std::string command = "sealCut: {cycle: 2026-06, generation: 1, cut: [999999, 999999]}";
  CHECK(scene.Refusal(By("p-hr", command)).find("PERMISSION_DENIED") != std::string::npos);
  const std::string via = "actor: {person: p-hr, via: AUTHENTICATION_ENGINE}\n" + command + "\n";
  CHECK(scene.Refusal(via).find("PERMISSION_DENIED") != std::string::npos);
  // The engine has sealed it: only then are results published, and what comes is late.
  scene.Do(By("p-hr", "publishResults: {cycle: 2026-06}"));
  CHECK(scene.Feed("output", {"order-2,1,2026-06-30,E1,7"}) == "held 1");
}

TEST_CASE("what comes after a lock in one file waits for its cuts", "[attack]") {
  Scene scene = ClosedJune();
  // Publishing needs the seal: it would be refused if it were decided beside the lock.
  scene.Do(By("p-hr", "lockCycle: {cycle: 2026-06}") +
           By("p-hr", "publishResults: {cycle: 2026-06}"));
  CHECK(scene.Feed("output", {"order-2,1,2026-06-30,E1,7"}) == "held 1");
  CHECK(scene.Total() == "OK 80 + 0 - 0 = 80 合格");
}

}  // namespace assay::testing

// What is encrypted is made by the engine alone, and keys are made for what stands on the log.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

// Files below the home whose bytes hold the text.
int FilesWith(const Scene& scene, const std::string& text) {
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(scene.Files().Path("home"))) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    found += bytes.find(text) != std::string::npos ? 1 : 0;
  }
  return found;
}

int Keys(const Scene& scene) {
  int keys = 0;
  for (const auto& entry : fs::directory_iterator(scene.Files().Path("home/keys"))) {
    keys += entry.path().extension() == ".key" ? 1 : 0;
  }
  return keys;
}

}  // namespace

TEST_CASE("a text that comes encrypted is refused, with field, value and what is expected",
          "[scenario][attack]") {
  Scene scene;
  const int keys = Keys(scene);
  CHECK(scene.Refusal(By("p-hr", "addPerson: {person: p-se1, name: {clear: CANARY, bytes: x}}")) ==
        "error SEALED_BY_CALLER: addPerson.name comes with bytes: what is encrypted is made by the "
        "engine alone (addPerson.name)");
  CHECK(scene
            .Refusal(By("p-hr",
                        "addPerson: {person: p-se2, name: {bytes: g, keyId: person/p-1, "
                        "alg: none}}"))
            .starts_with("error SEALED_BY_CALLER: addPerson.name comes with bytes, keyId, alg"));
  CHECK(scene
            .Refusal(By("p-hr",
                        "addPerson: {person: p-se3, name: ok}\nreason: {clear: CANARY, bytes: y}"))
            .starts_with("error SEALED_BY_CALLER: reason comes with bytes"));
  const std::string longest(300, 'K');
  CHECK(scene
            .Refusal(By("p-hr", fmt::format("addPerson: {{person: p-se4, name: {{bytes: z, keyId: "
                                            "\"{}\"}}}}",
                                            longest)))
            .starts_with("error SEALED_BY_CALLER"));
  CHECK(FilesWith(scene, "CANARY") == 0);
  CHECK(Keys(scene) == keys);
  CHECK(scene.Tell({"verify"}).find("verified") != std::string::npos);
  // The engine's own: a text, or a message with nothing but the text.
  scene.Do(By("p-hr", "addPerson: {person: p-se5, name: {clear: CANARY}}"));
  CHECK(FilesWith(scene, "CANARY") == 0);
  CHECK(Keys(scene) == keys + 1);
}

TEST_CASE("texts and ids beyond their limits are refused by name", "[scenario][attack]") {
  Scene scene;
  CHECK(scene.Refusal(By("p-hr", fmt::format("addPerson: {{person: p-9, name: {}}}",
                                             std::string(16 * 1024 + 1, 'n')))) ==
        "error TEXT_TOO_LONG: addPerson.name is too long (addPerson.name)");
  CHECK(scene.Refusal("commandId: " + std::string(70'000, 'c') + "\n" +
                      By("p-hr", "addPerson: {person: p-9, name: N}").substr(4)) ==
        "error INVALID_ID: commandId is not a valid id of a command (commandId)");
  CHECK(scene
            .Refusal(By("p-hr", fmt::format("addPerson: {{person: {}, name: N}}",
                                            std::string(70'000, 'p'))))
            .starts_with("error TEXT_TOO_LONG: addPerson.person is too long"));
}

TEST_CASE("a refused command leaves no key", "[scenario][attack]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "1000", .unit = "pcs"}}});
  const int keys = Keys(scene);
  std::string commands;
  for (int i = 0; i < 100; ++i) {
    commands += By("p-ex", fmt::format("requestAdjustment: {{adjustment: j-{0}, person: ghost-{0}, "
                                       "cycle: 2026-06, delta: \"5\", reasonCode: OTHER, remark: "
                                       "invented}}",
                                       i));
    commands += By(fmt::format("nobody-{}", i), "createUnit: {unit: u-9}\nreason: none");
  }
  scene.Files().Write("ghosts.yaml", commands);
  const Ended ended = scene.Try({"run", "ghosts.yaml", "--keep-going"});
  CHECK(ended.code == 1);
  CHECK(ended.out.empty());
  CHECK(Keys(scene) == keys);
  // One that is taken makes its key, once.
  scene.Do(Hire("p-2", "E2"));
  CHECK(Keys(scene) == keys + 1);
}

TEST_CASE("an adjustment whose remark nobody can read is not approved", "[scenario][attack]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "1000", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-10,E1,500"});
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}") +
           By("p-ex",
              "requestAdjustment: {adjustment: j-1, person: p-1, cycle: 2026-06, delta: "
              "\"5\", reasonCode: OTHER, remark: because}"));
  std::string gone;
  for (const auto& entry : fs::directory_iterator(scene.Files().Path("home/keys"))) {
    // Names of key files need not say whose they are: that of the remark is found by trying.
    if (entry.path().extension() != ".key") continue;
    const fs::path away = entry.path().string() + ".away";
    fs::rename(entry.path(), away);
    const Ended shown = scene.Try({"adjustment", "show", "j-1"});
    if (shown.out.find("its key is gone") != std::string::npos) {
      gone = away.string();
      break;
    }
    fs::rename(away, entry.path());
  }
  REQUIRE_FALSE(gone.empty());
  CHECK(scene.Refusal(By("p-ex2", "approveAdjustment: {adjustment: j-1}")) ==
        "error REMARK_UNREADABLE: nobody can read why j-1 was requested "
        "(approveAdjustment.adjustment)");
  fs::rename(gone, gone.substr(0, gone.size() - 5));
  scene.Do(By("p-ex2", "approveAdjustment: {adjustment: j-1}"));
  CHECK(scene.Total() == "OK 50 + 5 - 0 = 55 待改进");
}

}  // namespace assay::testing

// A home that an earlier build made: every later build must open it, verify it, decide its commands
// again, and come to the very same rows and scores.
//
// It is made once for a version, by MakeHome, and never changed once that is released.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/scenario/scene.h"
#include "tests/support/kept_home.h"
#include "tests/support/paths.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

// Without views, which are made of it.
std::string KeptHome() { return SourceDir() + "/tests/scenario/home_0.1"; }

// A month of three people with everything that happens in one.
void Tell(Scene& scene) {
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  std::string documents = Hire("p-2", "E2") + Hire("p-3", "E3");
  for (const char* number : {"2", "3"}) {
    documents += By("p-hr", fmt::format("openAgreement: {{agreement: a-{0}, person: p-{0}, "
                                        "position: pos-op, cycle: 2026-06}}",
                                        number));
  }
  const auto terms = [](const char* target) {
    return Items({{.item = "output", .target = target, .unit = "pcs"}});
  };
  scene.Do(documents + By("p-mgr", "proposeTerms: {agreement: a-1, items: " + terms("100") + "}") +
           By("p-1", "counterTerms: {agreement: a-1, items: " + terms("80") + ", note: 检修}") +
           By("p-mgr", "acceptItems: {agreement: a-1}") +
           By("p-mgr", "signAgreement: {agreement: a-1}") +
           By("p-1", "signAgreement: {agreement: a-1}"));
  scene.At("2026-06-25T08:00:00Z");
  scene.Feed("output",
             {"o-1,1,2026-06-05,E1,30", "o-2,1,2026-06-06,E2,95", "o-3,1,2026-06-07,E3,60",
              "o-4,1,2026-06-08,E1,much", "o-5,1,2026-06-09,E9,5"});
  scene.Feed("output", {"o-1,2,2026-06-05,E1,40", "o-2,1,2026-06-06,E2,95",
                        "o-6,1,2026-06-20,E1,24", "o-7,1,2026-06-21,E3,20"});
  scene.Do(By("p-hr",
              "bindSourceKey: {person: p-3, entityType: employee, key: E9, "
              "span: {from: 2026-06-01}}"));
  scene.At("2026-07-02T08:00:00Z");
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
  scene.At("2026-07-03T08:00:00Z");
  scene.Feed("output", {"o-8,1,2026-06-30,E3,9"});
  const auto adjust = [](const char* id, const char* person, const char* delta) {
    return By("p-ex",
              fmt::format("requestAdjustment: {{adjustment: {}, person: {}, cycle: 2026-06, "
                          "delta: \"{}\", reasonCode: OUTPUT, remark: 参考ERP}}",
                          id, person, delta));
  };
  scene.Do(adjust("adj-1", "p-1", "5") + By("p-ex2", "approveAdjustment: {adjustment: adj-1}") +
           adjust("adj-2", "p-2", "3") +
           By("p-ex2", "rejectAdjustment: {adjustment: adj-2}\nreason: 依据不足") +
           adjust("adj-3", "p-3", "2") + By("p-ex2", "approveAdjustment: {adjustment: adj-3}") +
           By("p-ex2", "revokeAdjustment: {adjustment: adj-3}\nreason: 重复") +
           By("p-hr", "publishResults: {cycle: 2026-06}"));
}

// Keys and ids are drawn, so it is another home each time.
void MakeHome() {
  Scene scene("2026-06-01T08:00:00Z");
  Tell(scene);
  const std::string home = scene.Files().Path("home");
  for (const char* part : {"journal", "keys"}) {
    fs::create_directories(KeptHome() + "/" + part);
    for (const auto& file : fs::directory_iterator(home + "/" + part)) {
      const std::string name = file.path().filename().string();
      const bool is_note = name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK";
      if (!is_note) fs::copy(file.path(), KeptHome() + "/" + part + "/" + name);
    }
  }
  fs::copy(home + "/assay.yaml", KeptHome() + "/assay.yaml");
}

}  // namespace

TEST_CASE("a home of version 0.1 verifies, and has the rows and scores that it had",
          "[scenario][golden][MIG-11]") {
  PreferMemory();
  if (!fs::exists(KeptHome()) && std::getenv("ASSAY_GOLDEN_ADD") != nullptr) MakeHome();
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", scratch.Path("home"));
  const auto tell = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program.Run(words);
    return fmt::format("exit {}\n{}{}", ended.code, ended.out, ended.err);
  };
  CHECK(tell({"-o", "ndjson", "verify", "--decisions"}) ==
        "exit 0\n"
        "{\"verified\":\"ok\",\"moment\":\"52@8,7\",\"commits\":52,\"decidedAgain\":0,"
        "\"notDecidedAgain\":52,\"foreign\":0,\"authenticity\":\"not checked\","
        "\"publishedCycles\":1,\"facts\":10,\"statedRoots\":0,\"keysGone\":0,"
        "\"originals\":0,\"originalsHashed\":1,\"originalsGone\":0,\"textsOpened\":20,"
        "\"keysListed\":10,\"keysFound\":10}\n");
  CHECK(tell({"-o", "csv", "score", "list", "2026-06"}) ==
        "exit 0\n"
        "person,name,unit,computed,adjustments,overflow,total,band,status\n"
        "p-1,员工 p-1,u-1,80,5,0,85,合格,OK\n"
        "p-2,员工 p-2,u-1,95,0,0,95,优秀,OK\n"
        "p-3,员工 p-3,u-1,85,0,0,85,合格,OK\n");
  CHECK(
      tell({"-o", "ndjson", "digest"})
          .find(
              "\"digest\":\"760cb10b6796b9c7522ce45ff2d502a7657cc10a0aedcf94042952a4463be4c0\"") !=
      std::string::npos);
  CHECK(tell({"-o", "csv", "status"}) ==
        "exit 0\n"
        "source,received,applied,unattributed,duplicate,stale,rejected,held,refusals\n"
        "erp,10,7,0,1,0,1,1,NOT_A_NUMBER 1\n");
}

TEST_CASE("a log of rules version 1 takes no contract that would wait for signatures",
          "[scenario][golden]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", scratch.Path("home"));
  const Ended shown = program.Run({"--home", "home", "-o", "json", "source", "show", "erp"});
  INFO(shown.out << shown.err);
  REQUIRE(shown.code == 0);
  program.Write("next.yaml", Contract("erp", {"output pcs", "scrap kg"}));
  const Ended added = program.Run({"--home", "home", "source", "add", "next.yaml"});
  INFO(added.out << added.err);
  CHECK(added.code == 1);
  CHECK(added.err.starts_with("error LOG_NOT_UPGRADED"));
}

}  // namespace assay::testing

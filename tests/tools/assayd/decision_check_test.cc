// A service that decides again what it folds (`check: decisions`): what a holder of a log key wrote
// without a decision is reported by every door, and nothing else is.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "connectors/embedded/system_clock.h"
#include "tests/attack/rogue.h"
#include "tests/scenario/scene.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

std::string Admin(std::string_view grant) {
  return fmt::format(R"(stream: "grant/{0}" effective: "2026-01-01" grant_given {{
                          grant {{ grant: "{0}" to {{ person: "p-1" }} role: ROLE_ADMIN
                                   span {{ from: "2026-01-01" }} }} by: "p-admin" }})",
                     grant);
}

void TurnOn(const Program& program) {
  std::ofstream(program.Path("home/assay.yaml"), std::ios::app) << "check: decisions\n";
}

std::string StatusOf(const Program& program) {
  return program.Out(AtHome({"-o", "ndjson", "status"}));
}

void AwaitStatus(const Program& program, const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (StatusOf(program).find(text) == std::string::npos) {
    INFO(StatusOf(program) << " lacks " << text);
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

TEST_CASE("a service that decides again reports what no rule gives, by every door", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  TurnOn(program);
  program.Write("people.yaml",
                By("p-hr", "addPerson: {person: p-2}") + By("p-hr", "addPerson: {person: p-3}"));
  {
    Daemon daemon(program.Path("."));
    daemon.AwaitReady();
    REQUIRE(program.Run(AtHome({"run", "people.yaml"})).code == 0);
    AwaitStatus(program, R"("decidedAgain":2,"notDecidedAgain":0,"doNotFollow":[])");
    CHECK(daemon.Get("/readyz").status == 200);
    CHECK(daemon.Get("/metrics").body.find("assay_decisions_checked{result=\"follows\"} 2\n") !=
          std::string::npos);
    daemon.Signal(SIGTERM);
    CHECK(daemon.Ended() == 0);
  }
  // One that names the rules, and one that hides that it was never decided.
  const Rogue rogue(program.Path("home"));
  const std::string now = SystemClock().Now().ToString();
  for (const int32_t rules : {1, 0}) {
    v1::Record record = rogue.Forge({Admin(fmt::format("g-x{}", rules))}, 2, now);
    record.mutable_commit()->set_decide_version(rules);
    rogue.Append(kDecisionsPartition, rogue.Tagged(kDecisionsPartition, record), now);
  }
  const Daemon daemon(program.Path("."));
  daemon.Await("\"condition\":\"decisions\"");
  const HttpResponse ready = daemon.Get("/readyz");
  CHECK(ready.status == 503);
  INFO(ready.body);
  CHECK(ready.body.find("not ready: decisions: DATA_LOSS: ") != std::string::npos);
  AwaitStatus(program, "does not say which rules decided it");
  const std::string status = StatusOf(program);
  INFO(status);
  CHECK(status.find("refused when decided again") != std::string::npos);
  CHECK(
      daemon.Get("/metrics").body.find("assay_decisions_checked{result=\"does-not-follow\"} 2\n") !=
      std::string::npos);
  CHECK(program.Out(AtHome({"status"})).find("decisions do not follow") != std::string::npos);
  // It goes on: what was acknowledged counts until somebody says otherwise.
  program.Write("more.yaml", By("p-hr", "addPerson: {person: p-4}"));
  CHECK(program.Run(AtHome({"run", "more.yaml"})).code == 0);
  const Ended verified = program.Run(AtHome({"verify", "--decisions"}));
  CHECK(verified.code == 5);
}

}  // namespace
}  // namespace assay::testing

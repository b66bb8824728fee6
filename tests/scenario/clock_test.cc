// Times that a clock cannot have: who gives one has to insist, and a machine whose clock is before
// the log decides and records nothing.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"

namespace assay::testing {
namespace {

constexpr int64_t kHour = 3'600'000;

std::string In(int64_t ms) { return Instant{SystemClock().Now().ms + ms}.ToString(); }

TEST_CASE("a given time more than a day ahead, and a clock before the log, are to be insisted on",
          "[scenario]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home"});
    return program.Run(words);
  };
  // Told times of the past, and a little ahead, need nothing.
  CHECK(call({"--now", In(-320 * 24 * kHour), "init", "--company", "acme", "--admin", "p-admin",
              "--partitions", "1"})
            .code == 0);
  program.Write("founding.yaml", Founding() + Hire("p-1", "E1"));
  CHECK(call({"--now", In(-300 * 24 * kHour), "run", "founding.yaml"}).code == 0);
  program.Write("a.yaml", By("p-hr", "addPerson: {person: p-a}"));
  program.Write("b.yaml", By("p-hr", "addPerson: {person: p-b}"));
  program.Write("c.yaml", By("p-hr", "addPerson: {person: p-c}"));
  program.Write("erp.yaml", Contract("erp", {"output pcs"}));
  program.Write("erp.csv", "record,rev,day,emp,output\nr-1,1,2026-01-05,E1,1\n");
  // A start after a pause is bounded by nothing.
  CHECK(call({"run", "a.yaml"}).code == 0);
  CHECK(call({"source", "add", "erp.yaml"}).code == 0);

  const Ended ahead = call({"--now", In(25 * kHour), "run", "b.yaml"});
  CHECK(ahead.code == 2);
  CHECK(ahead.err.find("--now: expected at most one day later than the clock of this machine") !=
        std::string::npos);
  CHECK(ahead.err.find("--force records it all the same") != std::string::npos);
  CHECK(call({"--now", In(25 * kHour), "--force", "run", "b.yaml"}).code == 0);

  // The log is ahead of the clock now.
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", "c.yaml"}, {"ingest", "erp", "erp.csv"}}) {
    const Ended refused = call(words);
    INFO(refused.err);
    CHECK(refused.code == 6);
    CHECK(refused.err.find("the clock of this machine says") != std::string::npos);
    CHECK(refused.err.find("--now or --force") != std::string::npos);
  }
  CHECK(call({"org", "show"}).code == 0);
  CHECK(call({"--force", "run", "c.yaml"}).code == 0);
  CHECK(call({"--now", In(26 * kHour), "--force", "ingest", "erp", "erp.csv"}).code == 0);
  CHECK(call({"verify", "--decisions"}).code == 0);
}

}  // namespace
}  // namespace assay::testing

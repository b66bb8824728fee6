// Kills a process that appends, again and again, and looks at what its successor finds.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/contract/journal_history.h"

namespace assay::testing {
namespace {

constexpr int kKillsDefault = 60;
constexpr int kThreads = 3;
constexpr int kLifeMsMax = 150;

// One acknowledged append, as the child tells it; smaller than what a pipe writes at once.
struct Acknowledged {
  int32_t thread = 0;
  int32_t batch = 0;
};

std::string ValueOf(int round, int thread, int batch, int index) {
  return std::to_string(round) + "/" + std::to_string(thread) + "/" + std::to_string(batch) + "/" +
         std::to_string(index) + std::string(static_cast<size_t>(batch % 50) * 7, 'x');
}

constexpr int kValuesPerBatch = 2;

void AppendForEver(EmbeddedJournal& journal, int round, int thread, int pipe) {
  for (int batch = 0;; ++batch) {
    std::vector<std::string> values;
    for (int i = 0; i < kValuesPerBatch; ++i) values.push_back(ValueOf(round, thread, batch, i));
    if (!journal.Append(FactsPartition(thread % 2), values).ok()) return;
    const Acknowledged told{thread, batch};
    if (write(pipe, &told, sizeof(told)) != sizeof(told)) return;
  }
}

TEST_CASE("the child of the kill test appends until it is killed", "[.child]") {
  const char* dir = std::getenv("ASSAY_KILL_DIR");
  if (dir == nullptr) return;
  const int round = std::atoi(std::getenv("ASSAY_KILL_ROUND"));
  const int pipe = std::atoi(std::getenv("ASSAY_KILL_PIPE"));
  SystemClock clock;
  const auto journal = EmbeddedJournal::Open(dir, {.clock = &clock});
  if (!journal.ok()) _exit(3);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { AppendForEver(**journal, round, i, pipe); });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(4);
}

// The last acknowledged batch of each thread, -1 for none; told by a child that lived a while.
std::vector<int> RunAndKill(const std::string& dir, int round, int life_ms) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string pipe_text = std::to_string(ends[1]);
  const std::string round_text = std::to_string(round);
  const pid_t child = fork();
  if (child == 0) {
    setenv("ASSAY_KILL_DIR", dir.c_str(), 1);
    setenv("ASSAY_KILL_ROUND", round_text.c_str(), 1);
    setenv("ASSAY_KILL_PIPE", pipe_text.c_str(), 1);
    close(ends[0]);
    execl("/proc/self/exe", "assay-test-child",
          "the child of the kill test appends until it is killed", nullptr);
    _exit(2);
  }
  close(ends[1]);
  std::this_thread::sleep_for(std::chrono::milliseconds(life_ms));
  kill(child, SIGKILL);
  int state = 0;
  REQUIRE(waitpid(child, &state, 0) == child);
  // It must have been at work: an own end would be an error of the journal.
  REQUIRE(WIFSIGNALED(state));
  std::vector<int> last(kThreads, -1);
  for (Acknowledged told; read(ends[0], &told, sizeof(told)) == sizeof(told);) {
    last[static_cast<size_t>(told.thread)] = told.batch;
  }
  close(ends[0]);
  return last;
}

// How many records of (round, thread) there are; they must be the beginning of what was sent.
std::map<std::pair<int, int>, int> CountRecords(Journal& journal) {
  std::map<std::pair<int, int>, int> counts;
  for (const PartitionId partition : AllPartitions(journal)) {
    for (const StoredRecord& record : ReadAll(journal, partition)) {
      int round = 0;
      int thread = 0;
      REQUIRE(std::sscanf(record.value.c_str(), "%d/%d/", &round, &thread) == 2);
      const int count = counts[{round, thread}]++;
      if (record.value !=
          ValueOf(round, thread, count / kValuesPerBatch, count % kValuesPerBatch)) {
        FAIL("record " << count << " of thread " << thread << " is " << record.value);
      }
    }
  }
  return counts;
}

TEST_CASE("kill -9 loses nothing that was acknowledged", "[embedded][campaign][OPS-01]") {
  const char* kills_text = std::getenv("ASSAY_KILLS");
  const int kills = kills_text ? std::atoi(kills_text) : kKillsDefault;
  const char* seed = std::getenv("ASSAY_SEED");
  std::mt19937_64 random(seed ? std::strtoull(seed, nullptr, 10) : 1);
  const ScratchDirectory home;
  const std::string dir = home.Path("journal");
  SystemClock clock;
  REQUIRE(EmbeddedJournal::Create(dir, 2, {.clock = &clock}).ok());
  int64_t acknowledged = 0;
  std::map<std::pair<int, int>, int> before;
  for (int round = 0; round < kills; ++round) {
    INFO("kill " << round);
    const auto last = RunAndKill(dir, round, 1 + static_cast<int>(random() % kLifeMsMax));
    auto journal = EmbeddedJournal::Open(dir, {.clock = &clock});
    REQUIRE(journal.status() == absl::OkStatus());
    REQUIRE((*journal)->VerifyChain() == absl::OkStatus());
    auto counts = CountRecords(**journal);
    for (int thread = 0; thread < kThreads; ++thread) {
      const int told = (last[static_cast<size_t>(thread)] + 1) * kValuesPerBatch;
      const int found = counts[{round, thread}];
      // One append may have been under way: all of it or nothing.
      if (found != told) REQUIRE(found == told + kValuesPerBatch);
      acknowledged += told;
    }
    for (const auto& [key, count] : before) REQUIRE(counts[key] == count);
    before = std::move(counts);
  }
  CHECK(acknowledged > kills);
}

}  // namespace
}  // namespace assay::testing

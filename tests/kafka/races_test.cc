// Writers in processes of their own race on one broker; one is stopped and comes back, one has a
// clock that is an hour off. Behind it the log is replayed by a program that knows nothing of the
// commit rule's code.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "connectors/kafka/kafka_journal.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/kafka_node.h"
#include "tests/support/environment.h"
#include "tests/support/race.h"

namespace assay::testing {
namespace {

constexpr int kWriters = 4;
// Which of them is stopped and comes back.
constexpr int kStopped = 0;
constexpr int64_t kHourMs = 3'600'000;

// A process of race_writer, which is built beside this one.
pid_t StartWriter(const KafkaAddress& address, int index, int commits, int64_t clock_ms,
                  const std::string& out) {
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "race_writer";
  std::vector<std::string> words = {program,
                                    address.ToString(),
                                    std::to_string(index),
                                    std::to_string(commits),
                                    std::to_string(clock_ms),
                                    out};
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::execv(program.c_str(), pointers.data());
    ::_exit(127);
  }
  return pid;
}

struct Told {
  std::map<std::string, int64_t> acknowledged;
  std::map<std::string, int> outcomes;
};

// "id position" of what was acknowledged, "= outcome count".
void Read(const std::string& path, Told& told) {
  std::ifstream file(path);
  std::string name;
  while (file >> name) {
    std::string outcome;
    int64_t number = 0;
    if (name == "=") {
      file >> outcome >> number;
      told.outcomes[outcome] += static_cast<int>(number);
    } else {
      file >> number;
      told.acknowledged[name] = number;
    }
  }
}

void SetUpRace(KafkaNode& node) {
  const std::string genesis = GenesisValue(kRaceLog, kDecisionsPartition);
  REQUIRE(node.journal->Append(kDecisionsPartition, {&genesis, 1}).ok());
  for (const v1::Command& command : race::Founding()) {
    const auto answer = node.submitter.Submit(command);
    REQUIRE(answer.ok());
    REQUIRE(std::holds_alternative<Committed>(*answer));
  }
  for (const auto& answer : node.submitter.SubmitAll(race::Setup())) REQUIRE(answer.ok());
}

// Waits until the log has so many commits of the writer.
void AwaitCommitsOf(KafkaNode& node, const std::string& writer, int commits) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
  const auto is_its = [&writer](const FoldedDecision& folded) {
    return folded.commit.has_value() && folded.commit->writer() == writer;
  };
  while (std::count_if(node.replica.history.begin(), node.replica.history.end(), is_its) <
         commits) {
    INFO("waiting for " << commits << " commits of " << writer);
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    REQUIRE(node.replica.CatchUp().ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void CheckRace(KafkaNode& node, const Told& told) {
  REQUIRE(node.replica.CatchUp().ok());
  race::CheckInvariants(node.replica);
  race::CheckSerialisable(node.replica.history);
  for (const auto& [id, position] : told.acknowledged) {
    INFO(id);
    const auto applied = node.replica.rows.FindApplied(CommitId("acme", id));
    REQUIRE(applied.has_value());
    CHECK(applied->position == position);
  }
}

}  // namespace

TEST_CASE("four processes race on one broker, one is stopped meanwhile, one has a wrong clock",
          "[kafka][campaign]") {
  const int commits = NumberFrom("ASSAY_RACE_COMMITS", 2'000);
  const int stop_s = NumberFrom("ASSAY_RACE_STOP_S", 5);
  const KafkaAddress address = FreshAddress();
  REQUIRE(KafkaJournal::Create(address, 1, {}).ok());
  const auto opened = KafkaNode::Open(address, "setup", 0);
  REQUIRE(opened.status() == absl::OkStatus());
  KafkaNode* const node = opened->get();
  SetUpRace(*node);
  const ScratchDirectory scratch;
  const auto started = std::chrono::steady_clock::now();
  std::vector<pid_t> writers;
  // The last one has the clock.
  for (int i = 0; i <= kWriters; ++i) {
    writers.push_back(StartWriter(address, i, i < kWriters ? commits / kWriters : 50,
                                  i < kWriters ? 0 : kHourMs, scratch.Path(std::to_string(i))));
  }
  // In the middle of its work, and perhaps between an append and its answer.
  AwaitCommitsOf(*node, fmt::format("w{}", kStopped), commits / 100);
  ::kill(writers[kStopped], SIGSTOP);
  std::this_thread::sleep_for(std::chrono::seconds(stop_s));
  const int64_t end_at_return = node->journal->End(kDecisionsPartition).value();
  ::kill(writers[kStopped], SIGCONT);
  Told told;
  Told wrong_clock;
  for (int i = 0; i <= kWriters; ++i) {
    int status = 0;
    REQUIRE(::waitpid(writers[static_cast<size_t>(i)], &status, 0) > 0);
    CHECK(WEXITSTATUS(status) == 0);
    if (i == kStopped) {
      Told returned;
      Read(scratch.Path(std::to_string(i)), returned);
      const auto& positions = returned.acknowledged;
      CHECK(std::any_of(positions.begin(), positions.end(),
                        [&](const auto& answer) { return answer.second < end_at_return; }));
      CHECK(std::any_of(positions.begin(), positions.end(),
                        [&](const auto& answer) { return answer.second >= end_at_return; }));
    }
    Read(scratch.Path(std::to_string(i)), i < kWriters ? told : wrong_clock);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  CheckRace(*node, told);
  CheckRace(*node, wrong_clock);
  int conflicts = 0;
  for (const FoldedDecision& folded : node->replica.history) {
    conflicts += folded.verdict == Verdict::kConflict ? 1 : 0;
  }
  std::printf("%d commands of %d processes in %.1f s, one stopped for %d s: %d conflicts\n",
              commits, kWriters, seconds.count(), stop_s, conflicts);
  for (const auto& [outcome, count] : told.outcomes)
    std::printf("  %s %d\n", outcome.c_str(), count);
  CHECK(conflicts > 0);
  CHECK(told.outcomes["ok"] > commits / 10);
  CHECK(told.outcomes["HEADCOUNT_EXCEEDED"] > 0);
  CHECK(told.outcomes.count("DATA_LOSS") + told.outcomes.count("INTERNAL") == 0);
  CHECK(told.outcomes.count("CLOCK_SKEW") == 0);
  // Accepted or refused for its clock or by the business: nothing else.
  CHECK(wrong_clock.outcomes["CLOCK_SKEW"] > 0);
  CHECK(wrong_clock.outcomes["ok"] == 0);
}

}  // namespace assay::testing

// Races over the simulated journal: several writers, each with a state of its own that trails, and
// a medium that delays, doubles and loses as Kafka may. The oracle is an independent replay.

#include "engine/commit/submit.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include "connectors/simulated/simulated_journal.h"
#include "engine/base/limits.h"
#include "engine/event/streams.h"
#include "tests/support/environment.h"
#include "tests/support/memory_replica.h"
#include "tests/support/race.h"

namespace assay {
namespace {

using testing::MemoryReplica;
using testing::race::Make;
namespace race = testing::race;

const LogIdentity kLog{"acme", "log-1", 1};

// A company on a simulated journal, and its nodes.
struct Company {
  explicit Company(const SimulatedJournal::Options& options) : medium(options) {
    const std::string genesis = GenesisValue(kLog, kDecisionsPartition);
    // The first record is repeated until it stands: a later Genesis has no effect.
    while (*medium.End(kDecisionsPartition) == 0) {
      (void)medium.Append(kDecisionsPartition, {&genesis, 1});
      medium.Settle();
    }
  }

  SimulatedJournal medium;
};

struct Node {
  Node(Company& company, const std::string& name)
      : journal(company.medium.Connect()),
        replica(*journal, kLog),
        submitter(*journal, replica, company.medium.Clock(), {.writer = name}) {}

  // Repeats while the outcome is unknown, as a client does.
  SubmitAnswer Insist(const v1::Command& command) {
    for (int i = 0; i < 200; ++i) {
      const auto answer = submitter.Submit(command);
      if (answer.ok()) return *answer;
      REQUIRE(answer.status().code() == absl::StatusCode::kUnavailable);
    }
    FAIL("the outcome of " << command.command_id() << " stays unknown");
    return Committed{};
  }

  std::unique_ptr<SimulatedJournal::Writer> journal;
  MemoryReplica replica;
  Submitter submitter;
};

void Found(Node& node) {
  for (const v1::Command& command : race::Founding()) {
    REQUIRE(std::holds_alternative<Committed>(node.Insist(command)));
  }
}

}  // namespace

TEST_CASE("a lost acknowledgement repeated gives the first answer", "[commit][unit]") {
  Company company({.seed = 7, .facts_partitions = 1});
  Node node(company, "w1");
  Found(node);
  const auto command = Make("c-1", "p-hr", R"(add_person { person: "p-1" })");
  const auto first = node.Insist(command);
  const auto again = node.Insist(command);
  CHECK(std::get<Committed>(again).position == std::get<Committed>(first).position);
  CHECK(std::get<Committed>(again).repeated);
  // A node that starts from nothing knows it too.
  Node late(company, "w2");
  const auto after_restart = late.Insist(command);
  CHECK(std::get<Committed>(after_restart).position == std::get<Committed>(first).position);
  const auto reused = node.Insist(Make("c-1", "p-hr", R"(add_person { person: "p-2" })"));
  CHECK(std::get<Rejection>(reused).code == "COMMAND_ID_REUSED");
}

TEST_CASE("the same command sent five times is one event and five equal answers",
          "[commit][unit][SEC-07]") {
  Company company({.seed = 3, .facts_partitions = 1, .faults = SimulatedFaults::Storm()});
  Node node(company, "w1");
  Found(node);
  const auto command = Make("c-1", "p-hr", R"(add_person { person: "p-1" })");
  std::set<int64_t> positions;
  for (int i = 0; i < 5; ++i) positions.insert(std::get<Committed>(node.Insist(command)).position);
  CHECK(positions.size() == 1);
  company.medium.Settle();
  REQUIRE(node.replica.CatchUp().ok());
  int applied = 0;
  for (const auto& folded : node.replica.history) {
    applied += folded.verdict == Verdict::kApplied && folded.commit->command_id() == "c-1" ? 1 : 0;
  }
  CHECK(applied == 1);
}

TEST_CASE("a commit says how its command came, on a log of rules version 2 alone",
          "[commit][unit]") {
  Company company({.seed = 5, .facts_partitions = 1});
  Node node(company, "w1");
  Found(node);
  const std::vector<v1::Command> before = {
      Make("c-1", "p-hr", R"(add_person { person: "p-1" })"),
  };
  const std::vector<v1::Command> behind = {
      Make("c-2", "p-hr", R"(add_person { person: "p-2" })"),
      Make("c-3", "p-hr", R"(add_person { person: "p-3" })"),
  };
  std::vector<v1::CommandOrigin> origins(2);
  origins[0].set_door(v1::DOOR_SOCKET);
  origins[0].set_user("one");
  origins[1].set_door(v1::DOOR_HOME);
  origins[1].set_forced(true);
  REQUIRE(node.submitter.SubmitAll(before, {origins.data(), 1}).front().ok());
  const auto upgrade = node.Insist(Make("up", "p-admin", R"(upgrade_log { key_id: "12345678" })"));
  INFO((std::holds_alternative<Rejection>(upgrade) ? std::get<Rejection>(upgrade).ToString() : ""));
  REQUIRE(std::holds_alternative<Committed>(upgrade));
  for (const auto& answer : node.submitter.SubmitAll(behind, origins)) {
    REQUIRE(answer.ok());
    REQUIRE(std::holds_alternative<Committed>(*answer));
  }
  const auto origin_of = [&](std::string_view id) {
    for (const auto& folded : node.replica.history) {
      if (folded.commit.has_value() && folded.commit->command_id() == id) {
        return folded.commit->origin().ShortDebugString();
      }
    }
    return std::string("no commit");
  };
  CHECK(origin_of("c-1").empty());
  CHECK(origin_of("up").empty());
  CHECK(origin_of("c-2") == "door: DOOR_SOCKET user: \"one\"");
  CHECK(origin_of("c-3") == "door: DOOR_HOME forced: true");
}

TEST_CASE("commands submitted together are answered as one after the other", "[commit][unit]") {
  Company company({.seed = 5, .facts_partitions = 1});
  Node node(company, "w1");
  Found(node);
  const int64_t before = node.replica.head.next.position;
  const std::vector<v1::Command> commands = {
      Make("c-1", "p-hr",
           R"(create_unit { unit: "u-1" name: "U" kind: UNIT_KIND_TEAM
                                             from: "2026-01-01" })"),
      // Stands on the one before it.
      Make("c-2", "p-hr",
           R"(create_unit { unit: "u-2" name: "V" kind: UNIT_KIND_TEAM
                                             parent: "u-1" from: "2026-01-01" })"),
      Make("c-3", "p-hr", R"(add_person { person: "p-1" })"),
      // Refused for what is only there since the one before it.
      Make("c-4", "p-hr", R"(add_person { person: "p-1" })"),
      // The same again, and another one under its id.
      Make("c-3", "p-hr", R"(add_person { person: "p-1" })"),
      Make("c-3", "p-hr", R"(add_person { person: "p-2" })"),
      Make("c-5", "p-nobody", R"(add_person { person: "p-3" })")};
  const auto answers = node.submitter.SubmitAll(commands);
  REQUIRE(answers.size() == commands.size());
  for (const auto& answer : answers) REQUIRE(answer.ok());
  const auto position = [&](size_t i) { return std::get<Committed>(*answers[i]).position; };
  CHECK(position(1) > position(0));
  CHECK(std::get<Rejection>(*answers[3]).code == "ALREADY_EXISTS");
  CHECK(position(4) == position(2));
  CHECK(std::get<Committed>(*answers[4]).repeated);
  CHECK(std::get<Rejection>(*answers[5]).code == "COMMAND_ID_REUSED");
  CHECK(std::get<Rejection>(*answers[6]).rejection_class == RejectionClass::kAuth);
  // Nothing that had to wait was appended in vain.
  CHECK(node.replica.head.next.position == before + 3);
}

TEST_CASE("a clock an hour off is refused as skew and changes nothing", "[commit][unit]") {
  Company company({.seed = 7, .facts_partitions = 1});
  Node node(company, "w1");
  Found(node);
  SimulatedClock ahead(Instant{company.medium.Clock().Now().ms + 3'600'000});
  Submitter off(*node.journal, node.replica, ahead, {.writer = "off"});
  const auto answer = off.Submit(Make("c-1", "p-hr", R"(add_person { person: "p-1" })"));
  REQUIRE(answer.ok());
  CHECK(std::get<Rejection>(*answer).code == "CLOCK_SKEW");
  v1::PersonState person;
  CHECK_FALSE(node.replica.rows.Get(streams::Person("p-1"), &person));
}

// A journal before each of whose appends another writer gets there first.
class OvertakenJournal : public Journal {
 public:
  OvertakenJournal(Journal& inner, std::function<void()> overtake)
      : inner_(inner), overtake_(std::move(overtake)) {}
  absl::Status Append(PartitionId partition, std::span<const std::string> values) override {
    ++appends;
    overtake_();
    return inner_.Append(partition, values);
  }
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override {
    return inner_.Read(partition, from, records_max, bytes_max);
  }
  absl::StatusOr<int64_t> End(PartitionId partition) override { return inner_.End(partition); }
  int64_t KnownEnd(PartitionId partition) override { return inner_.KnownEnd(partition); }
  [[nodiscard]] std::string Identity() const override { return inner_.Identity(); }
  [[nodiscard]] int32_t FactsPartitions() const override { return inner_.FactsPartitions(); }

  int appends = 0;

 private:
  Journal& inner_;
  std::function<void()> overtake_;
};

TEST_CASE("who loses every race hears so after a bounded number of attempts", "[commit][unit]") {
  Company company({.seed = 11, .facts_partitions = 1});
  Node rival(company, "rival");
  Found(rival);
  Node node(company, "slow");
  int renamed = 0;
  REQUIRE(std::holds_alternative<Committed>(rival.Insist(
      Make("made", "p-hr", R"(create_unit { unit: "u-race" name: "0" kind: UNIT_KIND_SITE
                              from: "2024-01-01" })"))));
  const auto rename = [&](const std::string& id) {
    return Make(id, "p-hr",
                "rename_unit { unit: \"u-race\" name: \"" + id + "\" from: \"2024-01-01\" }");
  };
  OvertakenJournal journal(*node.journal, [&] {
    const auto won = rival.Insist(rename("r-" + std::to_string(++renamed)));
    REQUIRE(std::holds_alternative<Committed>(won));
  });
  Submitter slow(journal, node.replica, company.medium.Clock(), {.writer = "slow"});
  const auto answer = slow.Submit(rename("mine"));
  REQUIRE(answer.ok());
  CHECK(std::get<Rejection>(*answer).code == "CONFLICT");
  CHECK(journal.appends == limits::kDecideAttemptsMax);
}

TEST_CASE("four writers racing through a storm leave a serialisable history",
          "[commit][campaign]") {
  const uint64_t seed = testing::NumberFrom("ASSAY_SEED", 20260601);
  const uint64_t commits = testing::NumberFrom("ASSAY_RACE_COMMITS", 4'000);
  std::printf("seed %llu, %llu commands, 4 writers\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(commits));
  Company company({.seed = seed,
                   .facts_partitions = 1,
                   .faults = SimulatedFaults::Storm(),
                   .address_gaps = true});
  std::vector<std::unique_ptr<Node>> nodes;
  for (int i = 0; i < 4; ++i) {
    nodes.push_back(std::make_unique<Node>(company, fmt::format("w{}", i)));
  }
  Found(*nodes[0]);
  for (const v1::Command& command : race::Setup()) nodes[0]->Insist(command);
  std::vector<race::Racer> racers(nodes.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < nodes.size(); ++i) {
    threads.emplace_back([&, i] {
      racers[i].Run(nodes[i]->submitter, {.index = static_cast<int>(i),
                                          .seed = seed,
                                          .commits = static_cast<int>(commits / nodes.size()),
                                          .together = i % 2 == 0 ? 1 : 5});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int64_t> acknowledged;
  std::map<std::string, int> outcomes;
  for (const race::Racer& racer : racers) {
    acknowledged.insert(racer.acknowledged.begin(), racer.acknowledged.end());
    for (const auto& [outcome, count] : racer.outcomes) outcomes[outcome] += count;
  }
  company.medium.Settle();
  for (auto& node : nodes) REQUIRE(node->replica.CatchUp().ok());
  for (const auto& [outcome, count] : outcomes) std::printf("  %s %d\n", outcome.c_str(), count);

  for (auto& node : nodes) {
    CHECK(node->replica.head.root == nodes[0]->replica.head.root);
    race::CheckInvariants(node->replica);
  }
  race::CheckSerialisable(nodes[0]->replica.history);
  for (const auto& [id, position] : acknowledged) {
    const auto applied = nodes[0]->replica.rows.FindApplied(CommitId("acme", id));
    REQUIRE(applied.has_value());
    CHECK(applied->position == position);
  }
  int conflicts = 0;
  for (const auto& folded : nodes[0]->replica.history) {
    conflicts += folded.verdict == Verdict::kConflict ? 1 : 0;
  }
  std::printf("  verdicts: %d conflicts\n", conflicts);
  // The race was one, and no answer was anything but an answer or "unknown".
  CHECK(conflicts > 0);
  CHECK(outcomes.count("DATA_LOSS") + outcomes.count("INTERNAL") == 0);
  CHECK(outcomes["ok"] > 100);
  CHECK(outcomes["HEADCOUNT_EXCEEDED"] > 0);
  CHECK(outcomes["ALLOCATION_OVER_100"] > 0);
}

}  // namespace assay

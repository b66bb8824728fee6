// Races over the simulated journal: several writers, each with a state of its own that trails, and
// a medium that delays, doubles and loses as Kafka may. The oracle is an independent replay.

#include "engine/commit/submit.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "connectors/simulated/simulated_journal.h"
#include "engine/commit/sets.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "tests/support/memory_replica.h"

namespace assay {
namespace {

using testing::FromText;
using testing::MemoryReplica;

const LogIdentity kLog{"acme", "log-1", 1};

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

v1::Command Make(const std::string& id, const std::string& actor, const std::string& body) {
  auto command = FromText<v1::Command>(body);
  command.set_command_id(id);
  command.mutable_actor()->set_person(actor);
  return command;
}

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
  const char* bodies[] = {
      R"(found_company { company: "acme" admins: "p-admin" })",
      R"(give_grant { grant: "g-hr" to { person: "p-hr" } role: ROLE_HR span { from: "2020-01-01"
            } })",
  };
  int number = 0;
  for (const char* body : bodies) {
    const auto answer = node.Insist(Make("found-" + std::to_string(number++), "p-admin", body));
    REQUIRE(std::holds_alternative<Committed>(answer));
  }
}

SubmitAnswer AsHr(Node& node, const std::string& id, const std::string& body) {
  return node.Insist(Make(id, "p-hr", body));
}

// --- the independent replay: thirty lines that know nothing of the rule's code ---

// Whether the applied commits are serialisable in log order: none read or wrote a stream that
// another applied commit changed between its basis and itself; none was applied twice.
void CheckSerialisable(const std::vector<FoldedDecision>& history) {
  std::map<std::string, int64_t> changed;
  std::set<std::string> applied;
  for (const FoldedDecision& folded : history) {
    if (!folded.commit.has_value()) continue;
    const v1::Commit& commit = *folded.commit;
    bool clean = true;
    for (const auto* streams : {&commit.reads(), &commit.writes()}) {
      for (const std::string& stream : *streams) {
        const auto found = changed.find(stream);
        clean = clean && (found == changed.end() || found->second <= commit.basis().position());
      }
    }
    const bool first = !applied.contains(commit.command_id());
    if (folded.verdict != Verdict::kApplied) {
      // Void commits must be void for a reason that can be seen here.
      CHECK((!clean || !first || folded.verdict == Verdict::kStale ||
             folded.verdict == Verdict::kSkewed));
      continue;
    }
    REQUIRE(clean);
    REQUIRE(first);
    applied.insert(commit.command_id());
    for (const std::string& stream : commit.writes()) changed[stream] = folded.position;
    for (const std::string& stream : commit.touches()) changed[stream] = folded.position;
  }
}

// What must hold whatever the order: headcounts, allocations, unique names, no loop.
void CheckInvariants(MemoryReplica& replica, int people, int positions, int units) {
  testing::MemoryRows::At state(replica.rows, testing::MemoryRows::kNewest);
  const Day day = *Day::Parse("2026-06-15");
  for (int i = 0; i < people; ++i) {
    int32_t allocated = 0;
    for (const auto& assignment : AssignmentsOfPerson(state, "p-" + std::to_string(i))) {
      allocated += AllocationOn(assignment, day);
    }
    REQUIRE(allocated <= 10'000);
  }
  for (int i = 0; i < positions; ++i) {
    const std::string position = "q-" + std::to_string(i);
    const auto row = state.Find<v1::PositionState>(streams::Position(position));
    if (!row.has_value()) continue;
    int32_t held = 0;
    for (const auto& assignment : AssignmentsOfPosition(state, position)) {
      held += ActiveOn(assignment, day) ? 1 : 0;
    }
    REQUIRE(held <= HeadcountOn(*row, day));
  }
  for (int i = 0; i < units; ++i) {
    REQUIRE(WalkToRoot(state, "u-" + std::to_string(i), day).complete);
  }
  std::map<std::string, std::string> owner_of_name;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "name-" + std::to_string(i);
    std::set<std::string> owners;
    for (const auto& member : state.Members(streams::MetricName(name))) {
      owners.insert(std::string(NameOf(member.id())));
    }
    REQUIRE(owners.size() <= 1);
  }
}

// Commands that fight for headcount, allocation, names and places in the tree.
std::string RandomBody(std::mt19937_64& random, int number, int people, int positions, int units) {
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<uint64_t>(count));
  };
  switch (pick(5)) {
    case 0:
    case 1:
      return fmt::format(
          R"(start_assignment {{ assignment: "a-{}" person: "p-{}" position: "q-{}" allocation_bp:
            {}
             kind: ASSIGNMENT_KIND_CONCURRENT span {{ from: "2026-06-01" }} }})",
          number, pick(people), pick(positions), (1 + pick(6)) * 1'000);
    case 2:
      return fmt::format(
          R"(change_allocation {{ assignment: "a-{}" allocation_bp: {} from: "2026-06-10" }})",
          pick(number + 1), (1 + pick(10)) * 1'000);
    case 3:
      return fmt::format(R"(move_unit {{ unit: "u-{}" new_parent: "u-{}" from: "2026-06-01" }})",
                         pick(units), pick(units));
    default:
      return fmt::format(
          R"(draft_metric {{ metric: "m-{}@1" definition {{ name: "name-{}" owner_unit: "u-0"
             kind: METRIC_KIND_QUANTITATIVE unit: "1" formula: "1" }} }})",
          number, pick(20));
  }
}

constexpr int kPeople = 60;
constexpr int kPositions = 12;
constexpr int kUnits = 10;

// Units, positions and people to fight for.
void SetUp(Node& node) {
  int number = 0;
  for (int i = 0; i < kUnits; ++i) {
    AsHr(node, fmt::format("setup-{}", number++),
         fmt::format(
             R"(create_unit {{ unit: "u-{}" name: "U" kind: UNIT_KIND_TEAM {} from: "2026-01-01"
            }})",
             i, i == 0 ? "" : R"(parent: "u-0")"));
  }
  for (int i = 0; i < kPositions; ++i) {
    AsHr(node, fmt::format("setup-{}", number++),
         fmt::format(
             R"(create_position {{ position: "q-{}" unit: "u-{}" title: "T" headcount: {} from:
            "2026-01-01" }})",
             i, i % kUnits, 3 + i % 5));
  }
  for (int i = 0; i < kPeople; ++i) {
    AsHr(node, fmt::format("setup-{}", number++),
         fmt::format(R"(add_person {{ person: "p-{}" }})", i));
  }
}

// One writer's thread and what it was answered.
struct Racer {
  std::map<std::string, int64_t> acknowledged;
  std::map<std::string, int> outcomes;

  void Run(Node& node, size_t index, uint64_t seed, uint64_t commits, int people, int positions,
           int units) {
    std::mt19937_64 random(seed * 31 + index);
    for (uint64_t i = 0; i < commits; ++i) {
      const std::string id = fmt::format("race-{}-{}", index, i);
      const int number = static_cast<int>(i * 4 + index);
      const auto answer = node.submitter.Submit(
          Make(id, "p-hr", RandomBody(random, number, people, positions, units)));
      if (!answer.ok()) {
        ++outcomes[std::string(absl::StatusCodeToString(answer.status().code()))];
      } else if (const auto* committed = std::get_if<Committed>(&*answer)) {
        acknowledged[id] = committed->position;
        ++outcomes["ok"];
      } else {
        ++outcomes[std::get<Rejection>(*answer).code];
      }
    }
  }
};

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

TEST_CASE("four writers racing through a storm leave a serialisable history",
          "[commit][campaign]") {
  const uint64_t seed = NumberFrom("ASSAY_SEED", 20260601);
  const uint64_t commits = NumberFrom("ASSAY_RACE_COMMITS", 4'000);
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
  SetUp(*nodes[0]);
  std::vector<Racer> racers(nodes.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < nodes.size(); ++i) {
    threads.emplace_back([&, i] {
      racers[i].Run(*nodes[i], i, seed, commits / nodes.size(), kPeople, kPositions, kUnits);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int64_t> acknowledged;
  std::map<std::string, int> outcomes;
  for (const Racer& racer : racers) {
    acknowledged.insert(racer.acknowledged.begin(), racer.acknowledged.end());
    for (const auto& [outcome, count] : racer.outcomes) outcomes[outcome] += count;
  }
  company.medium.Settle();
  for (auto& node : nodes) REQUIRE(node->replica.CatchUp().ok());
  for (const auto& [outcome, count] : outcomes) std::printf("  %s %d\n", outcome.c_str(), count);

  for (auto& node : nodes) {
    CHECK(node->replica.head.root == nodes[0]->replica.head.root);
    CheckInvariants(node->replica, kPeople, kPositions, kUnits);
  }
  CheckSerialisable(nodes[0]->replica.history);
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

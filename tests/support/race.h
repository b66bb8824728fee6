// A race for headcount, allocation, names and places in the tree, and what must hold behind it,
// whichever journal it is run on.

#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/commit/submit.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "tests/support/memory_replica.h"

namespace assay::testing::race {

inline v1::Command Make(const std::string& id, const std::string& actor, const std::string& body) {
  auto command = FromText<v1::Command>(body);
  command.set_command_id(id);
  command.mutable_actor()->set_person(actor);
  return command;
}

inline constexpr int kPeople = 60;
inline constexpr int kPositions = 12;
inline constexpr int kUnits = 10;

// The company, and who may change it.
inline std::vector<v1::Command> Founding() {
  return {Make("found-0", "p-admin", R"(found_company { company: "acme" admins: "p-admin" })"),
          Make("found-1", "p-admin",
               R"(give_grant { grant: "g-hr" to { person: "p-hr" } role: ROLE_HR
                  span { from: "2020-01-01" } })")};
}

// Units, positions and people to fight for.
inline std::vector<v1::Command> Setup() {
  std::vector<v1::Command> commands;
  const auto add = [&](const std::string& body) {
    commands.push_back(Make(fmt::format("setup-{}", commands.size()), "p-hr", body));
  };
  for (int i = 0; i < kUnits; ++i) {
    add(fmt::format(
        R"(create_unit {{ unit: "u-{}" name: "U" kind: UNIT_KIND_TEAM {} from: "2026-01-01" }})", i,
        i == 0 ? "" : R"(parent: "u-0")"));
  }
  for (int i = 0; i < kPositions; ++i) {
    add(fmt::format(
        R"(create_position {{ position: "q-{}" unit: "u-{}" title: "T" headcount: {} from:
            "2026-01-01" }})",
        i, i % kUnits, 3 + i % 5));
  }
  for (int i = 0; i < kPeople; ++i) add(fmt::format(R"(add_person {{ person: "p-{}" }})", i));
  return commands;
}

// --- the independent replay: thirty lines that know nothing of the rule's code ---

// Whether the applied commits are serialisable in log order: none read or wrote a stream that
// another applied commit changed between its basis and itself; none was applied twice.
inline void CheckSerialisable(const std::vector<FoldedDecision>& history) {
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
inline void CheckInvariants(MemoryReplica& replica) {
  MemoryRows::At state(replica.rows, MemoryRows::kNewest);
  const Day day = *Day::Parse("2026-06-15");
  for (int i = 0; i < kPeople; ++i) {
    int32_t allocated = 0;
    for (const auto& assignment : AssignmentsOfPerson(state, "p-" + std::to_string(i))) {
      allocated += AllocationOn(assignment, day);
    }
    REQUIRE(allocated <= 10'000);
  }
  for (int i = 0; i < kPositions; ++i) {
    const std::string position = "q-" + std::to_string(i);
    const auto row = state.Find<v1::PositionState>(streams::Position(position));
    if (!row.has_value()) continue;
    int32_t held = 0;
    for (const auto& assignment : AssignmentsOfPosition(state, position)) {
      held += ActiveOn(assignment, day) ? 1 : 0;
    }
    REQUIRE(held <= HeadcountOn(*row, day));
  }
  for (int i = 0; i < kUnits; ++i) {
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
inline std::string RandomBody(std::mt19937_64& random, int number) {
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
          number, pick(kPeople), pick(kPositions), (1 + pick(6)) * 1'000);
    case 2:
      return fmt::format(
          R"(change_allocation {{ assignment: "a-{}" allocation_bp: {} from: "2026-06-10" }})",
          pick(number + 1), (1 + pick(10)) * 1'000);
    case 3:
      return fmt::format(R"(move_unit {{ unit: "u-{}" new_parent: "u-{}" from: "2026-06-01" }})",
                         pick(kUnits), pick(kUnits));
    default:
      return fmt::format(
          R"(draft_metric {{ metric: "m-{}@1" definition {{ name: "name-{}" owner_unit: "u-0"
             kind: METRIC_KIND_QUANTITATIVE unit: "1" formula: "1" }} }})",
          number, pick(20));
  }
}

// One writer and what it was answered.
struct Racer {
  struct Course {
    int index = 0;
    uint64_t seed = 1;
    int commits = 100;
    // Commands that are submitted in one call.
    int together = 1;
  };

  std::map<std::string, int64_t> acknowledged;
  std::map<std::string, int> outcomes;

  void Run(Submitter& submitter, const Course& course) {
    std::mt19937_64 random(course.seed * 31 + static_cast<uint64_t>(course.index));
    for (int i = 0; i < course.commits;) {
      std::vector<v1::Command> commands;
      for (; i < course.commits && static_cast<int>(commands.size()) < course.together; ++i) {
        commands.push_back(Make(fmt::format("race-{}-{}", course.index, i), "p-hr",
                                RandomBody(random, i * 4 + course.index)));
      }
      const auto answers = submitter.SubmitAll(commands);
      for (size_t k = 0; k < answers.size(); ++k) Note(commands[k].command_id(), answers[k]);
    }
  }

 private:
  void Note(const std::string& id, const absl::StatusOr<SubmitAnswer>& answer) {
    if (!answer.ok()) {
      ++outcomes[std::string(absl::StatusCodeToString(answer.status().code()))];
    } else if (const auto* committed = std::get_if<Committed>(&*answer)) {
      acknowledged[id] = committed->position;
      ++outcomes["ok"];
    } else {
      ++outcomes[std::get<Rejection>(*answer).code];
    }
  }
};

}  // namespace assay::testing::race

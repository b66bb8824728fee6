#include "engine/org/domain.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "engine/base/limits.h"
#include "tests/engine/org/org_spec.h"
#include "tests/support/aborts.h"
#include "tests/support/environment.h"

namespace assay::testing {
namespace {

TEST_CASE("a command of another domain is the caller's fault", "[org][unit]") {
  OrgSpec spec;
  CHECK(Aborts([&] { spec.When("p-hr", R"(add_person { person: "p-1" })"); }));
  CHECK_FALSE(Aborts([&] { spec.When("p-hr", R"(create_unit { unit: "d1" })"); }));
}

TEST_CASE("every refusal names field, expected, actual, a sentence and what to do", "[org][unit]") {
  OrgSpec spec;
  spec.WithPeople(3).WithUnits();
  spec.Given("p-hr", PositionCommand("q1", "d1", 1));
  spec.Given("p-hr", StartCommand("a-1", "p-1", "q1", 6'000));
  for (const std::string& command :
       {UnitCommand("d1", "co"), UnitCommand("x", "co", "2025-01-01"),
        MoveCommand("d1", "d11", "2026-02-01"), StartCommand("a-2", "p-2", "q1", 1),
        StartCommand("a-2", "p-1", "q1", 1), LineCommand("p-1", "p-1"),
        std::string(R"(retire_unit { unit: "d1" from: "2026-02-01" })"),
        std::string(R"(retire_position { position: "q1" from: "2026-02-01" })")}) {
    spec.When("p-hr", command);
    REQUIRE_FALSE(IsAccepted(spec.Outcome()));
    const Rejection& refusal = spec.Refusal();
    INFO(refusal.ToString());
    CHECK_FALSE(refusal.path.empty());
    CHECK_FALSE(refusal.expected.empty());
    CHECK_FALSE(refusal.actual.empty());
    CHECK_FALSE(refusal.message.empty());
    CHECK_FALSE(refusal.hint.empty());
  }
}

// --- campaign: what may be is judged against brute force over all days ---

constexpr int kDays = 24;

// What must hold on each day, found without any of the code under test but the rows.
class BruteForce {
 public:
  explicit BruteForce(const MemoryState& state) {
    for (const auto& [stream, bytes] : state.rows) {
      if (stream.starts_with("unit/")) Parse(bytes, units_[stream.substr(5)]);
      if (stream.starts_with("position/")) Parse(bytes, positions_[stream.substr(9)]);
      if (stream.starts_with("assignment/")) Parse(bytes, assignments_[stream.substr(11)]);
      if (stream.starts_with("person/")) Parse(bytes, people_[stream.substr(7)]);
    }
  }

  // The code of the first thing that is broken on some day; empty when all is well.
  [[nodiscard]] std::string Broken() const {
    for (int i = -1; i <= 2 * kDays; ++i) {
      const std::string broken = BrokenOn(D("2026-01-01").Plus(i));
      if (!broken.empty()) return broken;
    }
    return BrokenOn(D("2030-01-01"));
  }

 private:
  template <typename Row>
  static void Parse(const std::string& bytes, Row& row) {
    REQUIRE(row.ParseFromString(bytes));
  }
  template <typename Entries>
  static auto Latest(const Entries& entries, Day day) {
    decltype(entries[0].value()) empty{};
    auto value = empty;
    Day latest = kDayMin;
    for (const auto& entry : entries) {
      if (D(entry.from()) <= day && D(entry.from()) >= latest) {
        value = entry.value();
        latest = D(entry.from());
      }
    }
    return value;
  }
  static bool Begun(const std::string& from, Day day) { return !from.empty() && D(from) <= day; }
  static bool Within(const v1::Span& span, Day day) {
    return D(span.from()) <= day && (span.to().empty() || day < D(span.to()));
  }

  [[nodiscard]] std::string Living(std::string unit, Day day) const {
    for (size_t steps = 0; steps <= units_.size(); ++steps) {
      const v1::UnitState& row = units_.at(unit);
      if (!Begun(row.merged_from(), day)) return unit;
      unit = row.merged_into();
    }
    return "loop";
  }
  [[nodiscard]] bool Alive(const std::string& unit, Day day) const {
    const v1::UnitState& row = units_.at(unit);
    return Begun(row.from(), day) && !Begun(row.retired_from(), day) &&
           !Begun(row.merged_from(), day);
  }

  [[nodiscard]] std::string BrokenOn(Day day) const {
    for (const auto& [id, unit] : units_) {
      if (Living(id, day) == "loop") return "ORG_CYCLE";
      if (!Alive(id, day)) continue;
      std::string at = id;
      for (size_t steps = 0;; ++steps) {
        std::string parent(Latest(units_.at(at).parents(), day));
        if (parent.empty()) break;
        at = Living(parent, day);
        if (steps > units_.size() || at == "loop") return "ORG_CYCLE";
        if (!Alive(at, day)) return "UNIT_RETIRED";
      }
    }
    std::map<std::string, int> held;
    std::map<std::string, int> allocated;
    std::set<std::string> pairs;
    for (const auto& [id, assignment] : assignments_) {
      if (!Within(assignment.span(), day)) continue;
      ++held[assignment.position()];
      allocated[assignment.person()] += Latest(assignment.allocations(), day);
      if (!pairs.insert(assignment.person() + "/" + assignment.position()).second) {
        return "SPAN_OVERLAP";
      }
      const v1::PositionState& position = positions_.at(assignment.position());
      if (!Begun(position.from(), day) || Begun(position.retired_from(), day)) {
        return "POSITION_RETIRED";
      }
      const std::string unit = Living(position.unit(), day);
      if (unit == "loop" || !Alive(unit, day)) return "UNIT_RETIRED";
    }
    for (const auto& [position, count] : held) {
      if (count > Latest(positions_.at(position).headcounts(), day)) return "HEADCOUNT_EXCEEDED";
    }
    for (const auto& [person, sum] : allocated) {
      if (sum > 10'000) return "ALLOCATION_OVER_100";
    }
    return LinesOn(day);
  }

  [[nodiscard]] std::string LinesOn(Day day) const {
    for (const auto& [id, person] : people_) {
      std::string at = id;
      for (size_t steps = 0; !at.empty(); ++steps) {
        if (steps > people_.size()) return "ORG_CYCLE";
        std::string above;
        for (const v1::LineState& line : people_.at(at).lines()) {
          if (line.line() == v1::REPORTING_LINE_SOLID && Within(line.span(), day)) {
            above = line.manager();
          }
        }
        at = above;
      }
    }
    return "";
  }

  std::map<std::string, v1::UnitState> units_;
  std::map<std::string, v1::PositionState> positions_;
  std::map<std::string, v1::AssignmentState> assignments_;
  std::map<std::string, v1::PersonState> people_;
};

class RandomCommands {
 public:
  explicit RandomCommands(uint64_t seed) : random_(seed) {}

  std::string Next() {
    switch (Below(16)) {
      case 0:
        return UnitCommand(Unit(), Below(4) == 0 ? "" : Unit(), Day1());
      case 1:
      case 2:
        return MoveCommand(Unit(), Below(6) == 0 ? "" : Unit(), Day1());
      case 3:
        if (Below(3) != 0) return UnitCommand(Unit(), Unit(), "2026-01-01");
        return fmt::format(R"(merge_units {{ sources: "{}" target: "{}" from: "{}" }})", Unit(),
                           Unit(), Day1());
      case 4:
        if (Below(3) != 0) return LineCommand(Person(), Person(), Day1());
        return fmt::format(R"(retire_unit {{ unit: "{}" from: "{}" }})", Unit(), Day1());
      case 5:
        return PositionCommand(Position(), Unit(), Below(3), Day1());
      case 6:
        return fmt::format(R"(set_headcount {{ position: "{}" headcount: {} from: "{}" }})",
                           Position(), Below(4), Day1());
      case 7:
        if (Below(3) != 0) return PositionCommand(Position(), Unit(), 3, "2026-01-01");
        return fmt::format(R"(retire_position {{ position: "{}" from: "{}" }})", Position(),
                           Day1());
      case 8:
        return fmt::format(
            R"(change_allocation {{ assignment: "{}" allocation_bp: {} from: "{}" }})",
            Assignment(), 2'000 * (1 + Below(5)), Day1());
      case 9:
        return fmt::format(R"(end_assignment {{ assignment: "{}" to: "{}" }})", Assignment(),
                           Day1());
      case 10: {
        const auto [from, to] = Span();
        return LineCommand(Person(), Person(), from, to);
      }
      default: {
        const auto [from, to] = Span();
        return StartCommand(Assignment(), Person(), Position(), 2'000 * (1 + Below(5)), from, to);
      }
    }
  }

 private:
  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }
  std::string Unit() { return fmt::format("u-{}", Below(8)); }
  std::string Position() { return fmt::format("q-{}", Below(5)); }
  std::string Assignment() { return fmt::format("a-{}", Below(40)); }
  std::string Person() { return fmt::format("p-{}", 1 + Below(5)); }
  // Half of all things begin on the first day, so that something can be built on them.
  std::string Day1() { return D("2026-01-01").Plus(Below(2) == 0 ? 0 : Below(kDays)).ToString(); }
  std::pair<std::string, std::string> Span() {
    const int from = Below(kDays);
    const bool open = Below(2) == 0;
    return {D("2026-01-01").Plus(from).ToString(),
            open ? "" : D("2026-01-01").Plus(from + 1 + Below(kDays)).ToString()};
  }

  std::mt19937_64 random_;
};

// The events that the command would have given had it not been refused, its fields taken as they
// are; none where the refused command says nothing about a rule over days.
std::vector<v1::Event> ForcedEvents(const v1::Command& command) {
  v1::Event event;
  if (command.has_move_unit()) {
    event.set_stream(streams::Unit(command.move_unit().unit()));
    event.mutable_unit_moved()->set_new_parent(command.move_unit().new_parent());
    event.mutable_unit_moved()->set_from(command.move_unit().from());
  } else if (command.has_merge_units()) {
    event.set_stream(streams::Unit(command.merge_units().sources(0)));
    event.mutable_units_merged()->set_target(command.merge_units().target());
    event.mutable_units_merged()->set_from(command.merge_units().from());
  } else if (command.has_retire_unit()) {
    event.set_stream(streams::Unit(command.retire_unit().unit()));
    event.mutable_unit_retired()->set_from(command.retire_unit().from());
  } else if (command.has_set_headcount()) {
    event.set_stream(streams::Position(command.set_headcount().position()));
    event.mutable_headcount_set()->set_headcount(command.set_headcount().headcount());
    event.mutable_headcount_set()->set_from(command.set_headcount().from());
  } else if (command.has_start_assignment()) {
    const v1::StartAssignment& start = command.start_assignment();
    event.set_stream(streams::Assignment(start.assignment()));
    v1::AssignmentStarted* started = event.mutable_assignment_started();
    started->set_person(start.person());
    started->set_position(start.position());
    started->set_allocation_bp(start.allocation_bp());
    *started->mutable_span() = start.span();
  } else if (command.has_change_allocation()) {
    event.set_stream(streams::Assignment(command.change_allocation().assignment()));
    event.mutable_allocation_changed()->set_allocation_bp(
        command.change_allocation().allocation_bp());
    event.mutable_allocation_changed()->set_from(command.change_allocation().from());
  } else if (command.has_end_assignment()) {
    event.set_stream(streams::Assignment(command.end_assignment().assignment()));
    event.mutable_assignment_ended()->set_to(command.end_assignment().to());
  } else if (command.has_set_reporting_line()) {
    const v1::SetReportingLine& line = command.set_reporting_line();
    event.set_stream(streams::Person(line.person()));
    event.mutable_reporting_line_set()->set_manager(line.manager());
    event.mutable_reporting_line_set()->set_line(line.line());
    *event.mutable_reporting_line_set()->mutable_span() = line.span();
  } else if (command.has_retire_position()) {
    event.set_stream(streams::Position(command.retire_position().position()));
    event.mutable_position_retired()->set_from(command.retire_position().from());
  } else {
    return {};
  }
  return {event};
}

TEST_CASE("campaign: no accepted command breaks a day, and a refusal by days has a broken one",
          "[org][campaign]") {
  const uint64_t seed = testing::NumberFrom("ASSAY_SEED", 20'260'601);
  const uint64_t worlds = testing::NumberFrom("ASSAY_ORG_WORLDS", 40);
  const std::set<std::string> judged = {"ORG_CYCLE", "SPAN_OVERLAP", "HEADCOUNT_EXCEEDED",
                                        "ALLOCATION_OVER_100", "UNIT_NOT_EMPTY"};
  std::map<std::string, int> outcomes;
  for (uint64_t world = 0; world < worlds; ++world) {
    RandomCommands commands(seed + world);
    OrgSpec spec;
    spec.WithPeople(5);
    spec.Given("p-hr", UnitCommand("u-0"));
    for (const char* unit : {"u-1", "u-2", "u-3"}) spec.Given("p-hr", UnitCommand(unit, "u-0"));
    spec.Given("p-hr", PositionCommand("q-0", "u-1", 3));
    spec.Given("p-hr", PositionCommand("q-1", "u-2", 3));
    for (int step = 0; step < 250; ++step) {
      const std::string text = commands.Next();
      INFO("ASSAY_SEED=" << seed << " world " << world << " step " << step << ": " << text);
      spec.When("p-hr", text);
      if (IsAccepted(spec.Outcome())) {
        spec.ThenAccepted();
        ++outcomes["accepted"];
        REQUIRE(BruteForce(spec.state).Broken() == "");
        continue;
      }
      const std::string& code = spec.Refusal().code;
      ++outcomes[code];
      if (!judged.contains(code)) continue;
      MemoryState forced = spec.state;
      for (const v1::Event& event : ForcedEvents(FromText<v1::Command>(text))) {
        EvolveIn(org::Table(), event, {}, forced);
      }
      INFO(spec.Refusal().ToString() << " actual " << spec.Refusal().actual);
      REQUIRE(BruteForce(forced).Broken() != "");
    }
  }
  // The campaign is worth nothing when a kind of outcome never comes up.
  for (const std::string& code : judged) {
    INFO(code);
    CHECK(outcomes[code] > 0);
  }
  CHECK(outcomes["accepted"] > 25 * static_cast<int>(worlds));
}

}  // namespace
}  // namespace assay::testing

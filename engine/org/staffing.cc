#include "engine/org/staffing.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "engine/org/shape.h"
#include "engine/org/state.h"
#include "engine/org/units.h"

namespace assay::org {
namespace {

using Assignments = std::vector<v1::AssignmentState>;

// Where a command has the fields that may be at fault.
struct FieldPaths {
  std::string_view position;
  std::string_view span;
  std::string_view allocation;
};

Rejection PositionRetired(std::string_view path, const v1::PositionState& position,
                          std::string expected) {
  std::string life = fmt::format("active from {}", position.from());
  if (!position.retired_from().empty()) life += fmt::format(" to {}", position.retired_from());
  return StateRefusal("POSITION_RETIRED", path, std::move(expected), std::move(life),
                      fmt::format("the position \"{}\" is not active on a day that matters here",
                                  position.position()),
                      "take another position or another day");
}

std::optional<Rejection> CheckPositionActive(std::string_view path,
                                             const v1::PositionState& position, Day day) {
  if (ActiveOn(position, day)) return std::nullopt;
  return PositionRetired(path, position, fmt::format("active on {}", day.ToString()));
}

std::optional<Rejection> CheckPositionHolds(StateReader& state, std::string_view path,
                                            const v1::PositionState& position,
                                            const DaySpan& span) {
  if (auto wrong = CheckPositionActive(path, position, span.from)) return wrong;
  if (!position.retired_from().empty() && DayOf(position.retired_from()) < span.to) {
    return PositionRetired(path, position, "active on every day of the assignment");
  }
  return CheckUnitHolds(state, path, position.unit(), span);
}

// --- days on which sums may rise ---

void AddDay(Day day, const DaySpan& span, std::vector<Day>& days) {
  if (span.Contains(day)) days.push_back(day);
}

void AddDays(const google::protobuf::RepeatedPtrField<v1::DatedCount>& entries, const DaySpan& span,
             std::vector<Day>& days) {
  for (const v1::DatedCount& entry : entries) AddDay(DayOf(entry.from()), span, days);
}

void SortUnique(std::vector<Day>& days) {
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
}

// How many of `days` (sorted) are not after `day`.
int64_t CountUpTo(const std::vector<Day>& days, Day day) {
  return std::upper_bound(days.begin(), days.end(), day) - days.begin();
}

// HEADCOUNT_EXCEEDED when on a day of `span` more of `assignments` hold than `position` has places.
std::optional<Rejection> CheckHeadcount(std::string_view path, const v1::PositionState& position,
                                        const Assignments& assignments, const DaySpan& span) {
  std::vector<Day> starts;
  std::vector<Day> ends;
  for (const v1::AssignmentState& assignment : assignments) {
    starts.push_back(SpanOf(assignment.span()).from);
    ends.push_back(SpanOf(assignment.span()).to);
  }
  std::sort(starts.begin(), starts.end());
  std::sort(ends.begin(), ends.end());
  std::vector<Day> days{span.from};
  for (const Day start : starts) AddDay(start, span, days);
  AddDays(position.headcounts(), span, days);
  SortUnique(days);
  for (const Day day : days) {
    const int64_t holding = CountUpTo(starts, day) - CountUpTo(ends, day);
    const int32_t headcount = HeadcountOn(position, day);
    if (holding <= headcount) continue;
    return RefusedPolicy("HEADCOUNT_EXCEEDED", std::string(path),
                         fmt::format("at most {} assignments", headcount),
                         fmt::format("{} on {}", holding, day.ToString()),
                         fmt::format("the position \"{}\" has too few places", position.position()),
                         "raise the headcount or end an assignment first");
  }
  return std::nullopt;
}

// "60", "33.33".
std::string Percent(int32_t basis_points) {
  const auto share = Decimal::FromInt(basis_points).DividedBy(Decimal::FromInt(100));
  return share->ToString();
}

// ALLOCATION_OVER_100 when on a day of `span` the person's `assignments` sum to more than 100 %.
std::optional<Rejection> CheckAllocations(std::string_view path, const Assignments& assignments,
                                          const DaySpan& span) {
  std::vector<Day> days{span.from};
  for (const v1::AssignmentState& assignment : assignments) {
    AddDay(SpanOf(assignment.span()).from, span, days);
    AddDays(assignment.allocations(), span, days);
  }
  SortUnique(days);
  for (const Day day : days) {
    int64_t sum = 0;
    std::string parts;
    for (const v1::AssignmentState& assignment : assignments) {
      const int32_t allocation = AllocationOn(assignment, day);
      if (allocation == 0) continue;
      sum += allocation;
      parts += fmt::format("{}{}", parts.empty() ? "" : " + ", Percent(allocation));
    }
    if (sum <= limits::kBasisPointsWhole) continue;
    return RefusedPolicy(
        "ALLOCATION_OVER_100", std::string(path), "at most 100 % on every day",
        fmt::format("{} = {} % on {}", parts, Percent(static_cast<int32_t>(sum)), day.ToString()),
        fmt::format("the person's allocations are {} on {}", parts, day.ToString()),
        "lower another allocation first");
  }
  return std::nullopt;
}

// The list with `row` last and in place of the assignment of the same id.
Assignments With(Assignments assignments, const v1::AssignmentState& row) {
  std::erase_if(assignments, [&](const v1::AssignmentState& other) {
    return other.assignment() == row.assignment();
  });
  assignments.push_back(row);
  return assignments;
}

std::optional<Rejection> CheckOverlap(std::string_view path, const Assignments& of_person) {
  const v1::AssignmentState& row = of_person.back();
  for (const v1::AssignmentState& other : of_person) {
    if (&other == &row || other.position() != row.position() ||
        !SpanOf(other.span()).Overlaps(SpanOf(row.span()))) {
      continue;
    }
    return StateRefusal(
        "SPAN_OVERLAP", path, "no day on which the person holds the position already",
        fmt::format("{} from {} to {}", other.assignment(), other.span().from(),
                    other.span().to().empty() ? "no end" : other.span().to()),
        "the same person would hold the same position twice", "end or change the former first");
  }
  return std::nullopt;
}

// All that an assignment must keep, judged on its row as it would stand.
std::optional<Rejection> CheckAssignment(StateReader& state, const FieldPaths& paths,
                                         const v1::PositionState& position,
                                         const v1::AssignmentState& row) {
  const DaySpan span = SpanOf(row.span());
  if (auto wrong = CheckPositionHolds(state, paths.position, position, span)) return wrong;
  const Assignments of_person = With(AssignmentsOfPerson(state, row.person()), row);
  if (auto wrong = CheckOverlap(paths.span, of_person)) return wrong;
  const Assignments of_position = With(AssignmentsOfPosition(state, row.position()), row);
  if (auto wrong = CheckHeadcount(paths.position, position, of_position, span)) return wrong;
  return CheckAllocations(paths.allocation, of_person, span);
}

std::optional<Rejection> CheckStartShape(const v1::StartAssignment& command) {
  if (auto wrong = FirstOf(
          {CheckId("startAssignment.assignment", command.assignment()),
           CheckId("startAssignment.person", command.person()),
           CheckId("startAssignment.position", command.position()),
           CheckRange("startAssignment.allocationBp", command.allocation_bp(), 1,
                      limits::kBasisPointsWhole),
           CheckEnum("startAssignment.kind", command.kind(), *v1::AssignmentKind_descriptor()),
           CheckSpan("startAssignment.span", command.span())})) {
    return wrong;
  }
  if (command.kind() == v1::ASSIGNMENT_KIND_TEMPORARY && command.span().to().empty()) {
    return Invalid("INVALID_SPAN", "startAssignment.span.to", "a day", "nothing",
                   "a temporary assignment has an end");
  }
  return std::nullopt;
}

}  // namespace

Decision CreatePosition(const v1::CreatePosition& command, StateReader& state) {
  if (auto wrong = FirstOf(
          {CheckId("createPosition.position", command.position()),
           CheckId("createPosition.unit", command.unit()),
           CheckTitle("createPosition.title", command.title(), false),
           command.template_().empty()
               ? std::nullopt
               : CheckVersionedId("createPosition.template", command.template_()),
           CheckRange("createPosition.headcount", command.headcount(), 0, limits::kHeadcountMax),
           CheckDay("createPosition.from", command.from())})) {
    return *wrong;
  }
  const auto unit = state.Find<v1::UnitState>(streams::Unit(command.unit()));
  if (!unit) return NotVisible("createPosition.unit", "unit", command.unit());
  if (state.Find<v1::PositionState>(streams::Position(command.position()))) {
    return AlreadyExists("createPosition.position", "position", command.position());
  }
  if (auto wrong = CheckUnitActive("createPosition.unit", *unit, DayOf(command.from()))) {
    return *wrong;
  }
  v1::Event event = EventOn(streams::Position(command.position()), command.from());
  v1::PositionCreated* created = event.mutable_position_created();
  created->set_position(command.position());
  created->set_unit(command.unit());
  created->set_title(command.title());
  created->set_template_(command.template_());
  created->set_headcount(command.headcount());
  created->set_from(command.from());
  return Accepted{{std::move(event)}};
}

Decision SetHeadcount(const v1::SetHeadcount& command, StateReader& state) {
  if (auto wrong = FirstOf(
          {CheckId("setHeadcount.position", command.position()),
           CheckRange("setHeadcount.headcount", command.headcount(), 0, limits::kHeadcountMax),
           CheckDay("setHeadcount.from", command.from())})) {
    return *wrong;
  }
  auto position = state.Find<v1::PositionState>(streams::Position(command.position()));
  if (!position) return NotVisible("setHeadcount.position", "position", command.position());
  const Day from = DayOf(command.from());
  if (auto wrong = CheckPositionActive("setHeadcount.position", *position, from)) return *wrong;
  v1::DatedCount* entry = position->add_headcounts();
  entry->set_from(command.from());
  entry->set_value(command.headcount());
  const Assignments assignments = AssignmentsOfPosition(state, command.position());
  if (auto wrong =
          CheckHeadcount("setHeadcount.headcount", *position, assignments, {from, kDayMax})) {
    return *wrong;
  }
  v1::Event event = EventOn(streams::Position(command.position()), command.from());
  v1::HeadcountSet* set = event.mutable_headcount_set();
  set->set_position(command.position());
  set->set_headcount(command.headcount());
  set->set_from(command.from());
  return Accepted{{std::move(event)}};
}

Decision RetirePosition(const v1::RetirePosition& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("retirePosition.position", command.position()),
                            CheckDay("retirePosition.from", command.from())})) {
    return *wrong;
  }
  const auto position = state.Find<v1::PositionState>(streams::Position(command.position()));
  if (!position) return NotVisible("retirePosition.position", "position", command.position());
  const Day from = DayOf(command.from());
  if (!position->retired_from().empty()) {
    return PositionRetired("retirePosition.position", *position, "a position that has not ended");
  }
  if (auto wrong = CheckPositionActive("retirePosition.position", *position, from)) return *wrong;
  for (const v1::AssignmentState& assignment : AssignmentsOfPosition(state, command.position())) {
    if (SpanOf(assignment.span()).to <= from) continue;
    return RefusedPolicy("HEADCOUNT_EXCEEDED", "retirePosition.position",
                         fmt::format("no assignment on or after {}", command.from()),
                         fmt::format("{} of {}", assignment.assignment(), assignment.person()),
                         "people are still assigned to the position", "end the assignments first");
  }
  v1::Event event = EventOn(streams::Position(command.position()), command.from());
  event.mutable_position_retired()->set_position(command.position());
  event.mutable_position_retired()->set_from(command.from());
  return Accepted{{std::move(event)}};
}

Decision StartAssignment(const v1::StartAssignment& command, StateReader& state) {
  if (auto wrong = CheckStartShape(command)) return *wrong;
  if (!state.Find<v1::PersonState>(streams::Person(command.person()))) {
    return NotVisible("startAssignment.person", "person", command.person());
  }
  const auto position = state.Find<v1::PositionState>(streams::Position(command.position()));
  if (!position) return NotVisible("startAssignment.position", "position", command.position());
  if (state.Find<v1::AssignmentState>(streams::Assignment(command.assignment()))) {
    return AlreadyExists("startAssignment.assignment", "assignment", command.assignment());
  }
  constexpr FieldPaths kPaths{.position = "startAssignment.position",
                              .span = "startAssignment.span",
                              .allocation = "startAssignment.allocationBp"};
  v1::Event event = EventOn(streams::Assignment(command.assignment()), command.span().from());
  v1::AssignmentStarted* started = event.mutable_assignment_started();
  started->set_assignment(command.assignment());
  started->set_person(command.person());
  started->set_position(command.position());
  started->set_allocation_bp(command.allocation_bp());
  started->set_kind(command.kind());
  *started->mutable_span() = command.span();
  if (auto wrong = CheckAssignment(state, kPaths, *position, NewAssignment(*started))) {
    return *wrong;
  }
  return Accepted{{std::move(event)}};
}

Decision ChangeAllocation(const v1::ChangeAllocation& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("changeAllocation.assignment", command.assignment()),
                            CheckRange("changeAllocation.allocationBp", command.allocation_bp(), 1,
                                       limits::kBasisPointsWhole),
                            CheckDay("changeAllocation.from", command.from())})) {
    return *wrong;
  }
  auto row = state.Find<v1::AssignmentState>(streams::Assignment(command.assignment()));
  if (!row) return NotVisible("changeAllocation.assignment", "assignment", command.assignment());
  const DaySpan span = SpanOf(row->span());
  if (!span.Contains(DayOf(command.from()))) {
    return StateRefusal("INVALID_SPAN", "changeAllocation.from",
                        fmt::format("a day from {} to {}", row->span().from(),
                                    row->span().to().empty() ? "no end" : row->span().to()),
                        command.from(), "the assignment does not hold on that day",
                        "take a day on which it holds");
  }
  v1::DatedCount* entry = row->add_allocations();
  entry->set_from(command.from());
  entry->set_value(command.allocation_bp());
  const Assignments of_person = With(AssignmentsOfPerson(state, row->person()), *row);
  if (auto wrong = CheckAllocations("changeAllocation.allocationBp", of_person, span)) {
    return *wrong;
  }
  v1::Event event = EventOn(streams::Assignment(command.assignment()), command.from());
  v1::AllocationChanged* changed = event.mutable_allocation_changed();
  changed->set_assignment(command.assignment());
  changed->set_allocation_bp(command.allocation_bp());
  changed->set_from(command.from());
  changed->set_person(row->person());
  changed->set_position(row->position());
  return Accepted{{std::move(event)}};
}

Decision EndAssignment(const v1::EndAssignment& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("endAssignment.assignment", command.assignment()),
                            CheckDay("endAssignment.to", command.to())})) {
    return *wrong;
  }
  auto row = state.Find<v1::AssignmentState>(streams::Assignment(command.assignment()));
  if (!row) return NotVisible("endAssignment.assignment", "assignment", command.assignment());
  const DaySpan former = SpanOf(row->span());
  const Day to = DayOf(command.to());
  if (to <= former.from) {
    return StateRefusal("INVALID_SPAN", "endAssignment.to",
                        fmt::format("a day after {}", row->span().from()), command.to(),
                        "the assignment would hold on no day", "take a day after its first");
  }
  row->mutable_span()->set_to(command.to());
  if (to > former.to) {
    const auto position = state.Find<v1::PositionState>(streams::Position(row->position()));
    if (!position) return NotVisible("endAssignment.assignment", "position", row->position());
    constexpr FieldPaths kPaths{.position = "endAssignment.to",
                                .span = "endAssignment.to",
                                .allocation = "endAssignment.to"};
    if (auto wrong = CheckAssignment(state, kPaths, *position, *row)) return *wrong;
  }
  v1::Event event = EventOn(streams::Assignment(command.assignment()), command.to());
  v1::AssignmentEnded* ended = event.mutable_assignment_ended();
  ended->set_assignment(command.assignment());
  ended->set_to(command.to());
  ended->set_person(row->person());
  ended->set_position(row->position());
  return Accepted{{std::move(event)}};
}

}  // namespace assay::org

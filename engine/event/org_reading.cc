#include "engine/event/org_reading.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

bool BegunBy(const std::string& from, Day day) { return !from.empty() && DayOf(from) <= day; }

bool MergedBy(const v1::UnitState& unit, Day day) {
  return !unit.merged_into().empty() && BegunBy(unit.merged_from(), day);
}

// The first day after `day` on which the unit's way up may change.
Day NextChange(const v1::UnitState& unit, Day day) {
  Day next = kDayMax;
  const auto consider = [&](const std::string& from) {
    if (const Day change = DayOf(from); change > day) next = std::min(next, change);
  };
  for (const v1::DatedText& parent : unit.parents()) consider(parent.from());
  if (!unit.merged_into().empty()) consider(unit.merged_from());
  return next;
}

std::vector<v1::AssignmentState> AssignmentsIn(StateReader& state, const std::string& set_stream) {
  std::vector<v1::AssignmentState> assignments;
  for (const v1::Member& member : state.Members(set_stream)) {
    auto row = state.Find<v1::AssignmentState>(streams::Assignment(member.id()));
    if (row) assignments.push_back(*std::move(row));
  }
  return assignments;
}

}  // namespace

bool ActiveOn(const v1::UnitState& unit, Day day) {
  return BegunBy(unit.from(), day) && !BegunBy(unit.retired_from(), day) && !MergedBy(unit, day);
}

bool ActiveOn(const v1::PositionState& position, Day day) {
  return BegunBy(position.from(), day) && !BegunBy(position.retired_from(), day);
}

bool ActiveOn(const v1::AssignmentState& assignment, Day day) {
  return SpanOf(assignment.span()).Contains(day);
}

int32_t AllocationOn(const v1::AssignmentState& assignment, Day day) {
  if (!ActiveOn(assignment, day)) return 0;
  const v1::DatedCount* holding = HoldingOn(assignment.allocations(), day);
  return holding == nullptr ? 0 : holding->value();
}

std::string ParentOn(const v1::UnitState& unit, Day day) {
  const v1::DatedText* holding = HoldingOn(unit.parents(), day);
  return holding == nullptr ? "" : holding->value();
}

int32_t HeadcountOn(const v1::PositionState& position, Day day) {
  const v1::DatedCount* holding = HoldingOn(position.headcounts(), day);
  return holding == nullptr ? 0 : holding->value();
}

std::string SolidManagerOn(const v1::PersonState& person, Day day) {
  std::string manager;
  for (const v1::LineState& line : person.lines()) {
    if (line.line() == v1::REPORTING_LINE_SOLID && SpanOf(line.span()).Contains(day)) {
      manager = line.manager();
    }
  }
  return manager;
}

std::optional<UnitReading> UnitOn(StateReader& state, std::string_view unit, Day day) {
  const auto row = state.Find<v1::UnitState>(streams::Unit(unit));
  if (!row) return std::nullopt;
  const v1::DatedText* name = HoldingOn(row->names(), day);
  if (name == nullptr && !row->names().empty()) name = &row->names(0);
  UnitReading reading{.name = name == nullptr ? "" : name->value(),
                      .kind = row->kind(),
                      .active = ActiveOn(*row, day)};
  const std::string parent = ParentOn(*row, day);
  if (!parent.empty()) reading.parent = LivingUnit(state, parent, day);
  if (MergedBy(*row, day)) reading.merged_into = LivingUnit(state, row->merged_into(), day);
  return reading;
}

std::string LivingUnit(StateReader& state, std::string_view unit, Day day) {
  std::string living(unit);
  for (int i = 0; i < limits::kUnitDepthMax; ++i) {
    const auto row = state.Find<v1::UnitState>(streams::Unit(living));
    if (!row) return "";
    if (!MergedBy(*row, day)) return living;
    living = row->merged_into();
  }
  return "";
}

UnitPath WalkToRoot(StateReader& state, std::string_view unit, Day day) {
  UnitPath path;
  std::string next(unit);
  for (int i = 0; i < limits::kUnitDepthMax && !next.empty(); ++i) {
    const auto row = state.Find<v1::UnitState>(streams::Unit(next));
    if (!row) return path;
    path.until = std::min(path.until, NextChange(*row, day));
    const bool merged = MergedBy(*row, day);
    (merged ? path.merged : path.units).push_back(std::move(next));
    next = merged ? row->merged_into() : ParentOn(*row, day);
  }
  path.complete = next.empty();
  return path;
}

std::vector<std::string> PathToRoot(StateReader& state, std::string_view unit, Day day) {
  return WalkToRoot(state, unit, day).units;
}

std::vector<std::string> UnitsCountedTo(StateReader& state, std::string_view unit, Day day) {
  if (LivingUnit(state, unit, day) != unit) return {};
  std::vector<std::string> counted{std::string(unit)};
  // The list grows while it is walked: what was merged into a merged unit counts too.
  for (size_t i = 0; i < counted.size(); ++i) {
    for (const v1::Member& member : state.Members(streams::UnitMerged(counted[i]))) {
      const auto row = state.Find<v1::UnitState>(streams::Unit(member.id()));
      if (row && MergedBy(*row, day)) counted.push_back(member.id());
    }
  }
  return counted;
}

std::string UnitOfPosition(StateReader& state, std::string_view position, Day day) {
  const auto row = state.Find<v1::PositionState>(streams::Position(position));
  return row ? LivingUnit(state, row->unit(), day) : "";
}

std::vector<v1::AssignmentState> AssignmentsOfPosition(StateReader& state,
                                                       std::string_view position) {
  return AssignmentsIn(state, streams::PositionAssignments(position));
}

std::vector<v1::AssignmentState> AssignmentsOfPerson(StateReader& state, std::string_view person) {
  return AssignmentsIn(state, streams::PersonAssignments(person));
}

std::vector<std::string> PeopleOf(StateReader& state, std::string_view unit, Day day) {
  std::set<std::string> people;
  for (const std::string& counted : UnitsCountedTo(state, unit, day)) {
    for (const v1::Member& position : state.Members(streams::UnitPositions(counted))) {
      for (const v1::AssignmentState& assignment : AssignmentsOfPosition(state, position.id())) {
        if (ActiveOn(assignment, day)) people.insert(assignment.person());
      }
    }
  }
  return {people.begin(), people.end()};
}

std::string SolidManager(StateReader& state, std::string_view person, Day day) {
  const auto row = state.Find<v1::PersonState>(streams::Person(person));
  return row ? SolidManagerOn(*row, day) : "";
}

}  // namespace assay

#include "engine/org/domain.h"

#include <algorithm>

#include "engine/event/streams.h"
#include "engine/org/reporting.h"
#include "engine/org/staffing.h"
#include "engine/org/state.h"
#include "engine/org/units.h"

namespace assay::org {
namespace {

using C = v1::Command;
using E = v1::Event;

// --- places ---

Day DayIn(const Authority& who, const std::string& text) {
  return Day::Parse(text).value_or(who.Today());
}

// The unit that the body names, on the day from which it holds.
template <auto Body>
std::optional<Places> PlaceOfUnit(const Authority& who) {
  const auto& body = (who.Command().*Body)();
  return Places{{body.unit(), DayIn(who, body.from())}};
}

std::optional<Places> PlaceOfParent(const Authority& who) {
  const v1::CreateUnit& create = who.Command().create_unit();
  return Places{{create.parent(), DayIn(who, create.from())}};
}

std::optional<Places> PlacesOfMove(const Authority& who) {
  const v1::MoveUnit& move = who.Command().move_unit();
  const Day from = DayIn(who, move.from());
  return Places{{move.unit(), from}, {move.new_parent(), from}};
}

std::optional<Places> PlacesOfMerge(const Authority& who) {
  const v1::MergeUnits& merge = who.Command().merge_units();
  const Day from = DayIn(who, merge.from());
  Places places{{merge.target(), from}};
  for (const auto& source : merge.sources()) places.push_back({source, from});
  return places;
}

template <auto Body>
std::optional<Places> PlaceOfPosition(const Authority& who) {
  const auto& body = (who.Command().*Body)();
  return PlacesOfPosition(who, body.position(), DayIn(who, body.from()));
}

// An assignment of an admin is a matter of the whole company, since ending it ends the grant; so is
// the first one of somebody who holds a grant.
bool HoldsAdmin(const Authority& who, const std::string& person) {
  const auto admins = who.State().Members(streams::Admins());
  return std::any_of(admins.begin(), admins.end(),
                     [&](const v1::Member& member) { return member.person() == person; });
}

std::optional<Places> PlacesOfStart(const Authority& who) {
  const v1::StartAssignment& start = who.Command().start_assignment();
  const Day from = DayIn(who, start.span().from());
  Places places = PlacesOfPosition(who, start.position(), from);
  const bool first = who.State().Members(streams::PersonAssignments(start.person())).empty() &&
                     !who.State().Members(streams::GrantsOf(start.person())).empty();
  if (first || HoldsAdmin(who, start.person())) places.push_back({"", from});
  return places;
}

Places PlacesOfAssignment(const Authority& who, const std::string& assignment, Day day) {
  const auto row = who.State().Find<v1::AssignmentState>(streams::Assignment(assignment));
  if (!row) return {{"", day}};
  Places places = PlacesOfPosition(who, row->position(), day);
  if (HoldsAdmin(who, row->person())) places.push_back({"", day});
  return places;
}

std::optional<Places> PlacesOfChange(const Authority& who) {
  const v1::ChangeAllocation& change = who.Command().change_allocation();
  return PlacesOfAssignment(who, change.assignment(), DayIn(who, change.from()));
}

std::optional<Places> PlacesOfEnd(const Authority& who) {
  const v1::EndAssignment& end = who.Command().end_assignment();
  return PlacesOfAssignment(who, end.assignment(), DayIn(who, end.to()));
}

std::optional<Places> PlacesOfReportingLine(const Authority& who) {
  const v1::SetReportingLine& line = who.Command().set_reporting_line();
  return PlacesOfPerson(who, line.person(), line.span());
}

// --- commands ---

template <auto Function, auto Body>
CommandRow ByHr(C::BodyCase command, PlacesFunction places, SubjectFunction subject) {
  return {command, &DecideBody<Function, Body>, ByPeople({v1::ROLE_HR}, places), subject};
}

std::vector<CommandRow> Commands() {
  return {
      ByHr<&CreateUnit, &C::create_unit>(C::kCreateUnit, &PlaceOfParent, &OfTheSender),
      ByHr<&RenameUnit, &C::rename_unit>(C::kRenameUnit, &PlaceOfUnit<&C::rename_unit>,
                                         &OfTheSender),
      ByHr<&MoveUnit, &C::move_unit>(C::kMoveUnit, &PlacesOfMove, &OfTheSender),
      ByHr<&MergeUnits, &C::merge_units>(C::kMergeUnits, &PlacesOfMerge, &OfTheSender),
      ByHr<&RetireUnit, &C::retire_unit>(C::kRetireUnit, &PlaceOfUnit<&C::retire_unit>,
                                         &OfTheSender),

      ByHr<&CreatePosition, &C::create_position>(C::kCreatePosition,
                                                 &PlaceOfUnit<&C::create_position>, &OfTheSender),
      ByHr<&SetHeadcount, &C::set_headcount>(C::kSetHeadcount, &PlaceOfPosition<&C::set_headcount>,
                                             &OfTheSender),
      ByHr<&RetirePosition, &C::retire_position>(
          C::kRetirePosition, &PlaceOfPosition<&C::retire_position>, &OfTheSender),

      ByHr<&StartAssignment, &C::start_assignment>(C::kStartAssignment, &PlacesOfStart,
                                                   &PersonIn<&C::start_assignment>),
      ByHr<&ChangeAllocation, &C::change_allocation>(C::kChangeAllocation, &PlacesOfChange,
                                                     &OfTheSender),
      ByHr<&EndAssignment, &C::end_assignment>(C::kEndAssignment, &PlacesOfEnd, &OfTheSender),
      ByHr<&SetReportingLine, &C::set_reporting_line>(C::kSetReportingLine, &PlacesOfReportingLine,
                                                      &PersonIn<&C::set_reporting_line>),
  };
}

// --- events ---

template <auto Body>
std::string OfUnit(const E& event) {
  return streams::Unit((event.*Body)().unit());
}
template <auto Body>
std::string OfPosition(const E& event) {
  return streams::Position((event.*Body)().position());
}
template <auto Body>
std::string OfAssignment(const E& event) {
  return streams::Assignment((event.*Body)().assignment());
}
std::string OfSource(const E& event) { return streams::Unit(event.units_merged().source()); }
std::string OfPerson(const E& event) {
  return streams::Person(event.reporting_line_set().person());
}

SetChanges SetsOfCreated(const E& event) {
  const v1::UnitCreated& created = event.unit_created();
  return {{streams::UnitChildren(created.parent()), MemberOf(created.unit())}};
}

// The unit stays a member of its former parent's set: on earlier days it still is there.
SetChanges SetsOfMoved(const E& event) {
  const v1::UnitMoved& moved = event.unit_moved();
  return {{streams::UnitChildren(moved.old_parent()), MemberOf(moved.unit())},
          {streams::UnitChildren(moved.new_parent()), MemberOf(moved.unit())}};
}

SetChanges SetsOfMerged(const E& event) {
  const v1::UnitsMerged& merged = event.units_merged();
  return {{streams::UnitMerged(merged.target()), MemberOf(merged.source())}};
}

SetChanges SetsOfPosition(const E& event) {
  const v1::PositionCreated& created = event.position_created();
  return {{streams::UnitPositions(created.unit()), MemberOf(created.position())}};
}

template <auto Body>
SetChanges SetsOfAssignment(const E& event) {
  const auto& body = (event.*Body)();
  return {
      {streams::PersonAssignments(body.person()), MemberOf(body.assignment(), body.person())},
      {streams::PositionAssignments(body.position()), MemberOf(body.assignment(), body.person())}};
}

SetChanges SetsOfLine(const E& event) {
  const v1::ReportingLineSet& line = event.reporting_line_set();
  return {{streams::PersonReports(line.manager()), MemberOf(line.person())}};
}

ScoreEffect OnEverybody(const E& /*event*/) { return {ScoreEffect::Of::kEverybody}; }

std::vector<EventRow> EventsOfUnits() {
  using Unit = v1::UnitState;
  return {
      {E::kUnitCreated, &Since<1>, &OfUnit<&E::unit_created>,
       &NewRow<Unit, &UnitRow, &E::unit_created>, &SetsOfCreated, &NoEffect, Output::kNothing},
      {E::kUnitRenamed, &Since<1>, &OfUnit<&E::unit_renamed>,
       &ChangeRow<Unit, &Rename, &E::unit_renamed>, &NoSets, &NoEffect, Output::kNothing},
      {E::kUnitMoved, &Since<1>, &OfUnit<&E::unit_moved>, &ChangeRow<Unit, &Move, &E::unit_moved>,
       &SetsOfMoved, &NoEffect, Output::kNothing},
      {E::kUnitsMerged, &Since<1>, &OfSource, &ChangeRow<Unit, &Merge, &E::units_merged>,
       &SetsOfMerged, &OnEverybody, Output::kNothing},
      {E::kUnitRetired, &Since<1>, &OfUnit<&E::unit_retired>,
       &ChangeRow<Unit, &Retire, &E::unit_retired>, &NoSets, &NoEffect, Output::kNothing},
  };
}

std::vector<EventRow> EventsOfPlaces() {
  using Position = v1::PositionState;
  using Assignment = v1::AssignmentState;
  return {
      {E::kPositionCreated, &Since<1>, &OfPosition<&E::position_created>,
       &NewRow<Position, &PositionRow, &E::position_created>, &SetsOfPosition, &NoEffect,
       Output::kNothing},
      {E::kHeadcountSet, &Since<1>, &OfPosition<&E::headcount_set>,
       &ChangeRow<Position, &ChangeHeadcount, &E::headcount_set>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kPositionRetired, &Since<1>, &OfPosition<&E::position_retired>,
       &ChangeRow<Position, &RetirePlace, &E::position_retired>, &NoSets, &NoEffect,
       Output::kNothing},

      {E::kAssignmentStarted, &Since<1>, &OfAssignment<&E::assignment_started>,
       &FoldAssignmentStarted, &SetsOfAssignment<&E::assignment_started>,
       &OnPerson<&E::assignment_started>, Output::kNothing},
      {E::kAllocationChanged, &Since<1>, &OfAssignment<&E::allocation_changed>,
       &ChangeRow<Assignment, &Reallocate, &E::allocation_changed>,
       &SetsOfAssignment<&E::allocation_changed>, &OnPerson<&E::allocation_changed>,
       Output::kNothing},
      {E::kAssignmentEnded, &Since<1>, &OfAssignment<&E::assignment_ended>,
       &ChangeRow<Assignment, &End, &E::assignment_ended>, &SetsOfAssignment<&E::assignment_ended>,
       &OnPerson<&E::assignment_ended>, Output::kNothing},
      {E::kReportingLineSet, &Since<1>, &OfPerson,
       &ChangeRow<v1::PersonState, &AddLine, &E::reporting_line_set>, &SetsOfLine, &NoEffect,
       Output::kNothing},
  };
}

}  // namespace

Domain Table() {
  std::vector<EventRow> events = EventsOfUnits();
  for (EventRow& row : EventsOfPlaces()) events.push_back(std::move(row));
  return {.name = "org",
          .commands = Commands(),
          .events = std::move(events),
          .streams = {{"unit/", &MakeRow<v1::UnitState>, InDigest::kYes},
                      {"position/", &MakeRow<v1::PositionState>, InDigest::kYes},
                      {"assignment/", &MakeRow<v1::AssignmentState>, InDigest::kYes}}};
}

}  // namespace assay::org

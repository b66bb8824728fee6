#include "engine/org/state.h"

#include <string>

namespace assay::org {
namespace {

void Add(const std::string& from, const std::string& value,
         google::protobuf::RepeatedPtrField<v1::DatedText>* list) {
  v1::DatedText* entry = list->Add();
  entry->set_from(from);
  entry->set_value(value);
}

void Add(const std::string& from, int32_t value,
         google::protobuf::RepeatedPtrField<v1::DatedCount>* list) {
  v1::DatedCount* entry = list->Add();
  entry->set_from(from);
  entry->set_value(value);
}

v1::UnitState NewUnit(const v1::UnitCreated& created) {
  v1::UnitState unit;
  unit.set_unit(created.unit());
  unit.set_kind(created.kind());
  unit.set_from(created.from());
  Add(created.from(), created.name(), unit.mutable_names());
  Add(created.from(), created.parent(), unit.mutable_parents());
  return unit;
}

v1::PositionState NewPosition(const v1::PositionCreated& created) {
  v1::PositionState position;
  position.set_position(created.position());
  position.set_unit(created.unit());
  position.set_title(created.title());
  position.set_template_(created.template_());
  position.set_from(created.from());
  Add(created.from(), created.headcount(), position.mutable_headcounts());
  return position;
}

bool EvolveUnit(const v1::Event& event, StateStore& store) {
  return Update<v1::UnitState>(store, event.stream(), [&](v1::UnitState& unit) {
    if (event.has_unit_renamed()) {
      Add(event.unit_renamed().from(), event.unit_renamed().name(), unit.mutable_names());
    } else if (event.has_unit_moved()) {
      Add(event.unit_moved().from(), event.unit_moved().new_parent(), unit.mutable_parents());
    } else if (event.has_units_merged()) {
      unit.set_merged_into(event.units_merged().target());
      unit.set_merged_from(event.units_merged().from());
    } else {
      unit.set_retired_from(event.unit_retired().from());
    }
    return true;
  });
}

bool EvolvePosition(const v1::Event& event, StateStore& store) {
  return Update<v1::PositionState>(store, event.stream(), [&](v1::PositionState& position) {
    if (event.has_headcount_set()) {
      Add(event.headcount_set().from(), event.headcount_set().headcount(),
          position.mutable_headcounts());
    } else {
      position.set_retired_from(event.position_retired().from());
    }
    return true;
  });
}

bool EvolveAssignment(const v1::Event& event, StateStore& store) {
  return Update<v1::AssignmentState>(store, event.stream(), [&](v1::AssignmentState& assignment) {
    if (event.has_allocation_changed()) {
      Add(event.allocation_changed().from(), event.allocation_changed().allocation_bp(),
          assignment.mutable_allocations());
    } else {
      assignment.mutable_span()->set_to(event.assignment_ended().to());
    }
    return true;
  });
}

bool EvolveLines(const v1::Event& event, StateStore& store) {
  return Update<v1::PersonState>(store, event.stream(), [&](v1::PersonState& person) {
    const v1::ReportingLineSet& set = event.reporting_line_set();
    v1::LineState* line = person.add_lines();
    line->set_manager(set.manager());
    line->set_line(set.line());
    *line->mutable_span() = set.span();
    return true;
  });
}

}  // namespace

v1::AssignmentState NewAssignment(const v1::AssignmentStarted& started) {
  v1::AssignmentState assignment;
  assignment.set_assignment(started.assignment());
  assignment.set_person(started.person());
  assignment.set_position(started.position());
  assignment.set_kind(started.kind());
  *assignment.mutable_span() = started.span();
  Add(started.span().from(), started.allocation_bp(), assignment.mutable_allocations());
  return assignment;
}

bool Evolve(const v1::Event& event, const EventMeta&, StateStore& store) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kUnitCreated:
      return PutNew(store, event.stream(), NewUnit(event.unit_created()));
    case Body::kUnitRenamed:
    case Body::kUnitMoved:
    case Body::kUnitsMerged:
    case Body::kUnitRetired:
      return EvolveUnit(event, store);
    case Body::kPositionCreated:
      return PutNew(store, event.stream(), NewPosition(event.position_created()));
    case Body::kHeadcountSet:
    case Body::kPositionRetired:
      return EvolvePosition(event, store);
    case Body::kAssignmentStarted:
      return PutNew(store, event.stream(), NewAssignment(event.assignment_started()));
    case Body::kAllocationChanged:
    case Body::kAssignmentEnded:
      return EvolveAssignment(event, store);
    case Body::kReportingLineSet:
      return EvolveLines(event, store);
    default:
      return true;
  }
}

}  // namespace assay::org

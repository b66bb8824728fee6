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

}  // namespace

void UnitRow(const v1::UnitCreated& created, const EventMeta& /*meta*/, v1::UnitState& unit) {
  unit.set_unit(created.unit());
  unit.set_kind(created.kind());
  unit.set_from(created.from());
  Add(created.from(), created.name(), unit.mutable_names());
  Add(created.from(), created.parent(), unit.mutable_parents());
}

bool Rename(const v1::UnitRenamed& renamed, const EventMeta& /*meta*/, v1::UnitState& unit) {
  Add(renamed.from(), renamed.name(), unit.mutable_names());
  return true;
}

bool Move(const v1::UnitMoved& moved, const EventMeta& /*meta*/, v1::UnitState& unit) {
  Add(moved.from(), moved.new_parent(), unit.mutable_parents());
  return true;
}

bool Merge(const v1::UnitsMerged& merged, const EventMeta& /*meta*/, v1::UnitState& unit) {
  unit.set_merged_into(merged.target());
  unit.set_merged_from(merged.from());
  return true;
}

bool Retire(const v1::UnitRetired& retired, const EventMeta& /*meta*/, v1::UnitState& unit) {
  unit.set_retired_from(retired.from());
  return true;
}

void PositionRow(const v1::PositionCreated& created, const EventMeta& /*meta*/,
                 v1::PositionState& position) {
  position.set_position(created.position());
  position.set_unit(created.unit());
  position.set_title(created.title());
  position.set_template_(created.template_());
  position.set_from(created.from());
  Add(created.from(), created.headcount(), position.mutable_headcounts());
}

bool ChangeHeadcount(const v1::HeadcountSet& set, const EventMeta& /*meta*/,
                     v1::PositionState& position) {
  Add(set.from(), set.headcount(), position.mutable_headcounts());
  return true;
}

bool RetirePlace(const v1::PositionRetired& retired, const EventMeta& /*meta*/,
                 v1::PositionState& position) {
  position.set_retired_from(retired.from());
  return true;
}

bool FoldAssignmentStarted(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  return PutNew(store, event.stream(), NewAssignment(event.assignment_started()));
}

bool Reallocate(const v1::AllocationChanged& changed, const EventMeta& /*meta*/,
                v1::AssignmentState& assignment) {
  Add(changed.from(), changed.allocation_bp(), assignment.mutable_allocations());
  return true;
}

bool End(const v1::AssignmentEnded& ended, const EventMeta& /*meta*/,
         v1::AssignmentState& assignment) {
  assignment.mutable_span()->set_to(ended.to());
  return true;
}

bool AddLine(const v1::ReportingLineSet& set, const EventMeta& /*meta*/, v1::PersonState& person) {
  v1::LineState* line = person.add_lines();
  line->set_manager(set.manager());
  line->set_line(set.line());
  *line->mutable_span() = set.span();
  return true;
}

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

}  // namespace assay::org

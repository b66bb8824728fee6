// Folds the events of the organisation into the rows of units, positions, assignments and people.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::org {

// What the domain's table folds with (engine/domain/domain.h): a new row, or a change of one. Pure.

void UnitRow(const v1::UnitCreated& created, const EventMeta& meta, v1::UnitState& unit);
bool Rename(const v1::UnitRenamed& renamed, const EventMeta& meta, v1::UnitState& unit);
bool Move(const v1::UnitMoved& moved, const EventMeta& meta, v1::UnitState& unit);
bool Merge(const v1::UnitsMerged& merged, const EventMeta& meta, v1::UnitState& unit);
bool Retire(const v1::UnitRetired& retired, const EventMeta& meta, v1::UnitState& unit);

void PositionRow(const v1::PositionCreated& created, const EventMeta& meta,
                 v1::PositionState& position);
bool ChangeHeadcount(const v1::HeadcountSet& set, const EventMeta& meta,
                     v1::PositionState& position);
bool RetirePlace(const v1::PositionRetired& retired, const EventMeta& meta,
                 v1::PositionState& position);

bool FoldAssignmentStarted(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool Reallocate(const v1::AllocationChanged& changed, const EventMeta& meta,
                v1::AssignmentState& assignment);
bool End(const v1::AssignmentEnded& ended, const EventMeta& meta, v1::AssignmentState& assignment);

bool AddLine(const v1::ReportingLineSet& set, const EventMeta& meta, v1::PersonState& person);

// The row with which an assignment begins.
[[nodiscard]] v1::AssignmentState NewAssignment(const v1::AssignmentStarted& started);

}  // namespace assay::org

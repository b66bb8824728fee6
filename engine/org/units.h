// Decides the commands of units: the tree, its names, merges and ends.
//
// A unit ends at most once, by a merge or by retirement; what came before its end stays as it was.
// The tree is judged on every day from the change on, so it has no cycle on any day.

#pragma once

#include <assay/v1/command.pb.h>

#include <optional>
#include <string_view>

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::org {

[[nodiscard]] Decision CreateUnit(const v1::CreateUnit& command, StateReader& state);
[[nodiscard]] Decision RenameUnit(const v1::RenameUnit& command, StateReader& state);
// An empty new parent makes it a root. Parents recorded for later days stay.
[[nodiscard]] Decision MoveUnit(const v1::MoveUnit& command, StateReader& state);
// One event per source. Neither positions nor people move: reading follows the merge
// (engine/event/org_reading.h), so what was before it stays with the source.
[[nodiscard]] Decision MergeUnits(const v1::MergeUnits& command, StateReader& state);
[[nodiscard]] Decision RetireUnit(const v1::RetireUnit& command, StateReader& state);

// UNIT_RETIRED at `path` unless `unit`, or from a merge on the unit that took it over, is active on
// every day of `span`; NOT_FOUND when it is not there.
[[nodiscard]] std::optional<Rejection> CheckUnitHolds(StateReader& state, std::string_view path,
                                                      std::string_view unit, const DaySpan& span);

// UNIT_RETIRED at `path` unless the unit itself is active on `day`.
[[nodiscard]] std::optional<Rejection> CheckUnitActive(std::string_view path,
                                                       const v1::UnitState& unit, Day day);

}  // namespace assay::org

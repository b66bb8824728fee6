// Reading the organisation on a day: who stands where, under whom, in which unit.
//
// Everything is read from the rows as they were recorded, so a back-dated change shows by itself.
// A unit that was merged keeps its own row; from the day of the merge on, its positions, people and
// children count to the unit that took it over, and every function here follows that.
//
// All functions are pure over the reader. What is not there reads as empty.

#pragma once

#include <assay/v1/state.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/event/state.h"

namespace assay {

// --- rows on a day ---

// Whether it exists on `day`: begun, and neither retired, merged away nor ended.
[[nodiscard]] bool ActiveOn(const v1::UnitState& unit, Day day);
[[nodiscard]] bool ActiveOn(const v1::PositionState& position, Day day);
[[nodiscard]] bool ActiveOn(const v1::AssignmentState& assignment, Day day);
// Basis points; 0 outside the assignment's span.
[[nodiscard]] int32_t AllocationOn(const v1::AssignmentState& assignment, Day day);
// The parent as recorded, merges not followed; empty = a root.
[[nodiscard]] std::string ParentOn(const v1::UnitState& unit, Day day);
// 0 before the position began; retirement is not looked at.
[[nodiscard]] int32_t HeadcountOn(const v1::PositionState& position, Day day);
// Of the solid lines that hold on `day`, the one recorded last; empty when there is none.
[[nodiscard]] std::string SolidManagerOn(const v1::PersonState& person, Day day);

// --- units ---

struct UnitReading {
  std::string name;
  v1::UnitKind kind = v1::UNIT_KIND_UNSPECIFIED;
  // The unit it hangs below, merges followed; empty = a root.
  std::string parent;
  bool active = false;
  // The unit to which it counts when it was merged by that day, else empty.
  std::string merged_into;
};

// Nothing when there never was such a unit. Before its first day it has its first name.
[[nodiscard]] std::optional<UnitReading> UnitOn(StateReader& state, std::string_view unit, Day day);

// `unit` itself, or the unit to which it counts on `day` after merges; empty when absent.
[[nodiscard]] std::string LivingUnit(StateReader& state, std::string_view unit, Day day);

// The way from a unit up to its root on one day.
struct UnitPath {
  // From the unit (or the one that took it over) to the root.
  std::vector<std::string> units;
  // Units on the way in whose stead another one stands.
  std::vector<std::string> merged;
  // The first later day on which the way may be another.
  Day until = kDayMax;
  // False when the way is longer than limits::kUnitDepthMax or leads to an absent unit.
  bool complete = false;
};
[[nodiscard]] UnitPath WalkToRoot(StateReader& state, std::string_view unit, Day day);

// Only the units of WalkToRoot.
[[nodiscard]] std::vector<std::string> PathToRoot(StateReader& state, std::string_view unit,
                                                  Day day);

// `unit` and all units that were merged into it by `day`, directly or not; empty when `unit` itself
// counts to another by then.
[[nodiscard]] std::vector<std::string> UnitsCountedTo(StateReader& state, std::string_view unit,
                                                      Day day);

// --- positions and people ---

// The unit to which the position counts on `day`; empty when there is no such position.
[[nodiscard]] std::string UnitOfPosition(StateReader& state, std::string_view position, Day day);

// Every assignment ever recorded, by ascending id, whether it holds today or not.
[[nodiscard]] std::vector<v1::AssignmentState> AssignmentsOfPosition(StateReader& state,
                                                                     std::string_view position);
[[nodiscard]] std::vector<v1::AssignmentState> AssignmentsOfPerson(StateReader& state,
                                                                   std::string_view person);

// Who is assigned on `day` to a position that counts to `unit` (units below it not included);
// sorted, each once.
[[nodiscard]] std::vector<std::string> PeopleOf(StateReader& state, std::string_view unit, Day day);

// The person's manager by solid line on `day`; empty when there is none.
[[nodiscard]] std::string SolidManager(StateReader& state, std::string_view person, Day day);

}  // namespace assay

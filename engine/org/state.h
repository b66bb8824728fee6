// Folds the events of the organisation into the rows of units, positions, assignments and people.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::org {

// Updates the row of event.stream(). False when the event does not fit the state: nothing was
// changed then. An event of another domain fits and changes nothing. Pure.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

// The row with which an assignment begins.
[[nodiscard]] v1::AssignmentState NewAssignment(const v1::AssignmentStarted& started);

}  // namespace assay::org

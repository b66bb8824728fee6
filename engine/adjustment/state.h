// Rows of the adjustments: adjustment/<id>, each with its whole history.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::adjustment {

// Updates the row of event.stream(). False when the event does not fit the state: nothing was
// changed then. An event of another domain fits and changes nothing. Pure.
// Each event is one more line of history.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::adjustment

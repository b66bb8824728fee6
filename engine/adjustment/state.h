// Rows of the adjustments: adjustment/<id>, each with its whole history.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::adjustment {

// Changes the row of event.stream(), one more line of history per event; events of other domains
// change nothing.
void Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::adjustment

// Rows of the sources: source/<id>, reading/<id>.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::source {

// Changes the row of event.stream(); events of other domains change nothing.
void Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::source

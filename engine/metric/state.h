// Rows of the definitions: metric/<id>, curve/<id>, template/<id>, bands/<id>.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/base/hash.h"
#include "engine/event/state.h"

namespace assay::metric {

// What the signatures of a metric are given for: SHA-256 of the definition as it stands on the log.
[[nodiscard]] Hash32 ContentHashOf(const v1::MetricDefinition& definition);

// Updates the row of event.stream(). False when the event does not fit the state: nothing was
// changed then. An event of another domain fits and changes nothing. Pure.
// Editing makes both signatures void.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::metric

// Rows of the agreements: agreement/<id>, with every version of the terms ever proposed.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::agreement {

// Updates the row of event.stream(). False when the event does not fit the state: nothing was
// changed then. An event of another domain fits and changes nothing. Pure.
//
// Proposing confirms every item for the proposing side. An item that is the same as in the version
// before keeps the confirmation of the other side; a changed or new one must be confirmed anew.
// Rejecting an item opens it for both sides and makes a signature of the version void.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::agreement

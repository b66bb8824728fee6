// Folds the events of the company into its rows: company, people, keys, grants, publisher.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::company {

// Updates the row of event.stream(). False when the event does not fit the state: nothing was
// changed then. An event of another domain fits and changes nothing. Pure.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::company

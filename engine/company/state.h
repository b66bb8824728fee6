// Folds the events of the company into its rows: company, people, keys, grants, publisher.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::company {

// Updates the row of event.stream(); an event of another domain changes nothing. Pure.
void Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::company

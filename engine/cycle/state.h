// Rows of the cycles: cycle/<id>.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::cycle {

// What the domain's table folds with (engine/domain/domain.h): a new row, or a change of one. Pure.

void PlannedRow(const v1::CyclePlanned& planned, const EventMeta& meta, v1::CycleState& state);
bool EnterOpen(const v1::CycleOpened& opened, const EventMeta& meta, v1::CycleState& state);
bool EnterClosed(const v1::IntakeClosed& closed, const EventMeta& meta, v1::CycleState& state);
// What a lock begins: an earlier seal does not hold for it.
bool EnterLocked(const v1::CycleLocked& locked, const EventMeta& meta, v1::CycleState& state);
bool SetCut(const v1::CutSealed& sealed, const EventMeta& meta, v1::CycleState& state);
bool EnterPublished(const v1::ResultsPublished& published, const EventMeta& meta,
                    v1::CycleState& state);

}  // namespace assay::cycle

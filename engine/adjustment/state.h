// Rows of the adjustments: adjustment/<id>, each with its whole history.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::adjustment {

// What the domain's table folds with (engine/domain/domain.h): a new row, or a change of one. Pure.

void RequestedRow(const v1::AdjustmentRequested& requested, const EventMeta& meta,
                  v1::AdjustmentState& state);
bool AddApproval(const v1::AdjustmentApproved& approved, const EventMeta& meta,
                 v1::AdjustmentState& state);
bool Apply(const v1::AdjustmentApplied& applied, const EventMeta& meta, v1::AdjustmentState& state);
bool EnterRejected(const v1::AdjustmentRejected& rejected, const EventMeta& meta,
                   v1::AdjustmentState& state);
bool EnterRevoked(const v1::AdjustmentRevoked& revoked, const EventMeta& meta,
                  v1::AdjustmentState& state);

}  // namespace assay::adjustment

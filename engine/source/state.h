// Rows of the sources: source/<id>, reading/<id>.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::source {

// What the domain's table folds with (engine/domain/domain.h). Pure. False when the event does not
// fit the row: it is as it was then.

bool FoldRegistered(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool SetPending(const v1::SourceContractProposed& proposed, const EventMeta& meta,
                v1::SourceState& state);
// Both: of the version that waits, and of no other.
bool AddSignature(const v1::SourceContractSigned& given, const EventMeta& meta,
                  v1::SourceState& state);
bool DropPending(const v1::SourceContractRejected& rejected, const EventMeta& meta,
                 v1::SourceState& state);

bool FoldClaimed(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool FoldPaused(const v1::Event& event, const EventMeta& meta, StateStore& store);
bool FoldResumed(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay::source

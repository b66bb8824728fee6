// Records of the log as lines for an auditor. Nothing sealed is opened.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>

#include "engine/commit/fold.h"
#include "engine/commit/ports.h"
#include "projections/score_table/query.h"
#include "tools/assay/json.h"

namespace assay {

// {type, stream, effective?, ...the body's fields}
[[nodiscard]] Json EventJson(const v1::Event& event);

// {position, recordedAt, verdict, commandId, attempt, actor, decidedAt, basis, reads, writes,
// touches, command, events}; of a Genesis and of what cannot be read what there is. `record` is
// null when the value could not be parsed.
[[nodiscard]] Json DecisionJson(const StoredRecord& stored, const v1::Record* record,
                                const DecisionMark& mark);

// {partition, position, recordedAt, kind, ...the body's fields}, kind "intake", "cycleCut" etc.
[[nodiscard]] Json FactJson(int32_t partition, const StoredRecord& stored,
                            const v1::Record* record);

// {sequence, topic, key, id, version, moment, company, kind, ...the body's fields}
[[nodiscard]] Json OutputJson(const score_table::PendingOutput& output);

}  // namespace assay

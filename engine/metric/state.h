// Rows of the definitions: metric/<id>, curve/<id>, template/<id>, bands/<id>.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/base/hash.h"
#include "engine/event/state.h"

namespace assay::metric {

// What the signatures of a metric are given for: SHA-256 of the definition as it stands on the log.
[[nodiscard]] Hash32 ContentHashOf(const v1::MetricDefinition& definition);

// What the domain's table folds with (engine/domain/domain.h): a new row, or a change of one. Pure.

void DraftedRow(const v1::MetricDrafted& drafted, const EventMeta& meta, v1::MetricState& state);
bool Rewrite(const v1::MetricEdited& edited, const EventMeta& meta, v1::MetricState& state);
bool EnterReview(const v1::MetricSubmitted& submitted, const EventMeta& meta,
                 v1::MetricState& state);
bool SetDefinitionSigned(const v1::DefinitionSigned& given, const EventMeta& meta,
                         v1::MetricState& state);
bool SetSourceSigned(const v1::SourceSigned& given, const EventMeta& meta, v1::MetricState& state);
bool EnterPublished(const v1::MetricPublished& published, const EventMeta& meta,
                    v1::MetricState& state);

}  // namespace assay::metric

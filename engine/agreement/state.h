// Rows of the agreements: agreement/<id>, with every version of the terms ever proposed.

#pragma once

#include <assay/v1/event.pb.h>

#include "engine/event/state.h"

namespace assay::agreement {

// What the domain's table folds with (engine/domain/domain.h): a new row, or a change of one, which
// is false when the row lacks the version or item of the event. Pure.

void OpenedRow(const v1::AgreementOpened& opened, const EventMeta& meta, v1::AgreementState& state);
bool Propose(const v1::TermsProposed& proposed, const EventMeta& meta, v1::AgreementState& state);
bool Counter(const v1::TermsCountered& countered, const EventMeta& meta, v1::AgreementState& state);
bool Accept(const v1::ItemAccepted& accepted, const EventMeta& meta, v1::AgreementState& state);
// A signature that one side gave before the other rejected is void: the version is open again.
bool Reject(const v1::ItemRejected& rejected, const EventMeta& meta, v1::AgreementState& state);
bool AddSignature(const v1::SignatureGiven& given, const EventMeta& meta,
                  v1::AgreementState& state);
bool EnterSigned(const v1::AgreementSigned& event, const EventMeta& meta,
                 v1::AgreementState& state);
bool EnterWithdrawn(const v1::AgreementWithdrawn& withdrawn, const EventMeta& meta,
                    v1::AgreementState& state);

}  // namespace assay::agreement

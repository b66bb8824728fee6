// Deciding adjustments: separate, reasoned, four-eyed lines on top of a computed score.
//
// REQUESTED -> APPLIED (at the last approval) -> REVOKED, or REJECTED. The computed score never
// changes; what an adjustment changes is the total. An adjustment is possible while its cycle is
// locked and its cut sealed, and no longer when the results are published.
//
// `before` and `after` of an event are computed score plus adjustments, before any cap of the
// total: after - before is the line itself (or its opposite, when revoked) whatever the cap hides.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::adjustment {

// Refusals: of the shape (INVALID_ID, INVALID_DECIMAL, PRECISION, VALUE_OUT_OF_RANGE,
// INVALID_COUNT, FIELD_REQUIRED), REASON_REQUIRED, NOT_FOUND; then of the state
//   ALREADY_EXISTS         the id is taken
//   CYCLE_NOT_LOCKED, CYCLE_LOCKED, CUT_INCOMPLETE   too early, too late, the cut is not sealed
//   ADJUSTMENT_NOT_REQUESTED, ADJUSTMENT_NOT_APPLIED   it is in another stage
//   SCORE_NOT_COMPUTABLE   there is no total that a line could stand on
// and of policy
//   SELF_ADJUSTMENT        the subject is the requester
//   EVIDENCE_NOT_FOUND     a reference names no record before the cut
//   ADJUSTMENT_LIMIT       the person's item was adjusted as often as the cycle allows
//   ADJUSTMENT_BUDGET      requester, approver or unit would pass the budget of the cycle
//   FOUR_EYES_SAME_PERSON  requester, subject, an earlier approver, or a delegate of one of them,
//                          approves; the subject rejects; requester or subject revokes
// That a person has no score in the cycle, and that the score has no such item, is NOT_FOUND, but
// can be seen only after the stage of the cycle.
// REQUIRES: the command of `context` is of that name. requestAdjustment is in request.h.
[[nodiscard]] Decision Approve(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Reject(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Revoke(const DecideContext& context, StateReader& state);

// PENDING_ADJUSTMENTS while adjustments of the cycle wait (listed). REQUIRES: publishResults.
[[nodiscard]] std::optional<Rejection> CheckNothingPending(const v1::Command& command,
                                                           StateReader& state);

}  // namespace assay::adjustment

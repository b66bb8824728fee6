// Deciding the two-way negotiation of one person's terms for one position and cycle.
//
// DRAFT -> PROPOSED -> AGREED -> SIGNED, or WITHDRAWN before any signing was complete. Terms are
// numbered versions; both sides confirm every item of the newest one before both sign it. What is
// signed never changes: an amendment is a new version that walks the same way while the signed one
// stays in force.
//
// The employee's side is the person of the agreement, everybody else whom authority lets through is
// the manager's side.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::agreement {

// Refusals: first those of the terms (engine/agreement/terms.h), REASON_REQUIRED and NOT_FOUND;
// then of the state
//   ALREADY_EXISTS           the id is taken
//   CYCLE_NOT_OPEN           opening an agreement in another stage of the cycle
//   CYCLE_LOCKED             the cycle is locked or later: nothing of it can be negotiated
//   ASSIGNMENT_MISSING       the person does not hold the position on any day of the cycle
//   AGREEMENT_EXISTS         there is one for this person, position and cycle
//   AGREEMENT_WITHDRAWN
//   AGREEMENT_NOT_DRAFT      proposing when terms were proposed: counter them
//   AGREEMENT_NOT_PROPOSED   answering when nothing was proposed
//   AGREEMENT_NOT_SIGNED, AMENDMENT_OPEN   amending what is not signed, or is being amended
//   AGREEMENT_IMMUTABLE      changing what is signed, or what this side has signed
//   ROUND_STALE              answering another version than the newest
//   VERSION_REQUIRED         answering terms without saying which version was read
//   NOT_YOUR_TURN            countering or rejecting terms of one's own side
//   ALREADY_CONFIRMED        nothing is left to accept for this side
//   TERMS_UNCHANGED          a counter or amendment that changes nothing
//   NEGOTIATION_CLOSED       limits::kNegotiationRoundsMax rounds are over
//   ITEM_NOT_CONFIRMED       signing while an item is open (path and actual name it)
//   ALREADY_SIGNED           this side has signed
// and last GRAIN_MISMATCH and SIGNER_CONFLICT (both signatures from one person or a delegate).
// REQUIRES: the command of `context` is of that name. Proposing, countering and amending are in
// propose.h.
[[nodiscard]] Decision Open(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision AcceptItems(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision RejectItem(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Sign(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Withdraw(const DecideContext& context, StateReader& state);

}  // namespace assay::agreement

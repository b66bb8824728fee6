// Deciding the versions of source contracts, and who reads their inputs.
//
// A contract says what a record of a source looks like and how it becomes facts. A changed contract
// is a new version; the key fields, which are a record's identity, are fixed for the source's life.
// Under a published metric a new version waits for its signatures (engine/source/registration.h).

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::source {

// Refusals, in this order: those of CheckContract; then
//   CONTRACT_UNCHANGED     it means the same as the version in force, or as the one that waits
//   VERSION_GAP            the contract's version is not the next one
//   SOURCE_KEY_IMMUTABLE   its key fields are not those of the first version
//   MEASURE_IN_USE         a measure of a published formula is not in it
//   MEASURE_UNIT_IN_USE    a measure of a published formula has another unit in it
// A contract whose version is 0 becomes the next one.
// Of signContract and rejectContract: INVALID_ID, NOT_FOUND, PERMISSION_DENIED,
//   CONTRACT_NOT_PENDING   no version waits
//   VERSION_REQUIRED       the command does not say which version was read (with its difference)
//   VERSION_STALE          another version waits
//   ALREADY_SIGNED, SIGNER_CONFLICT, and MEASURE_IN_USE, MEASURE_UNIT_IN_USE as above.
// Of claimSource:  INVALID_ID, NOT_FOUND, CLAIMED_BY_ANOTHER when no partition is free.
// Of pauseSource:  NOT_FOUND, INVALID_VALUE for a person who gives a code, CONTRACT_SUPERSEDED,
//                  ALREADY_PAUSED. Of resumeSource: NOT_FOUND, NOT_PAUSED.
// REQUIRES: the command of `context` is of that name. Contracts are in registration.h.
[[nodiscard]] Decision Claim(const v1::ClaimSource& command, StateReader& state);
[[nodiscard]] Decision Pause(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Resume(const DecideContext& context, StateReader& state);

}  // namespace assay::source

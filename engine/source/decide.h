// Deciding the registration of source contracts, and who reads their inputs.
//
// A contract says what a record of a source looks like and how it becomes facts. A changed contract
// is a new version; the key fields, which are a record's identity, are fixed for the source's life.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"
#include "engine/source/condition_checker.h"

namespace assay::source {

// Refusals, in this order: those of CheckContract; then
//   CONTRACT_UNCHANGED     it means the same as the newest version
//   VERSION_GAP            the contract's version is not the next one
//   SOURCE_KEY_IMMUTABLE   its key fields are not those of the first version
// A contract whose version is 0 becomes the next one.
// Of claimSource:  INVALID_ID, NOT_FOUND, CLAIMED_BY_ANOTHER when no partition is free.
// Of pauseSource:  NOT_FOUND, INVALID_VALUE for a person who gives a code, CONTRACT_SUPERSEDED,
//                  ALREADY_PAUSED. Of resumeSource: NOT_FOUND, NOT_PAUSED.
// REQUIRES: the command is one of these four.
[[nodiscard]] Decision Decide(const DecideContext& context, StateReader& state,
                              const ConditionChecker& checker);

}  // namespace assay::source

// Deciding the stages of an assessment cycle.
//
// PLANNED -> OPEN -> INTAKE_CLOSED -> LOCKED (then its cut is sealed) -> PUBLISHED. The lock is
// what excludes: closing the intake only begins the completeness check. Between the lock and the
// seal nobody knows which facts count, so adjusting and publishing wait for the seal.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::cycle {

// Refusals: of the shape (INVALID_ID, INVALID_SPAN, INVALID_ENUM, FIELD_REQUIRED,
// VALUE_OUT_OF_RANGE, ...) and NOT_FOUND; then
//   ALREADY_EXISTS         the id is taken
//   CYCLE_OVERLAP          another cycle of the same grain has a day of the period
//   GRAIN_MISMATCH         a metric of the cycle's template is of another grain without a rule
//   CYCLE_NOT_PLANNED, CYCLE_NOT_OPEN, CYCLE_NOT_INTAKE_CLOSED, CYCLE_NOT_LOCKED, CYCLE_LOCKED
//                          the cycle is in another stage than the command needs; expected and
//                          actual name both. CYCLE_LOCKED when it is too late for it
//   EARLIER_CYCLE_OPEN     locking while a former cycle of the same grain is not locked
//   AGREEMENT_MISSING      locking while agreements are not signed (the first 20 people and the
//                          count), unless the cycle's template scores unsigned ones; or without any
//   CUT_MISMATCH           sealing another generation or scope than the lock's
//   ALREADY_SEALED         sealing twice
//   CUT_INCOMPLETE         publishing before the seal
// Locking reads the set cycle/X/agreements and not the agreements. Publishing reads the scores.
// What other domains hold up (an adjustment that waits) is theirs to say: Domain::blocks.
// REQUIRES: the command of `context` is of that name.
[[nodiscard]] Decision Plan(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Open(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision CloseIntake(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Lock(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Seal(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Publish(const DecideContext& context, StateReader& state);

}  // namespace assay::cycle

// From a command to a decision: authority, then the command's domain.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay {

// Refuses texts that are too long and what the actor may not do, then lets the command's domain
// decide; what is encrypted must have the form that the engine gives it. Pure.
//
// The caller must look at state.status() before using the outcome.
[[nodiscard]] Decision Decide(const DecideContext& context, StateReader& state);

}  // namespace assay

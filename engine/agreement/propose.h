// Deciding new versions of terms: the first proposal, counter-proposals, amendments.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::agreement {

// REQUIRES: the command is the one that the name says. Refusals: see engine/agreement/decide.h.
[[nodiscard]] Decision DecidePropose(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision DecideCounter(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision DecideAmend(const DecideContext& context, StateReader& state);

}  // namespace assay::agreement

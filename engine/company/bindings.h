// Deciding which keys stand for whom.
//
// The key of a login (engine/event/grants.h) needs two admins as a grant does: bindSourceKey
// proposes, confirmBinding by another admin binds. While there is one admin it is bound at once.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::company {

// Pure; refusals: see engine/company/decide.h. REQUIRES: the command is of that name.
[[nodiscard]] Decision BindSourceKey(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision ConfirmBinding(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision RejectBinding(const DecideContext& context, StateReader& state);
// NOT_BOUND when the key does not stand for the person on the day before, or ends there already;
// ADMIN_LOGIN for the login of another admin.
[[nodiscard]] Decision EndSourceKey(const DecideContext& context, StateReader& state);

}  // namespace assay::company

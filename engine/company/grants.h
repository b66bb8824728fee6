// Deciding grants: who gives, confirms and revokes what.
//
// Revoking the grant of an admin needs a second signature of anybody but the one concerned: of
// another admin or, where there is none but the proposer, of an executive and of HR.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::company {

// Pure; refusals: see engine/company/decide.h. REQUIRES: the command is of that name.
[[nodiscard]] Decision GiveGrant(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision ConfirmGrant(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision RevokeGrant(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision ConfirmRevocation(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision RejectRevocation(const DecideContext& context, StateReader& state);

// Of a grant that holds from now on; `by` is to be added.
[[nodiscard]] v1::Event GrantGivenEvent(v1::Grant grant);

}  // namespace assay::company

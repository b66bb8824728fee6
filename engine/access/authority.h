// Who may do what, judged from the grants on the log by the rule that the
// command's domain gives (engine/access/rule.h).
//
// A grant holds on the days of its span, until its holder leaves, and in its scope: its units with
// all below them, its metrics, its limit; what a grant leaves open is not bounded. A command that
// works on no place needs a grant without units. Nothing is allowed that is not
// written here, machine clients run no commands, and acting on behalf of somebody gives nobody's
// rights but one's own. Rules of the state itself (four eyes, whose turn it is, one's own score)
// belong to the domains.
//
// What an actor may not see is answered as if it did not exist.

#pragma once

#include <optional>

#include "engine/access/rule.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay {

// Nothing when context.actor may run the command. Pure; reads the actor's grants and what their
// scope is judged on, and no more. Fields may still be malformed: the domain refuses them later.
//
//   PERMISSION_DENIED        no grant allows it, and `expected` names the role that would; or the
//                            engine alone sends it
//   ADJUST_OUT_OF_AUTHORITY  an adjustment beyond the units, metrics or limit of the grant
//   NOT_FOUND                an agreement that is not there, or not for this actor
//
// REQUIRES: `via` of the command's actor was set by the edge that authenticated it and not by the
// client, since AUTHENTICATION_ENGINE sends what nobody else may.
//
// `rule` is null for a command that no domain has: nobody sends it.
[[nodiscard]] std::optional<Rejection> Authorise(const AccessRule* rule,
                                                 const DecideContext& context, StateReader& state);

}  // namespace assay

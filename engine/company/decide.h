// Decides the commands of the company: its founding, its people, who publishes, how the log is
// bound. Those of grants and keys stand in grants.h and bindings.h.
//
// A grant needs one admin while there is one, and a second one from then on: GiveGrant proposes,
// ConfirmGrant by another admin gives. The same holds for the binding of a login. Revoking an admin
// needs a second signature. There is always an admin whose grant has no end.
//
// Refusals, in order of precedence:
//   INVALID_ID, INVALID_TEXT, INVALID_DAY, INVALID_SPAN, INVALID_ENUM, INVALID_DECIMAL,
//   INVALID_VALUE
//   NOT_FOUND              a person, unit, grant or proposal is not there
//   COMPANY_EXISTS         this log has its company
//   ALREADY_EXISTS         the id is taken
//   SPAN_OVERLAP           the key is bound on one of the days already
//   ALREADY_GIVEN          the grant was confirmed before
//   ALREADY_REVOKED        the grant or proposal was revoked
//   ALREADY_PROPOSED       a login or a revocation waits for its second signature
//   REVOCATION_NOT_PROPOSED   nobody wants to revoke what is signed or refused
//   UNKNOWN_PERSON         a grant to an id that nobody has, where the company asks for people
//   FOUR_EYES_SAME_PERSON  the proposer, whom it concerns, who has signed, or a delegate of one of
//                          them cannot confirm
//   LAST_ADMIN             nobody would be left who can give grants
//   PERMISSION_DENIED      a signature under a revocation that is another's to give

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::company {

// Pure; read through `state` only what the outcome depends on. Who may is judged before.
// REQUIRES: the command of `context` is of that name.
[[nodiscard]] Decision FoundCompany(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision AddPerson(const v1::AddPerson& command, StateReader& state);
[[nodiscard]] Decision ClaimPublisher(const v1::ClaimPublisher& command, StateReader& state);
[[nodiscard]] Decision UpgradeLog(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision RotateLogKey(const v1::RotateLogKey& command, StateReader& state);
[[nodiscard]] Decision NoteHeads(const DecideContext& context, StateReader& state);

}  // namespace assay::company

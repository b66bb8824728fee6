// Decides the commands of the company: its founding, its people, their keys, grants, and who
// publishes.
//
// A grant needs one admin while there is one, and a second one from then on: GiveGrant proposes,
// ConfirmGrant by another admin gives. There is always an admin whose grant has no end.
//
// Refusals, in order of precedence:
//   INVALID_ID, INVALID_TEXT, INVALID_DAY, INVALID_SPAN, INVALID_ENUM, INVALID_DECIMAL,
//   INVALID_VALUE
//   NOT_FOUND              a person, unit or grant is not there
//   COMPANY_EXISTS         this log has its company
//   ALREADY_EXISTS         the id is taken
//   SPAN_OVERLAP           the key is bound on one of the days already
//   ALREADY_GIVEN          the grant was confirmed before
//   ALREADY_REVOKED        the grant or proposal was revoked
//   FOUR_EYES_SAME_PERSON  the proposer cannot confirm, nor a delegate of the proposer
//   LAST_ADMIN             nobody would be left who can give grants

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::company {

// Pure; reads through `state` only what the outcome depends on. Who may is judged before.
// REQUIRES: the command is one of the company.
[[nodiscard]] Decision Decide(const DecideContext& context, StateReader& state);

}  // namespace assay::company

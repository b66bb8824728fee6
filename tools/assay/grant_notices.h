// What somebody should look at among grants and logins: people who are not known, and what waits
// for a second signature.

#pragma once

#include <string>
#include <vector>

#include "projections/decisions/query.h"
#include "tools/assay/home.h"
#include "tools/assay/output.h"
#include "tools/assay/session.h"

namespace assay {

// Every grant that was ever proposed or given, by ascending id.
[[nodiscard]] std::vector<v1::GrantState> AllGrants(decisions::StateAt& state);

// One key that logs somebody in, with what was bound or proposed.
struct LoginRow {
  std::string entity_type;
  std::string key;
  v1::EntityState entity;
};
[[nodiscard]] std::vector<LoginRow> AllLogins(decisions::StateAt& state);

// Whether the grant goes to an id that is no person (yet).
[[nodiscard]] bool GoesToUnknown(StateReader& state, const v1::Grant& grant);

// {kind: UNKNOWN_PERSON | GRANT_PROPOSED | REVOCATION_PROPOSED | LOGIN_PROPOSED, grant, person, by}
// of all that holds or waits today.
[[nodiscard]] absl::StatusOr<std::vector<Json>> GrantNotices(Home& home);
// As a table of its own, and nothing when there are none.
void PrintGrantNotices(const Session& session, const std::vector<Json>& notices);

}  // namespace assay

// Reading grants and logins: who holds what on a day, who is an admin, who has left.

#pragma once

#include <assay/v1/company.pb.h>

#include <array>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/event/state.h"

namespace assay {

// Users of the operating system and of an OIDC provider: who is bound to such a key logs in as the
// person, so binding one is a matter of admins.
inline constexpr std::array<std::string_view, 2> kLoginEntityTypes = {"os-user", "oidc-user"};
[[nodiscard]] bool IsLogin(std::string_view entity_type);

// Had an assignment and has none on `day`. Founders and outside staff, who never had one, have not
// left; nor has who is yet to begin.
[[nodiscard]] bool HasLeft(StateReader& state, std::string_view person, Day day);

// The grants that were given to `actor`, not revoked, and hold on `day`; by ascending id. `actor`
// is a person's id or "client:<id>". Who has left holds none, but for the last admin: AdminGrants.
[[nodiscard]] std::vector<v1::Grant> GrantsHolding(StateReader& state, std::string_view actor,
                                                   Day day);

// The grants of admins that hold on `day`, by ascending id. When all admins have left, theirs hold
// on, so that there is somebody who can give grants.
[[nodiscard]] std::vector<v1::Grant> AdminGrants(StateReader& state, Day day);

}  // namespace assay

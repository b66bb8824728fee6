// Users of the operating system that call a service through its socket.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "engine/event/decision.h"

namespace assay {

// The entity type under which a person is bound to a user of the operating system.
inline constexpr std::string_view kOsUserEntity = "os-user";

// The name of the user; empty when the system knows none.
[[nodiscard]] std::string UserName(uid_t uid);
// What a user hears that no person is bound to. `user` is its name.
[[nodiscard]] Rejection NotBound(uid_t uid, const std::string& user);

}  // namespace assay

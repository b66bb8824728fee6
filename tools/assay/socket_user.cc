#include "tools/assay/socket_user.h"

#include <fmt/core.h>
#include <pwd.h>

#include <vector>

namespace assay {

std::string UserName(uid_t uid) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return "";
  }
  return found->pw_name;
}

Rejection NotBound(uid_t uid, const std::string& user) {
  return {.code = "UNAUTHENTICATED",
          .rejection_class = RejectionClass::kAuth,
          .message = user.empty()
                         ? fmt::format("the operating system knows no user {}", uid)
                         : fmt::format("no person is the operating-system user \"{}\" today", user),
          .hint = fmt::format(
              "an admin binds it: bindSourceKey: {{person: ID, entityType: {}, key: {}, "
              "span: {{from: DAY}}}}",
              kOsUserEntity, user.empty() ? "USER" : user)};
}

}  // namespace assay

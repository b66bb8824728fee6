// How a command came to this node: by which door, and which user of the operating system sent it.
//
// Nothing is decided on it. A commit keeps the user as a pseudonym, like any key of a person, and
// who may see names has them resolved: two people who approve from one login are one person at a
// keyboard, whatever the log says of who they are.

#pragma once

#include <assay/v1/log.pb.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/commit/ports.h"

namespace assay {

struct Sender {
  v1::Door door = v1::DOOR_UNSPECIFIED;
  // The user's name, in clear; empty = not known.
  std::string user;
};

// The user who runs this process, with the home at hand.
[[nodiscard]] Sender SenderAtHome();

// As a binding of an operating-system user has it. As KeyStore::Key; no key is made.
[[nodiscard]] absl::StatusOr<std::string> PseudonymOfUser(KeyStore& keys, const std::string& user);

// The times that a node did not take from its clock.
struct TimeGiven {
  std::optional<Instant> now;
  bool is_forced = false;
};
// As PseudonymOfUser.
[[nodiscard]] absl::StatusOr<v1::CommandOrigin> OriginOf(const Sender& sender,
                                                         const TimeGiven& time, KeyStore& keys);

// The users that this machine lists itself.
[[nodiscard]] std::vector<std::string> UsersOfMachine();
// Names by pseudonym. As PseudonymOfUser.
[[nodiscard]] absl::StatusOr<std::map<std::string, std::string>> NamesByPseudonym(
    KeyStore& keys, const std::vector<std::string>& users);

// The step of a history, as far as it matters who took it from where.
struct OriginOfStep {
  std::string actor;
  // A pseudonym; empty where none was recorded.
  std::string user;
};
// For each step the other people who took steps from the same login, sorted.
[[nodiscard]] std::vector<std::vector<std::string>> OthersOfLogin(
    const std::vector<OriginOfStep>& steps);

}  // namespace assay

#include "tools/assay/origin.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <set>

#include "engine/event/effective.h"
#include "engine/event/sealing.h"
#include "tools/assay/socket_user.h"

namespace assay {

// Not those of a network's directory, which may have any number, and be slow.
std::vector<std::string> UsersOfMachine() {
  std::vector<std::string> users;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"),
                                                             std::fclose);
  if (file == nullptr) return users;
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  while (fgetpwent_r(file.get(), &entry, buffer.data(), buffer.size(), &found) == 0) {
    users.emplace_back(found->pw_name);
  }
  return users;
}

Sender SenderAtHome() { return {.door = v1::DOOR_HOME, .user = UserName(geteuid())}; }

absl::StatusOr<std::string> PseudonymOfUser(KeyStore& keys, const std::string& user) {
  ASSAY_ASSIGN_OR_RETURN(const std::string key, keys.Key(kPseudonymKeyId, /*create=*/false));
  return Pseudonym(key, kOsUserEntity, user);
}

absl::StatusOr<v1::CommandOrigin> OriginOf(const Sender& sender, const TimeGiven& time,
                                           KeyStore& keys) {
  v1::CommandOrigin origin;
  origin.set_door(sender.door);
  if (!sender.user.empty()) {
    ASSAY_ASSIGN_OR_RETURN(*origin.mutable_user(), PseudonymOfUser(keys, sender.user));
  }
  if (time.now.has_value()) *origin.mutable_given_now() = TimestampOf(*time.now);
  origin.set_forced(time.is_forced);
  return origin;
}

absl::StatusOr<std::map<std::string, std::string>> NamesByPseudonym(
    KeyStore& keys, const std::vector<std::string>& users) {
  std::map<std::string, std::string> names;
  for (const std::string& user : users) {
    if (user.empty()) continue;
    ASSAY_ASSIGN_OR_RETURN(std::string pseudonym, PseudonymOfUser(keys, user));
    names.emplace(std::move(pseudonym), user);
  }
  return names;
}

std::vector<std::vector<std::string>> OthersOfLogin(const std::vector<OriginOfStep>& steps) {
  std::map<std::string, std::set<std::string>> actors;
  for (const OriginOfStep& step : steps) {
    if (!step.user.empty()) actors[step.user].insert(step.actor);
  }
  std::vector<std::vector<std::string>> others;
  for (const OriginOfStep& step : steps) {
    std::vector<std::string>& of_step = others.emplace_back();
    if (step.user.empty()) continue;
    for (const std::string& actor : actors[step.user]) {
      if (actor != step.actor) of_step.push_back(actor);
    }
  }
  return others;
}

}  // namespace assay

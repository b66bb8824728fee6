// Who may send a command, and on which places: one column of a domain's table.
//
// A command is sent by people, by the engine, or by both. People need a grant of one of the roles
// that covers every place on which the command works; a command without places needs a grant for
// the whole company. Where neither says it (whose agreement it is, how far an adjustment reaches),
// a function judges in their stead.

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/access/actor.h"
#include "engine/access/places.h"

namespace assay {

enum class SentBy : uint8_t {
  // A table needs another one.
  kNobody,
  kPeople,
  // The next step of a process, and nobody else: its actor bears AUTHENTICATION_ENGINE.
  kEngine,
  kPeopleAndEngine,
  // Judged before there is anybody.
  kAnybody,
};

using JudgeFunction = std::optional<Rejection> (*)(const Authority& who);

struct AccessRule {
  SentBy sender = SentBy::kNobody;
  // Any one of them.
  std::vector<v1::Role> roles = {};
  // None = the whole company.
  PlacesFunction places = nullptr;
  // In the stead of roles and places.
  JudgeFunction judge = nullptr;
};

[[nodiscard]] inline AccessRule ByAnybody() { return {.sender = SentBy::kAnybody}; }
[[nodiscard]] inline AccessRule ByEngine() { return {.sender = SentBy::kEngine}; }
[[nodiscard]] inline AccessRule ByPeople(std::vector<v1::Role> roles,
                                         PlacesFunction places = nullptr) {
  return {.sender = SentBy::kPeople, .roles = std::move(roles), .places = places};
}
[[nodiscard]] inline AccessRule ByPeopleAndEngine(std::vector<v1::Role> roles) {
  return {.sender = SentBy::kPeopleAndEngine, .roles = std::move(roles)};
}
[[nodiscard]] inline AccessRule Judged(JudgeFunction judge) {
  return {.sender = SentBy::kPeople, .judge = judge};
}

}  // namespace assay

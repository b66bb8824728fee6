// Who may send which command, and on which places: the one table.
//
// A command is sent by people, by the engine, or by both. People need a grant of one of the roles
// that covers every place on which the command works; a command without places needs a grant for
// the whole company. Where neither says it (whose agreement it is, how far an adjustment reaches),
// a function judges in their stead. What has no row is sent by nobody.

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/access/actor.h"
#include "engine/access/places.h"

namespace assay {

enum class Sender : uint8_t {
  kPeople,
  // The next step of a process, and nobody else: its actor bears AUTHENTICATION_ENGINE.
  kEngine,
  kPeopleAndEngine,
  // Judged before there is anybody.
  kAnybody,
};

using JudgeFunction = std::optional<Rejection> (*)(const Authority& who);

struct CommandRule {
  v1::Command::BodyCase command = v1::Command::BODY_NOT_SET;
  Sender sender = Sender::kPeople;
  // Any one of them.
  std::vector<v1::Role> roles;
  // None = the whole company.
  PlacesFunction places = nullptr;
  // In the stead of roles and places.
  JudgeFunction judge = nullptr;
};

// One row per command.
[[nodiscard]] std::span<const CommandRule> CommandRules();
// Null when the table has no row.
[[nodiscard]] const CommandRule* RuleOf(v1::Command::BodyCase command);

}  // namespace assay

#include "engine/commit/decide.h"

#include <fmt/core.h>

#include <utility>

#include "engine/access/authority.h"
#include "engine/commit/command_form.h"
#include "engine/commit/domains.h"
#include "engine/event/engine_ids.h"

namespace assay {
namespace {

// Where an id is decided on, too: what other doors let in must not take a step of the engine.
std::optional<Rejection> CheckCommandId(const v1::Command& command) {
  const bool is_engine = command.actor().via() == v1::AUTHENTICATION_ENGINE;
  if (is_engine || !IsEngineId(command.command_id())) return std::nullopt;
  return Invalid("COMMAND_ID_RESERVED", "commandId",
                 fmt::format("an id that does not begin with {}", kEngineIdPrefix),
                 command.command_id(), "ids of this form are the engine's own",
                 "choose another id, or leave it out");
}

}  // namespace

Decision Decide(const DecideContext& context, StateReader& state) {
  if (auto wrong = CheckTexts(context.command)) return *std::move(wrong);
  if (auto refused = CheckCommandId(context.command)) return *std::move(refused);
  const CommandRow* row = RowOf(context.command.body_case());
  const AccessRule* access = row == nullptr ? nullptr : &row->access;
  if (auto refused = Authorise(access, context, state)) return *std::move(refused);
  if (row == nullptr) {
    return Invalid("UNKNOWN_COMMAND", "", "a command that this release knows", "none",
                   "the document names no command");
  }
  Decision decision = row->decide(context, state);
  if (!IsAccepted(decision)) return decision;
  if (auto refused = CheckBlocks(context.command, state)) return *std::move(refused);
  // After the domain, which names a person that cannot be one.
  if (auto wrong = CheckSealedTexts(context.command)) return *std::move(wrong);
  return decision;
}

}  // namespace assay

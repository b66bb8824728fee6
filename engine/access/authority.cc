#include "engine/access/authority.h"

#include <fmt/core.h>

namespace assay {
namespace {

Rejection OfTheEngine(const Authority& who) {
  Rejection rejection = who.Denied("the engine");
  rejection.message = fmt::format("the engine alone sends {}", NameOfCommand(who.Command()));
  rejection.hint = "nothing is to be sent: the engine does it by itself";
  return rejection;
}

std::optional<Rejection> Judge(const AccessRule& rule, const Authority& who) {
  if (rule.judge != nullptr) return rule.judge(who);
  if (rule.places == nullptr) return who.NeedEverywhere(rule.roles);
  if (who.HasEverywhere(rule.roles)) return std::nullopt;
  const std::optional<Places> places = rule.places(who);
  return places ? who.NeedFor(rule.roles, *places) : who.Need(rule.roles);
}

}  // namespace

std::optional<Rejection> Authorise(const AccessRule* rule, const DecideContext& context,
                                   StateReader& state) {
  const bool by_engine = context.command.actor().via() == v1::AUTHENTICATION_ENGINE;
  const bool of_engine = rule != nullptr && (rule->sender == SentBy::kEngine ||
                                             rule->sender == SentBy::kPeopleAndEngine);
  if (by_engine && of_engine) return std::nullopt;
  // While there is no company nobody holds a grant; once there is one, the domain refuses.
  const bool client = context.actor.starts_with("client:");
  const bool anybody = rule != nullptr && rule->sender == SentBy::kAnybody;
  if (anybody && !client) return std::nullopt;
  const Authority who(context, state);
  if (rule != nullptr && rule->sender == SentBy::kEngine) return OfTheEngine(who);
  if (client) return who.Denied("a person; machine clients run no commands");
  if (context.actor.empty()) return who.Denied("a person");
  if (rule == nullptr) return who.Denied("a command that people may run");
  return Judge(*rule, who);
}

}  // namespace assay

#include "engine/company/shape.h"

#include <fmt/core.h>

#include <utility>

#include "engine/event/effective.h"
#include "engine/event/grants.h"

namespace assay::company {

v1::Event EventOn(std::string stream, std::string effective) {
  v1::Event event;
  event.set_stream(std::move(stream));
  event.set_effective(std::move(effective));
  return event;
}

Rejection AlreadyExists(std::string path, std::string_view kind, const std::string& id) {
  return RefusedState("ALREADY_EXISTS", std::move(path), "an id that is free", id,
                      fmt::format("the {} \"{}\" is there already", kind, id),
                      "choose another id; ids are never used again");
}

std::optional<Rejection> CheckPersonId(std::string_view path, const std::string& person) {
  if (auto wrong = CheckId(path, person)) return wrong;
  if (!person.starts_with("client:")) return std::nullopt;
  return Invalid("INVALID_ID", std::string(path), "an id that does not begin with client:", person,
                 "this is how machine clients are named");
}

std::set<std::string> AdminsOn(StateReader& state, Day day) {
  std::set<std::string> admins;
  for (const v1::Grant& grant : AdminGrants(state, day)) admins.insert(ActorName(grant.to()));
  return admins;
}

bool ActsFor(const DecideContext& context, const std::string& person) {
  return person == context.actor || person == context.command.actor().on_behalf_of();
}

}  // namespace assay::company

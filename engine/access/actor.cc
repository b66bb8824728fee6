#include "engine/access/actor.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

std::string RoleName(v1::Role role) { return ShortEnumName(v1::Role_Name(role), "ROLE_"); }

std::string RoleNames(const std::vector<v1::Role>& roles) {
  std::vector<std::string> names;
  for (const v1::Role role : roles) names.push_back(RoleName(role));
  return Joined(names);
}

}  // namespace

std::string NameOfCommand(const v1::Command& command) {
  const auto* field = v1::Command::descriptor()->FindFieldByNumber(command.body_case());
  return field == nullptr ? "nothing" : field->json_name();
}

bool Authority::Has(const std::vector<v1::Role>& roles) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const v1::Grant& grant) {
    return std::find(roles.begin(), roles.end(), grant.role()) != roles.end();
  });
}

bool Authority::HasEverywhere(const std::vector<v1::Role>& roles) const {
  return HasFor(roles, {});
}

bool Authority::HasFor(const std::vector<v1::Role>& roles, const std::vector<Place>& places) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const v1::Grant& grant) {
    const bool has = std::find(roles.begin(), roles.end(), grant.role()) != roles.end();
    return has && Covers(grant, places);
  });
}

bool Authority::Covers(const v1::Grant& grant, const std::vector<Place>& places) const {
  if (grant.units().empty()) return true;
  if (places.empty()) return false;
  return std::all_of(places.begin(), places.end(), [&](const Place& place) {
    const std::vector<std::string> path = PathToRoot(state_, place.unit, place.day);
    return std::any_of(path.begin(), path.end(),
                       [&](const std::string& unit) { return Contains(grant.units(), unit); });
  });
}

Rejection Authority::Denied(std::string needed) const {
  std::set<std::string> roles;
  for (const v1::Grant& grant : grants_) roles.insert(RoleName(grant.role()));
  const std::string who = Actor().empty() ? "nobody" : Actor();
  Rejection rejection = RefusedAuth("PERMISSION_DENIED",
                                    fmt::format("{} may not run {}", who, NameOfCommand(Command())),
                                    "an admin can give the role that is expected");
  rejection.path = "actor";
  rejection.expected = std::move(needed);
  rejection.actual = roles.empty() ? fmt::format("{} without a role", who)
                                   : fmt::format("{} with {}", who, Joined(roles));
  return rejection;
}

std::optional<Rejection> Authority::Need(const std::vector<v1::Role>& roles) const {
  if (Has(roles)) return std::nullopt;
  return Denied(RoleNames(roles));
}

std::optional<Rejection> Authority::NeedEverywhere(const std::vector<v1::Role>& roles) const {
  if (auto denied = Need(roles)) return denied;
  if (HasEverywhere(roles)) return std::nullopt;
  return Denied(RoleNames(roles) + " for the whole company");
}

std::optional<Rejection> Authority::NeedFor(const std::vector<v1::Role>& roles,
                                            const std::vector<Place>& places) const {
  if (HasFor(roles, places)) return std::nullopt;
  std::set<std::string> units;
  for (const Place& place : places) {
    units.insert(place.unit.empty() ? "the whole company" : place.unit);
  }
  return Denied(fmt::format("{} for {}", RoleNames(roles),
                            units.empty() ? "the whole company" : Joined(units)));
}

}  // namespace assay

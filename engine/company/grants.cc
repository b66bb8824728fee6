#include "engine/company/grants.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/company/shape.h"
#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"

namespace assay::company {
namespace {

// --- shape ---

std::optional<Rejection> CheckReceiver(const v1::GiveGrant& command) {
  const v1::Actor& to = command.to();
  if (to.has_person()) return CheckPersonId("giveGrant.to.person", to.person());
  if (!to.has_client()) {
    return Invalid("INVALID_ID", "giveGrant.to", "a person or a client", "nothing",
                   "nobody is named who would receive the grant");
  }
  if (auto wrong = CheckId("giveGrant.to.client", to.client())) return wrong;
  if (command.role() != v1::ROLE_ADMIN) return std::nullopt;
  return Invalid("INVALID_ENUM", "giveGrant.role", "another role", "ROLE_ADMIN",
                 "a machine client cannot be an admin");
}

std::optional<Rejection> CheckRole(const v1::GiveGrant& command) {
  if (command.role() != v1::ROLE_UNSPECIFIED && v1::Role_IsValid(command.role())) {
    return std::nullopt;
  }
  return Invalid(
      "INVALID_ENUM", "giveGrant.role",
      "ROLE_ADMIN, ROLE_HR, ROLE_EXECUTIVE, ROLE_DEPARTMENT_HEAD, ROLE_FINANCE, "
      "ROLE_AUDITOR, ROLE_SOURCE_CLIENT",
      command.role() == 0 ? "nothing" : fmt::format("{}", static_cast<int>(command.role())),
      "a role must be chosen");
}

std::optional<Rejection> CheckScope(const v1::GiveGrant& command) {
  for (int i = 0; i < command.units_size(); ++i) {
    if (auto wrong = CheckId(fmt::format("giveGrant.units[{}]", i), command.units(i))) return wrong;
  }
  for (int i = 0; i < command.metrics_size(); ++i) {
    const std::string path = fmt::format("giveGrant.metrics[{}]", i);
    if (auto wrong = CheckId(path, command.metrics(i))) return wrong;
    if (IsVersionedId(command.metrics(i))) {
      return Invalid("INVALID_ID", path, "a metric without version, as in output",
                     command.metrics(i), "a grant covers every version of a metric");
    }
  }
  if (command.limit().empty()) return std::nullopt;
  if (auto wrong = CheckDecimal("giveGrant.limit", command.limit())) return wrong;
  if (DecimalOf(command.limit()) > Decimal()) return std::nullopt;
  return Invalid("INVALID_DECIMAL", "giveGrant.limit", "more than 0", command.limit(),
                 "the limit is the largest absolute adjustment in points");
}

// An admin's grant without bounds: one that had some would be an admin and none.
std::optional<Rejection> CheckAdminScope(const v1::GiveGrant& command) {
  if (command.role() != v1::ROLE_ADMIN) return std::nullopt;
  const char* field = !command.units().empty()     ? "units"
                      : !command.metrics().empty() ? "metrics"
                      : !command.limit().empty()   ? "limit"
                                                   : nullptr;
  if (field == nullptr) return std::nullopt;
  return Invalid("INVALID_VALUE", fmt::format("giveGrant.{}", field), "nothing", "a bound",
                 "an admin is one of the whole company", "leave the bound out");
}

std::optional<Rejection> CheckGrantShape(const v1::GiveGrant& command) {
  if (auto wrong = CheckId("giveGrant.grant", command.grant())) return wrong;
  if (auto wrong = CheckRole(command)) return wrong;
  if (auto wrong = CheckReceiver(command)) return wrong;
  if (auto wrong = CheckScope(command)) return wrong;
  if (auto wrong = CheckAdminScope(command)) return wrong;
  return CheckSpan("giveGrant.span", command.span());
}

v1::Grant GrantOf(const v1::GiveGrant& command) {
  v1::Grant grant;
  grant.set_grant(command.grant());
  *grant.mutable_to() = command.to();
  grant.set_role(command.role());
  *grant.mutable_units() = command.units();
  *grant.mutable_metrics() = command.metrics();
  grant.set_limit(command.limit());
  *grant.mutable_span() = command.span();
  return grant;
}

// --- giving ---

// Nothing where the company does not ask, or when the person was added.
std::optional<Rejection> CheckKnown(const v1::GiveGrant& command, StateReader& state) {
  if (!command.to().has_person()) return std::nullopt;
  const auto company = state.Find<v1::CompanyState>(streams::Company());
  if (!company || !company->grants().known()) return std::nullopt;
  if (state.Find<v1::PersonState>(streams::Person(command.to().person()))) return std::nullopt;
  return RefusedPolicy("UNKNOWN_PERSON", "giveGrant.to.person", "a person who was added",
                       command.to().person(), "this company gives grants to people whom it knows",
                       "add the person first (addPerson)");
}

Rejection AlreadyRevoked(std::string path, const std::string& grant) {
  return RefusedState("ALREADY_REVOKED", std::move(path), "a grant that was not revoked", grant,
                      fmt::format("the grant \"{}\" was revoked", grant),
                      "give a new grant under another id");
}

Rejection SamePerson(const std::string& expected, const DecideContext& context,
                     const char* message) {
  return RefusedPolicy("FOUR_EYES_SAME_PERSON", "actor", expected, context.actor, message,
                       "ask somebody else; a delegate counts as the delegator");
}

// --- revoking ---

// LAST_ADMIN when nobody would be left to give grants without the grant.
std::optional<Rejection> CheckAdminLeft(const std::string& path, const std::string& grant,
                                        const DecideContext& context, StateReader& state) {
  for (const v1::Grant& other : AdminGrants(state, context.today)) {
    if (other.grant() != grant && other.span().to().empty()) return std::nullopt;
  }
  return RefusedPolicy("LAST_ADMIN", path, "another admin grant without an end", "none",
                       "nobody would be left who can give grants",
                       "give another person the role of an admin first");
}

v1::Event RevokedEvent(const v1::GrantState& row, const std::string& by) {
  v1::Event event = EventOn(streams::Grant(row.grant().grant()));
  v1::GrantRevoked* revoked = event.mutable_grant_revoked();
  revoked->set_grant(row.grant().grant());
  *revoked->mutable_to() = row.grant().to();
  revoked->set_by(by);
  return event;
}

// The grant of an admin whose revocation waits for signatures.
std::variant<v1::GrantState, Rejection> FindRevocation(const std::string& path,
                                                       const std::string& grant,
                                                       StateReader& state) {
  if (auto wrong = CheckId(path, grant)) return *std::move(wrong);
  auto row = state.Find<v1::GrantState>(streams::Grant(grant));
  if (!row) return NotVisible(path, "grant", grant);
  if (row->revoked()) return AlreadyRevoked(path, grant);
  if (!row->revocation_by().empty()) return *std::move(row);
  return RefusedState("REVOCATION_NOT_PROPOSED", path, "a grant that somebody wants revoked", grant,
                      fmt::format("nobody proposed to revoke the grant \"{}\"", grant),
                      "propose it first (revokeGrant)");
}

bool HasRoleEverywhere(const std::vector<v1::Grant>& grants, v1::Role role) {
  return std::any_of(grants.begin(), grants.end(), [&](const v1::Grant& grant) {
    return grant.role() == role && grant.units().empty();
  });
}

bool SignedAs(const v1::GrantState& row, v1::Role role) {
  const auto& signatures = row.revocation_signatures();
  return std::any_of(signatures.begin(), signatures.end(),
                     [&](const auto& signature) { return signature.role() == role; });
}

// As what the actor signs: as an admin while there is one besides the two, else as an executive or
// as HR, whichever is missing. Nothing when the actor's signature is not needed.
std::optional<v1::Role> SignsAs(const v1::GrantState& row, const DecideContext& context,
                                StateReader& state) {
  std::set<std::string> admins = AdminsOn(state, context.today);
  admins.erase(ActorName(row.grant().to()));
  admins.erase(row.revocation_by());
  if (!admins.empty()) {
    return admins.contains(context.actor) ? std::optional(v1::ROLE_ADMIN) : std::nullopt;
  }
  const auto grants = GrantsHolding(state, context.actor, context.today);
  for (const v1::Role role : {v1::ROLE_EXECUTIVE, v1::ROLE_HR}) {
    if (!SignedAs(row, role) && HasRoleEverywhere(grants, role)) return role;
  }
  return std::nullopt;
}

Rejection NotNeeded(const v1::GrantState& row, const DecideContext& context, StateReader& state) {
  std::set<std::string> admins = AdminsOn(state, context.today);
  admins.erase(ActorName(row.grant().to()));
  admins.erase(row.revocation_by());
  Rejection rejection =
      RefusedAuth("PERMISSION_DENIED", fmt::format("{} may not sign this", context.actor),
                  "the revocation of an admin is signed by another admin or, where there is none, "
                  "by an executive and by HR");
  rejection.path = "actor";
  const bool executive = SignedAs(row, v1::ROLE_EXECUTIVE);
  const bool hr = SignedAs(row, v1::ROLE_HR);
  rejection.expected = !admins.empty() ? "another ADMIN"
                       : executive     ? "HR"
                       : hr            ? "EXECUTIVE"
                                       : "EXECUTIVE, HR";
  rejection.actual = context.actor;
  return rejection;
}

}  // namespace

v1::Event GrantGivenEvent(v1::Grant grant) {
  v1::Event event = EventOn(streams::Grant(grant.grant()), grant.span().from());
  *event.mutable_grant_given()->mutable_grant() = std::move(grant);
  return event;
}

Decision GiveGrant(const DecideContext& context, StateReader& state) {
  const v1::GiveGrant& command = context.command.give_grant();
  if (auto wrong = CheckGrantShape(command)) return *wrong;
  for (int i = 0; i < command.units_size(); ++i) {
    if (!state.Find<v1::UnitState>(streams::Unit(command.units(i)))) {
      return NotVisible(fmt::format("giveGrant.units[{}]", i), "unit", command.units(i));
    }
  }
  const std::string stream = streams::Grant(command.grant());
  if (state.Find<v1::GrantState>(stream)) {
    return AlreadyExists("giveGrant.grant", "grant", command.grant());
  }
  if (auto wrong = CheckKnown(command, state)) return *wrong;
  if (AdminsOn(state, context.today).size() < 2) {
    v1::Event event = GrantGivenEvent(GrantOf(command));
    event.mutable_grant_given()->add_by(context.actor);
    return Accepted{{std::move(event)}};
  }
  v1::Event event = EventOn(stream, command.span().from());
  *event.mutable_grant_proposed()->mutable_grant() = GrantOf(command);
  event.mutable_grant_proposed()->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision ConfirmGrant(const DecideContext& context, StateReader& state) {
  const std::string& grant = context.command.confirm_grant().grant();
  if (auto wrong = CheckId("confirmGrant.grant", grant)) return *wrong;
  const auto row = state.Find<v1::GrantState>(streams::Grant(grant));
  if (!row) return NotVisible("confirmGrant.grant", "grant", grant);
  if (row->revoked()) return AlreadyRevoked("confirmGrant.grant", grant);
  if (row->given()) {
    return RefusedState("ALREADY_GIVEN", "confirmGrant.grant", "a proposed grant", grant,
                        fmt::format("the grant \"{}\" holds already", grant),
                        "nothing is left to do");
  }
  if (ActsFor(context, row->proposed_by())) {
    return SamePerson(fmt::format("an admin other than {}", row->proposed_by()), context,
                      "who proposed a grant cannot confirm it");
  }
  v1::Event event = GrantGivenEvent(row->grant());
  event.mutable_grant_given()->add_by(row->proposed_by());
  event.mutable_grant_given()->add_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision RevokeGrant(const DecideContext& context, StateReader& state) {
  const std::string& grant = context.command.revoke_grant().grant();
  const std::string path = "revokeGrant.grant";
  if (auto wrong = CheckId(path, grant)) return *wrong;
  const auto row = state.Find<v1::GrantState>(streams::Grant(grant));
  if (!row) return NotVisible(path, "grant", grant);
  if (row->revoked()) return AlreadyRevoked(path, grant);
  if (!row->given() || row->grant().role() != v1::ROLE_ADMIN) {
    return Accepted{{RevokedEvent(*row, context.actor)}};
  }
  if (auto wrong = CheckAdminLeft(path, grant, context, state)) return *wrong;
  if (!row->revocation_by().empty()) {
    return RefusedState("ALREADY_PROPOSED", path, "a grant that nobody wants revoked",
                        fmt::format("proposed by {}", row->revocation_by()),
                        fmt::format("the revocation of \"{}\" waits for a signature", grant),
                        "sign it (confirmRevocation) or refuse it (rejectRevocation)");
  }
  v1::Event event = EventOn(streams::Grant(grant));
  v1::GrantRevocationProposed* proposed = event.mutable_grant_revocation_proposed();
  proposed->set_grant(grant);
  *proposed->mutable_to() = row->grant().to();
  proposed->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision ConfirmRevocation(const DecideContext& context, StateReader& state) {
  const std::string& grant = context.command.confirm_revocation().grant();
  const std::string path = "confirmRevocation.grant";
  auto found = FindRevocation(path, grant, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& row = std::get<v1::GrantState>(found);
  std::vector<std::string> people{ActorName(row.grant().to()), row.revocation_by()};
  for (const auto& signature : row.revocation_signatures()) people.push_back(signature.by());
  for (const std::string& person : people) {
    if (!ActsFor(context, person)) continue;
    return SamePerson(fmt::format("somebody other than {}", person), context,
                      "who is concerned, proposed it or has signed does not sign (again)");
  }
  if (auto wrong = CheckAdminLeft(path, grant, context, state)) return *wrong;
  const std::optional<v1::Role> role = SignsAs(row, context, state);
  if (!role) return NotNeeded(row, context, state);
  v1::Event event = EventOn(streams::Grant(grant));
  event.mutable_grant_revocation_signed()->set_grant(grant);
  event.mutable_grant_revocation_signed()->set_by(context.actor);
  event.mutable_grant_revocation_signed()->set_role(*role);
  Accepted accepted{{std::move(event)}};
  const bool enough = role == v1::ROLE_ADMIN ||
                      SignedAs(row, role == v1::ROLE_HR ? v1::ROLE_EXECUTIVE : v1::ROLE_HR);
  if (enough) accepted.events.push_back(RevokedEvent(row, row.revocation_by()));
  return accepted;
}

Decision RejectRevocation(const DecideContext& context, StateReader& state) {
  const std::string& grant = context.command.reject_revocation().grant();
  auto found = FindRevocation("rejectRevocation.grant", grant, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& row = std::get<v1::GrantState>(found);
  if (ActsFor(context, ActorName(row.grant().to()))) {
    return SamePerson("somebody who is not concerned", context,
                      "the admin concerned does not refuse the own revocation");
  }
  v1::Event event = EventOn(streams::Grant(grant));
  event.mutable_grant_revocation_rejected()->set_grant(grant);
  event.mutable_grant_revocation_rejected()->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

}  // namespace assay::company

#include "engine/company/decide.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"

namespace assay::company {
namespace {

v1::Event EventOn(std::string stream, std::string effective = "") {
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

// A person named like a machine client would act in its name.
std::optional<Rejection> CheckPersonId(std::string_view path, const std::string& person) {
  if (auto wrong = CheckId(path, person)) return wrong;
  if (!person.starts_with("client:")) return std::nullopt;
  return Invalid("INVALID_ID", std::string(path), "an id that does not begin with client:", person,
                 "this is how machine clients are named");
}

// --- grants ---

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

v1::Event GrantGivenEvent(v1::Grant grant) {
  v1::Event event = EventOn(streams::Grant(grant.grant()), grant.span().from());
  *event.mutable_grant_given()->mutable_grant() = std::move(grant);
  return event;
}

bool HasSecondAdmin(StateReader& state, Day day) {
  std::set<std::string> admins;
  for (const v1::Grant& grant : AdminGrants(state, day)) admins.insert(ActorName(grant.to()));
  return admins.size() > 1;
}

Rejection AlreadyRevoked(std::string path, const std::string& grant) {
  return RefusedState("ALREADY_REVOKED", std::move(path), "a grant that was not revoked", grant,
                      fmt::format("the grant \"{}\" was revoked", grant),
                      "give a new grant under another id");
}

// --- commands ---

Decision FoundCompany(const v1::FoundCompany& command, Day today, StateReader& state) {
  if (auto wrong = CheckId("foundCompany.company", command.company())) return *wrong;
  if (command.admins().empty()) {
    return Invalid("INVALID_ID", "foundCompany.admins", "one person or more", "none",
                   "a company needs an admin");
  }
  std::set<std::string> seen;
  for (int i = 0; i < command.admins_size(); ++i) {
    const std::string path = fmt::format("foundCompany.admins[{}]", i);
    if (auto wrong = CheckPersonId(path, command.admins(i))) return *wrong;
    if (!seen.insert(command.admins(i)).second) {
      return Invalid("INVALID_ID", path, "each person once", command.admins(i),
                     "an admin is named twice");
    }
  }
  if (const auto there = state.Find<v1::CompanyState>(streams::Company())) {
    return RefusedState("COMPANY_EXISTS", "foundCompany.company", "a log without a company",
                        there->company(), "the company of this log is founded already",
                        "the first founding counts");
  }
  Accepted accepted;
  v1::Event& founded = accepted.events.emplace_back(EventOn(streams::Company()));
  founded.mutable_company_founded()->set_company(command.company());
  *founded.mutable_company_founded()->mutable_admins() = command.admins();
  for (int i = 0; i < command.admins_size(); ++i) {
    v1::Grant grant;
    grant.set_grant(fmt::format("founder-{}", i + 1));
    grant.mutable_to()->set_person(command.admins(i));
    grant.set_role(v1::ROLE_ADMIN);
    grant.mutable_span()->set_from(today.ToString());
    v1::Event given = GrantGivenEvent(std::move(grant));
    *given.mutable_grant_given()->mutable_by() = command.admins();
    accepted.events.push_back(std::move(given));
  }
  return accepted;
}

Decision AddPerson(const v1::AddPerson& command, StateReader& state) {
  if (auto wrong = CheckPersonId("addPerson.person", command.person())) return *wrong;
  const std::string stream = streams::Person(command.person());
  if (state.Find<v1::PersonState>(stream)) {
    return AlreadyExists("addPerson.person", "person", command.person());
  }
  v1::Event event = EventOn(stream);
  event.mutable_person_added()->set_person(command.person());
  if (command.has_name()) *event.mutable_person_added()->mutable_name() = command.name();
  return Accepted{{std::move(event)}};
}

Decision BindSourceKey(const v1::BindSourceKey& command, StateReader& state) {
  if (auto wrong = CheckId("bindSourceKey.person", command.person())) return *wrong;
  if (auto wrong = CheckId("bindSourceKey.entityType", command.entity_type())) return *wrong;
  if (command.key().empty() || command.key().size() > limits::kKeyTextBytesMax) {
    return Invalid("INVALID_TEXT", "bindSourceKey.key",
                   fmt::format("1 to {} bytes", limits::kKeyTextBytesMax),
                   fmt::format("{} bytes", command.key().size()), "the key is missing or too long");
  }
  if (auto wrong = CheckSpan("bindSourceKey.span", command.span())) return *wrong;
  if (!state.Find<v1::PersonState>(streams::Person(command.person()))) {
    return NotVisible("bindSourceKey.person", "person", command.person());
  }
  const std::string stream = streams::Entity(command.entity_type(), command.key());
  v1::EntityState entity;
  state.Get(stream, &entity);
  for (const v1::BindingState& bound : entity.bindings()) {
    if (!SpanOf(bound.span()).Overlaps(SpanOf(command.span()))) continue;
    return RefusedState("SPAN_OVERLAP", "bindSourceKey.span",
                        "no day on which the key is bound already",
                        fmt::format("{} from {} to {}", bound.person(), bound.span().from(),
                                    bound.span().to().empty() ? "no end" : bound.span().to()),
                        "a key stands for one person on a day", "take days that are free");
  }
  v1::Event event = EventOn(stream, command.span().from());
  v1::SourceKeyBound* binding = event.mutable_source_key_bound();
  binding->set_person(command.person());
  binding->set_entity_type(command.entity_type());
  binding->set_key(command.key());
  *binding->mutable_span() = command.span();
  return Accepted{{std::move(event)}};
}

Decision GiveGrant(const v1::GiveGrant& command, const DecideContext& context, StateReader& state) {
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
  if (!HasSecondAdmin(state, context.today)) {
    v1::Event event = GrantGivenEvent(GrantOf(command));
    event.mutable_grant_given()->add_by(context.actor);
    return Accepted{{std::move(event)}};
  }
  v1::Event event = EventOn(stream, command.span().from());
  *event.mutable_grant_proposed()->mutable_grant() = GrantOf(command);
  event.mutable_grant_proposed()->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision ConfirmGrant(const v1::ConfirmGrant& command, const DecideContext& context,
                      StateReader& state) {
  if (auto wrong = CheckId("confirmGrant.grant", command.grant())) return *wrong;
  const auto row = state.Find<v1::GrantState>(streams::Grant(command.grant()));
  if (!row) return NotVisible("confirmGrant.grant", "grant", command.grant());
  if (row->revoked()) return AlreadyRevoked("confirmGrant.grant", command.grant());
  if (row->given()) {
    return RefusedState("ALREADY_GIVEN", "confirmGrant.grant", "a proposed grant", command.grant(),
                        fmt::format("the grant \"{}\" holds already", command.grant()),
                        "nothing is left to do");
  }
  if (row->proposed_by() == context.actor ||
      row->proposed_by() == context.command.actor().on_behalf_of()) {
    return RefusedPolicy("FOUR_EYES_SAME_PERSON", "actor",
                         fmt::format("an admin other than {}", row->proposed_by()), context.actor,
                         "who proposed a grant cannot confirm it, nor a delegate",
                         "ask another admin");
  }
  v1::Event event = GrantGivenEvent(row->grant());
  event.mutable_grant_given()->add_by(row->proposed_by());
  event.mutable_grant_given()->add_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision RevokeGrant(const v1::RevokeGrant& command, const DecideContext& context,
                     StateReader& state) {
  if (auto wrong = CheckId("revokeGrant.grant", command.grant())) return *wrong;
  const auto row = state.Find<v1::GrantState>(streams::Grant(command.grant()));
  if (!row) return NotVisible("revokeGrant.grant", "grant", command.grant());
  if (row->revoked()) return AlreadyRevoked("revokeGrant.grant", command.grant());
  if (row->given() && row->grant().role() == v1::ROLE_ADMIN) {
    bool admin_left = false;
    for (const v1::Grant& grant : AdminGrants(state, context.today)) {
      admin_left |= grant.grant() != command.grant() && grant.span().to().empty();
    }
    if (!admin_left) {
      return RefusedPolicy("LAST_ADMIN", "revokeGrant.grant", "another admin grant without an end",
                           "none", "nobody would be left who can give grants",
                           "give another person the role of an admin first");
    }
  }
  v1::Event event = EventOn(streams::Grant(command.grant()));
  v1::GrantRevoked* revoked = event.mutable_grant_revoked();
  revoked->set_grant(command.grant());
  *revoked->mutable_to() = row->grant().to();
  revoked->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

// A node may claim at any time: whoever claimed before stops when it reads the higher epoch.
Decision ClaimPublisher(const v1::ClaimPublisher& command, StateReader& state) {
  if (auto wrong = CheckId("claimPublisher.node", command.node())) return *wrong;
  v1::PublisherState publisher;
  state.Get(streams::Publisher(), &publisher);
  v1::Event event = EventOn(streams::Publisher());
  event.mutable_publisher_claimed()->set_node(command.node());
  event.mutable_publisher_claimed()->set_epoch(publisher.epoch() + 1);
  return Accepted{{std::move(event)}};
}

// --- the log ---

std::optional<Rejection> CheckKeyId(const std::string& path, const std::string& key_id) {
  constexpr size_t kKeyIdBytes = 8;
  if (key_id.size() == kKeyIdBytes) return std::nullopt;
  return Invalid("INVALID_TEXT", path, fmt::format("{} bytes", kKeyIdBytes),
                 fmt::format("{} bytes", key_id.size()), "this is not the id of a log key");
}

// Positions and roots of the basis: the decisions, then each facts partition.
template <typename Noted>
void FillHeads(const DecideContext& context, Noted& noted) {
  std::vector<LockedScores::Cut> heads = context.scores->Heads();
  heads.insert(heads.begin(), context.basis);
  for (const LockedScores::Cut& head : heads) {
    noted.add_positions(head.position);
    noted.add_roots(head.root.ToString());
  }
}

Decision UpgradeLog(const v1::UpgradeLog& command, const DecideContext& context,
                    StateReader& state) {
  if (auto wrong = CheckKeyId("upgradeLog.keyId", command.key_id())) return *wrong;
  v1::LogState log;
  state.Get(streams::Log(), &log);
  if (context.rules_version > 1 || !log.key_ids().empty()) {
    return RefusedState("LOG_UPGRADED", "upgradeLog", "a log of rules version 1",
                        "a log of rules version 2", "the records of this log are authenticated",
                        "nothing is left to do");
  }
  v1::Event event = EventOn(streams::Log());
  v1::LogAuthenticated& authenticated = *event.mutable_log_authenticated();
  authenticated.set_key_id(command.key_id());
  FillHeads(context, authenticated);
  return Accepted{{std::move(event)}};
}

// A key in use is known by the Genesis or by the decisions; the partitions say which ones count.
Decision RotateLogKey(const v1::RotateLogKey& command, StateReader& state) {
  if (auto wrong = CheckKeyId("rotateLogKey.keyId", command.key_id())) return *wrong;
  v1::LogState log;
  state.Get(streams::Log(), &log);
  const auto holds = [&](const auto& ids) {
    return std::find(ids.begin(), ids.end(), command.key_id()) != ids.end();
  };
  if (holds(log.retired_key_ids()) || (!command.retired() && holds(log.key_ids()))) {
    return RefusedState("LOG_KEY_KNOWN", "rotateLogKey.keyId", "a key that was not used before",
                        "one that was", "a log key is taken into use once and retired once",
                        "make a new key with `assay log rotate-key`");
  }
  v1::Event event = EventOn(streams::Log());
  event.mutable_log_key_rotated()->set_key_id(command.key_id());
  event.mutable_log_key_rotated()->set_retired(command.retired());
  return Accepted{{std::move(event)}};
}

Decision NoteHeads(const DecideContext& context, StateReader& state) {
  v1::LogState log;
  state.Get(streams::Log(), &log);
  if (log.noted_on() == context.today.ToString()) {
    return RefusedState("HEADS_NOTED", "noteHeads", "a day without noted heads", log.noted_on(),
                        "the heads of this day are noted", "nothing is left to do");
  }
  v1::Event event = EventOn(streams::Log());
  FillHeads(context, *event.mutable_heads_noted());
  return Accepted{{std::move(event)}};
}

}  // namespace

Decision Decide(const DecideContext& context, StateReader& state) {
  using Body = v1::Command::BodyCase;
  const v1::Command& command = context.command;
  switch (command.body_case()) {
    case Body::kFoundCompany:
      return FoundCompany(command.found_company(), context.today, state);
    case Body::kAddPerson:
      return AddPerson(command.add_person(), state);
    case Body::kBindSourceKey:
      return BindSourceKey(command.bind_source_key(), state);
    case Body::kGiveGrant:
      return GiveGrant(command.give_grant(), context, state);
    case Body::kConfirmGrant:
      return ConfirmGrant(command.confirm_grant(), context, state);
    case Body::kRevokeGrant:
      return RevokeGrant(command.revoke_grant(), context, state);
    case Body::kClaimPublisher:
      return ClaimPublisher(command.claim_publisher(), state);
    case Body::kUpgradeLog:
      return UpgradeLog(command.upgrade_log(), context, state);
    case Body::kRotateLogKey:
      return RotateLogKey(command.rotate_log_key(), state);
    case Body::kNoteHeads:
      return NoteHeads(context, state);
    default:
      break;
  }
  ASSAY_REQUIRE(false, "command case {} is none of the company",
                static_cast<int>(command.body_case()));
  return Accepted{};
}

}  // namespace assay::company

#include "engine/company/domain.h"

#include <fmt/core.h>

#include "engine/company/bindings.h"
#include "engine/company/decide.h"
#include "engine/company/grants.h"
#include "engine/company/state.h"
#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"

namespace assay::company {
namespace {

using C = v1::Command;
using E = v1::Event;

// The key of a login is an admin's, any other one of HR where the person stands.
std::optional<Rejection> MayBind(const Authority& who) {
  const v1::BindSourceKey& bind = who.Command().bind_source_key();
  if (IsLogin(bind.entity_type())) return who.NeedEverywhere({v1::ROLE_ADMIN});
  if (who.HasEverywhere({v1::ROLE_HR})) return std::nullopt;
  return who.NeedFor({v1::ROLE_HR}, PlacesOfPerson(who, bind.person(), bind.span()));
}

std::optional<Rejection> MayEnd(const Authority& who) {
  const v1::EndSourceKey& end = who.Command().end_source_key();
  if (IsLogin(end.entity_type())) return who.NeedEverywhere({v1::ROLE_ADMIN});
  if (who.HasEverywhere({v1::ROLE_HR})) return std::nullopt;
  v1::Span rest;
  rest.set_from(end.to());
  return who.NeedFor({v1::ROLE_HR}, PlacesOfPerson(who, end.person(), rest));
}

std::vector<CommandRow> Commands() {
  const AccessRule admin = ByPeople({v1::ROLE_ADMIN});
  return {
      {C::kFoundCompany, &FoundCompany, ByAnybody(), &OfTheSender},
      {C::kAddPerson, &DecideBody<&AddPerson, &C::add_person>, ByPeople({v1::ROLE_HR}),
       &PersonIn<&C::add_person>},

      {C::kBindSourceKey, &BindSourceKey, Judged(&MayBind), &PersonIn<&C::bind_source_key>},
      {C::kConfirmBinding, &ConfirmBinding, admin, &PersonIn<&C::confirm_binding>},
      {C::kRejectBinding, &RejectBinding, admin, &PersonIn<&C::reject_binding>},
      {C::kEndSourceKey, &EndSourceKey, Judged(&MayEnd), &PersonIn<&C::end_source_key>},

      {C::kGiveGrant, &GiveGrant, admin, &OfTheSender},
      {C::kConfirmGrant, &ConfirmGrant, admin, &OfTheSender},
      {C::kRevokeGrant, &RevokeGrant, admin, &OfTheSender},
      // Which of them must sign is for the decision to say.
      {C::kConfirmRevocation, &ConfirmRevocation,
       ByPeople({v1::ROLE_ADMIN, v1::ROLE_EXECUTIVE, v1::ROLE_HR}), &OfTheSender},
      {C::kRejectRevocation, &RejectRevocation, admin, &OfTheSender},

      {C::kClaimPublisher, &DecideBody<&ClaimPublisher, &C::claim_publisher>, ByEngine(),
       &OfTheSender},
      {C::kUpgradeLog, &UpgradeLog, admin, &OfTheSender},
      {C::kRotateLogKey, &DecideBody<&RotateLogKey, &C::rotate_log_key>, admin, &OfTheSender},
      {C::kNoteHeads, &NoteHeads, ByEngine(), &OfTheSender},
  };
}

// A field that readers of version 1 would pass over.
int32_t SinceFounded(const E& event) { return event.company_founded().has_grants() ? 2 : 1; }

std::string OfCompany(const E& /*event*/) { return streams::Company(); }
std::string OfLog(const E& /*event*/) { return streams::Log(); }
std::string OfPublisher(const E& /*event*/) { return streams::Publisher(); }
std::string OfPerson(const E& event) { return streams::Person(event.person_added().person()); }
template <auto Body>
std::string OfEntity(const E& event) {
  return streams::Entity((event.*Body)().entity_type(), (event.*Body)().key());
}
template <auto Body>
std::string OfGrant(const E& event) {
  return streams::Grant((event.*Body)().grant());
}
template <auto Body>
std::string OfWholeGrant(const E& event) {
  return streams::Grant((event.*Body)().grant().grant());
}

SetChanges SetsOfPerson(const E& event) {
  return {{streams::People(), MemberOf(event.person_added().person())}};
}

SetChanges SetsOfKeyBound(const E& event) {
  const v1::SourceKeyBound& bound = event.source_key_bound();
  return {{streams::PersonEntities(bound.person()),
           MemberOf(fmt::format("{}/{}", bound.entity_type(), bound.key()))}};
}

SetChanges SetsOfGrantGiven(const E& event) {
  const v1::Grant& grant = event.grant_given().grant();
  const std::string actor = ActorName(grant.to());
  SetChanges changes = {{streams::GrantsOf(actor), MemberOf(grant.grant(), actor, "GIVEN")}};
  if (grant.role() == v1::ROLE_ADMIN) {
    changes.push_back({streams::Admins(), MemberOf(grant.grant(), actor, "GIVEN")});
  }
  return changes;
}

SetChanges SetsOfGrantRevoked(const E& event) {
  const v1::GrantRevoked& revoked = event.grant_revoked();
  return {{streams::GrantsOf(ActorName(revoked.to())), MemberOf(revoked.grant()), true},
          {streams::Admins(), MemberOf(revoked.grant()), true}};
}

std::vector<EventRow> EventsOfKeys() {
  return {
      {E::kSourceKeyProposed, &Since<2>, &OfEntity<&E::source_key_proposed>, &FoldKeyProposed,
       &NoSets, &NoEffect, Output::kNothing},
      {E::kSourceKeyBound, &Since<1>, &OfEntity<&E::source_key_bound>, &FoldKeyBound,
       &SetsOfKeyBound, &OnPerson<&E::source_key_bound>, Output::kNothing},
      {E::kSourceKeyRejected, &Since<2>, &OfEntity<&E::source_key_rejected>,
       &ChangeRow<v1::EntityState, &DropKeyProposal, &E::source_key_rejected>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kSourceKeyEnded, &Since<2>, &OfEntity<&E::source_key_ended>,
       &ChangeRow<v1::EntityState, &EndBinding, &E::source_key_ended>, &NoSets,
       &OnPerson<&E::source_key_ended>, Output::kNothing},
  };
}

std::vector<EventRow> EventsOfGrants() {
  return {
      {E::kGrantProposed, &Since<1>, &OfWholeGrant<&E::grant_proposed>,
       &NewRow<v1::GrantState, &ProposedGrantRow, &E::grant_proposed>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kGrantGiven, &Since<1>, &OfWholeGrant<&E::grant_given>, &FoldGrantGiven,
       &SetsOfGrantGiven, &NoEffect, Output::kNothing},
      {E::kGrantRevoked, &Since<1>, &OfGrant<&E::grant_revoked>,
       &ChangeRow<v1::GrantState, &Revoke, &E::grant_revoked>, &SetsOfGrantRevoked, &NoEffect,
       Output::kNothing},
      // The admin concerned is told.
      {E::kGrantRevocationProposed, &Since<2>, &OfGrant<&E::grant_revocation_proposed>,
       &ChangeRow<v1::GrantState, &ProposeRevocation, &E::grant_revocation_proposed>, &NoSets,
       &NoEffect, Output::kAlert},
      {E::kGrantRevocationSigned, &Since<2>, &OfGrant<&E::grant_revocation_signed>,
       &ChangeRow<v1::GrantState, &SignRevocation, &E::grant_revocation_signed>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kGrantRevocationRejected, &Since<2>, &OfGrant<&E::grant_revocation_rejected>,
       &ChangeRow<v1::GrantState, &DropRevocation, &E::grant_revocation_rejected>, &NoSets,
       &NoEffect, Output::kNothing},
  };
}

std::vector<EventRow> Events() {
  std::vector<EventRow> events = {
      {E::kCompanyFounded, &SinceFounded, &OfCompany,
       &NewRow<v1::CompanyState, &FoundRow, &E::company_founded>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kPersonAdded, &Since<1>, &OfPerson,
       &NewRow<v1::PersonState, &PersonRow, &E::person_added>, &SetsOfPerson, &NoEffect,
       Output::kNothing},
      {E::kPublisherClaimed, &Since<1>, &OfPublisher, &FoldPublisherClaimed, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kLogAuthenticated, &Since<2>, &OfLog, &FoldLogAuthenticated, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kLogKeyRotated, &Since<2>, &OfLog, &FoldLogKeyRotated, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kHeadsNoted, &Since<2>, &OfLog, &FoldHeadsNoted, &NoSets, &NoEffect, Output::kNothing},
  };
  for (auto&& more : {EventsOfKeys(), EventsOfGrants()}) {
    events.insert(events.end(), more.begin(), more.end());
  }
  return events;
}

}  // namespace

Domain Table() {
  return {.name = "company",
          .commands = Commands(),
          .events = Events(),
          .streams = {{"company", &MakeRow<v1::CompanyState>, InDigest::kYes},
                      {"person/", &MakeRow<v1::PersonState>, InDigest::kYes},
                      {"entity/", &MakeRow<v1::EntityState>, InDigest::kYes},
                      {"grant/", &MakeRow<v1::GrantState>, InDigest::kYes},
                      {"publisher", &MakeRow<v1::PublisherState>, InDigest::kNo},
                      {"log", &MakeRow<v1::LogState>, InDigest::kNo}}};
}

}  // namespace assay::company

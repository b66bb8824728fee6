#include "engine/company/state.h"

#include <algorithm>
#include <string>

#include "engine/event/effective.h"

namespace assay::company {
namespace {

bool PutCompany(const v1::Event& event, StateStore& store) {
  v1::CompanyState company;
  company.set_company(event.company_founded().company());
  *company.mutable_admins() = event.company_founded().admins();
  if (event.company_founded().has_grants()) {
    *company.mutable_grants() = event.company_founded().grants();
  }
  return PutNew(store, event.stream(), company);
}

bool PutPerson(const v1::Event& event, StateStore& store) {
  v1::PersonState person;
  person.set_person(event.person_added().person());
  if (event.person_added().has_name()) *person.mutable_name() = event.person_added().name();
  return PutNew(store, event.stream(), person);
}

bool ProposeBinding(const v1::Event& event, StateStore& store) {
  v1::EntityState entity;
  store.Get(event.stream(), &entity);
  const v1::SourceKeyProposed& proposed = event.source_key_proposed();
  v1::BindingProposal* proposal = entity.add_proposals();
  proposal->set_person(proposed.person());
  *proposal->mutable_span() = proposed.span();
  proposal->set_by(proposed.by());
  store.Put(event.stream(), entity);
  return true;
}

// Whether a proposal for `person` waited.
bool TakeProposal(const std::string& person, v1::EntityState& entity) {
  auto& proposals = *entity.mutable_proposals();
  const auto answered = [&](const v1::BindingProposal& each) { return each.person() == person; };
  const auto kept = std::remove_if(proposals.begin(), proposals.end(), answered);
  const bool waited = kept != proposals.end();
  proposals.erase(kept, proposals.end());
  return waited;
}

// With or without a proposal.
bool AddBinding(const v1::Event& event, StateStore& store) {
  const v1::SourceKeyBound& bound = event.source_key_bound();
  v1::EntityState entity;
  store.Get(event.stream(), &entity);
  TakeProposal(bound.person(), entity);
  v1::BindingState* binding = entity.add_bindings();
  binding->set_person(bound.person());
  *binding->mutable_span() = bound.span();
  store.Put(event.stream(), entity);
  return true;
}

bool RejectBinding(const v1::Event& event, StateStore& store) {
  return Update<v1::EntityState>(store, event.stream(), [&](v1::EntityState& entity) {
    return TakeProposal(event.source_key_rejected().person(), entity);
  });
}

bool ProposeGrant(const v1::Event& event, StateStore& store) {
  v1::GrantState row;
  *row.mutable_grant() = event.grant_proposed().grant();
  row.set_proposed_by(event.grant_proposed().by());
  return PutNew(store, event.stream(), row);
}

// One that was proposed, or a new one.
bool GiveGrant(const v1::Event& event, StateStore& store) {
  v1::GrantState row;
  store.Get(event.stream(), &row);
  if (row.given()) return false;
  *row.mutable_grant() = event.grant_given().grant();
  row.set_given(true);
  store.Put(event.stream(), row);
  return true;
}

bool RevokeGrant(const v1::Event& event, StateStore& store) {
  return Update<v1::GrantState>(store, event.stream(), [](v1::GrantState& row) {
    row.set_revoked(true);
    return true;
  });
}

bool UpdateRevocation(const v1::Event& event, StateStore& store) {
  return Update<v1::GrantState>(store, event.stream(), [&](v1::GrantState& row) {
    if (event.has_grant_revocation_proposed()) {
      row.set_revocation_by(event.grant_revocation_proposed().by());
      return true;
    }
    if (row.revocation_by().empty()) return false;
    if (event.has_grant_revocation_signed()) {
      v1::RevocationSignature* signature = row.add_revocation_signatures();
      signature->set_by(event.grant_revocation_signed().by());
      signature->set_role(event.grant_revocation_signed().role());
      return true;
    }
    row.clear_revocation_by();
    row.clear_revocation_signatures();
    return true;
  });
}

bool PutPublisher(const v1::Event& event, StateStore& store) {
  v1::PublisherState publisher;
  publisher.set_node(event.publisher_claimed().node());
  publisher.set_epoch(event.publisher_claimed().epoch());
  store.Put(event.stream(), publisher);
  return true;
}

template <typename Noted>
void NoteHeads(const Noted& noted, const EventMeta& meta, v1::LogState& log) {
  *log.mutable_noted_positions() = noted.positions();
  log.set_noted_on(UtcDayOf(meta.recorded_at).ToString());
}

bool EvolveLog(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  v1::LogState log;
  store.Get(event.stream(), &log);
  if (event.has_log_authenticated()) {
    if (!log.key_ids().empty()) return false;
    log.add_key_ids(event.log_authenticated().key_id());
    NoteHeads(event.log_authenticated(), meta, log);
  } else if (event.has_heads_noted()) {
    NoteHeads(event.heads_noted(), meta, log);
  } else {
    const v1::LogKeyRotated& rotated = event.log_key_rotated();
    (rotated.retired() ? log.add_retired_key_ids() : log.add_key_ids())->assign(rotated.key_id());
  }
  store.Put(event.stream(), log);
  return true;
}

}  // namespace

bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kCompanyFounded:
      return PutCompany(event, store);
    case Body::kPersonAdded:
      return PutPerson(event, store);
    case Body::kSourceKeyProposed:
      return ProposeBinding(event, store);
    case Body::kSourceKeyBound:
      return AddBinding(event, store);
    case Body::kSourceKeyRejected:
      return RejectBinding(event, store);
    case Body::kGrantProposed:
      return ProposeGrant(event, store);
    case Body::kGrantGiven:
      return GiveGrant(event, store);
    case Body::kGrantRevoked:
      return RevokeGrant(event, store);
    case Body::kGrantRevocationProposed:
    case Body::kGrantRevocationSigned:
    case Body::kGrantRevocationRejected:
      return UpdateRevocation(event, store);
    case Body::kPublisherClaimed:
      return PutPublisher(event, store);
    case Body::kLogAuthenticated:
    case Body::kLogKeyRotated:
    case Body::kHeadsNoted:
      return EvolveLog(event, meta, store);
    default:
      return true;
  }
}

}  // namespace assay::company

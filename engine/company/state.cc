#include "engine/company/state.h"

#include "engine/event/effective.h"

namespace assay::company {
namespace {

bool PutCompany(const v1::Event& event, StateStore& store) {
  v1::CompanyState company;
  company.set_company(event.company_founded().company());
  *company.mutable_admins() = event.company_founded().admins();
  return PutNew(store, event.stream(), company);
}

bool PutPerson(const v1::Event& event, StateStore& store) {
  v1::PersonState person;
  person.set_person(event.person_added().person());
  if (event.person_added().has_name()) *person.mutable_name() = event.person_added().name();
  return PutNew(store, event.stream(), person);
}

bool AddBinding(const v1::Event& event, StateStore& store) {
  v1::EntityState entity;
  store.Get(event.stream(), &entity);
  v1::BindingState* binding = entity.add_bindings();
  binding->set_person(event.source_key_bound().person());
  *binding->mutable_span() = event.source_key_bound().span();
  store.Put(event.stream(), entity);
  return true;
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
    case Body::kSourceKeyBound:
      return AddBinding(event, store);
    case Body::kGrantProposed:
      return ProposeGrant(event, store);
    case Body::kGrantGiven:
      return GiveGrant(event, store);
    case Body::kGrantRevoked:
      return RevokeGrant(event, store);
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

#include "engine/company/state.h"

namespace assay::company {
namespace {

void PutCompany(const v1::Event& event, StateStore& store) {
  v1::CompanyState company;
  company.set_company(event.company_founded().company());
  *company.mutable_admins() = event.company_founded().admins();
  store.Put(event.stream(), company);
}

void PutPerson(const v1::Event& event, StateStore& store) {
  v1::PersonState person;
  person.set_person(event.person_added().person());
  if (event.person_added().has_name()) *person.mutable_name() = event.person_added().name();
  store.Put(event.stream(), person);
}

void AddBinding(const v1::Event& event, StateStore& store) {
  v1::EntityState entity;
  store.Get(event.stream(), &entity);
  v1::BindingState* binding = entity.add_bindings();
  binding->set_person(event.source_key_bound().person());
  *binding->mutable_span() = event.source_key_bound().span();
  store.Put(event.stream(), entity);
}

void UpdateGrant(const v1::Event& event, StateStore& store) {
  v1::GrantState row;
  store.Get(event.stream(), &row);
  if (event.has_grant_proposed()) {
    *row.mutable_grant() = event.grant_proposed().grant();
    row.set_proposed_by(event.grant_proposed().by());
  } else if (event.has_grant_given()) {
    *row.mutable_grant() = event.grant_given().grant();
    row.set_given(true);
  } else {
    row.set_revoked(true);
  }
  store.Put(event.stream(), row);
}

void PutPublisher(const v1::Event& event, StateStore& store) {
  v1::PublisherState publisher;
  publisher.set_node(event.publisher_claimed().node());
  publisher.set_epoch(event.publisher_claimed().epoch());
  store.Put(event.stream(), publisher);
}

}  // namespace

void Evolve(const v1::Event& event, const EventMeta&, StateStore& store) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kCompanyFounded:
      return PutCompany(event, store);
    case Body::kPersonAdded:
      return PutPerson(event, store);
    case Body::kSourceKeyBound:
      return AddBinding(event, store);
    case Body::kGrantProposed:
    case Body::kGrantGiven:
    case Body::kGrantRevoked:
      return UpdateGrant(event, store);
    case Body::kPublisherClaimed:
      return PutPublisher(event, store);
    default:
      return;
  }
}

}  // namespace assay::company

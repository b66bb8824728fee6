#include "engine/company/state.h"

#include <algorithm>
#include <string>

#include "engine/event/effective.h"

namespace assay::company {
namespace {

// Whether a proposal for `person` waited.
bool TakeProposal(const std::string& person, v1::EntityState& entity) {
  auto& proposals = *entity.mutable_proposals();
  const auto answered = [&](const v1::BindingProposal& each) { return each.person() == person; };
  const auto kept = std::remove_if(proposals.begin(), proposals.end(), answered);
  const bool waited = kept != proposals.end();
  proposals.erase(kept, proposals.end());
  return waited;
}

template <typename Noted>
void SetNoted(const Noted& noted, const EventMeta& meta, v1::LogState& log) {
  *log.mutable_noted_positions() = noted.positions();
  log.set_noted_on(UtcDayOf(meta.recorded_at).ToString());
}

v1::LogState LogOf(const v1::Event& event, StateStore& store) {
  v1::LogState log;
  store.Get(event.stream(), &log);
  return log;
}

}  // namespace

void FoundRow(const v1::CompanyFounded& founded, const EventMeta& /*meta*/,
              v1::CompanyState& company) {
  company.set_company(founded.company());
  *company.mutable_admins() = founded.admins();
  if (founded.has_grants()) *company.mutable_grants() = founded.grants();
}

void PersonRow(const v1::PersonAdded& added, const EventMeta& /*meta*/, v1::PersonState& person) {
  person.set_person(added.person());
  if (added.has_name()) *person.mutable_name() = added.name();
}

bool FoldKeyProposed(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
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

bool FoldKeyBound(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
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

bool DropKeyProposal(const v1::SourceKeyRejected& rejected, const EventMeta& /*meta*/,
                     v1::EntityState& entity) {
  return TakeProposal(rejected.person(), entity);
}

bool EndBinding(const v1::SourceKeyEnded& ended, const EventMeta& /*meta*/,
                v1::EntityState& entity) {
  for (v1::BindingState& bound : *entity.mutable_bindings()) {
    if (bound.person() != ended.person() || bound.span().from() != ended.from()) continue;
    // An earlier one may have ended on its first day.
    if (SpanOf(bound.span()).to <= DayOf(ended.to())) continue;
    bound.mutable_span()->set_to(ended.to());
    return true;
  }
  return false;
}

void ProposedGrantRow(const v1::GrantProposed& proposed, const EventMeta& /*meta*/,
                      v1::GrantState& row) {
  *row.mutable_grant() = proposed.grant();
  row.set_proposed_by(proposed.by());
}

bool FoldGrantGiven(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  v1::GrantState row;
  store.Get(event.stream(), &row);
  if (row.given()) return false;
  *row.mutable_grant() = event.grant_given().grant();
  row.set_given(true);
  store.Put(event.stream(), row);
  return true;
}

bool Revoke(const v1::GrantRevoked& /*revoked*/, const EventMeta& /*meta*/, v1::GrantState& row) {
  row.set_revoked(true);
  return true;
}

bool ProposeRevocation(const v1::GrantRevocationProposed& proposed, const EventMeta& /*meta*/,
                       v1::GrantState& row) {
  row.set_revocation_by(proposed.by());
  return true;
}

bool SignRevocation(const v1::GrantRevocationSigned& given, const EventMeta& /*meta*/,
                    v1::GrantState& row) {
  if (row.revocation_by().empty()) return false;
  v1::RevocationSignature* signature = row.add_revocation_signatures();
  signature->set_by(given.by());
  signature->set_role(given.role());
  return true;
}

bool DropRevocation(const v1::GrantRevocationRejected& /*rejected*/, const EventMeta& /*meta*/,
                    v1::GrantState& row) {
  if (row.revocation_by().empty()) return false;
  row.clear_revocation_by();
  row.clear_revocation_signatures();
  return true;
}

bool FoldPublisherClaimed(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  v1::PublisherState publisher;
  publisher.set_node(event.publisher_claimed().node());
  publisher.set_epoch(event.publisher_claimed().epoch());
  store.Put(event.stream(), publisher);
  return true;
}

bool FoldLogAuthenticated(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  v1::LogState log = LogOf(event, store);
  if (!log.key_ids().empty()) return false;
  log.add_key_ids(event.log_authenticated().key_id());
  SetNoted(event.log_authenticated(), meta, log);
  store.Put(event.stream(), log);
  return true;
}

bool FoldLogKeyRotated(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  v1::LogState log = LogOf(event, store);
  const v1::LogKeyRotated& rotated = event.log_key_rotated();
  (rotated.retired() ? log.add_retired_key_ids() : log.add_key_ids())->assign(rotated.key_id());
  store.Put(event.stream(), log);
  return true;
}

bool FoldHeadsNoted(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  v1::LogState log = LogOf(event, store);
  SetNoted(event.heads_noted(), meta, log);
  store.Put(event.stream(), log);
  return true;
}

}  // namespace assay::company

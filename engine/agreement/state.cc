#include "engine/agreement/state.h"

#include <algorithm>
#include <string_view>

#include "engine/agreement/terms.h"
#include "engine/base/check.h"

namespace assay::agreement {
namespace {

using Body = v1::Event::BodyCase;

bool IsConfirmedBy(const v1::AgreementVersion& version, std::string_view item, v1::Side side) {
  return std::any_of(
      version.confirmations().begin(), version.confirmations().end(),
      [&](const v1::ItemConfirmation& confirmation) {
        return confirmation.item() == item &&
               (side == v1::SIDE_EMPLOYEE ? confirmation.employee() : confirmation.manager());
      });
}

// What a side confirms by proposing, or keeps from the version before.
bool ConfirmsFromStart(const v1::AgreementVersion& version, const v1::AgreementVersion* before,
                       const v1::TermsItem& item, v1::Side side) {
  if (version.side() == side) return true;
  if (before == nullptr) return false;
  const v1::TermsItem* former = FindItem(before->items(), item.item());
  return former != nullptr && SameItem(*former, item) && IsConfirmedBy(*before, item.item(), side);
}

void EnterStage(v1::AgreementState& state) {
  const auto& confirmations = state.versions(state.versions_size() - 1).confirmations();
  const bool agreed = std::all_of(confirmations.begin(), confirmations.end(),
                                  [](const v1::ItemConfirmation& confirmation) {
                                    return confirmation.employee() && confirmation.manager();
                                  });
  state.set_stage(agreed ? v1::AGREEMENT_STAGE_AGREED : v1::AGREEMENT_STAGE_PROPOSED);
}

// TermsProposed and TermsCountered alike.
template <typename Proposed>
void AddVersion(const Proposed& proposed, const EventMeta& meta, v1::AgreementState& state) {
  v1::AgreementVersion version;
  version.set_version(proposed.version());
  version.set_by(meta.actor);
  version.set_side(proposed.side());
  version.set_at(meta.recorded_at.ToString());
  *version.mutable_items() = proposed.items();
  if (proposed.has_note()) *version.mutable_note() = proposed.note();
  version.set_amends(proposed.amends());
  version.set_position(meta.position);
  const v1::AgreementVersion* before =
      state.versions().empty() ? nullptr : &state.versions(state.versions_size() - 1);
  for (const v1::TermsItem& item : version.items()) {
    v1::ItemConfirmation& confirmation = *version.add_confirmations();
    confirmation.set_item(item.item());
    confirmation.set_employee(ConfirmsFromStart(version, before, item, v1::SIDE_EMPLOYEE));
    confirmation.set_manager(ConfirmsFromStart(version, before, item, v1::SIDE_MANAGER));
  }
  *state.add_versions() = version;
  EnterStage(state);
}

v1::AgreementVersion& VersionOf(v1::AgreementState& state, int32_t version) {
  for (v1::AgreementVersion& candidate : *state.mutable_versions()) {
    if (candidate.version() == version) return candidate;
  }
  ASSAY_INVARIANT(false, "agreement {} has no version {}", state.agreement(), version);
  return *state.mutable_versions(0);
}

v1::ItemConfirmation& ConfirmationOf(v1::AgreementVersion& version, std::string_view item) {
  for (v1::ItemConfirmation& candidate : *version.mutable_confirmations()) {
    if (candidate.item() == item) return candidate;
  }
  ASSAY_INVARIANT(false, "version {} has no item {}", version.version(), item);
  return *version.mutable_confirmations(0);
}

void Accept(const v1::ItemAccepted& accepted, v1::AgreementState& state) {
  v1::ItemConfirmation& confirmation =
      ConfirmationOf(VersionOf(state, accepted.version()), accepted.item());
  if (accepted.side() == v1::SIDE_EMPLOYEE) {
    confirmation.set_employee(true);
  } else {
    confirmation.set_manager(true);
  }
  EnterStage(state);
}

// A signature that one side gave before the other rejected is void: the version is open again.
void Reject(const v1::ItemRejected& rejected, v1::AgreementState& state) {
  v1::AgreementVersion& version = VersionOf(state, rejected.version());
  v1::ItemConfirmation& confirmation = ConfirmationOf(version, rejected.item());
  confirmation.set_employee(false);
  confirmation.set_manager(false);
  version.clear_signatures();
  EnterStage(state);
}

void AddSignature(const v1::SignatureGiven& given, const EventMeta& meta,
                  v1::AgreementState& state) {
  v1::Signature& signature = *VersionOf(state, given.version()).add_signatures();
  signature.set_by(given.by());
  signature.set_side(given.side());
  signature.set_at(meta.recorded_at.ToString());
  signature.set_content_hash(given.content_hash());
}

void EnterSigned(const v1::AgreementSigned& event, v1::AgreementState& state) {
  v1::AgreementVersion& version = VersionOf(state, event.version());
  version.set_signed_(true);
  version.set_content_hash(event.content_hash());
  *version.mutable_pinned() = event.pinned();
  state.set_signed_version(event.version());
  state.set_stage(v1::AGREEMENT_STAGE_SIGNED);
}

void Open(const v1::AgreementOpened& opened, v1::AgreementState& state) {
  state.set_agreement(opened.agreement());
  state.set_person(opened.person());
  state.set_position(opened.position());
  state.set_cycle(opened.cycle());
  state.set_template_(opened.template_());
  state.set_stage(v1::AGREEMENT_STAGE_DRAFT);
}

// False when the event is none of an agreement.
bool EvolveRow(const v1::Event& event, const EventMeta& meta, v1::AgreementState& state) {
  switch (event.body_case()) {
    case Body::kAgreementOpened:
      Open(event.agreement_opened(), state);
      return true;
    case Body::kTermsProposed:
      AddVersion(event.terms_proposed(), meta, state);
      return true;
    case Body::kTermsCountered:
      AddVersion(event.terms_countered(), meta, state);
      return true;
    case Body::kItemAccepted:
      Accept(event.item_accepted(), state);
      return true;
    case Body::kItemRejected:
      Reject(event.item_rejected(), state);
      return true;
    case Body::kSignatureGiven:
      AddSignature(event.signature_given(), meta, state);
      return true;
    case Body::kAgreementSigned:
      EnterSigned(event.agreement_signed(), state);
      return true;
    case Body::kAgreementWithdrawn:
      state.set_stage(v1::AGREEMENT_STAGE_WITHDRAWN);
      return true;
    default:
      return false;
  }
}

}  // namespace

void Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  // The rows of other domains are of other types: not even read.
  if (event.body_case() < Body::kAgreementOpened || event.body_case() > Body::kAgreementWithdrawn) {
    return;
  }
  v1::AgreementState state;
  store.Get(event.stream(), &state);
  if (EvolveRow(event, meta, state)) store.Put(event.stream(), state);
}

}  // namespace assay::agreement

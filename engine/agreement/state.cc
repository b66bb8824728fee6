#include "engine/agreement/state.h"

#include <algorithm>
#include <string_view>

#include "engine/agreement/terms.h"

namespace assay::agreement {
namespace {

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

// Null when the agreement has no such version.
v1::AgreementVersion* VersionOf(v1::AgreementState& state, int32_t version) {
  for (v1::AgreementVersion& candidate : *state.mutable_versions()) {
    if (candidate.version() == version) return &candidate;
  }
  return nullptr;
}

// Null when the version or the item is not there.
v1::ItemConfirmation* ConfirmationOf(v1::AgreementVersion* version, std::string_view item) {
  if (version == nullptr) return nullptr;
  for (v1::ItemConfirmation& candidate : *version->mutable_confirmations()) {
    if (candidate.item() == item) return &candidate;
  }
  return nullptr;
}

}  // namespace

bool Propose(const v1::TermsProposed& proposed, const EventMeta& meta, v1::AgreementState& state) {
  AddVersion(proposed, meta, state);
  return true;
}

bool Counter(const v1::TermsCountered& countered, const EventMeta& meta,
             v1::AgreementState& state) {
  AddVersion(countered, meta, state);
  return true;
}

bool Accept(const v1::ItemAccepted& accepted, const EventMeta& /*meta*/,
            v1::AgreementState& state) {
  v1::ItemConfirmation* const confirmation =
      ConfirmationOf(VersionOf(state, accepted.version()), accepted.item());
  if (confirmation == nullptr) return false;
  if (accepted.side() == v1::SIDE_EMPLOYEE) {
    confirmation->set_employee(true);
  } else {
    confirmation->set_manager(true);
  }
  EnterStage(state);
  return true;
}

// A signature that one side gave before the other rejected is void: the version is open again.
bool Reject(const v1::ItemRejected& rejected, const EventMeta& /*meta*/,
            v1::AgreementState& state) {
  v1::AgreementVersion* const version = VersionOf(state, rejected.version());
  v1::ItemConfirmation* const confirmation = ConfirmationOf(version, rejected.item());
  if (confirmation == nullptr) return false;
  confirmation->set_employee(false);
  confirmation->set_manager(false);
  version->clear_signatures();
  EnterStage(state);
  return true;
}

bool AddSignature(const v1::SignatureGiven& given, const EventMeta& meta,
                  v1::AgreementState& state) {
  v1::AgreementVersion* const version = VersionOf(state, given.version());
  if (version == nullptr) return false;
  v1::Signature& signature = *version->add_signatures();
  signature.set_by(given.by());
  signature.set_side(given.side());
  signature.set_at(meta.recorded_at.ToString());
  signature.set_content_hash(given.content_hash());
  return true;
}

bool EnterSigned(const v1::AgreementSigned& event, const EventMeta& /*meta*/,
                 v1::AgreementState& state) {
  v1::AgreementVersion* const version = VersionOf(state, event.version());
  if (version == nullptr) return false;
  version->set_signed_(true);
  version->set_content_hash(event.content_hash());
  *version->mutable_pinned() = event.pinned();
  state.set_signed_version(event.version());
  state.set_stage(v1::AGREEMENT_STAGE_SIGNED);
  return true;
}

void OpenedRow(const v1::AgreementOpened& opened, const EventMeta& /*meta*/,
               v1::AgreementState& state) {
  state.set_agreement(opened.agreement());
  state.set_person(opened.person());
  state.set_position(opened.position());
  state.set_cycle(opened.cycle());
  state.set_template_(opened.template_());
  state.set_stage(v1::AGREEMENT_STAGE_DRAFT);
}

bool EnterWithdrawn(const v1::AgreementWithdrawn& /*withdrawn*/, const EventMeta& /*meta*/,
                    v1::AgreementState& state) {
  state.set_stage(v1::AGREEMENT_STAGE_WITHDRAWN);
  return true;
}

}  // namespace assay::agreement

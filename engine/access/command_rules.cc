#include "engine/access/command_rules.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "engine/access/reach.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

using Body = v1::Command::BodyCase;

// --- logins ---

// The key of a login is an admin's, any other one of HR where the person stands.
std::optional<Rejection> MayBind(const Authority& who) {
  const v1::BindSourceKey& bind = who.Command().bind_source_key();
  if (IsLogin(bind.entity_type())) return who.NeedEverywhere({v1::ROLE_ADMIN});
  if (who.HasEverywhere({v1::ROLE_HR})) return std::nullopt;
  return who.NeedFor({v1::ROLE_HR}, PlacesOfPerson(who, bind.person(), bind.span()));
}

// --- agreements ---

const std::string& AgreementOf(const v1::Command& command) {
  switch (command.body_case()) {
    case Body::kProposeTerms:
      return command.propose_terms().agreement();
    case Body::kCounterTerms:
      return command.counter_terms().agreement();
    case Body::kAcceptItems:
      return command.accept_items().agreement();
    case Body::kRejectItem:
      return command.reject_item().agreement();
    case Body::kSignAgreement:
      return command.sign_agreement().agreement();
    case Body::kProposeAmendment:
      return command.propose_amendment().agreement();
    default:
      return command.withdraw_agreement().agreement();
  }
}

// Its person, the person's manager and the head of its department negotiate; HR or the manager
// withdraw. Who reads all agreements (HR, executives, auditors) hears a plain refusal, everybody
// else that there is no such agreement.
std::optional<Rejection> MayWorkOnAgreement(const Authority& who) {
  const std::string& id = AgreementOf(who.Command());
  const Rejection not_there =
      NotVisible(NameOfCommand(who.Command()) + ".agreement", "agreement", id);
  const auto agreement = who.State().Find<v1::AgreementState>(streams::Agreement(id));
  if (!agreement) return not_there;
  const Places place = PlacesOfPosition(who, agreement->position(), who.Today());
  const bool own = who.Actor() == agreement->person();
  const bool manager = who.Actor() == SolidManager(who.State(), agreement->person(), who.Today());
  const bool head = who.HasFor({v1::ROLE_DEPARTMENT_HEAD}, place);
  const bool withdraws = who.Command().has_withdraw_agreement();
  if (withdraws ? manager || who.HasFor({v1::ROLE_HR}, place) : own || manager || head) {
    return std::nullopt;
  }
  if (own || manager || head || who.Has({v1::ROLE_HR, v1::ROLE_EXECUTIVE, v1::ROLE_AUDITOR})) {
    return who.Denied(withdraws
                          ? "HR for its unit, or the person's manager"
                          : "its person, the person's manager, or DEPARTMENT_HEAD of its unit");
  }
  return not_there;
}

// --- adjustments ---

// What the command reaches for; nothing when there is no such adjustment.
std::optional<Reach> ReachOf(const Authority& who) {
  const v1::Command& command = who.Command();
  if (command.has_request_adjustment()) {
    const v1::RequestAdjustment& request = command.request_adjustment();
    return Reach{request.person(), request.cycle(), request.item(), request.delta()};
  }
  const std::string& id =
      command.has_approve_adjustment()  ? command.approve_adjustment().adjustment()
      : command.has_reject_adjustment() ? command.reject_adjustment().adjustment()
                                        : command.revoke_adjustment().adjustment();
  const auto row = who.State().Find<v1::AdjustmentState>(streams::Adjustment(id));
  if (!row) return std::nullopt;
  return Reach{row->person(), row->cycle(), row->item(), row->delta()};
}

std::optional<Rejection> MayAdjust(const Authority& who) {
  if (auto denied = who.Need({v1::ROLE_EXECUTIVE, v1::ROLE_HR})) return denied;
  const auto reach = ReachOf(who);
  // The domain says what is not there.
  return reach ? CheckReach(who, *reach) : std::nullopt;
}

// --- sources ---

// Whether a signature is for the owner or for finance is the domain's to say.
std::optional<Rejection> MaySignContract(const Authority& who) {
  if (who.HasEverywhere({v1::ROLE_FINANCE}) || who.Has({v1::ROLE_DEPARTMENT_HEAD})) {
    return std::nullopt;
  }
  const v1::Command& command = who.Command();
  const auto source = who.State().Find<v1::SourceState>(
      streams::Source(command.has_sign_contract() ? command.sign_contract().source()
                                                  : command.reject_contract().source()));
  if (source && source->contract().owner() == who.Actor()) return std::nullopt;
  return who.Denied("FINANCE, the owner of the source, or DEPARTMENT_HEAD");
}

// --- the table ---

CommandRule Founding(Body command) { return {.command = command, .sender = Sender::kAnybody}; }

CommandRule Engine(Body command) { return {.command = command, .sender = Sender::kEngine}; }

CommandRule People(Body command, std::vector<v1::Role> roles, PlacesFunction places = nullptr) {
  return {.command = command, .roles = std::move(roles), .places = places};
}

CommandRule PeopleAndEngine(Body command, std::vector<v1::Role> roles) {
  return {.command = command, .sender = Sender::kPeopleAndEngine, .roles = std::move(roles)};
}

CommandRule Judged(Body command, JudgeFunction judge) {
  return {.command = command, .judge = judge};
}

std::vector<CommandRule> RulesOfCompany() {
  constexpr auto kAdmin = v1::ROLE_ADMIN;
  constexpr auto kHr = v1::ROLE_HR;
  return {
      Founding(Body::kFoundCompany),
      People(Body::kGiveGrant, {kAdmin}),
      People(Body::kConfirmGrant, {kAdmin}),
      People(Body::kRevokeGrant, {kAdmin}),
      // Which of them must sign is judged by the company.
      People(Body::kConfirmRevocation, {kAdmin, v1::ROLE_EXECUTIVE, kHr}),
      People(Body::kRejectRevocation, {kAdmin}),
      Judged(Body::kBindSourceKey, &MayBind),
      People(Body::kConfirmBinding, {kAdmin}),
      People(Body::kRejectBinding, {kAdmin}),
      People(Body::kAddPerson, {kHr}),
      Engine(Body::kClaimPublisher),
      People(Body::kUpgradeLog, {kAdmin}),
      People(Body::kRotateLogKey, {kAdmin}),
      Engine(Body::kNoteHeads),
  };
}

std::vector<CommandRule> RulesOfDomains() {
  constexpr auto kAdmin = v1::ROLE_ADMIN;
  constexpr auto kHr = v1::ROLE_HR;
  constexpr auto kFinance = v1::ROLE_FINANCE;
  constexpr auto kHead = v1::ROLE_DEPARTMENT_HEAD;
  return {
      People(Body::kCreateUnit, {kHr}, &PlacesOfUnitCommand),
      People(Body::kRenameUnit, {kHr}, &PlacesOfUnitCommand),
      People(Body::kMoveUnit, {kHr}, &PlacesOfUnitCommand),
      People(Body::kMergeUnits, {kHr}, &PlacesOfUnitCommand),
      People(Body::kRetireUnit, {kHr}, &PlacesOfUnitCommand),
      People(Body::kCreatePosition, {kHr}, &PlacesOfPositionCommand),
      People(Body::kSetHeadcount, {kHr}, &PlacesOfPositionCommand),
      People(Body::kRetirePosition, {kHr}, &PlacesOfPositionCommand),
      People(Body::kStartAssignment, {kHr}, &PlacesOfAssignmentCommand),
      People(Body::kChangeAllocation, {kHr}, &PlacesOfAssignmentCommand),
      People(Body::kEndAssignment, {kHr}, &PlacesOfAssignmentCommand),
      People(Body::kSetReportingLine, {kHr}, &PlacesOfReportingLine),

      People(Body::kDraftMetric, {kHr, kHead}, &PlacesOfMetricDraft),
      People(Body::kEditMetricDraft, {kHr, kHead}, &PlacesOfMetricDraft),
      People(Body::kSubmitMetric, {kHr}, &PlacesOfMetric),
      People(Body::kSignDefinition, {kHead}, &PlacesOfMetric),
      People(Body::kSignSource, {kFinance}, &PlacesOfMetric),
      People(Body::kPublishMetric, {kHr}, &PlacesOfMetric),
      People(Body::kPublishCurve, {kHr}),
      People(Body::kPublishTemplate, {kHr}),
      People(Body::kPublishBandTable, {kHr}),

      People(Body::kPlanCycle, {kHr}),
      People(Body::kOpenCycle, {kHr}),
      People(Body::kCloseIntake, {kHr}),
      People(Body::kLockCycle, {kHr}),
      Engine(Body::kSealCut),
      People(Body::kPublishResults, {kHr}),

      People(Body::kOpenAgreement, {kHr}, &PlacesOfNewAgreement),
      Judged(Body::kProposeTerms, &MayWorkOnAgreement),
      Judged(Body::kCounterTerms, &MayWorkOnAgreement),
      Judged(Body::kAcceptItems, &MayWorkOnAgreement),
      Judged(Body::kRejectItem, &MayWorkOnAgreement),
      Judged(Body::kSignAgreement, &MayWorkOnAgreement),
      Judged(Body::kProposeAmendment, &MayWorkOnAgreement),
      Judged(Body::kWithdrawAgreement, &MayWorkOnAgreement),

      Judged(Body::kRequestAdjustment, &MayAdjust),
      Judged(Body::kApproveAdjustment, &MayAdjust),
      Judged(Body::kRejectAdjustment, &MayAdjust),
      Judged(Body::kRevokeAdjustment, &MayAdjust),

      People(Body::kRegisterSource, {kHr, kFinance, kAdmin}),
      Engine(Body::kClaimSource),
      PeopleAndEngine(Body::kPauseSource, {kHr, kFinance, kAdmin}),
      People(Body::kResumeSource, {kHr, kFinance, kAdmin}),
      Judged(Body::kSignContract, &MaySignContract),
      Judged(Body::kRejectContract, &MaySignContract),
  };
}

}  // namespace

std::span<const CommandRule> CommandRules() {
  static const std::vector<CommandRule> kRules = [] {
    std::vector<CommandRule> rules = RulesOfCompany();
    std::ranges::move(RulesOfDomains(), std::back_inserter(rules));
    return rules;
  }();
  return kRules;
}

const CommandRule* RuleOf(v1::Command::BodyCase command) {
  const auto rules = CommandRules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const CommandRule& candidate) {
    return candidate.command == command;
  });
  return rule == rules.end() ? nullptr : &*rule;
}

}  // namespace assay

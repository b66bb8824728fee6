#include "engine/commit/decide.h"

#include <fmt/core.h>

#include <utility>

#include "engine/access/authority.h"
#include "engine/adjustment/decide.h"
#include "engine/agreement/decide.h"
#include "engine/commit/checkers.h"
#include "engine/commit/command_form.h"
#include "engine/commit/contract_signers.h"
#include "engine/company/decide.h"
#include "engine/cycle/decide.h"
#include "engine/event/engine_ids.h"
#include "engine/metric/decide.h"
#include "engine/org/decide.h"
#include "engine/source/decide.h"

namespace assay {
namespace {

bool IsOfCompany(v1::Command::BodyCase command) {
  using Body = v1::Command::BodyCase;
  switch (command) {
    case Body::kFoundCompany:
    case Body::kAddPerson:
    case Body::kBindSourceKey:
    case Body::kConfirmBinding:
    case Body::kRejectBinding:
    case Body::kGiveGrant:
    case Body::kConfirmGrant:
    case Body::kRevokeGrant:
    case Body::kConfirmRevocation:
    case Body::kRejectRevocation:
    case Body::kClaimPublisher:
    case Body::kUpgradeLog:
    case Body::kRotateLogKey:
    case Body::kNoteHeads:
      return true;
    default:
      return false;
  }
}

Decision DecideByDomain(const DecideContext& context, StateReader& state) {
  using Body = v1::Command::BodyCase;
  if (IsOfCompany(context.command.body_case())) return company::Decide(context, state);
  switch (context.command.body_case()) {
    case Body::kCreateUnit:
    case Body::kRenameUnit:
    case Body::kMoveUnit:
    case Body::kMergeUnits:
    case Body::kRetireUnit:
    case Body::kCreatePosition:
    case Body::kSetHeadcount:
    case Body::kRetirePosition:
    case Body::kStartAssignment:
    case Body::kChangeAllocation:
    case Body::kEndAssignment:
    case Body::kSetReportingLine:
      return org::Decide(context, state);
    case Body::kDraftMetric:
    case Body::kEditMetricDraft:
    case Body::kSubmitMetric:
    case Body::kSignDefinition:
    case Body::kSignSource:
    case Body::kPublishMetric:
    case Body::kPublishCurve:
    case Body::kPublishTemplate:
    case Body::kPublishBandTable:
      return metric::Decide(context, state, ScoreDefinitionChecker());
    case Body::kPlanCycle:
    case Body::kOpenCycle:
    case Body::kCloseIntake:
    case Body::kLockCycle:
    case Body::kSealCut:
    case Body::kPublishResults:
      return cycle::Decide(context, state);
    case Body::kOpenAgreement:
    case Body::kProposeTerms:
    case Body::kCounterTerms:
    case Body::kAcceptItems:
    case Body::kRejectItem:
    case Body::kSignAgreement:
    case Body::kProposeAmendment:
    case Body::kWithdrawAgreement:
      return agreement::Decide(context, state);
    case Body::kRequestAdjustment:
    case Body::kApproveAdjustment:
    case Body::kRejectAdjustment:
    case Body::kRevokeAdjustment:
      return adjustment::Decide(context, state);
    case Body::kRegisterSource:
    case Body::kClaimSource:
    case Body::kPauseSource:
    case Body::kResumeSource:
    case Body::kSignContract:
    case Body::kRejectContract:
      return source::Decide(context, state, ScoreConditionChecker(), GrantedContractSigners());
    default:
      break;
  }
  return Invalid("UNKNOWN_COMMAND", "", "a command that this release knows", "none",
                 "the document names no command");
}

// Where an id is decided on, too: what other doors let in must not take a step of the engine.
std::optional<Rejection> CheckCommandId(const v1::Command& command) {
  const bool is_engine = command.actor().via() == v1::AUTHENTICATION_ENGINE;
  if (is_engine || !IsEngineId(command.command_id())) return std::nullopt;
  return Invalid("COMMAND_ID_RESERVED", "commandId",
                 fmt::format("an id that does not begin with {}", kEngineIdPrefix),
                 command.command_id(), "ids of this form are the engine's own",
                 "choose another id, or leave it out");
}

}  // namespace

Decision Decide(const DecideContext& context, StateReader& state) {
  if (auto wrong = CheckTexts(context.command)) return *std::move(wrong);
  if (auto refused = CheckCommandId(context.command)) return *std::move(refused);
  if (auto refused = Authorise(context, state)) return *std::move(refused);
  Decision decision = DecideByDomain(context, state);
  if (!IsAccepted(decision)) return decision;
  // Behind the domain, which names a person that cannot be one.
  if (auto wrong = CheckSealedTexts(context.command)) return *std::move(wrong);
  return decision;
}

}  // namespace assay

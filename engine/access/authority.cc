#include "engine/access/authority.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <vector>

#include "engine/access/actor.h"
#include "engine/access/reach.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

// --- organisation ---

std::vector<Place> PlaceOfPosition(const Authority& who, const std::string& position, Day day) {
  return {{UnitOfPosition(who.State(), position, day), day}};
}

std::vector<Place> PlaceOfAssignment(const Authority& who, const std::string& assignment, Day day) {
  const auto row = who.State().Find<v1::AssignmentState>(streams::Assignment(assignment));
  return row ? PlaceOfPosition(who, row->position(), day) : std::vector<Place>{{"", day}};
}

// The units that the command names, by itself or through a position, on its effective day.
std::vector<Place> PlacesOf(const Authority& who) {
  using Body = v1::Command::BodyCase;
  const v1::Command& command = who.Command();
  const auto day = [&](const std::string& text) { return Day::Parse(text).value_or(who.Today()); };
  switch (command.body_case()) {
    case Body::kCreateUnit:
      return {{command.create_unit().parent(), day(command.create_unit().from())}};
    case Body::kRenameUnit:
      return {{command.rename_unit().unit(), day(command.rename_unit().from())}};
    case Body::kMoveUnit: {
      const Day from = day(command.move_unit().from());
      return {{command.move_unit().unit(), from}, {command.move_unit().new_parent(), from}};
    }
    case Body::kMergeUnits: {
      const Day from = day(command.merge_units().from());
      std::vector<Place> places{{command.merge_units().target(), from}};
      for (const auto& source : command.merge_units().sources()) places.push_back({source, from});
      return places;
    }
    case Body::kRetireUnit:
      return {{command.retire_unit().unit(), day(command.retire_unit().from())}};
    case Body::kCreatePosition:
      return {{command.create_position().unit(), day(command.create_position().from())}};
    case Body::kSetHeadcount:
      return PlaceOfPosition(who, command.set_headcount().position(),
                             day(command.set_headcount().from()));
    case Body::kRetirePosition:
      return PlaceOfPosition(who, command.retire_position().position(),
                             day(command.retire_position().from()));
    case Body::kStartAssignment:
      return PlaceOfPosition(who, command.start_assignment().position(),
                             day(command.start_assignment().span().from()));
    case Body::kChangeAllocation:
      return PlaceOfAssignment(who, command.change_allocation().assignment(),
                               day(command.change_allocation().from()));
    case Body::kEndAssignment:
      return PlaceOfAssignment(who, command.end_assignment().assignment(),
                               day(command.end_assignment().to()));
    case Body::kOpenAgreement:
      return PlaceOfPosition(who, command.open_agreement().position(), who.Today());
    default:
      return {};
  }
}

// HR whose units cover every unit that the command names.
std::optional<Rejection> NeedHrThere(const Authority& who) {
  if (who.HasEverywhere(v1::ROLE_HR)) return std::nullopt;
  const std::vector<Place> places = PlacesOf(who);
  if (who.HasFor(v1::ROLE_HR, places)) return std::nullopt;
  std::set<std::string> units;
  for (const Place& place : places) {
    units.insert(place.unit.empty() ? "the whole company" : place.unit);
  }
  return who.Denied(units.empty() ? "HR" : fmt::format("HR for {}", Joined(units)));
}

// --- definitions ---

std::optional<Rejection> NeedHrOrHeadOf(const Authority& who, const std::vector<Place>& owners) {
  if (who.Has({v1::ROLE_HR}) || who.HasFor(v1::ROLE_DEPARTMENT_HEAD, owners)) return std::nullopt;
  return who.Denied("HR, or DEPARTMENT_HEAD of the unit that owns the metric");
}

std::optional<Rejection> MayDraftMetric(const Authority& who) {
  return NeedHrOrHeadOf(who,
                        {{who.Command().draft_metric().definition().owner_unit(), who.Today()}});
}

std::optional<Rejection> MayEditMetricDraft(const Authority& who) {
  if (who.Has({v1::ROLE_HR})) return std::nullopt;
  const v1::EditMetricDraft& command = who.Command().edit_metric_draft();
  const auto metric = who.State().Find<v1::MetricState>(streams::Metric(command.metric()));
  std::vector<Place> owners{{command.definition().owner_unit(), who.Today()}};
  if (metric) owners.push_back({metric->definition().owner_unit(), who.Today()});
  return NeedHrOrHeadOf(who, owners);
}

std::optional<Rejection> MaySignDefinition(const Authority& who) {
  if (auto denied = who.Need({v1::ROLE_DEPARTMENT_HEAD})) return denied;
  const auto metric =
      who.State().Find<v1::MetricState>(streams::Metric(who.Command().sign_definition().metric()));
  if (!metric) return std::nullopt;  // the domain says that it is not there
  const std::string& owner = metric->definition().owner_unit();
  if (who.HasFor(v1::ROLE_DEPARTMENT_HEAD, {{owner, who.Today()}})) return std::nullopt;
  return who.Denied(fmt::format("DEPARTMENT_HEAD for {}", owner));
}

// --- agreements ---

const std::string& AgreementOf(const v1::Command& command) {
  using Body = v1::Command::BodyCase;
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
  const std::vector<Place> place = PlaceOfPosition(who, agreement->position(), who.Today());
  const bool own = who.Actor() == agreement->person();
  const bool manager = who.Actor() == SolidManager(who.State(), agreement->person(), who.Today());
  const bool head = who.HasFor(v1::ROLE_DEPARTMENT_HEAD, place);
  const bool withdraws = who.Command().has_withdraw_agreement();
  if (withdraws ? manager || who.HasFor(v1::ROLE_HR, place) : own || manager || head) {
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

// The table: command -> who may.
std::optional<Rejection> Judge(const Authority& who) {
  using Body = v1::Command::BodyCase;
  switch (who.Command().body_case()) {
    case Body::kGiveGrant:
    case Body::kConfirmGrant:
    case Body::kRevokeGrant:
    case Body::kUpgradeLog:
    case Body::kRotateLogKey:
      return who.Need({v1::ROLE_ADMIN});
    case Body::kAddPerson:
    case Body::kBindSourceKey:
    case Body::kSetReportingLine:
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
    case Body::kOpenAgreement:
      return NeedHrThere(who);
    case Body::kDraftMetric:
      return MayDraftMetric(who);
    case Body::kEditMetricDraft:
      return MayEditMetricDraft(who);
    case Body::kSignDefinition:
      return MaySignDefinition(who);
    case Body::kSignSource:
      return who.Need({v1::ROLE_FINANCE});
    case Body::kRegisterSource:
    case Body::kPauseSource:
    case Body::kResumeSource:
      return who.Need({v1::ROLE_HR, v1::ROLE_FINANCE, v1::ROLE_ADMIN});
    case Body::kSubmitMetric:
    case Body::kPublishMetric:
    case Body::kPublishCurve:
    case Body::kPublishTemplate:
    case Body::kPublishBandTable:
    case Body::kPlanCycle:
    case Body::kOpenCycle:
    case Body::kCloseIntake:
    case Body::kLockCycle:
    case Body::kPublishResults:
      return who.Need({v1::ROLE_HR});
    case Body::kProposeTerms:
    case Body::kCounterTerms:
    case Body::kAcceptItems:
    case Body::kRejectItem:
    case Body::kSignAgreement:
    case Body::kProposeAmendment:
    case Body::kWithdrawAgreement:
      return MayWorkOnAgreement(who);
    case Body::kRequestAdjustment:
    case Body::kApproveAdjustment:
    case Body::kRejectAdjustment:
    case Body::kRevokeAdjustment:
      return MayAdjust(who);
    default:  // the engine's, and founding, which is judged before there is anybody
      return who.Denied("a command that people may run");
  }
}

// What the engine does by itself.
bool MayEngine(v1::Command::BodyCase body) {
  using Body = v1::Command::BodyCase;
  return body == Body::kSealCut || body == Body::kNoteHeads || body == Body::kClaimPublisher ||
         body == Body::kClaimSource || body == Body::kPauseSource;
}

}  // namespace

std::optional<Rejection> Authorise(const DecideContext& context, StateReader& state) {
  const bool engine = context.command.actor().via() == v1::AUTHENTICATION_ENGINE;
  if (engine && MayEngine(context.command.body_case())) return std::nullopt;
  // While there is no company nobody holds a grant; once there is one, the domain refuses.
  const bool client = context.actor.starts_with("client:");
  if (context.command.has_found_company() && !client) return std::nullopt;
  const Authority who(context, state);
  if (client) return who.Denied("a person; machine clients run no commands");
  if (context.actor.empty()) return who.Denied("a person");
  return Judge(who);
}

}  // namespace assay

#include "engine/adjustment/domain.h"

#include "engine/access/reach.h"
#include "engine/adjustment/decide.h"
#include "engine/adjustment/request.h"
#include "engine/adjustment/state.h"
#include "engine/event/streams.h"

namespace assay::adjustment {
namespace {

using C = v1::Command;
using E = v1::Event;
using State = v1::AdjustmentState;

std::optional<Rejection> MayRequest(const Authority& who) {
  if (auto denied = who.Need({v1::ROLE_EXECUTIVE, v1::ROLE_HR})) return denied;
  const v1::RequestAdjustment& request = who.Command().request_adjustment();
  return CheckReach(who, {request.person(), request.cycle(), request.item(), request.delta()});
}

// Of the adjustment that the body names; the decision says that it does not exist.
template <auto Body>
std::optional<Rejection> MayAnswer(const Authority& who) {
  if (auto denied = who.Need({v1::ROLE_EXECUTIVE, v1::ROLE_HR})) return denied;
  const auto row =
      who.State().Find<State>(streams::Adjustment((who.Command().*Body)().adjustment()));
  if (!row) return std::nullopt;
  return CheckReach(who, {row->person(), row->cycle(), row->item(), row->delta()});
}

template <auto Body>
std::string PersonOf(const v1::Command& command, StateReader& state) {
  const auto row = state.Find<State>(streams::Adjustment((command.*Body)().adjustment()));
  return row.has_value() ? row->person() : "";
}

template <auto Body>
CommandRow Answer(C::BodyCase command, DecideFunction decide) {
  return {command, std::move(decide), Judged(&MayAnswer<Body>), &PersonOf<Body>};
}

template <auto Body>
std::string OfAdjustment(const E& event) {
  return streams::Adjustment((event.*Body)().adjustment());
}

SetChanges Enter(const std::string& adjustment, const std::string& person, const std::string& cycle,
                 const char* state) {
  return {{streams::CycleAdjustments(cycle), MemberOf(adjustment, person, state)},
          {streams::CyclePersonAdjustments(cycle, person), MemberOf(adjustment, person, state)}};
}

SetChanges SetsOfRequested(const E& event) {
  const v1::AdjustmentRequested& requested = event.adjustment_requested();
  return Enter(requested.adjustment(), requested.person(), requested.cycle(), "REQUESTED");
}

SetChanges SetsOfApplied(const E& event) {
  const v1::AdjustmentApplied& applied = event.adjustment_applied();
  return Enter(applied.adjustment(), applied.person(), applied.cycle(), "APPLIED");
}

SetChanges SetsOfRejected(const E& event) {
  const v1::AdjustmentRejected& rejected = event.adjustment_rejected();
  return Enter(rejected.adjustment(), rejected.person(), rejected.cycle(), "REJECTED");
}

SetChanges SetsOfRevoked(const E& event) {
  const v1::AdjustmentRevoked& revoked = event.adjustment_revoked();
  return Enter(revoked.adjustment(), revoked.person(), revoked.cycle(), "REVOKED");
}

std::vector<EventRow> Events() {
  return {
      {E::kAdjustmentRequested, &Since<1>, &OfAdjustment<&E::adjustment_requested>,
       &NewRow<State, &RequestedRow, &E::adjustment_requested>, &SetsOfRequested, &NoEffect,
       Output::kAdjustment},
      {E::kAdjustmentApproved, &Since<1>, &OfAdjustment<&E::adjustment_approved>,
       &ChangeRow<State, &AddApproval, &E::adjustment_approved>, &NoSets, &NoEffect,
       Output::kAdjustment},
      {E::kAdjustmentApplied, &Since<1>, &OfAdjustment<&E::adjustment_applied>,
       &ChangeRow<State, &Apply, &E::adjustment_applied>, &SetsOfApplied,
       &OnScore<&E::adjustment_applied>, Output::kAdjustment},
      {E::kAdjustmentRejected, &Since<1>, &OfAdjustment<&E::adjustment_rejected>,
       &ChangeRow<State, &EnterRejected, &E::adjustment_rejected>, &SetsOfRejected, &NoEffect,
       Output::kAdjustment},
      {E::kAdjustmentRevoked, &Since<1>, &OfAdjustment<&E::adjustment_revoked>,
       &ChangeRow<State, &EnterRevoked, &E::adjustment_revoked>, &SetsOfRevoked,
       &OnScore<&E::adjustment_revoked>, Output::kAdjustment},
  };
}

}  // namespace

Domain Table() {
  return {.name = "adjustment",
          .commands = {{C::kRequestAdjustment, &DecideRequest, Judged(&MayRequest),
                        &PersonIn<&C::request_adjustment>},
                       Answer<&C::approve_adjustment>(C::kApproveAdjustment, &Approve),
                       Answer<&C::reject_adjustment>(C::kRejectAdjustment, &Reject),
                       Answer<&C::revoke_adjustment>(C::kRevokeAdjustment, &Revoke)},
          .events = Events(),
          .streams = {{"adjustment/", &MakeRow<State>, InDigest::kYes}},
          .blocks = {{C::kPublishResults, &CheckNothingPending}}};
}

}  // namespace assay::adjustment

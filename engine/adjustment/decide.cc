#include "engine/adjustment/decide.h"

#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/adjustment/budgets.h"
#include "engine/adjustment/request.h"
#include "engine/base/check.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::adjustment {
namespace {

struct Found {
  v1::AdjustmentState adjustment;
  v1::CycleState cycle;
};

// The adjustment of a command in the stage it needs, with its cycle open for adjustments.
std::variant<Found, Rejection> InStage(const std::string& path, const std::string& adjustment,
                                       v1::AdjustmentStage needed, StateReader& state) {
  if (auto wrong = CheckId(path, adjustment)) return *std::move(wrong);
  Found found;
  if (!state.Get(streams::Adjustment(adjustment), &found.adjustment)) {
    return NotVisible(path, "adjustment", adjustment);
  }
  const std::string& cycle = found.adjustment.cycle();
  if (!state.Get(streams::Cycle(cycle), &found.cycle)) return NotVisible(path, "cycle", cycle);
  const auto name = [](v1::AdjustmentStage stage) {
    return ShortEnumName(v1::AdjustmentStage_Name(stage), "ADJUSTMENT_STAGE_");
  };
  if (found.adjustment.stage() != needed) {
    return Rejection{.code = fmt::format("ADJUSTMENT_NOT_{}", name(needed)),
                     .rejection_class = RejectionClass::kState,
                     .path = path,
                     .expected = name(needed),
                     .actual = name(found.adjustment.stage()),
                     .message = fmt::format("{} is {}", adjustment, name(found.adjustment.stage())),
                     .hint = needed == v1::ADJUSTMENT_STAGE_APPLIED
                                 ? "only what is applied can be revoked"
                                 : "request another adjustment"};
  }
  if (auto wrong = CheckAdjustable(path, found.cycle)) return *std::move(wrong);
  return found;
}

std::optional<Rejection> CheckReason(const DecideContext& context) {
  if (!context.command.reason().bytes().empty()) return std::nullopt;
  return Invalid("REASON_REQUIRED", "reason", "why", "nothing", "this is done with a reason",
                 "give the command a reason");
}

// FOUR_EYES_SAME_PERSON when the actor, or whom the actor stands for, is one of `people`.
std::optional<Rejection> CheckOtherEyes(const std::string& path, const DecideContext& context,
                                        const std::vector<std::string>& people) {
  for (const std::string& person : people) {
    if (person != context.actor && person != context.command.actor().on_behalf_of()) continue;
    return RefusedPolicy("FOUR_EYES_SAME_PERSON", path, "another person", person,
                         fmt::format("{} already has a part in this adjustment", person),
                         "requester, subject and approvers are different people, "
                         "and a delegate counts as the delegator");
  }
  return std::nullopt;
}

v1::Event NewEvent(const std::string& adjustment) {
  v1::Event event;
  event.set_stream(streams::Adjustment(adjustment));
  return event;
}

v1::Event Applied(const v1::AdjustmentState& adjustment, const Line& line) {
  v1::Event event = NewEvent(adjustment.adjustment());
  v1::AdjustmentApplied& applied = *event.mutable_adjustment_applied();
  applied.set_adjustment(adjustment.adjustment());
  applied.set_before(line.before.ToString());
  applied.set_after(line.after.ToString());
  applied.set_person(adjustment.person());
  applied.set_cycle(adjustment.cycle());
  applied.set_item(adjustment.item());
  applied.set_delta(adjustment.delta());
  return event;
}

}  // namespace

Decision Approve(const DecideContext& context, StateReader& state) {
  const std::string path = "approveAdjustment.adjustment";
  const std::string& id = context.command.approve_adjustment().adjustment();
  auto in_stage = InStage(path, id, v1::ADJUSTMENT_STAGE_REQUESTED, state);
  if (auto* wrong = std::get_if<Rejection>(&in_stage)) return std::move(*wrong);
  const v1::AdjustmentState& there = std::get<Found>(in_stage).adjustment;
  std::vector<std::string> people(there.approved_by().begin(), there.approved_by().end());
  people.push_back(there.requested_by());
  people.push_back(there.person());
  if (auto wrong = CheckOtherEyes(path, context, people)) return *wrong;
  const v1::CycleState& cycle = std::get<Found>(in_stage).cycle;
  if (auto wrong = CheckApproverBudget(cycle, context.actor, there, state)) return *wrong;
  v1::Event event = NewEvent(id);
  event.mutable_adjustment_approved()->set_adjustment(id);
  event.mutable_adjustment_approved()->set_by(context.actor);
  event.mutable_adjustment_approved()->set_level(there.approved_by_size() + 1);
  Accepted accepted{{std::move(event)}};
  if (there.approved_by_size() + 1 < there.levels()) return accepted;
  auto line = LineOn(path, there.cycle(), there.person(), DecimalOf(there.delta()), context, state);
  if (auto* wrong = std::get_if<Rejection>(&line)) return std::move(*wrong);
  accepted.events.push_back(Applied(there, std::get<Line>(line)));
  return accepted;
}

Decision Reject(const DecideContext& context, StateReader& state) {
  const std::string path = "rejectAdjustment.adjustment";
  const std::string& id = context.command.reject_adjustment().adjustment();
  if (auto wrong = CheckId(path, id)) return *wrong;
  if (auto wrong = CheckReason(context)) return *wrong;
  auto in_stage = InStage(path, id, v1::ADJUSTMENT_STAGE_REQUESTED, state);
  if (auto* wrong = std::get_if<Rejection>(&in_stage)) return std::move(*wrong);
  const v1::AdjustmentState& there = std::get<Found>(in_stage).adjustment;
  // The requester may take a request back; the subject has no say in either direction.
  if (auto wrong = CheckOtherEyes(path, context, {there.person()})) return *wrong;
  v1::Event event = NewEvent(id);
  v1::AdjustmentRejected& rejected = *event.mutable_adjustment_rejected();
  rejected.set_adjustment(id);
  rejected.set_by(context.actor);
  *rejected.mutable_reason() = context.command.reason();
  rejected.set_person(there.person());
  rejected.set_cycle(there.cycle());
  return Accepted{{std::move(event)}};
}

Decision Revoke(const DecideContext& context, StateReader& state) {
  const std::string path = "revokeAdjustment.adjustment";
  const std::string& id = context.command.revoke_adjustment().adjustment();
  if (auto wrong = CheckId(path, id)) return *wrong;
  if (auto wrong = CheckReason(context)) return *wrong;
  auto in_stage = InStage(path, id, v1::ADJUSTMENT_STAGE_APPLIED, state);
  if (auto* wrong = std::get_if<Rejection>(&in_stage)) return std::move(*wrong);
  const v1::AdjustmentState& there = std::get<Found>(in_stage).adjustment;
  if (auto wrong = CheckOtherEyes(path, context, {there.requested_by(), there.person()})) {
    return *wrong;
  }
  const std::optional<Decimal> opposite = DecimalOf(there.delta()).Negated();
  ASSAY_INVARIANT(opposite.has_value(), "the delta {} of {} has no opposite", there.delta(), id);
  auto line = LineOn(path, there.cycle(), there.person(), *opposite, context, state);
  if (auto* wrong = std::get_if<Rejection>(&line)) return std::move(*wrong);
  v1::Event event = NewEvent(id);
  v1::AdjustmentRevoked& revoked = *event.mutable_adjustment_revoked();
  revoked.set_adjustment(id);
  revoked.set_by(context.actor);
  *revoked.mutable_reason() = context.command.reason();
  revoked.set_before(std::get<Line>(line).before.ToString());
  revoked.set_after(std::get<Line>(line).after.ToString());
  revoked.set_person(there.person());
  revoked.set_cycle(there.cycle());
  return Accepted{{std::move(event)}};
}

std::optional<Rejection> CheckNothingPending(const v1::Command& command, StateReader& state) {
  std::vector<std::string> pending;
  const std::string& cycle = command.publish_results().cycle();
  for (const v1::Member& member : state.Members(streams::CycleAdjustments(cycle))) {
    if (member.state() == "REQUESTED") pending.push_back(member.id());
  }
  if (pending.empty()) return std::nullopt;
  return RefusedState("PENDING_ADJUSTMENTS", "publishResults.cycle", "no adjustment waiting",
                      fmt::format("{} waiting: {}", pending.size(), Listed(pending)),
                      fmt::format("{} adjustments wait for approval", pending.size()),
                      "approve or reject them first");
}

}  // namespace assay::adjustment

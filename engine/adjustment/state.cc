#include "engine/adjustment/state.h"

#include <string_view>

namespace assay::adjustment {
namespace {

// `reason` may be null.
void AddLine(std::string_view event, const EventMeta& meta, const v1::Sealed* reason,
             v1::AdjustmentState& state) {
  v1::HistoryLine& line = *state.add_history();
  line.set_event(std::string(event));
  line.set_actor(meta.actor);
  line.set_at(meta.recorded_at.ToString());
  line.set_position(meta.position);
  if (reason != nullptr) *line.mutable_reason() = *reason;
}

}  // namespace

void RequestedRow(const v1::AdjustmentRequested& requested, const EventMeta& meta,
                  v1::AdjustmentState& state) {
  state.set_adjustment(requested.adjustment());
  state.set_person(requested.person());
  state.set_cycle(requested.cycle());
  state.set_item(requested.item());
  state.set_delta(requested.delta());
  state.set_reason_code(requested.reason_code());
  *state.mutable_remark() = requested.remark();
  *state.mutable_evidence() = requested.evidence();
  state.set_requested_by(requested.requested_by());
  *state.mutable_seen() = requested.seen();
  state.set_levels(requested.levels());
  state.set_stage(v1::ADJUSTMENT_STAGE_REQUESTED);
  AddLine("AdjustmentRequested", meta, &requested.remark(), state);
}

bool AddApproval(const v1::AdjustmentApproved& approved, const EventMeta& meta,
                 v1::AdjustmentState& state) {
  state.add_approved_by(approved.by());
  AddLine("AdjustmentApproved", meta, nullptr, state);
  return true;
}

bool Apply(const v1::AdjustmentApplied& applied, const EventMeta& meta,
           v1::AdjustmentState& state) {
  state.set_stage(v1::ADJUSTMENT_STAGE_APPLIED);
  state.set_before(applied.before());
  state.set_after(applied.after());
  state.set_applied_at(meta.recorded_at.ToString());
  AddLine("AdjustmentApplied", meta, nullptr, state);
  return true;
}

bool EnterRejected(const v1::AdjustmentRejected& rejected, const EventMeta& meta,
                   v1::AdjustmentState& state) {
  state.set_stage(v1::ADJUSTMENT_STAGE_REJECTED);
  AddLine("AdjustmentRejected", meta, &rejected.reason(), state);
  return true;
}

bool EnterRevoked(const v1::AdjustmentRevoked& revoked, const EventMeta& meta,
                  v1::AdjustmentState& state) {
  state.set_stage(v1::ADJUSTMENT_STAGE_REVOKED);
  AddLine("AdjustmentRevoked", meta, &revoked.reason(), state);
  return true;
}

}  // namespace assay::adjustment

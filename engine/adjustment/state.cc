#include "engine/adjustment/state.h"

#include <string_view>

namespace assay::adjustment {
namespace {

using Body = v1::Event::BodyCase;

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

void Request(const v1::AdjustmentRequested& requested, const EventMeta& meta,
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

void Apply(const v1::AdjustmentApplied& applied, const EventMeta& meta,
           v1::AdjustmentState& state) {
  state.set_stage(v1::ADJUSTMENT_STAGE_APPLIED);
  state.set_before(applied.before());
  state.set_after(applied.after());
  state.set_applied_at(meta.recorded_at.ToString());
  AddLine("AdjustmentApplied", meta, nullptr, state);
}

bool EvolveRow(const v1::Event& event, const EventMeta& meta, v1::AdjustmentState& state) {
  switch (event.body_case()) {
    case Body::kAdjustmentApproved:
      state.add_approved_by(event.adjustment_approved().by());
      AddLine("AdjustmentApproved", meta, nullptr, state);
      return true;
    case Body::kAdjustmentApplied:
      Apply(event.adjustment_applied(), meta, state);
      return true;
    case Body::kAdjustmentRejected:
      state.set_stage(v1::ADJUSTMENT_STAGE_REJECTED);
      AddLine("AdjustmentRejected", meta, &event.adjustment_rejected().reason(), state);
      return true;
    case Body::kAdjustmentRevoked:
      state.set_stage(v1::ADJUSTMENT_STAGE_REVOKED);
      AddLine("AdjustmentRevoked", meta, &event.adjustment_revoked().reason(), state);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  if (event.body_case() < Body::kAdjustmentRequested ||
      event.body_case() > Body::kAdjustmentRevoked) {
    return true;
  }
  if (event.has_adjustment_requested()) {
    v1::AdjustmentState state;
    Request(event.adjustment_requested(), meta, state);
    return PutNew(store, event.stream(), state);
  }
  return Update<v1::AdjustmentState>(store, event.stream(), [&](v1::AdjustmentState& state) {
    return EvolveRow(event, meta, state);
  });
}

}  // namespace assay::adjustment

#include "engine/cycle/state.h"

namespace assay::cycle {
namespace {

using Body = v1::Event::BodyCase;

void Plan(const v1::CyclePlanned& planned, v1::CycleState& state) {
  state.set_cycle(planned.cycle());
  *state.mutable_period() = planned.period();
  state.set_grain(planned.grain());
  state.set_template_(planned.template_());
  state.set_two_approvers_above(planned.two_approvers_above());
  state.set_adjustments_max(planned.adjustments_max());
  if (planned.has_budgets()) *state.mutable_budgets() = planned.budgets();
  state.set_stage(v1::CYCLE_STAGE_PLANNED);
}

// What a lock begins: an earlier seal does not hold for it.
void Lock(const v1::CycleLocked& locked, const EventMeta& meta, v1::CycleState& state) {
  state.set_stage(v1::CYCLE_STAGE_LOCKED);
  state.set_generation(locked.generation());
  state.set_lock_position(meta.position);
  state.set_sealed(false);
  state.clear_cut();
}

bool EvolveRow(const v1::Event& event, const EventMeta& meta, v1::CycleState& state) {
  switch (event.body_case()) {
    case Body::kCycleOpened:
      state.set_stage(v1::CYCLE_STAGE_OPEN);
      return true;
    case Body::kIntakeClosed:
      state.set_stage(v1::CYCLE_STAGE_INTAKE_CLOSED);
      return true;
    case Body::kCycleLocked:
      Lock(event.cycle_locked(), meta, state);
      return true;
    case Body::kCutSealed:
      state.set_sealed(true);
      *state.mutable_cut() = event.cut_sealed().cut();
      return true;
    case Body::kResultsPublished:
      state.set_stage(v1::CYCLE_STAGE_PUBLISHED);
      state.set_result_digest(event.results_published().result_digest());
      state.set_subjects(event.results_published().subjects());
      state.set_published_position(meta.position);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  if (event.body_case() < Body::kCyclePlanned || event.body_case() > Body::kResultsPublished) {
    return true;
  }
  if (event.has_cycle_planned()) {
    v1::CycleState state;
    Plan(event.cycle_planned(), state);
    return PutNew(store, event.stream(), state);
  }
  return Update<v1::CycleState>(
      store, event.stream(), [&](v1::CycleState& state) { return EvolveRow(event, meta, state); });
}

}  // namespace assay::cycle

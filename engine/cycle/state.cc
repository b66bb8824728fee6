#include "engine/cycle/state.h"

namespace assay::cycle {

void PlannedRow(const v1::CyclePlanned& planned, const EventMeta& /*meta*/, v1::CycleState& state) {
  state.set_cycle(planned.cycle());
  *state.mutable_period() = planned.period();
  state.set_grain(planned.grain());
  state.set_template_(planned.template_());
  state.set_two_approvers_above(planned.two_approvers_above());
  state.set_adjustments_max(planned.adjustments_max());
  if (planned.has_budgets()) *state.mutable_budgets() = planned.budgets();
  state.set_stage(v1::CYCLE_STAGE_PLANNED);
}

bool EnterOpen(const v1::CycleOpened& /*opened*/, const EventMeta& /*meta*/,
               v1::CycleState& state) {
  state.set_stage(v1::CYCLE_STAGE_OPEN);
  return true;
}

bool EnterClosed(const v1::IntakeClosed& /*closed*/, const EventMeta& /*meta*/,
                 v1::CycleState& state) {
  state.set_stage(v1::CYCLE_STAGE_INTAKE_CLOSED);
  return true;
}

bool EnterLocked(const v1::CycleLocked& locked, const EventMeta& meta, v1::CycleState& state) {
  state.set_stage(v1::CYCLE_STAGE_LOCKED);
  state.set_generation(locked.generation());
  state.set_lock_position(meta.position);
  state.set_sealed(false);
  state.clear_cut();
  return true;
}

bool SetCut(const v1::CutSealed& sealed, const EventMeta& /*meta*/, v1::CycleState& state) {
  state.set_sealed(true);
  *state.mutable_cut() = sealed.cut();
  return true;
}

bool EnterPublished(const v1::ResultsPublished& published, const EventMeta& meta,
                    v1::CycleState& state) {
  state.set_stage(v1::CYCLE_STAGE_PUBLISHED);
  state.set_result_digest(published.result_digest());
  state.set_subjects(published.subjects());
  state.set_published_position(meta.position);
  return true;
}

}  // namespace assay::cycle

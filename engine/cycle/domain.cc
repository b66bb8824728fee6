#include "engine/cycle/domain.h"

#include "engine/cycle/decide.h"
#include "engine/cycle/state.h"
#include "engine/event/streams.h"

namespace assay::cycle {
namespace {

using C = v1::Command;
using E = v1::Event;
using State = v1::CycleState;

std::vector<CommandRow> Commands() {
  const AccessRule hr = ByPeople({v1::ROLE_HR});
  return {
      {C::kPlanCycle, &Plan, hr, &OfTheSender},
      {C::kOpenCycle, &Open, hr, &OfTheSender},
      {C::kCloseIntake, &CloseIntake, hr, &OfTheSender},
      {C::kLockCycle, &Lock, hr, &OfTheSender},
      {C::kSealCut, &Seal, ByEngine(), &OfTheSender},
      {C::kPublishResults, &Publish, hr, &OfTheSender},
  };
}

// A field that readers of version 1 would pass over.
int32_t SincePlanned(const E& event) { return event.cycle_planned().has_budgets() ? 2 : 1; }

template <auto Body>
std::string OfCycle(const E& event) {
  return streams::Cycle((event.*Body)().cycle());
}

template <auto Body>
SetChanges Enter(const E& event, const char* stage) {
  return {{streams::Cycles(), MemberOf((event.*Body)().cycle(), "", stage)}};
}

SetChanges SetsOfPlanned(const E& event) { return Enter<&E::cycle_planned>(event, "PLANNED"); }
SetChanges SetsOfOpened(const E& event) { return Enter<&E::cycle_opened>(event, "OPEN"); }
SetChanges SetsOfClosed(const E& event) { return Enter<&E::intake_closed>(event, "INTAKE_CLOSED"); }
SetChanges SetsOfLocked(const E& event) { return Enter<&E::cycle_locked>(event, "LOCKED"); }
SetChanges SetsOfPublished(const E& event) {
  return Enter<&E::results_published>(event, "PUBLISHED");
}

std::vector<EventRow> Events() {
  return {
      {E::kCyclePlanned, &SincePlanned, &OfCycle<&E::cycle_planned>,
       &NewRow<State, &PlannedRow, &E::cycle_planned>, &SetsOfPlanned, &NoEffect, Output::kNothing},
      {E::kCycleOpened, &Since<1>, &OfCycle<&E::cycle_opened>,
       &ChangeRow<State, &EnterOpen, &E::cycle_opened>, &SetsOfOpened, &NoEffect, Output::kNothing},
      {E::kIntakeClosed, &Since<1>, &OfCycle<&E::intake_closed>,
       &ChangeRow<State, &EnterClosed, &E::intake_closed>, &SetsOfClosed, &NoEffect,
       Output::kNothing},
      {E::kCycleLocked, &Since<1>, &OfCycle<&E::cycle_locked>,
       &ChangeRow<State, &EnterLocked, &E::cycle_locked>, &SetsOfLocked, &OnCycle<&E::cycle_locked>,
       Output::kNothing},
      {E::kCutSealed, &Since<1>, &OfCycle<&E::cut_sealed>,
       &ChangeRow<State, &SetCut, &E::cut_sealed>, &NoSets, &OnCycle<&E::cut_sealed>,
       Output::kNothing},
      {E::kResultsPublished, &Since<1>, &OfCycle<&E::results_published>,
       &ChangeRow<State, &EnterPublished, &E::results_published>, &SetsOfPublished, &NoEffect,
       Output::kNothing},
  };
}

}  // namespace

Domain Table() {
  return {.name = "cycle",
          .commands = Commands(),
          .events = Events(),
          .streams = {{"cycle/", &MakeRow<State>, InDigest::kYes}}};
}

}  // namespace assay::cycle

#include "engine/adjustment/budgets.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <vector>

#include "engine/event/adjustment_reading.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay::adjustment {
namespace {

// What a budget is compared with.
struct Use {
  std::string path;
  std::string budget;
  // "requested by p-1"
  std::string what;
};

template <typename Counts>
std::optional<Rejection> Check(const Use& use, const Adjustments& standing, Decimal delta,
                               const v1::CycleState& cycle, const Counts& counts) {
  std::optional<Decimal> sum = Magnitude(delta);
  for (const v1::AdjustmentState& other : standing) {
    if (!counts(other)) continue;
    sum = sum->Plus(Magnitude(DecimalOf(other.delta())));
    if (!sum) break;
  }
  if (sum && *sum <= DecimalOf(use.budget)) return std::nullopt;
  return RefusedPolicy(
      "ADJUSTMENT_BUDGET", use.path, fmt::format("at most {} points {}", use.budget, use.what),
      sum ? fmt::format("{} points with this one", sum->ToString()) : "more than any number",
      fmt::format("the adjustments {} would pass the budget of {}", use.what, cycle.cycle()),
      "revoke or reject others first, or ask somebody with points left");
}

std::vector<std::string> UnitsOf(const std::string& person, Day day, StateReader& state) {
  std::set<std::string> units;
  for (const v1::AssignmentState& assignment : AssignmentsOfPerson(state, person)) {
    if (!ActiveOn(assignment, day)) continue;
    units.insert(UnitOfPosition(state, assignment.position(), day));
  }
  return {units.begin(), units.end()};
}

std::optional<Rejection> CheckUnits(const v1::CycleState& cycle, const std::string& person,
                                    Decimal delta, StateReader& state) {
  const Day day = DayOf(cycle.period().to()).Plus(-1);
  for (const std::string& unit : UnitsOf(person, day, state)) {
    const std::vector<std::string> people = PeopleOf(state, unit, day);
    const Adjustments standing =
        StandingAdjustments(state, cycle.cycle(), [&](const v1::Member& member) {
          return std::binary_search(people.begin(), people.end(), member.person());
        });
    const Use use{"requestAdjustment.delta", cycle.budgets().per_unit(),
                  fmt::format("of people of unit {}", unit)};
    const auto all = [](const v1::AdjustmentState&) { return true; };
    if (auto wrong = Check(use, standing, delta, cycle, all)) return wrong;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Rejection> CheckRequestBudgets(const v1::CycleState& cycle,
                                             const std::string& requester,
                                             const std::string& person, Decimal delta,
                                             StateReader& state) {
  if (!cycle.budgets().per_requester().empty()) {
    const Use use{"requestAdjustment.delta", cycle.budgets().per_requester(),
                  fmt::format("requested by {}", requester)};
    const auto everybody = [](const v1::Member&) { return true; };
    const auto own = [&](const v1::AdjustmentState& other) {
      return other.requested_by() == requester;
    };
    const Adjustments standing = StandingAdjustments(state, cycle.cycle(), everybody);
    if (auto wrong = Check(use, standing, delta, cycle, own)) return wrong;
  }
  if (cycle.budgets().per_unit().empty()) return std::nullopt;
  return CheckUnits(cycle, person, delta, state);
}

std::optional<Rejection> CheckApproverBudget(const v1::CycleState& cycle,
                                             const std::string& approver,
                                             const v1::AdjustmentState& adjustment,
                                             StateReader& state) {
  if (cycle.budgets().per_approver().empty()) return std::nullopt;
  const Use use{"approveAdjustment.adjustment", cycle.budgets().per_approver(),
                fmt::format("approved by {}", approver)};
  const auto everybody = [](const v1::Member&) { return true; };
  const auto own = [&](const v1::AdjustmentState& other) {
    const auto& by = other.approved_by();
    return other.adjustment() != adjustment.adjustment() &&
           std::find(by.begin(), by.end(), approver) != by.end();
  };
  const Adjustments standing = StandingAdjustments(state, cycle.cycle(), everybody);
  return Check(use, standing, DecimalOf(adjustment.delta()), cycle, own);
}

}  // namespace assay::adjustment

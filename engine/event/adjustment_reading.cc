#include "engine/event/adjustment_reading.h"

#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

Adjustments ReadStanding(StateReader& state, const std::string& set_stream,
                         const std::function<bool(const v1::Member&)>& counts) {
  Adjustments standing;
  for (const v1::Member& member : state.Members(set_stream)) {
    if (member.state() == "REJECTED" || member.state() == "REVOKED" || !counts(member)) continue;
    auto row = state.Find<v1::AdjustmentState>(streams::Adjustment(member.id()));
    if (row) standing.push_back(*std::move(row));
  }
  return standing;
}

}  // namespace

Adjustments StandingAdjustments(StateReader& state, std::string_view cycle,
                                std::string_view person) {
  return ReadStanding(state, streams::CyclePersonAdjustments(cycle, person),
                      [](const v1::Member&) { return true; });
}

Adjustments StandingAdjustments(StateReader& state, std::string_view cycle,
                                const std::function<bool(const v1::Member&)>& counts) {
  return ReadStanding(state, streams::CycleAdjustments(cycle), counts);
}

std::optional<Decimal> SumAlike(const Adjustments& adjustments, Decimal like,
                                const std::function<bool(const v1::AdjustmentState&)>& counts) {
  std::optional<Decimal> sum = Decimal();
  for (const v1::AdjustmentState& adjustment : adjustments) {
    const Decimal delta = DecimalOf(adjustment.delta());
    if (delta.IsNegative() != like.IsNegative() || !counts(adjustment)) continue;
    sum = sum->Plus(delta);
    if (!sum) break;
  }
  return sum;
}

Decimal Magnitude(Decimal value) {
  return value.IsNegative() ? value.Negated().value_or(value) : value;
}

}  // namespace assay

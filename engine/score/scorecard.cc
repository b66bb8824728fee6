#include "engine/score/scorecard.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/score/explain_nodes.h"
#include "engine/score/total.h"

namespace assay {
namespace {

constexpr int32_t kWhole = limits::kBasisPointsWhole;

// Status and achieved value; what can be scored has no points yet.
ItemScore JudgeItem(const ScorePartInput& part, const ScoreItemInput& item,
                    const Achieved& achieved) {
  const v1::MetricDefinition& metric = item.metric->definition;
  RuledValue ruled = ApplyMetricRules(achieved, metric.missing(), metric.div_zero());
  if (ruled.status.Ok()) {
    const ScoreReason reason = ReasonOf(item.curve->curve.CheckTarget(item.target));
    if (reason != ScoreReason::kNone) ruled.status = {ScoreState::kNotComputable, reason};
  }
  ItemScore score{.status = ApplyTemplateRule(ruled.status, part.missing), .achieved = ruled.value};
  if (CountsAsZero(score.status, part.missing)) score.points = Decimal();
  return score;
}

void SetPoints(const ScoreItemInput& item, int32_t included_bp, ItemScore& score) {
  if (score.status.state == ScoreState::kExcluded) return;
  const ItemWeight weight{item.weight_bp, included_bp};
  score.max = included_bp == kWhole
                  ? Decimal::FromRaw(Decimal::FromInt(item.weight_bp).Raw() / 100)
                  : weight.Points().Rounded(kPointsDigits, Rounding::kHalfEven).value_or(Decimal());
  if (!score.status.Ok()) return;
  const CurvePoints points = item.curve->curve.Points(
      *score.achieved, item.target, weight, RoundingOf(item.metric->definition.rounding()));
  if (points.status == CurveStatus::kOk) {
    score.points = points.points;
  } else {
    score.status = {ScoreState::kNotComputable, ReasonOf(points.status)};
  }
}

// The weights that count: 10,000 unless something is left out.
int32_t IncludedBp(const ScorePartInput& part, const std::vector<ItemScore>& items) {
  int32_t included = 0;
  bool is_excluding = false;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool is_excluded = items[i].status.state == ScoreState::kExcluded;
    is_excluding |= is_excluded;
    if (!is_excluded) included += part.items[i].weight_bp;
  }
  return is_excluding ? included : kWhole;
}

void SumItems(PartScore& part) {
  Decimal sum;
  for (const ItemScore& item : part.items) {
    if (item.status.state == ScoreState::kExcluded) continue;
    const std::optional<Decimal> added = item.points ? sum.Plus(*item.points) : std::nullopt;
    if (!added) {
      const ScoreReason reason = item.points ? ScoreReason::kOverflow : item.status.reason;
      part.status = {ScoreState::kNotComputable, reason};
      return;
    }
    sum = *added;
  }
  part.computed = sum;
}

int64_t AllocationDays(const ScorePartInput& part, const DaySpan& period) {
  int64_t days = 0;
  for (const AllocationRun& run : part.allocation) {
    days += int64_t{run.days.Intersect(period).Length()} * run.part_bp;
  }
  return days;
}

PartScore ScorePart(const ScorePartInput& input, const DaySpan& period,
                    std::span<const Achieved> achieved) {
  PartScore part{.allocation_days = AllocationDays(input, period)};
  part.items.reserve(input.items.size());
  for (size_t i = 0; i < input.items.size(); ++i) {
    part.items.push_back(JudgeItem(input, input.items[i], achieved[i]));
  }
  part.included_bp = IncludedBp(input, part.items);
  if (part.included_bp <= 0 || part.items.empty()) {
    const ScoreReason reason =
        part.items.empty() ? ScoreReason::kNoAgreement : part.items.front().status.reason;
    part.status = {ScoreState::kNotComputable, reason};
    return part;
  }
  for (size_t i = 0; i < input.items.size(); ++i) {
    SetPoints(input.items[i], part.included_bp, part.items[i]);
  }
  SumItems(part);
  return part;
}

void WeighParts(Scorecard& card) {
  std::vector<int64_t> days;
  for (const PartScore& part : card.parts) days.push_back(part.allocation_days);
  const bool has_allocation = std::ranges::any_of(days, [](int64_t d) { return d > 0; });
  if (days.size() > 1 && !has_allocation) {
    card.status = {ScoreState::kNotComputable, ScoreReason::kNoAllocation};
    return;
  }
  const std::vector<int32_t> weights = PartWeights(days);
  for (size_t i = 0; i < weights.size(); ++i) card.parts[i].weight_bp = weights[i];
}

// A part without allocation among others has no weight, so nothing of it can be missing.
bool Counts(const Scorecard& card, const PartScore& part) {
  return card.parts.size() == 1 || part.allocation_days > 0;
}

void SumParts(Scorecard& card) {
  std::vector<WeightedPart> weighted;
  for (const PartScore& part : card.parts) {
    if (!Counts(card, part)) continue;
    if (!part.computed) {
      card.status = part.status;
      return;
    }
    weighted.push_back({*part.computed, part.allocation_days});
  }
  card.computed = ComputedOf(weighted);
  if (!card.computed) card.status = {ScoreState::kNotComputable, ScoreReason::kOverflow};
}

void AddAdjustments(const ScorecardInput& input, Scorecard& card) {
  std::optional<Decimal> sum = Decimal();
  for (const ScoreAdjustment& adjustment : input.adjustments) {
    sum = sum->Plus(adjustment.delta);
    if (!sum) break;
  }
  card.adjustments = sum.value_or(Decimal());
  if (!card.status.Ok()) return;
  const std::optional<Decimal> raised = sum ? card.computed->Plus(*sum) : std::nullopt;
  if (!raised) {
    card.status = {ScoreState::kNotComputable, ScoreReason::kOverflow};
    return;
  }
  card.overflow = OverflowOf(*raised, input.total_cap);
  card.total = raised->Minus(*card.overflow);
  if (input.bands != nullptr) card.band = input.bands->table.Of(*card.total);
}

std::string Text(const std::optional<Decimal>& value) { return value ? value->ToString() : ""; }

void WriteItem(const ScoreItemInput& input, const ItemScore& score, v1::ScoreItem* item) {
  item->set_item(input.item);
  item->set_metric(input.metric->id);
  item->set_status(score.status.ToString());
  item->set_achieved(Text(score.achieved));
  item->set_points(Text(score.points));
  item->set_max(score.max.ToString());
  item->set_weight_bp(input.weight_bp);
  item->set_unit(input.unit);
  item->set_target(Text(input.target));
}

}  // namespace

Scorecard ScoreAchieved(const ScorecardInput& input, std::span<const Achieved> achieved) {
  Scorecard card;
  card.parts.reserve(input.parts.size());
  size_t next = 0;
  for (const ScorePartInput& part : input.parts) {
    ASSAY_REQUIRE(next + part.items.size() <= achieved.size(), "{} outcomes are too few",
                  achieved.size());
    card.parts.push_back(ScorePart(part, input.period, achieved.subspan(next, part.items.size())));
    next += part.items.size();
  }
  if (card.parts.empty()) {
    card.status = {ScoreState::kNotComputable, ScoreReason::kNoAgreement};
  } else {
    WeighParts(card);
  }
  if (card.status.Ok()) SumParts(card);
  AddAdjustments(input, card);
  return card;
}

Scorecard EvaluateScorecard(const ScorecardInput& input, FactReader& facts) {
  return ScoreAchieved(input, MeasureItems(input, facts));
}

v1::ScoreRecord ToRecord(const ScorecardInput& input, const Scorecard& scorecard) {
  v1::ScoreRecord record;
  record.set_cycle(input.cycle);
  record.set_person(input.person);
  record.set_status(scorecard.status.ToString());
  record.set_computed(Text(scorecard.computed));
  record.set_adjustments(scorecard.adjustments.ToString());
  record.set_overflow(Text(scorecard.overflow));
  record.set_total(Text(scorecard.total));
  record.set_band(std::string(scorecard.band));
  record.set_generation(input.generation);
  record.set_unit(input.unit);
  for (size_t i = 0; i < input.parts.size(); ++i) {
    const PartScore& score = scorecard.parts[i];
    v1::ScorePart* const part = record.add_parts();
    part->set_agreement(input.parts[i].agreement);
    part->set_position(input.parts[i].position);
    part->set_weight_bp(score.weight_bp);
    part->set_computed(Text(score.computed));
    part->set_status(score.status.ToString());
    for (size_t k = 0; k < score.items.size(); ++k) {
      WriteItem(input.parts[i].items[k], score.items[k], part->add_items());
      *record.add_items() = part->items(static_cast<int>(k));
    }
  }
  return record;
}

}  // namespace assay

#include "engine/score/measure_items.h"

#include <algorithm>
#include <utility>

#include "engine/score/explain_nodes.h"

namespace assay {

// The measures of one metric for one part.
class ItemMeasurer::PartMeasures : public MeasureValues {
 public:
  // Without `options` nothing is explained.
  PartMeasures(ItemMeasurer& measurer, const ScorePartInput& part, v1::Attribution attribution,
               const ExplainOptions* options)
      : measurer_(measurer), part_(part), attribution_(attribution), options_(options) {}

  NumberResult Value(size_t /*index*/, const MeasureUse& use) override {
    for (const Known& known : known_) {
      if (known.measure == use.measure) return known.totals.Value(use.aggregate);
    }
    known_.push_back({use.measure, Attribute(use.measure, nullptr)});
    return known_.back().totals.Value(use.aggregate);
  }

  ExplainNode Node(const MeasureUse& use) {
    std::vector<ExplainNode> attributions;
    ExplainNode node = MeasureNode(use, Attribute(use.measure, &attributions));
    node.children = std::move(attributions);
    return node;
  }

 private:
  struct Known {
    std::string_view measure;
    AttributedTotals totals;
  };

  AttributedTotals Attribute(std::string_view measure, std::vector<ExplainNode>* nodes) {
    AttributedTotals all;
    for (const ScoreEntity& entity : measurer_.input_.entities) {
      const std::vector<DayTotals>& days = measurer_.TotalsOf(entity, measure);
      if (days.empty()) continue;
      for (const AllocationRun& run : part_.allocation) {
        if (run.part_bp <= 0) continue;
        ExplainNode node;
        if (nodes) node = AttributionNode(entity, attribution_, WithinPeriod(run));
        const AttributedTotals one =
            AttributeRun(entity, measure, days, run, nodes ? &node : nullptr);
        if (one.empty) continue;
        all.Merge(one);
        if (!nodes) continue;
        SetTotals(node, one);
        nodes->push_back(std::move(node));
      }
    }
    return all;
  }

  AllocationRun WithinPeriod(AllocationRun run) const {
    run.days = run.days.Intersect(measurer_.input_.period);
    return run;
  }

  AttributedTotals AttributeRun(const ScoreEntity& entity, std::string_view measure,
                                const std::vector<DayTotals>& days, const AllocationRun& run,
                                ExplainNode* node) {
    const bool is_whole = attribution_ == v1::ATTRIBUTION_WHOLE;
    const AllocationShare share =
        is_whole ? AllocationShare{} : AllocationShare{run.part_bp, run.total_bp};
    AttributedTotals totals;
    auto day = std::ranges::lower_bound(days, run.days.from, {}, &DayTotals::day);
    for (; day != days.end() && day->day < run.days.to; ++day) {
      totals.Add(*day, share);
      if (node) node->children.push_back(ExplainDay(entity, measure, *day));
    }
    return totals;
  }

  ExplainNode ExplainDay(const ScoreEntity& entity, std::string_view measure,
                         const DayTotals& day) {
    std::vector<ExplainNode> facts;
    for (const FactLeaf& fact : measurer_.facts_.Facts(entity, measure, day.day)) {
      facts.push_back(FactNode(fact));
    }
    return DayNode(day, std::move(facts), *options_);
  }

  ItemMeasurer& measurer_;
  const ScorePartInput& part_;
  v1::Attribution attribution_;
  const ExplainOptions* options_;
  std::vector<Known> known_;
};

const std::vector<DayTotals>& ItemMeasurer::TotalsOf(const ScoreEntity& entity,
                                                     std::string_view measure) {
  for (const ReadTotals& read : read_) {
    if (read.entity == &entity && read.measure == measure) return read.days;
  }
  read_.push_back({&entity, measure, {}});
  const DaySpan days = input_.period.Intersect(entity.bound);
  if (!days.Empty()) facts_.Totals(entity, measure, days, read_.back().days);
  return read_.back().days;
}

Achieved ItemMeasurer::Measure(const ScorePartInput& part, const ScoreItemInput& item) {
  const v1::Attribution attribution = item.metric->definition.attribution();
  if (attribution == v1::ATTRIBUTION_POSITION) return {ScoreReason::kAttribution, {}};
  PartMeasures measures(*this, part, attribution, nullptr);
  return AchievedOf(item.metric->formula.Evaluate(measures));
}

Achieved ItemMeasurer::Explain(const ScorePartInput& part, const ScoreItemInput& item,
                               const ExplainOptions& options, ExplainNode& node) {
  const v1::MetricDefinition& definition = item.metric->definition;
  node = NodeOfFormula(*item.metric);
  Achieved achieved{ScoreReason::kAttribution, {}};
  if (definition.attribution() != v1::ATTRIBUTION_POSITION) {
    PartMeasures measures(*this, part, definition.attribution(), &options);
    std::vector<FormulaStep> steps;
    achieved = AchievedOf(item.metric->formula.Evaluate(measures, &steps));
    AddSteps(node, steps);
    for (const MeasureUse& use : item.metric->formula.Uses()) {
      node.children.push_back(measures.Node(use));
    }
  }
  SetOutcome(node, achieved,
             ApplyMetricRules(achieved, definition.missing(), definition.div_zero()));
  return achieved;
}

std::vector<Achieved> MeasureItems(const ScorecardInput& input, FactReader& facts) {
  ItemMeasurer measurer(input, facts);
  std::vector<Achieved> achieved;
  for (const ScorePartInput& part : input.parts) {
    for (const ScoreItemInput& item : part.items) {
      achieved.push_back(measurer.Measure(part, item));
    }
  }
  return achieved;
}

}  // namespace assay

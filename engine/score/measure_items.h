// From day totals to the achieved value of every item.

#pragma once

#include <cstddef>
#include <deque>
#include <string_view>
#include <vector>

#include "engine/score/explain.h"
#include "engine/score/score_input.h"
#include "engine/score/status.h"

namespace assay {

struct ExplainOptions {
  // A day with more facts is shown as count and hash.
  int32_t day_facts_max = 50;
  // No day is shortened.
  bool all = false;
};

// The outcome of every item's formula, parts and items in the order of the input. It depends on
// metrics, entities, allocation and facts, and not on weights, curves, targets or adjustments: who
// keeps it can score new weights without reading a fact.
[[nodiscard]] std::vector<Achieved> MeasureItems(const ScorecardInput& input, FactReader& facts);

// The evaluator behind MeasureItems and explaining. `input` and `facts` must outlive it. It reads
// the totals of an (entity, measure) once. Not thread-safe.
class ItemMeasurer {
 public:
  ItemMeasurer(const ScorecardInput& input, FactReader& facts) : input_(input), facts_(facts) {}

  [[nodiscard]] Achieved Measure(const ScorePartInput& part, const ScoreItemInput& item);
  // The same, and fills `node`: the formula with everything below it, without digests but those
  // of facts that a shortened day stands for.
  [[nodiscard]] Achieved Explain(const ScorePartInput& part, const ScoreItemInput& item,
                                 const ExplainOptions& options, ExplainNode& node);

 private:
  class PartMeasures;
  struct ReadTotals {
    const ScoreEntity* entity = nullptr;
    std::string_view measure;
    std::vector<DayTotals> days;
  };

  [[nodiscard]] const std::vector<DayTotals>& TotalsOf(const ScoreEntity& entity,
                                                       std::string_view measure);

  const ScorecardInput& input_;
  FactReader& facts_;
  // A deque, so that references stay when it grows.
  std::deque<ReadTotals> read_;
};

}  // namespace assay

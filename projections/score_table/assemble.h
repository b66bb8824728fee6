// From the rows of the decisions to the input of a scorecard.
//
// An open cycle is scored by the organisation, agreements and definitions of the moment asked; a
// locked one by those of its lock, with the adjustments of the moment asked.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/event/state.h"
#include "engine/score/scorecard.h"

namespace assay::score_table {

// Definitions compiled once. What is published never changes, so an id is enough of a key. One
// thread.
class DefinitionCache {
 public:
  // Null when it is not published as of `state`, or does not compile (which publishing prevents).
  const ScoringMetric* Metric(StateReader& state, const std::string& id);
  const ScoringCurve* Curve(StateReader& state, const std::string& id);
  const ScoringBands* Bands(StateReader& state, const std::string& id);

 private:
  std::map<std::string, std::unique_ptr<ScoringMetric>, std::less<>> metrics_;
  std::map<std::string, std::unique_ptr<ScoringCurve>, std::less<>> curves_;
  std::map<std::string, std::unique_ptr<ScoringBands>, std::less<>> bands_;
};

// Opens a sealed remark for explaining; gives "" where no text is wanted.
using TextOpener = std::function<std::string(const v1::Sealed&)>;

// The input for (cycle, person). `base` is the state that the cycle is scored by, `now` the state
// of the moment asked. Nothing when the person has no agreement in the cycle.
[[nodiscard]] std::optional<ScorecardInput> Assemble(StateReader& base, StateReader& now,
                                                     const v1::CycleState& cycle,
                                                     std::string_view person,
                                                     DefinitionCache& definitions,
                                                     const TextOpener& open_text);

}  // namespace assay::score_table

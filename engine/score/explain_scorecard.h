// The score of one person in one cycle with its derivation.

#pragma once

#include "engine/score/explain.h"
#include "engine/score/measure_items.h"
#include "engine/score/scorecard.h"

namespace assay {

// The same evaluation, with its derivation; every digest is set.
struct ExplainedScorecard {
  Scorecard scorecard;
  ExplainNode tree;
};
[[nodiscard]] ExplainedScorecard ExplainScorecard(const ScorecardInput& input, FactReader& facts,
                                                  const ExplainOptions& options = {});

}  // namespace assay

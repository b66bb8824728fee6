// Compares the leaves of an explain tree with the facts journal that they were read from.

#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/status.h"
#include "engine/event/decision.h"
#include "engine/event/moment.h"
#include "engine/score/explain.h"
#include "projections/score_table/query.h"

namespace assay {

struct LeafComparison {
  int64_t compared = 0;
  // Days that stand in the tree as count and hash, so that there was nothing to compare.
  int64_t shortened_days = 0;
  // The first leaf that differs: LEAF_DIFFERS at its JSON pointer.
  std::optional<Rejection> difference;
};

// Reads the Intake at the coordinates of every fact node, "facts/P@POS", and compares source,
// record, version, times, place and hash in the input, and that it states the value and unit for
// the entity and measure. `end` has the last position of every partition. A journal that cannot be
// read is an error.
[[nodiscard]] absl::StatusOr<LeafComparison> CompareLeaves(
    const ExplainNode& root, const Moment& end, const score_table::IntakeSource& intake_at);

}  // namespace assay

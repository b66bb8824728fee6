// Compares a printed explain tree with the one that is computed anew.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/score/explain.h"

namespace assay {

// The first node that differs, and what of it.
struct ExplainDifference {
  NodePlace place;
  // Below the node, as in JSON: "value", "inputs/target", "delta", "src/hash"; "" for a node that
  // should not be there, or another one.
  std::string field;
  // Empty for nothing.
  std::string found;
  std::string expected;
};

// Node by node; what differs below a node is told before what differs in it, the first before the
// next, but children that are missing or too many before what is below them. Digests are left out,
// for they say nothing that the fields do not say, and so is the scope of the root. `unreadable`
// is a remark that nobody can read any more; where it is expected, every remark agrees.
[[nodiscard]] std::optional<ExplainDifference> CompareExplain(const ExplainNode& found,
                                                              const ExplainNode& expected,
                                                              std::string_view unreadable = "");

}  // namespace assay

// Checks an explain tree: evaluates it again from its leaves alone.
//
// Needs no journal, no view and no definition: what a value follows from is in the tree. It shares
// the formula evaluator, the curves and the rules with the evaluation that made the tree, and takes
// no value of a node for granted that can be computed from the nodes below it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/score/explain.h"

namespace assay {

struct CheckResult {
  bool ok = false;
  // The value of the root when it is ok and has one.
  std::optional<std::string> total;

  // Else the first node that differs: the places of the children from the root to it, the same as a
  // JSON pointer, in words, and what differs.
  std::vector<int> path;
  std::string pointer;
  std::string place;
  std::string reason;
};

// First every digest, then all arithmetic; within each, children before their parents and the first
// before the next. What is wrong with a digest also tells which value contradicts the changed
// field, if there is one. So a tree in which one field was changed is reported at the very node,
// and one whose digests were made anew at the first node whose value does not follow from those
// below it (for a fact: its day). `root` may be any node, such as an item.
[[nodiscard]] CheckResult CheckExplain(const ExplainNode& root);

}  // namespace assay

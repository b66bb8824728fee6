// Deciding commits again: whether authority, events and reads of a commit follow from the state
// that it was decided on. A node judges the form and the tag of a commit; who holds a log key can
// write one that no rule gives.

#pragma once

#include <assay/v1/log.pb.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "projections/runner/runner.h"

namespace assay {

class Home;

// False when rules of another release decided it (Commit.decide_version), which this one does not
// have. DATA_LOSS with the position when the commit is refused, or gives other events, reads or
// authority; so is a commit of rules version 2 that does not say which rules decided it.
// REQUIRES: the commit counts.
[[nodiscard]] absl::StatusOr<bool> DecideAgain(Runner& runner, const v1::Commit& commit,
                                               int64_t position);

// How far a home has decided again what it folds (`check: decisions`). Kept in the views: views
// that are folded anew begin at their newest commit.
struct DecisionCheck {
  // The last position that was looked at.
  int64_t position = 0;
  int64_t decided_again = 0;
  // By rules of another release, which this one does not have.
  int64_t not_decided_again = 0;
  // Positions of commits that do not follow, with what differs.
  std::vector<std::pair<int64_t, std::string>> wrong;
};

// Nothing where it was never asked for.
[[nodiscard]] std::optional<DecisionCheck> DecisionCheckOf(Overlay& rows);

// Decides again what was folded since the last call, for about that long, and keeps how far it
// came. What does not follow is kept, and published as an alert where this node may. DATA_LOSS
// while any commit is known that does not follow; other failures are those of reading.
[[nodiscard]] absl::Status CheckDecisions(Home& home, std::chrono::milliseconds time_max);

}  // namespace assay

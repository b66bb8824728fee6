// How far an adjustment may reach: the units, metrics and limit of the actor's grants.

#pragma once

#include <optional>
#include <string>

#include "engine/access/actor.h"

namespace assay {

// What an adjustment reaches for.
struct Reach {
  std::string person;
  std::string cycle;
  std::string item;
  std::string delta;
};

// Nothing when one grant of the actor (as an executive, or as HR on somebody's behalf) covers all
// three: every unit in which the person stands on the last day of the cycle, the metric that the
// item has in the person's signed terms (the total has none, so a grant with metrics does not cover
// it), and the size. The limit of a grant bounds the sum of what the actor requested (or, when
// approving, approved) for the person in the cycle and what waits or is applied, upwards and
// downwards apart, items and total together. A revocation has no size. Else
// ADJUST_OUT_OF_AUTHORITY, naming what the grant that comes furthest lacks.
// REQUIRES: the actor has one of the two roles.
[[nodiscard]] std::optional<Rejection> CheckReach(const Authority& who, const Reach& reach);

}  // namespace assay

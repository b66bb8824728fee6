// The table of the adjustments: separate, reasoned, four-eyed lines on top of computed scores.

#pragma once

#include "engine/domain/domain.h"

namespace assay::adjustment {

[[nodiscard]] Domain Table();

}  // namespace assay::adjustment

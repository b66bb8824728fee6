// The table of the assessment cycles.

#pragma once

#include "engine/domain/domain.h"

namespace assay::cycle {

[[nodiscard]] Domain Table();

}  // namespace assay::cycle

// The table of the agreements: the two-way negotiation of one person's terms.

#pragma once

#include "engine/domain/domain.h"

namespace assay::agreement {

[[nodiscard]] Domain Table();

}  // namespace assay::agreement

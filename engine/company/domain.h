// The table of the company: people, keys of systems, grants, the log itself.

#pragma once

#include "engine/domain/domain.h"

namespace assay::company {

[[nodiscard]] Domain Table();

}  // namespace assay::company

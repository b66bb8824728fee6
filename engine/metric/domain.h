// The table of the definitions: metrics, curves, templates, band tables.

#pragma once

#include "engine/domain/domain.h"
#include "engine/metric/definition_checker.h"

namespace assay::metric {

// `checker` must outlive the table.
[[nodiscard]] Domain Table(const DefinitionChecker& checker);

}  // namespace assay::metric

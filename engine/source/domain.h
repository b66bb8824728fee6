// The table of the sources: contracts, and who reads their inputs.

#pragma once

#include "engine/domain/domain.h"
#include "engine/source/condition_checker.h"
#include "engine/source/contract_signers.h"

namespace assay::source {

// Both must outlive the table.
[[nodiscard]] Domain Table(const ConditionChecker& checker, const ContractSigners& signers);

}  // namespace assay::source

// Homes of earlier releases that stand in tests/scenario.

#pragma once

#include <string>

namespace assay::testing {

// Copies the home ("home_0.1") to `to` and closes its keys to other users, which a checkout does
// not keep.
void CopyKeptHome(const std::string& name, const std::string& to);

}  // namespace assay::testing

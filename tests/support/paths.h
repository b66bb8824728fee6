// Where the checkout is, for tests that read files of it.

#pragma once

#include <string>

namespace assay::testing {

// The root of the checkout that this program was built from.
[[nodiscard]] std::string SourceDir();

}  // namespace assay::testing

#include "tests/support/paths.h"

namespace assay::testing {

std::string SourceDir() { return ASSAY_SOURCE_DIR; }

}  // namespace assay::testing

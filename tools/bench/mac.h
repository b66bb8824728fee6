// The benchmark of tags: what it costs a reader that a record shows who wrote it.

#pragma once

#include "engine/base/status.h"

namespace assay::bench {

// Prints one JSON line: nanoseconds per record of taking a value's hash alone and of judging its
// tag as well, measured A B A B, their difference and ratio, and whether SHA instructions are used.
absl::Status Mac(int records, int rounds);

}  // namespace assay::bench

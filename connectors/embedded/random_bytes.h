// Randomness of the operating system, for ids and keys.

#pragma once

#include <cstddef>
#include <string>

#include "engine/base/status.h"

namespace assay {

// `count` unpredictable bytes. UNAVAILABLE when the system gives none. REQUIRES: count <= 256
[[nodiscard]] absl::StatusOr<std::string> RandomBytes(size_t count);

}  // namespace assay

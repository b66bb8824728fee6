// A whole file as text, for what people write: commands, contracts, derivations.

#pragma once

#include <string>

#include "engine/base/status.h"

namespace assay {

// The bytes of the file; "-" = standard input.
// NOT_FOUND when there is none that can be read, or it is a directory; UNAVAILABLE when reading
// stopped before its end.
[[nodiscard]] absl::StatusOr<std::string> ReadText(const std::string& path);

}  // namespace assay

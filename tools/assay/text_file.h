// A whole file as text, for what people write: commands, contracts, derivations.

#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/event/decision.h"

namespace assay {

// The bytes of the file; "-" = standard input.
// NOT_FOUND when there is none that can be read, or it is a directory; UNAVAILABLE when reading
// stopped before its end.
[[nodiscard]] absl::StatusOr<std::string> ReadText(const std::string& path);

// What was refused in the file, its path before the message: Annotate, of a rejection.
[[nodiscard]] Rejection InFile(Rejection rejection, std::string_view path);

}  // namespace assay

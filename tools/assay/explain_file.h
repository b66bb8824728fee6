// Reads the JSON of an explain tree (engine/score/explain.h) back, strictly.

#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "engine/base/status.h"
#include "engine/event/decision.h"
#include "engine/score/explain.h"

namespace assay {

// The text of a file, "-" = standard input. NOT_FOUND when it cannot be read.
[[nodiscard]] absl::StatusOr<std::string> ReadExplainFile(const std::string& path);

// What ExplainJson wrote. Whatever ExplainNode cannot hold is refused as EXPLAIN_UNREADABLE, an
// integrity refusal, at the JSON pointer of its node: an unknown, doubled or missing key, a value
// of another type, an origin at a kind that has none.
[[nodiscard]] std::variant<ExplainNode, Rejection> ParseExplain(std::string_view json);

}  // namespace assay

// Reads the JSON of an explain tree (engine/score/explain.h) back, strictly.

#pragma once

#include <cstddef>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/event/decision.h"
#include "engine/score/explain.h"

namespace assay {

// A larger file is refused. The derivation of a person's month has some 600 bytes for each fact.
inline constexpr size_t kExplainBytesMax = size_t{16} * 1024 * 1024;

// What ExplainJson wrote. Whatever ExplainNode cannot hold is refused as EXPLAIN_UNREADABLE, an
// integrity refusal, at the JSON pointer of its node: an unknown, doubled or missing key, a value
// of another type, an origin at a kind that has none.
[[nodiscard]] std::variant<ExplainNode, Rejection> ParseExplain(std::string_view json);

// A tree, or several of them: in an array, or one a line. Never none. A refusal among several has
// the place of its tree in front, "/1/children/0/value".
[[nodiscard]] std::variant<std::vector<ExplainNode>, Rejection> ParseExplains(
    std::string_view json);

}  // namespace assay

// The shape of a JSON text, before a parser that knows no limits sees it.

#pragma once

#include <cstddef>
#include <string_view>

#include "engine/base/status.h"

namespace assay {

struct JsonShapeLimits {
  // Levels of lists and maps.
  int depth = 16;
  // Names, numbers, texts and the rest, all together.
  size_t values = 200'000;
  // Of one map.
  size_t keys = 1'000;
  size_t key_bytes = 256;
};

// INVALID_ARGUMENT with the line of bytes that are not UTF-8, or the byte of the first thing beyond
// a limit, of a name that stands twice in one map, or of what JSON has no place for outside of
// quotes. Does not say that the text is JSON; a text that passes makes no parser hold more than its
// size and the limits together. Linear, and without recursion.
[[nodiscard]] absl::Status CheckJsonShape(std::string_view text,
                                          const JsonShapeLimits& limits = {});

}  // namespace assay

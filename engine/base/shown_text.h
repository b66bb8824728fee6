// Long texts made short enough to be shown in a line, without half a character at the end.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

// The longest beginning of `text`, at most `bytes_max` bytes, that does not end in the middle of a
// character. `text` should be UTF-8; of other bytes, those that would go on with a character are
// taken for such.
[[nodiscard]] std::string_view TextBeginning(std::string_view text, size_t bytes_max);

// `text`, or when it has more than `bytes_max` bytes its TextBeginning and "..." behind that.
[[nodiscard]] std::string ShownText(std::string_view text, size_t bytes_max);

}  // namespace assay

// Texts of others made fit to be shown: short enough for a line, without half a character at the
// end, and without what a terminal would obey.

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

// `text` as it may be shown on a terminal or in a line of a log: what would be obeyed there, or
// would look like another text, stands as an escape. That are control characters (also those of
// C1, line feeds and tabs), characters that turn the direction of writing, and those that are not
// seen: "\n", "\u001b", "\u202e", "\U000e0041"; a byte that is not UTF-8 is "\x9b". Joiners and
// variation selectors, which names need, stay.
[[nodiscard]] std::string PlainText(std::string_view text);

// `text` between the quotes of a JSON string, with the same characters as JSON's escapes; a byte
// that is not UTF-8 is U+FFFD.
[[nodiscard]] std::string JsonText(std::string_view text);

}  // namespace assay

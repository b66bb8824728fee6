// Fields of one CSV record (RFC 4180).

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/record_reader.h"

namespace assay {

// Splits `text`, a record without its line ending, into the texts of its fields: quotes taken off,
// doubled ones undone, nothing trimmed.
//
// MALFORMED with the number of the field, from 0, as its path: a quote inside a field without
// quotes, text behind a closing quote, no closing quote, a carriage return outside quotes.
[[nodiscard]] std::optional<RecordFault> SplitCsv(std::string_view text, char delimiter,
                                                  std::vector<std::string>& fields);

}  // namespace assay

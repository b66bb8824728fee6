// One YAML document, by libyaml's events.

#pragma once

#include <optional>
#include <string_view>

#include "connectors/document/document.h"

namespace assay {

// Puts the document of `text`, whose first line has the number `line`, into `document`: nothing
// when it has none or says nothing. Gives what is wrong with it. The size of the text is the
// caller's to limit.
[[nodiscard]] std::optional<DocumentProblem> ParseYamlDocument(std::string_view text, int line,
                                                               const DocumentLimits& limits,
                                                               DocumentWatch& watch,
                                                               std::optional<Document>& document);

}  // namespace assay

// One JSON document, by simdjson.

#pragma once

#include <optional>
#include <string_view>

#include "connectors/document/document.h"

namespace simdjson::dom {
class parser;
}

namespace assay {

// As ParseYamlDocument; `parser` may be used for several, which saves its memory.
[[nodiscard]] std::optional<DocumentProblem> ParseJsonDocument(std::string_view text, int line,
                                                               const DocumentLimits& limits,
                                                               DocumentWatch& watch,
                                                               simdjson::dom::parser& parser,
                                                               std::optional<Document>& document);

}  // namespace assay

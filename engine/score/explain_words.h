// An explain tree in words, for the person whose score it is.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/score/explain.h"

namespace assay {

enum class Language : uint8_t { kEnglish, kChinese };

// "en", "zh-CN"; nothing for another name.
[[nodiscard]] std::optional<Language> LanguageFromName(std::string_view name);

// One line a node, two spaces deeper than its parent, each ended by a newline. An item reads
// "item progress: 0.8 x 25 = 20.0000; ...; source: jira RD-7, version 4".
[[nodiscard]] std::string ExplainWords(const ExplainNode& root, Language language);

}  // namespace assay

#include "engine/base/shown_text.h"

#include <cstdint>

namespace assay {

std::string_view TextBeginning(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string ShownText(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  return std::string(TextBeginning(text, bytes_max)) + "...";
}

}  // namespace assay

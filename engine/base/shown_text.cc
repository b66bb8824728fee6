#include "engine/base/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace assay {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Obeyed by terminals, or not seen by people. Sorted.
constexpr Range kUnseen[] = {
    {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},  // controls; soft hyphen
    {0x061C, 0x061C},   {0x180E, 0x180E},                      // Arabic and Mongolian marks
    {0x200B, 0x200B},   {0x200E, 0x200F},                      // no width; direction marks
    {0x2028, 0x202E},                                          // separators of lines; direction
    {0x2060, 0x206F},                                          // joiners without a sign; isolates
    {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},                      // byte order; annotations
    {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},                    // music; tags
};

bool IsUnseen(uint32_t code) {
  if (code >= 0x20 && code < 0x7F) return false;
  const auto* const range =
      std::ranges::lower_bound(kUnseen, code, {}, [](const Range& each) { return each.last; });
  return range != std::end(kUnseen) && range->first <= code;
}

struct Character {
  size_t bytes = 1;
  uint32_t code = 0;
  // False = one byte that is not UTF-8.
  bool is_text = false;
};

Character FirstOf(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return {1, first, true};
  const size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {1, first, false};
  uint32_t code = first & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {1, first, false};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[bytes] || is_surrogate || code > 0x10FFFF) return {1, first, false};
  return {bytes, code, true};
}

// Appends the text with `escape(out, character)` in place of each character that is not to be seen.
template <typename Escape>
std::string Escaped(std::string_view text, const Escape& escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = FirstOf(text);
    if (!character.is_text || IsUnseen(character.code) || !escape.Stays(character.code)) {
      escape(out, character);
    } else {
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

// The escapes that both have; false when there is none.
bool AppendShort(std::string& out, uint32_t code) {
  if (code != '\n' && code != '\r' && code != '\t') return false;
  out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
  return true;
}

struct PlainEscape {
  [[nodiscard]] static bool Stays(uint32_t) { return true; }
  void operator()(std::string& out, const Character& character) const {
    const auto end = std::back_inserter(out);
    if (!character.is_text) {
      fmt::format_to(end, "\\x{:02x}", character.code);
    } else if (AppendShort(out, character.code)) {
      return;
    } else if (character.code > 0xFFFF) {
      fmt::format_to(end, "\\U{:08x}", character.code);
    } else {
      fmt::format_to(end, "\\u{:04x}", character.code);
    }
  }
};

struct JsonEscape {
  [[nodiscard]] static bool Stays(uint32_t code) { return code != '"' && code != '\\'; }
  void operator()(std::string& out, const Character& character) const {
    const auto end = std::back_inserter(out);
    if (!character.is_text) {
      out += "\\ufffd";
    } else if (AppendShort(out, character.code)) {
      return;
    } else if (!Stays(character.code)) {
      out += '\\';
      out += static_cast<char>(character.code);
    } else if (character.code > 0xFFFF) {
      const uint32_t rest = character.code - 0x10000;
      fmt::format_to(end, "\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
      fmt::format_to(end, "\\u{:04x}", character.code);
    }
  }
};

}  // namespace

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

std::string PlainText(std::string_view text) { return Escaped(text, PlainEscape()); }

std::string JsonText(std::string_view text) { return Escaped(text, JsonEscape()); }

}  // namespace assay

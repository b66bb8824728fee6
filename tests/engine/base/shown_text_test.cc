#include "engine/base/shown_text.h"

#include <simdjson.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>

namespace assay {

TEST_CASE("a text that fits is shown whole, a longer one by its beginning", "[base][unit]") {
  CHECK(ShownText("", 0).empty());
  CHECK(ShownText("abc", 3) == "abc");
  CHECK(ShownText("abcd", 3) == "abc...");
  CHECK(ShownText("abcd", 0) == "...");
}

TEST_CASE("a text is never cut in the middle of a character", "[base][unit]") {
  // Two, three and four bytes each.
  for (const std::string character : {"é", "数", "😀"}) {
    const std::string text = "a" + character + "b";
    INFO(text);
    for (size_t size = 1; size < 1 + character.size(); ++size) {
      CHECK(TextBeginning(text, size) == "a");
      CHECK(ShownText(text, size) == "a...");
    }
    CHECK(TextBeginning(text, 1 + character.size()) == "a" + character);
    CHECK(TextBeginning(text, text.size()) == text);
    CHECK(TextBeginning(text, text.size() + 1) == text);
  }
}

TEST_CASE("bytes that only go on with a character leave nothing to show", "[base][unit]") {
  CHECK(TextBeginning(std::string(10, '\x80'), 5).empty());
  CHECK(ShownText(std::string(10, '\x80'), 5) == "...");
}

TEST_CASE("what a terminal would obey, or nobody would see, is shown as an escape",
          "[base][unit]") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"", ""},
      {"员工 p-1 é 😀 \\ \"", "员工 p-1 é 😀 \\ \""},
      {"a\nb\rc\td", "a\\nb\\rc\\td"},
      {"\x1b[31mRED\x1b[0m", "\\u001b[31mRED\\u001b[0m"},
      {"\x1b]0;title\a\x7f", "\\u001b]0;title\\u0007\\u007f"},
      {"\u009b31m\u0085", "\\u009b31m\\u0085"},
      {"\u202egnp\u2066\u061c\u200f", "\\u202egnp\\u2066\\u061c\\u200f"},
      {"\u2028\u200b\ufeff\u00ad", "\\u2028\\u200b\\ufeff\\u00ad"},
      {"\U000e0041", "\\U000e0041"},
      // Bytes that are no text: alone, too long, cut, of a half pair, too large.
      {"\x9b", "\\x9b"},
      {"\xc0\x80", "\\xc0\\x80"},
      {"\xe2\x80", "\\xe2\\x80"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      // A joiner and a variation selector are parts of names.
      {"\u0915\u094d\u200d\u0937 \u845b\U000e0100", "\u0915\u094d\u200d\u0937 \u845b\U000e0100"},
  };
  for (const auto& [text, shown] : table) CHECK(PlainText(text) == shown);
  CHECK(PlainText(std::string_view("\0", 1)) == "\\u0000");
}

TEST_CASE("a text in JSON is read back as it was, and has nothing that a terminal obeys",
          "[base][unit]") {
  const std::string text =
      "q\"b\\n\nr\rt\te\x1b"
      "c\u009bb\u202e\u200b数😀\U000e0041" +
      std::string(1, '\0') + "z";
  const std::string json = "\"" + JsonText(text) + "\"";
  CHECK(PlainText(json) == json);
  simdjson::dom::parser parser;
  const std::string_view read = parser.parse(json);
  CHECK(read == text);
  CHECK(JsonText("a\x9b") == "a\\ufffd");
}

}  // namespace assay

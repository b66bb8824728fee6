#include "engine/base/shown_text.h"

#include <catch2/catch.hpp>

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

}  // namespace assay

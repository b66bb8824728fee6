#include "connectors/document/json_shape.h"

#include <catch2/catch.hpp>
#include <string>

namespace assay {
namespace {

std::string Of(std::string_view text, JsonShapeLimits limits = {}) {
  const absl::Status status = CheckJsonShape(text, limits);
  return status.ok() ? "" : std::string(MessageOf(status));
}

TEST_CASE("what a caller writes has a shape that passes", "[document][unit]") {
  CHECK(Of(R"({"words": ["score", "l\"ist", "\\"], "folder": "/", "n": -1.5e+3, "t": true})")
            .empty());
  CHECK(Of("").empty());
  CHECK(Of("[[1,2],[3]]").empty());
  CHECK(Of(R"({"a": {"b": 1}, "c": {"b": 1}})").empty());
  // The size of a text is limited where the body is.
  CHECK(Of("[\"" + std::string(5'000'000, 'x') + "\"]").empty());
}

TEST_CASE("what makes a parser hold more than it was given is refused where it begins",
          "[document][unit]") {
  CHECK(Of(R"({"words":)" + std::string(12'000'000, '[')) ==
        "byte 25: expected at most 16 levels of lists and maps, found more");
  CHECK(Of("[{\"a\":" + std::string(20, '[')).starts_with("byte 21: expected at most 16 levels"));
  CHECK(Of("[1,2,3,4]", {.values = 3}) == "byte 7: expected at most 3 values, found more");
  CHECK(Of(R"({"a":1,"b":2})", {.keys = 1}).find("expected at most 1 names in a map") !=
        std::string::npos);
  CHECK(Of(R"({"a":1, "a":2})") == "byte 9: expected each name once, found \"a\" again");
  CHECK(Of(R"({"\u0061":1})") == R"(byte 2: expected names without \, found "\u0061")");
  CHECK(Of("{\"" + std::string(20'000'000, 'k') + "\":1}") ==
        "byte 2: expected names of at most 256 bytes, found 20000000 bytes");
}

TEST_CASE("what only some parsers read is refused: it could hide brackets", "[document][unit]") {
  CHECK(Of("{'a': 1}") == "byte 2: expected JSON, found \"'\"");
  CHECK(Of(R"(['"', [[[[)") == "byte 2: expected JSON, found \"'\"");
  CHECK(Of("[1] // [\"") == "byte 5: expected JSON, found \"/\"");
  CHECK(Of("[\"a") == "byte 2: expected a text that ends with a quote, found no end");
  CHECK(Of("[\"a\\") == "byte 2: expected a text that ends with a quote, found no end");
  CHECK(Of("\"a\": 1") == "byte 1: expected a map around a name, found none");
  CHECK(Of("[\"\n\xff\"]") == "line 2: expected UTF-8 text, found other bytes");
  CHECK(Of("[\x1b") == "byte 2: expected JSON, found \"\\x1b\"");
}

}  // namespace
}  // namespace assay

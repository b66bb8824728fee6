#include "engine/score/units.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace assay {
namespace {

Unit U(std::string_view text) {
  const std::optional<Unit> unit = Unit::Parse(text);
  INFO(text);
  REQUIRE(unit);
  return *unit;
}

TEST_CASE("a unit prints canonically whatever order it was written in", "[score][unit]") {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"pcs", "pcs"},
      {"pcs/h", "pcs/h"},
      {"pcs*h", "h*pcs"},
      {"h*pcs", "h*pcs"},
      {"1", "1"},
      {"%", "1"},
      {"1/h", "1/h"},
      {"pcs/pcs", "1"},
      {"CNY/pcs/h", "CNY/h/pcs"},
      {" CNY / pcs ", "CNY/pcs"},
      {"m*m/s", "m*m/s"},
      {"件/小时", "件/小时"},
  };
  for (const auto& [text, canonical] : texts) CHECK(U(text).ToString() == canonical);
}

TEST_CASE("a text that names no unit is refused", "[score][unit]") {
  for (const std::string_view text : {"", " ", "/h", "pcs/", "pcs//h", "*", "h* *h"}) {
    INFO(text);
    CHECK_FALSE(Unit::Parse(text));
  }
}

TEST_CASE("units multiply, divide and cancel", "[score][unit]") {
  CHECK(U("pcs/h").Times(U("h")) == U("pcs"));
  CHECK(U("CNY").DividedBy(U("pcs")) == U("CNY/pcs"));
  CHECK(U("pcs").DividedBy(U("pcs")).IsDimensionless());
  CHECK(U("%").Times(U("h")) == U("h"));
  CHECK(U("h") != U("min"));
  CHECK(U("m*m") != U("m"));
}

}  // namespace
}  // namespace assay

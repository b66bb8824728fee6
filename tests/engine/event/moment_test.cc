#include "engine/event/moment.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("a moment is its full vector as text and back", "[event][unit]") {
  const Moment moment{.decisions = 41, .facts = {7, -1, 0}};
  CHECK(moment.ToString() == "41@7,-1,0");
  CHECK(Moment::Parse("41@7,-1,0") == moment);
  CHECK(moment.Sum() == 47);
}

TEST_CASE("what is no full vector is no moment", "[event][unit]") {
  for (const char* text : {"", "41", "41@", "@1,2", "41@1,,2", "41@1,2x", "-2@0", "4 1@0"}) {
    INFO(text);
    CHECK_FALSE(Moment::Parse(text).has_value());
  }
}

}  // namespace assay

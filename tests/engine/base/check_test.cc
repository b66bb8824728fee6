#include "engine/base/check.h"

#include <catch2/catch.hpp>

#include "tests/support/aborts.h"

namespace assay {
namespace {

TEST_CASE("a check that holds does nothing and does not build its text", "[base][unit]") {
  int built = 0;
  ASSAY_INVARIANT(true, "{}", ++built);
  ASSAY_REQUIRE(true, "{}", ++built);
  CHECK(built == 0);
}

TEST_CASE("a check that does not hold stops the process", "[base][unit]") {
  CHECK(testing::Aborts([] { ASSAY_INVARIANT(1 > 2, "one is {}", 1); }));
  CHECK(testing::Aborts([] { ASSAY_REQUIRE(1 > 2, "one is {}", 1); }));
  CHECK_FALSE(testing::Aborts([] {}));
}

}  // namespace
}  // namespace assay

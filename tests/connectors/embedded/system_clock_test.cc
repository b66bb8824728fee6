#include "connectors/embedded/system_clock.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "tests/support/printing.h"

namespace assay {
namespace {

TEST_CASE("the system clock says what the system says", "[embedded][unit]") {
  SystemClock clock;
  const int64_t before = std::time(nullptr);
  const Instant now = clock.Now();
  CHECK(now.ms / 1000 >= before);
  CHECK(now.ms / 1000 <= std::time(nullptr));
}

TEST_CASE("the monotonic clock goes on", "[embedded][unit]") {
  MonotonicClock clock;
  const Instant before = clock.Now();
  CHECK(before.ms > 0);
  CHECK(clock.Now() >= before);
}

TEST_CASE("the story clock says what it was told", "[embedded][unit]") {
  StoryClock clock(Instant{5});
  CHECK(clock.Now() == Instant{5});
  clock.Advance(3);
  CHECK(clock.Now() == Instant{8});
  clock.Set(Instant{2});
  CHECK(clock.Now() == Instant{2});
}

}  // namespace
}  // namespace assay

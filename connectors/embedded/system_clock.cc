#include "connectors/embedded/system_clock.h"

#include <chrono>
#include <ctime>

namespace assay {

Instant SystemClock::Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::floor<std::chrono::milliseconds>(since_epoch).count()};
}

Instant MonotonicClock::Now() {
  timespec since_start{};
  clock_gettime(CLOCK_BOOTTIME, &since_start);
  return {int64_t{since_start.tv_sec} * 1'000 + since_start.tv_nsec / 1'000'000};
}

}  // namespace assay

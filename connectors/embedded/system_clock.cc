#include "connectors/embedded/system_clock.h"

#include <chrono>

namespace assay {

Instant SystemClock::Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::floor<std::chrono::milliseconds>(since_epoch).count()};
}

}  // namespace assay

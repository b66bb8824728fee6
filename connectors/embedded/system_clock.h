// Clocks of a process: the system's, and one that is told the time.

#pragma once

#include <atomic>

#include "engine/commit/ports.h"

namespace assay {

// The system's clock in whole milliseconds UTC. It may jump; the journal's times do not follow it
// backwards. Thread-safe.
class SystemClock final : public Clock {
 public:
  Instant Now() override;
};

// Time since the machine started, also while it slept, as an instant that means nothing in itself.
// Nobody can set it. Thread-safe.
class MonotonicClock final : public Clock {
 public:
  Instant Now() override;
};

// Says what it was told: `--now`, the demo company, the import of history, tests. Thread-safe.
class StoryClock final : public Clock {
 public:
  explicit StoryClock(Instant now) : now_ms_(now.ms) {}

  Instant Now() override { return {now_ms_}; }
  void Set(Instant now) { now_ms_ = now.ms; }
  void Advance(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<int64_t> now_ms_;
};

}  // namespace assay

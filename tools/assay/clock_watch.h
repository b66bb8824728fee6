// Whether the machine's clock can be believed.
//
// What is recorded and decided at a wrong time stands on the log for ever: a grant of tomorrow acts
// today, and a record of today is refused as one of the future. So the clock is compared with what
// cannot be wrong in the same way: the time that has passed since this process began, the last time
// that the log recorded, and the time that a broker put on a record which this process wrote.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// Thread-safe.
class ClockWatch {
 public:
  // How far the clock may be off.
  static constexpr int64_t kOffMsMax = 10 * 60 * 1'000;

  // `monotonic` goes on at the pace of time whatever becomes of `wall`.
  ClockWatch(std::shared_ptr<Clock> wall, std::shared_ptr<Clock> monotonic)
      : wall_(std::move(wall)), monotonic_(std::move(monotonic)) {}

  // The log has a record of that time: it is later now.
  void NoteRecorded(Instant at);
  // The monotonic clock.
  [[nodiscard]] Instant Ticks() { return monotonic_->Now(); }
  // A broker put this time on a record that this process wrote since `begun`, by Ticks(). Says
  // nothing when that is long ago: the machine may have slept since.
  void NoteStamp(Instant at, Instant begun);
  // Whether a stamp was noted.
  [[nodiscard]] bool HasStamp();
  // UNAVAILABLE with both times while the clock is off: who comes again when it is right, is
  // served.
  [[nodiscard]] absl::Status Fault();
  // How far the clock is off; 0 before there is something to compare it with.
  [[nodiscard]] int64_t OffMs();

 private:
  // By how much the clock is ahead of what it should say.
  [[nodiscard]] int64_t OffMsAt(Instant wall, Instant monotonic) const;

  const std::shared_ptr<Clock> wall_;
  const std::shared_ptr<Clock> monotonic_;
  std::mutex mutex_;
  Instant recorded_;
  // The right time minus the monotonic one: by the own clock at first, then by brokers.
  std::optional<int64_t> shift_ms_;
  bool has_stamp_ = false;
};

// Whether records may bear a time that somebody gave: INVALID_ARGUMENT when it is more than a day
// ahead of the clock, and nobody insists.
[[nodiscard]] absl::Status CheckTold(Instant told, Clock& wall, bool is_forced);

}  // namespace assay

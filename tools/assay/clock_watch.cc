#include "tools/assay/clock_watch.h"

#include <algorithm>
#include <cstdlib>

namespace assay {

absl::Status CheckTold(Instant told, Clock& wall, bool is_forced) {
  constexpr int64_t kAheadMsMax = 24 * 60 * 60 * 1'000;
  const Instant now = wall.Now();
  if (is_forced || told.ms <= now.ms + kAheadMsMax) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "--now: expected at most one day later than the clock of this machine ({}), "
                    "found {}: every later record would bear at least that time; --force records "
                    "it all the same",
                    now.ToString(), told.ToString());
}

void ClockWatch::NoteRecorded(Instant at) {
  const std::lock_guard lock(mutex_);
  // Brokers that told this process the time are believed more than an old record.
  if (has_stamp_ && at.ms <= monotonic_->Now().ms + *shift_ms_ + kOffMsMax) return;
  recorded_ = std::max(recorded_, at);
}

void ClockWatch::NoteStamp(Instant at, Instant begun) {
  constexpr int64_t kAgeMsMax = 60'000;
  const std::lock_guard lock(mutex_);
  const Instant now = monotonic_->Now();
  if (now.ms - begun.ms > kAgeMsMax) return;
  has_stamp_ = true;
  shift_ms_ = at.ms - now.ms;
  recorded_ = at;
}

bool ClockWatch::HasStamp() {
  const std::lock_guard lock(mutex_);
  return has_stamp_;
}

int64_t ClockWatch::OffMsAt(Instant wall, Instant monotonic) const {
  if (wall.ms < recorded_.ms - kOffMsMax) return wall.ms - recorded_.ms;
  return shift_ms_.has_value() ? wall.ms - (monotonic.ms + *shift_ms_) : 0;
}

int64_t ClockWatch::OffMs() {
  const std::lock_guard lock(mutex_);
  return OffMsAt(wall_->Now(), monotonic_->Now());
}

absl::Status ClockWatch::Fault() {
  const std::lock_guard lock(mutex_);
  const Instant wall = wall_->Now();
  const Instant monotonic = monotonic_->Now();
  if (wall.ms < recorded_.ms - kOffMsMax) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "the clock of this machine says {}, and the log has a record of {}: set the "
                      "clock right; until then nothing is decided and recorded, unless with --now "
                      "or --force",
                      wall.ToString(), recorded_.ToString());
  }
  if (!shift_ms_.has_value()) shift_ms_ = wall.ms - monotonic.ms;
  if (std::abs(OffMsAt(wall, monotonic)) <= kOffMsMax) return absl::OkStatus();
  const std::string right = Instant{monotonic.ms + *shift_ms_}.ToString();
  if (has_stamp_) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "the clock of this machine says {}, and by the brokers it is {}: set the "
                      "clock right; until then nothing is decided and recorded",
                      wall.ToString(), right);
  }
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "the clock of this machine says {}, and by the time that passed since the "
                    "start it is {}: set the clock right, or start again if it is right; until "
                    "then nothing is decided and recorded",
                    wall.ToString(), right);
}

}  // namespace assay

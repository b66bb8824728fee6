// The loop that keeps the views at the end of the journal.
//
// A step that finds the journal out of reach is repeated, ever more slowly; any other failure says
// that the log, the views or the program are not what they should be, and ends the loop: what was
// folded before stays readable.

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "engine/base/status.h"
#include "tools/assayd/log.h"
#include "tools/assayd/loop.h"
#include "tools/assayd/readiness.h"

namespace assay {

struct FollowerOptions {
  // Between steps that succeeded.
  std::chrono::milliseconds pause{200};
  // Between steps that found the journal out of reach; doubled up to the maximum.
  std::chrono::milliseconds retry{100};
  std::chrono::milliseconds retry_max{2'000};
  // A wait is spoken of at its begin, and then so often.
  std::chrono::milliseconds say_every{10'000};
  // Called in its thread: when the first step succeeded, when a wait is spoken of, when it halts.
  std::function<void()> on_ready;
  std::function<void(const absl::Status&)> on_waiting;
  std::function<void(const absl::Status&)> on_halted;
};

// A thread of its own. What is passed in must outlive it.
class Follower {
 public:
  // `step` folds what is there; UNAVAILABLE = to be tried again.
  Follower(std::function<absl::Status()> step, Readiness& readiness, Log& log,
           FollowerOptions options);
  // As Loop::Stop.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }

 private:
  using Clock = std::chrono::steady_clock;

  // Gives how long to wait before the next step; nothing = no further one.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Step();
  void SayWaiting(const absl::Status& why);

  std::function<absl::Status()> step_;
  Readiness& readiness_;
  Log& log_;
  const FollowerOptions options_;
  std::chrono::milliseconds retry_;
  bool was_ready_ = false;
  std::optional<Clock::time_point> said_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay

// Whether the views follow the journal, and if not, why.

#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace assay {

// Thread-safe.
class Readiness {
 public:
  enum class State {
    kStarting,  // the home is being opened
    kReady,     // the views follow
    kWaiting,   // the journal cannot be reached: tried again
    kHalted,    // nothing is folded any more: a person must act
    kStopping,
  };
  struct Now {
    State state = State::kStarting;
    // Why it is not ready; OK where the state says it all.
    absl::Status why;

    [[nodiscard]] bool Ready() const { return state == State::kReady; }
    // "waiting: UNAVAILABLE: no broker answers"
    [[nodiscard]] std::string ToString() const;
  };

  // Nothing follows kStopping.
  void Set(State state, absl::Status why = absl::OkStatus());
  [[nodiscard]] Now Get() const;

 private:
  mutable std::mutex mutex_;
  Now now_;
};

// "waiting"
[[nodiscard]] std::string_view ReadinessName(Readiness::State state);

}  // namespace assay

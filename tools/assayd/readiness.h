// Whether the service is ready, and if not, why: where the follow loop stands, and one list of
// conditions. `/readyz`, `/metrics` and the log say the same of both.

#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// Names of conditions. Each is raised and cleared by one place only.
namespace condition {
// Somebody has had the home for long, so that everybody else waits. Raised by Watch.
inline constexpr std::string_view kHomeHeld = "home-held";
// A caller's documents have been read for long, while others have the home. Raised by Watch.
inline constexpr std::string_view kDocuments = "documents";
// A disk has too little room for what is written next. Raised by Watch.
inline constexpr std::string_view kDisk = "disk";
// A command or a file that was to be written lately was not. Raised by Watch.
inline constexpr std::string_view kWrite = "write";
// The journal ends before what was folded from it. Raised by HomeKeeper.
inline constexpr std::string_view kLag = "lag";
// A step that the engine owes (a sealed cut, the day's heads) could not be taken; it is taken
// again. Raised by HomeKeeper.
inline constexpr std::string_view kEngineStep = "engine-step";
// The file of heads (`heads: {file: ...}`) cannot be kept, or the log is not the one that it names.
// Raised by the daemon.
inline constexpr std::string_view kHeads = "heads";
// A commit that was decided again (`check: decisions`) does not follow from the state that it was
// decided on. Raised by the daemon.
inline constexpr std::string_view kDecisions = "decisions";
inline constexpr std::array kAll = {kHomeHeld, kDocuments,  kDisk,  kWrite,
                                    kLag,      kEngineStep, kHeads, kDecisions};
}  // namespace condition

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
  // What keeps the service from being ready although its views follow.
  struct Condition {
    std::string name;
    absl::Status why;
    Instant since;
  };
  struct Now {
    State state = State::kStarting;
    // Why the views do not follow; OK where the state says it all.
    absl::Status why;
    // By name.
    std::vector<Condition> conditions;

    // Whether the views follow the journal: calls are answered with what is there.
    [[nodiscard]] bool Follows() const { return state == State::kReady; }
    [[nodiscard]] bool Ready() const { return Follows() && conditions.empty(); }
    // "ready", "waiting: UNAVAILABLE: no broker answers", or
    // "not ready: disk: UNAVAILABLE: 0 KiB are free for keys (since 2026-09-01T08:00:00Z)"
    [[nodiscard]] std::string ToString() const;
  };
  // Called after a condition was raised or cleared, without a lock.
  using Observer = std::function<void(const Condition& condition, bool is_raised)>;

  // To be set before anything else is called.
  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // Nothing follows kStopping.
  void Set(State state, absl::Status why = absl::OkStatus());
  // Raises the condition when `why` is a failure, and clears it when it is OK. One that is raised
  // already keeps since when, and says `why` from now on.
  void Note(std::string_view name, const absl::Status& why);
  [[nodiscard]] Now Get() const;

 private:
  mutable std::mutex mutex_;
  Now now_;
  Observer observer_;
};

// "waiting"
[[nodiscard]] std::string_view ReadinessName(Readiness::State state);

}  // namespace assay

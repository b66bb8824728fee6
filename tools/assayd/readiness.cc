#include "tools/assayd/readiness.h"

#include <utility>

namespace assay {

std::string_view ReadinessName(Readiness::State state) {
  switch (state) {
    case Readiness::State::kStarting:
      return "starting";
    case Readiness::State::kReady:
      return "ready";
    case Readiness::State::kWaiting:
      return "waiting";
    case Readiness::State::kHalted:
      return "halted";
    case Readiness::State::kStopping:
      return "stopping";
  }
  return "";
}

std::string Readiness::Now::ToString() const {
  if (why.ok()) return std::string(ReadinessName(state));
  return fmt::format("{}: {}", ReadinessName(state), Describe(why));
}

void Readiness::Set(State state, absl::Status why) {
  const std::lock_guard lock(mutex_);
  if (now_.state == State::kStopping) return;
  now_ = {state, std::move(why)};
}

Readiness::Now Readiness::Get() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

}  // namespace assay

#include "tools/assayd/readiness.h"

#include <algorithm>
#include <utility>

#include "connectors/embedded/system_clock.h"

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
  if (!Follows() || conditions.empty()) {
    const std::string_view name = ReadinessName(state);
    return why.ok() ? std::string(name) : fmt::format("{}: {}", name, Describe(why));
  }
  std::string text = "not ready";
  for (const Condition& each : conditions) {
    text += fmt::format("{} {}: {} (since {})", text.ends_with("ready") ? ":" : ";", each.name,
                        Describe(each.why), each.since.ToString());
  }
  return text;
}

void Readiness::Set(State state, absl::Status why) {
  const std::lock_guard lock(mutex_);
  if (now_.state == State::kStopping) return;
  now_.state = state;
  now_.why = std::move(why);
}

void Readiness::Note(std::string_view name, const absl::Status& why) {
  Condition changed;
  {
    const std::lock_guard lock(mutex_);
    auto& all = now_.conditions;
    const auto found = std::ranges::lower_bound(all, name, {}, &Condition::name);
    const bool is_raised = found != all.end() && found->name == name;
    if (is_raised && !why.ok()) found->why = why;
    if (is_raised == !why.ok()) return;
    if (is_raised) {
      changed = std::move(*found);
      all.erase(found);
    } else {
      changed = {std::string(name), why, SystemClock().Now()};
      all.insert(found, changed);
    }
  }
  if (observer_) observer_(changed, !why.ok());
}

Readiness::Now Readiness::Get() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

}  // namespace assay

#include "tools/assayd/follower.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

const char* AdviceFor(const absl::Status& why) {
  return absl::IsDataLoss(why)
             ? "reads are answered from what was folded before; stop assayd, run `assay verify`, "
               "restore what it names from a copy"
             : "reads are answered from what was folded before; stop assayd and correct it";
}

}  // namespace

Follower::Follower(std::function<absl::Status()> step, Readiness& readiness, Log& log,
                   FollowerOptions options)
    : step_(std::move(step)),
      readiness_(readiness),
      log_(log),
      options_(std::move(options)),
      retry_(options_.retry),
      loop_([this] { return Step(); }) {}

std::optional<std::chrono::milliseconds> Follower::Step() {
  const absl::Status done = step_();
  if (done.ok()) {
    readiness_.Set(Readiness::State::kReady);
    if (said_.has_value()) log_.Info("following again");
    said_.reset();
    retry_ = options_.retry;
    if (!std::exchange(was_ready_, true) && options_.on_ready) options_.on_ready();
    return options_.pause;
  }
  if (absl::IsUnavailable(done)) {
    readiness_.Set(Readiness::State::kWaiting, done);
    SayWaiting(done);
    return std::exchange(retry_, std::min(2 * retry_, options_.retry_max));
  }
  readiness_.Set(Readiness::State::kHalted, done);
  log_.Error("halted", Json::Object().Put("reason", Describe(done)).Put("advice", AdviceFor(done)));
  if (options_.on_halted) options_.on_halted(done);
  return std::nullopt;
}

void Follower::SayWaiting(const absl::Status& why) {
  const auto now = Clock::now();
  if (said_.has_value() && now - *said_ < options_.say_every) return;
  said_ = now;
  log_.Warn("waiting", Json::Object().Put("reason", Describe(why)));
  if (options_.on_waiting) options_.on_waiting(why);
}

}  // namespace assay

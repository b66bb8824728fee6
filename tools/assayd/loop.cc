#include "tools/assayd/loop.h"

#include <utility>

namespace assay {

Loop::Loop(Step step) : step_(std::move(step)), thread_([this] { Run(); }) {}

Loop::~Loop() {
  (void)Stop(std::chrono::milliseconds(0));
  thread_.join();
}

bool Loop::Stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [this] { return ended_; });
}

bool Loop::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Loop::Run() {
  for (;;) {
    const auto wait = step_();
    std::unique_lock lock(mutex_);
    if (wait.has_value()) changed_.wait_for(lock, *wait, [this] { return stopping_; });
    if (wait.has_value() && !stopping_) continue;
    ended_ = true;
    changed_.notify_all();
    return;
  }
}

}  // namespace assay

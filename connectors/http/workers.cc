#include "connectors/http/workers.h"

#include <system_error>
#include <utility>

namespace assay {

bool Workers::Post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  const bool needs_one = idle_ <= posted_.size() && threads_.size() < threads_max_;
  if (needs_one && !AddThread() && threads_.empty()) return false;
  posted_.push_back(std::move(work));
  changed_.notify_one();
  return true;
}

bool Workers::AddThread() {
  try {
    threads_.emplace_back([this] { Run(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void Workers::Join() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ends_ || !posted_.empty(); });
    --idle_;
    if (posted_.empty()) return;
    std::function<void()> work = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    work();
    // What it holds is let go of without the lock.
    work = nullptr;
    lock.lock();
  }
}

}  // namespace assay

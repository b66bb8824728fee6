// A mutex that is had in the order of asking.
//
// std::mutex lets whoever unlocks it lock it again before those who wait have woken up: a call that
// gives way between two batches would hardly ever be passed.

#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

namespace assay {

// Thread-safe; for std::unique_lock and std::lock_guard.
class FairMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    if (!is_taken_) {
      is_taken_ = true;
      return;
    }
    Turn turn;
    waiting_.push_back(&turn);
    turn.came.wait(guard, [&] { return turn.is_here; });
  }

  void unlock() {
    const std::lock_guard guard(mutex_);
    if (waiting_.empty()) {
      is_taken_ = false;
      return;
    }
    // It stays taken: from here on by the first who waits.
    Turn& next = *waiting_.front();
    waiting_.pop_front();
    next.is_here = true;
    next.came.notify_one();
  }

 private:
  struct Turn {
    std::condition_variable came;
    bool is_here = false;
  };
  std::mutex mutex_;
  bool is_taken_ = false;
  std::deque<Turn*> waiting_;
};

}  // namespace assay

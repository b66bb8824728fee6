// Threads that run what is posted to them, in its order; made when they are needed.
//
// A system that gives no further thread is answered by those that are there. Included by the server
// alone.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace assay {

// Thread-safe, but for its end.
class Workers {
 public:
  explicit Workers(size_t threads_max) : threads_max_(threads_max) {}
  // As Join.
  ~Workers() { Join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when there is no thread and the system gives none: `work` is dropped.
  [[nodiscard]] bool Post(std::function<void()> work);
  // Threads that wait for work.
  [[nodiscard]] size_t Idle() {
    const std::lock_guard lock(mutex_);
    return idle_;
  }
  // Runs what was posted and ends the threads. Nothing may be posted any more.
  void Join();

 private:
  void Run();
  // Whether there is one more.
  bool AddThread();

  const size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
  size_t idle_ = 0;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace assay

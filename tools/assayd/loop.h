// A thread that repeats a step until it is told to stop, or the step says that it was the last.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace assay {

// Thread-safe.
class Loop {
 public:
  // Gives how long to wait before the next step; nothing = there is none.
  using Step = std::function<std::optional<std::chrono::milliseconds>()>;

  // Begins at once. What `step` uses must outlive this.
  explicit Loop(Step step);
  // As Stop, however long it takes.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Begins no further step. False when the one at hand has not ended within `patience`.
  bool Stop(std::chrono::milliseconds patience);
  [[nodiscard]] bool IsStopping();

 private:
  void Run();

  const Step step_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool ended_ = false;
  // The last member: it uses the others.
  std::thread thread_;
};

}  // namespace assay

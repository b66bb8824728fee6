// Looks once a second at what may wait without an end, and says so as conditions of readiness: a
// home that one caller has for long, documents that are read for long, a disk without room, a write
// that failed.

#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/loop.h"
#include "tools/assayd/readiness.h"

namespace assay {

struct WatchOptions {
  // Between two looks.
  std::chrono::milliseconds pause{1'000};
  // Whoever has the home for longer keeps others waiting. Calls give way between two batches.
  std::chrono::milliseconds held_max{10'000};
  // Documents that are read for longer take a processor from the others.
  std::chrono::milliseconds reading_max{10'000};
  // For how long a write that failed is spoken of, unless another one succeeds before.
  std::chrono::milliseconds failure_kept{5'000};
  // With less room the next write may fail.
  uint64_t room_bytes_min = 256 * 1024;
};

// A thread of its own; thread-safe. What is passed in must outlive it.
class Watch {
 public:
  Watch(const HomeKeeper& keeper, Readiness& readiness, WatchOptions options = {});

  // What became of a write of a caller: a failure is a condition at once.
  void NoteWrite(const absl::Status& written);
  // As Loop::Stop.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }

 private:
  [[nodiscard]] std::chrono::milliseconds Look();
  [[nodiscard]] absl::Status HeldFault() const;
  [[nodiscard]] absl::Status ReadingFault() const;
  [[nodiscard]] absl::Status RoomFault() const;

  const HomeKeeper& keeper_;
  Readiness& readiness_;
  const WatchOptions options_;
  std::mutex mutex_;
  // Of the last write, if that failed.
  std::optional<std::chrono::steady_clock::time_point> failed_;
  // The last member: its thread uses the others.
  Loop loop_;
};

// Why nothing larger than `bytes` can be written to the folder; OK when it can, or when the system
// does not say how much room there is. `what` names what is written there.
[[nodiscard]] absl::Status RoomFaultOf(const std::string& what, const std::string& folder,
                                       uint64_t bytes);

}  // namespace assay

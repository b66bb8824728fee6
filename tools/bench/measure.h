// Clocks, quantiles and processes of their own for measurements.

#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include <vector>

#include "engine/base/status.h"

namespace assay::bench {

inline double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

// Hands a result to the process that started this one, and kills this one on the spot.
template <typename Result>
class LastWord {
 public:
  static_assert(std::is_trivially_copyable_v<Result>);
  explicit LastWord(int pipe) : pipe_(pipe) {}
  [[noreturn]] void operator()(const Result& result) const {
    (void)!::write(pipe_, static_cast<const void*>(&result), sizeof(Result));
    ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }

 private:
  int pipe_;
};

// Runs `measure` in a process of its own: its time, memory and caches are its own, and when it says
// its last word it leaves files as kill -9 does. `measure` returns only failures. REQUIRES: this
// process has one thread.
template <typename Result, typename Measure>
absl::StatusOr<Result> InOwnProcess(const Measure& measure) {
  int ends[2];
  if (::pipe(ends) != 0) return MakeStatus(absl::StatusCode::kInternal, "no pipe");
  const pid_t child = ::fork();
  if (child < 0) return MakeStatus(absl::StatusCode::kInternal, "no process");
  if (child == 0) {
    const absl::Status failure = measure(LastWord<Result>(ends[1]));
    fmt::print(stderr, "error {}\n", Describe(failure));
    ::_exit(1);
  }
  ::close(ends[1]);
  Result result;
  const ssize_t count = ::read(ends[0], static_cast<void*>(&result), sizeof(Result));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  if (count == static_cast<ssize_t>(sizeof(Result))) return result;
  return MakeStatus(absl::StatusCode::kInternal, "a measurement failed");
}

}  // namespace assay::bench

#include "tools/assayd/follower.h"

#include <catch2/catch.hpp>
#include <deque>

namespace assay {
namespace {

using std::chrono::milliseconds;

// Steps that end as told, and then well.
class Steps {
 public:
  explicit Steps(std::deque<absl::Status> outcomes) : outcomes_(std::move(outcomes)) {}

  absl::Status Next() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
    if (outcomes_.empty()) return absl::OkStatus();
    absl::Status outcome = outcomes_.front();
    outcomes_.pop_front();
    return outcome;
  }
  void Await(int count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::minutes(2), [&] { return count_ >= count; }));
  }
  [[nodiscard]] int Count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<absl::Status> outcomes_;
  int count_ = 0;
};

struct Heard {
  std::atomic<int> ready{0};
  std::atomic<int> waiting{0};
  std::atomic<int> halted{0};
};

FollowerOptions Quick(Heard& heard) {
  return {.pause = milliseconds(1),
          .retry = milliseconds(1),
          .retry_max = milliseconds(2),
          .on_ready = [&] { ++heard.ready; },
          .on_waiting = [&](const absl::Status&) { ++heard.waiting; },
          .on_halted = [&](const absl::Status&) { ++heard.halted; }};
}

Log& Quiet() {
  static Log log;
  log.SetLevel("error");
  return log;
}

TEST_CASE("a journal out of reach is waited for, said once, and followed again") {
  const absl::Status away = MakeStatus(absl::StatusCode::kUnavailable, "no broker answers");
  Steps steps({away, away, away, away});
  Readiness readiness;
  Heard heard;
  Follower follower([&] { return steps.Next(); }, readiness, Quiet(), Quick(heard));
  steps.Await(6);
  CHECK(readiness.Get().Ready());
  CHECK(heard.waiting == 1);
  CHECK(heard.ready == 1);
  REQUIRE(follower.Stop(milliseconds(120'000)));
  const int count = steps.Count();
  std::this_thread::sleep_for(milliseconds(10));
  CHECK(steps.Count() == count);
}

TEST_CASE("a wait that lasts is spoken of again and again, with its reason") {
  const absl::Status away = MakeStatus(absl::StatusCode::kUnavailable, "no broker answers");
  Steps steps(std::deque<absl::Status>(100'000, away));
  Readiness readiness;
  Heard heard;
  FollowerOptions options = Quick(heard);
  options.say_every = milliseconds(20);
  const auto begun = std::chrono::steady_clock::now();
  Follower follower([&] { return steps.Next(); }, readiness, Quiet(), std::move(options));
  while (heard.waiting < 3) std::this_thread::sleep_for(milliseconds(1));
  CHECK(std::chrono::steady_clock::now() - begun >= milliseconds(40));
  CHECK(readiness.Get().ToString() == "waiting: UNAVAILABLE: no broker answers");
  CHECK(heard.ready == 0);
}

TEST_CASE("damage halts: nothing more is folded and the reason stays") {
  Steps steps({absl::OkStatus(), MakeStatus(absl::StatusCode::kDataLoss, "position 7 is torn")});
  Readiness readiness;
  Heard heard;
  Follower follower([&] { return steps.Next(); }, readiness, Quiet(), Quick(heard));
  while (heard.halted == 0) std::this_thread::sleep_for(milliseconds(1));
  REQUIRE(follower.Stop(milliseconds(120'000)));
  CHECK(steps.Count() == 2);
  CHECK(readiness.Get().ToString() == "halted: DATA_LOSS: position 7 is torn");
}

TEST_CASE("a step that lasts is not waited for longer than asked") {
  std::atomic<bool> go_on{false};
  Readiness readiness;
  Heard heard;
  Follower follower(
      [&] {
        while (!go_on) std::this_thread::sleep_for(milliseconds(1));
        return absl::OkStatus();
      },
      readiness, Quiet(), Quick(heard));
  CHECK_FALSE(follower.Stop(milliseconds(10)));
  go_on = true;
  CHECK(follower.Stop(milliseconds(120'000)));
}

TEST_CASE("nothing follows stopping") {
  Readiness readiness;
  CHECK(readiness.Get().ToString() == "starting");
  readiness.Set(Readiness::State::kStopping);
  readiness.Set(Readiness::State::kReady);
  CHECK(readiness.Get().ToString() == "stopping");
}

}  // namespace
}  // namespace assay

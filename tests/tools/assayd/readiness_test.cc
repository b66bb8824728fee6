#include "tools/assayd/readiness.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

TEST_CASE("several conditions are told in one line, and where the loop stands before them") {
  Readiness readiness;
  readiness.Set(Readiness::State::kReady);
  readiness.Note(condition::kLag, MakeStatus(absl::StatusCode::kDataLoss, "facts/3 is shorter"));
  readiness.Note(condition::kDisk, MakeStatus(absl::StatusCode::kUnavailable, "no room"));
  const Readiness::Now both = readiness.Get();
  CHECK_FALSE(both.Ready());
  CHECK(both.Follows());
  REQUIRE(both.conditions.size() == 2);
  const std::string text = both.ToString();
  CHECK(text.starts_with("not ready: disk: UNAVAILABLE: no room (since "));
  CHECK(text.find("; lag: DATA_LOSS: facts/3 is shorter (since ") != std::string::npos);
  readiness.Set(Readiness::State::kHalted, MakeStatus(absl::StatusCode::kDataLoss, "torn"));
  CHECK(readiness.Get().ToString() == "halted: DATA_LOSS: torn");
  readiness.Set(Readiness::State::kReady);
  readiness.Note(condition::kLag, absl::OkStatus());
  readiness.Note(condition::kDisk, absl::OkStatus());
  CHECK(readiness.Get().ToString() == "ready");
}

TEST_CASE("a condition that is raised again keeps since when, and is told once") {
  Readiness readiness;
  int raised = 0;
  int cleared = 0;
  readiness.SetObserver(
      [&](const Readiness::Condition&, bool is_raised) { ++(is_raised ? raised : cleared); });
  readiness.Note(condition::kWrite, absl::OkStatus());
  readiness.Note(condition::kWrite, MakeStatus(absl::StatusCode::kUnavailable, "first"));
  const Instant since = readiness.Get().conditions.front().since;
  readiness.Note(condition::kWrite, MakeStatus(absl::StatusCode::kUnavailable, "second"));
  CHECK(readiness.Get().conditions.front().since.ms == since.ms);
  CHECK(MessageOf(readiness.Get().conditions.front().why) == "second");
  readiness.Note(condition::kWrite, absl::OkStatus());
  CHECK(raised == 1);
  CHECK(cleared == 1);
}

}  // namespace
}  // namespace assay

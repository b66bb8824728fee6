#include "tools/assayd/watch.h"

#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/environment.h"

namespace assay {
namespace {

using std::chrono::milliseconds;

// Waits for what another thread does, with a limit that no load reaches.
template <typename Condition>
bool Await(const Condition& condition) {
  for (int i = 0; i < 120'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

class WatchedWorld {
 public:
  WatchedWorld() : keeper_({.directory = scratch_.Path("home")}, readiness_) {
    REQUIRE(Home::Init({.directory = scratch_.Path("home"), .facts_partitions = 1},
                       {.company = "acme", .admins = {"p-admin"}}, false)
                .ok());
    REQUIRE(keeper_.Follow().ok());
    readiness_.Set(Readiness::State::kReady);
  }
  [[nodiscard]] std::string Says() const { return readiness_.Get().ToString(); }

  const testing::ScratchDirectory scratch_;
  Readiness readiness_;
  HomeKeeper keeper_;
};

// Conditions as they are raised and cleared: "+name", "-name". Must outlive the watch.
class Heard {
 public:
  explicit Heard(Readiness& readiness) {
    readiness.SetObserver([this](const Readiness::Condition& condition, bool is_raised) {
      const std::lock_guard lock(mutex_);
      all_.push_back((is_raised ? "+" : "-") + condition.name);
    });
  }
  [[nodiscard]] std::vector<std::string> All() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

TEST_CASE("who has the home for long is named until it is let go of") {
  WatchedWorld world;
  Heard heard(world.readiness_);
  Watch watch(world.keeper_, world.readiness_,
              {.pause = milliseconds(1), .held_max = milliseconds(20), .room_bytes_min = 0});
  {
    auto hold = world.keeper_.Take("run of user 7");
    REQUIRE(hold.ok());
    hold->SayWho("run of user 7 as p-1");
    REQUIRE(Await([&] { return !world.readiness_.Get().Ready(); }));
    CHECK(world.readiness_.Get().Follows());
    CHECK(world.Says().starts_with(
        "not ready: home-held: UNAVAILABLE: run of user 7 as p-1 has the home since "));
  }
  CHECK(Await([&] { return world.readiness_.Get().Ready(); }));
  CHECK(watch.Stop(milliseconds(120'000)));
  CHECK(heard.All() == std::vector<std::string>{"+home-held", "-home-held"});
}

TEST_CASE("who lets others have the home does not have it for long") {
  WatchedWorld world;
  Watch watch(world.keeper_, world.readiness_,
              {.pause = milliseconds(1), .held_max = milliseconds(20), .room_bytes_min = 0});
  auto hold = world.keeper_.Take("ingest of user 7");
  REQUIRE(hold.ok());
  bool was_free = false;
  hold->LetOthers([&] {
    was_free = !world.keeper_.HeldBy().has_value();
    const auto other = world.keeper_.Take("status of user 8");
    REQUIRE(other.ok());
    REQUIRE(world.keeper_.HeldBy().has_value());
    CHECK(world.keeper_.HeldBy()->who == "status of user 8");
  });
  CHECK(was_free);
  CHECK(world.keeper_.HeldBy()->who == "ingest of user 7");
}

TEST_CASE("documents that are read for long are a condition, though others have the home") {
  WatchedWorld world;
  Heard heard(world.readiness_);
  Watch watch(world.keeper_, world.readiness_,
              {.pause = milliseconds(1), .reading_max = milliseconds(20), .room_bytes_min = 0});
  auto hold = world.keeper_.Take("run of user 7");
  REQUIRE(hold.ok());
  hold->SayWho("run of user 7 as p-1");
  bool was_said = false;
  hold->ReadDocuments([&] {
    CHECK_FALSE(world.keeper_.HeldBy().has_value());
    was_said = Await([&] { return !world.readiness_.Get().Ready(); });
    CHECK(world.Says().starts_with(
        "not ready: documents: UNAVAILABLE: run of user 7 as p-1 reads documents since "));
    // Of two the one that began first is named.
    auto other = world.keeper_.Take("source add of user 8");
    REQUIRE(other.ok());
    other->ReadDocuments(
        [&] { CHECK(world.keeper_.LongestReader()->who == "run of user 7 as p-1"); });
  });
  CHECK(was_said);
  CHECK_FALSE(world.keeper_.LongestReader().has_value());
  CHECK(Await([&] { return world.readiness_.Get().Ready(); }));
  // Work that reads no documents, as an ingest between two batches, is none.
  hold->LetOthers([&] { CHECK_FALSE(world.keeper_.LongestReader().has_value()); });
  CHECK(watch.Stop(milliseconds(30'000)));
  CHECK(heard.All() == std::vector<std::string>{"+documents", "-documents"});
}

TEST_CASE("a write that failed is a condition until one succeeds, or for a while") {
  WatchedWorld world;
  Watch watch(
      world.keeper_, world.readiness_,
      {.pause = milliseconds(1), .failure_kept = milliseconds(60'000), .room_bytes_min = 0});
  const absl::Status failed = MakeStatus(absl::StatusCode::kUnavailable, "write keys/k: no room");
  watch.NoteWrite(failed);
  CHECK(world.Says().starts_with("not ready: write: UNAVAILABLE: write keys/k: no room (since "));
  watch.NoteWrite(absl::OkStatus());
  CHECK(world.Says() == "ready");
  Watch hasty(world.keeper_, world.readiness_,
              {.pause = milliseconds(1), .failure_kept = milliseconds(5), .room_bytes_min = 0});
  hasty.NoteWrite(failed);
  CHECK(Await([&] { return world.Says() == "ready"; }));
}

TEST_CASE("a folder without room is told with what is written there") {
  WatchedWorld world;
  CHECK(RoomFaultOf("keys", world.scratch_.path(), 0).ok());
  const absl::Status full =
      RoomFaultOf("keys", world.scratch_.path(), std::numeric_limits<uint64_t>::max());
  CHECK(absl::IsUnavailable(full));
  CHECK(MessageOf(full).starts_with("keys cannot be written: "));
  const auto places = world.keeper_.Places();
  for (const char* what : {"journal", "keys", "views"}) {
    INFO(what);
    REQUIRE(places.contains(what));
    CHECK(RoomFaultOf(what, places.at(what), 0).ok());
  }
  Watch watch(world.keeper_, world.readiness_,
              {.pause = milliseconds(1), .room_bytes_min = std::numeric_limits<uint64_t>::max()});
  REQUIRE(Await([&] { return !world.readiness_.Get().Ready(); }));
  CHECK(world.Says().starts_with("not ready: disk: UNAVAILABLE: journal cannot be written: "));
}

}  // namespace
}  // namespace assay

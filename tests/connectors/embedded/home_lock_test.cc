#include "connectors/embedded/home_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

TEST_CASE("a home that is in use says by whom and since when", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  StoryClock clock(Instant::Parse("2026-07-01T09:30:00Z").value());
  std::optional<HomeLock> held = HomeLock::Acquire(home.path(), clock).value();
  const auto second = HomeLock::Acquire(home.path(), clock);
  REQUIRE(absl::IsUnavailable(second.status()));
  const std::string text(MessageOf(second.status()));
  CHECK_THAT(text, Catch::Contains("in use by connectors_embe"));
  CHECK_THAT(text, Catch::Contains(fmt::format("(process {})", getpid())));
  CHECK_THAT(text, Catch::Contains("since 2026-07-01T09:30:00.000Z"));
  CHECK_THAT(text, Catch::Contains("stop it"));
  held.reset();
  CHECK(HomeLock::Acquire(home.path(), clock).ok());
}

TEST_CASE("a lock can be moved and is held once", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  HomeLock first = HomeLock::Acquire(home.path(), clock).value();
  const HomeLock second = std::move(first);
  CHECK_FALSE(HomeLock::Acquire(home.path(), clock).ok());
}

TEST_CASE("the lock of a killed process is free", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = HomeLock::Acquire(home.path(), clock);
    const char told = lock.ok() ? '1' : '0';
    if (write(ends[1], &told, 1) == 1) pause();
    _exit(1);
  }
  char told = 0;
  REQUIRE(read(ends[0], &told, 1) == 1);
  REQUIRE(told == '1');
  CHECK(absl::IsUnavailable(HomeLock::Acquire(home.path(), clock).status()));
  kill(child, SIGKILL);
  int state = 0;
  REQUIRE(waitpid(child, &state, 0) == child);
  close(ends[0]);
  close(ends[1]);
  CHECK(HomeLock::Acquire(home.path(), clock).ok());
}

TEST_CASE("a lock needs a home", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  CHECK(absl::IsNotFound(HomeLock::Acquire(home.Path("missing"), clock).status()));
}

}  // namespace
}  // namespace assay

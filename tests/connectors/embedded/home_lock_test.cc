#include "connectors/embedded/home_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
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

// A program that is not ours has the file locked until it is told to end.
class Stranger {
 public:
  explicit Stranger(const std::string& path) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    process_ = fork();
    if (process_ == 0) {
      const int file = open(path.c_str(), O_RDONLY);
      const char told = file >= 0 && flock(file, LOCK_EX) == 0 ? '1' : '0';
      if (write(ends[1], &told, 1) == 1) pause();
      _exit(1);
    }
    char told = 0;
    REQUIRE(read(ends[0], &told, 1) == 1);
    REQUIRE(told == '1');
    close(ends[0]);
    close(ends[1]);
  }
  ~Stranger() {
    kill(process_, SIGKILL);
    int state = 0;
    waitpid(process_, &state, 0);
  }
  [[nodiscard]] pid_t Process() const { return process_; }

 private:
  pid_t process_ = 0;
};

TEST_CASE("who holds a lock is told as the system knows it, not in the words of the dead",
          "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  REQUIRE(HomeLock::Acquire(home.path(), clock).ok());
  {
    // Its last writer has ended.
    std::ofstream(home.Path("assay.lock"))
        << "assay (process 1999999999) since 2026-01-01T00:00:00.000Z\n";
    const Stranger stranger(home.Path("assay.lock"));
    const auto held = HomeLock::Acquire(home.path(), clock);
    REQUIRE(absl::IsUnavailable(held.status()));
    const std::string text(MessageOf(held.status()));
    CHECK_THAT(text, !Catch::Contains("1999999999") && !Catch::Contains("2026-01-01"));
    const bool is_told =
        std::filesystem::file_size("/proc/locks") > 0 || std::ifstream("/proc/locks").peek() != EOF;
    CHECK_THAT(text, Catch::Contains(is_told ? fmt::format("(process {})", stranger.Process())
                                             : std::string("in use by another process")));
    CHECK(absl::IsUnavailable(HomeLock::AcquireToRead(home.path()).status()));
  }
  CHECK(HomeLock::Acquire(home.path(), clock).ok());
}

TEST_CASE("the file of the lock is its owner's, so nobody else can hold it",
          "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  const mode_t before = umask(0);
  REQUIRE(HomeLock::Acquire(home.path(), clock).ok());
  umask(before);
  struct stat file {};
  REQUIRE(stat(home.Path("assay.lock").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
}

TEST_CASE("several read a home at once, and nobody writes meanwhile", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  {
    const auto first = HomeLock::AcquireToRead(home.path());
    const auto second = HomeLock::AcquireToRead(home.path());
    CHECK(first.ok());
    CHECK(second.ok());
    CHECK(absl::IsUnavailable(HomeLock::Acquire(home.path(), clock).status()));
    CHECK(std::filesystem::file_size(home.Path("assay.lock")) == 0);
  }
  const auto writer = HomeLock::Acquire(home.path(), clock);
  CHECK(writer.ok());
  CHECK(absl::IsUnavailable(HomeLock::AcquireToRead(home.path()).status()));
}

TEST_CASE("a lock needs a home", "[embedded][integration]") {
  const testing::ScratchDirectory home;
  SystemClock clock;
  CHECK(absl::IsNotFound(HomeLock::Acquire(home.Path("missing"), clock).status()));
}

}  // namespace
}  // namespace assay

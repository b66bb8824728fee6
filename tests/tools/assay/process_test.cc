#include "tools/assay/process.h"

#include <assay/v1/log.pb.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <new>
#include <string>
#include <system_error>
#include <thread>

namespace assay {
namespace {

struct Ended {
  int status = 0;
  std::string said;
};

// Runs `work` in a guarded child, and gives how that ended and what it said.
template <typename Work>
Ended InChild(const Work& work) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    GuardProcess();
    // Without a handler above it, as in a thread of its own.
    std::thread([&] { work(); }).join();
    _exit(0);
  }
  close(ends[1]);
  Ended ended;
  std::array<char, 512> some{};
  for (ssize_t got = 0; (got = read(ends[0], some.data(), some.size())) > 0;) {
    ended.said.append(some.data(), static_cast<size_t>(got));
  }
  close(ends[0]);
  waitpid(child, &ended.status, 0);
  return ended;
}

TEST_CASE("a guarded process leaves no core and is attached to by nobody") {
  const Ended ended = InChild([] {
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
#if defined(__SANITIZE_ADDRESS__)
    const bool is_open = false;
#else
    const bool is_open = prctl(PR_GET_DUMPABLE) != 0;
#endif
    _exit(limit.rlim_cur == 0 && limit.rlim_max == 0 && !is_open ? 42 : 1);
  });
  REQUIRE(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 42);
}

TEST_CASE("a guarded process says nothing of texts that are not UTF-8") {
  const Ended ended = InChild([] {
    v1::Record record;
    _exit(record.ParseFromString("\x0a\x01\xff") ? 1 : 42);
  });
  REQUIRE(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 42);
  CHECK(ended.said.empty());
}

TEST_CASE("a refused thread or memory is a sentence and exit code 6") {
  const Ended thread = InChild([] {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  });
  REQUIRE(WIFEXITED(thread.status));
  CHECK(WEXITSTATUS(thread.status) == 6);
  CHECK(thread.said.starts_with("error UNAVAILABLE: the system gives no further thread; "));
  const Ended memory = InChild([] { throw std::bad_alloc(); });
  REQUIRE(WIFEXITED(memory.status));
  CHECK(WEXITSTATUS(memory.status) == 6);
  CHECK(memory.said.starts_with("error UNAVAILABLE: the system gives no further memory; "));
  // What we did wrong ourselves still aborts.
  const Ended wrong = InChild([] { throw 7; });
  REQUIRE(WIFSIGNALED(wrong.status));
  CHECK(WTERMSIG(wrong.status) == SIGABRT);
}

}  // namespace
}  // namespace assay

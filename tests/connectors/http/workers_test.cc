#include "connectors/http/workers.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <future>
#include <set>
#include <system_error>
#include <thread>

namespace assay {
namespace {

TEST_CASE("a thread is made when all others are at work, up to the most there may be") {
  Workers workers(3);
  std::promise<void> go_on;
  const auto gate = go_on.get_future().share();
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> begun{0};
  std::atomic<int> done{0};
  for (int i = 0; i < 10; ++i) {
    REQUIRE(workers.Post([&, gate] {
      {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      ++begun;
      gate.wait();
      ++done;
    }));
  }
  while (begun < 3) std::this_thread::yield();
  CHECK(done == 0);
  go_on.set_value();
  workers.Join();
  CHECK(done == 10);
  CHECK(threads.size() == 3);
}

TEST_CASE("one thread is enough for one piece of work after the other") {
  Workers workers(8);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 20; ++i) {
    std::promise<std::thread::id> ran;
    REQUIRE(workers.Post([&] { ran.set_value(std::this_thread::get_id()); }));
    threads.insert(ran.get_future().get());
    // A thread that is not back yet would not be found idle by the next piece.
    while (workers.Idle() == 0) std::this_thread::yield();
  }
  CHECK(threads.size() == 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Leaves this process no room for the stack of another thread.
void RefuseThreads() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + (1 << 20);
  const rlimit limit{bytes, bytes};
  (void)setrlimit(RLIMIT_AS, &limit);
  // Stacks of threads that ended are kept, and taken again.
  for (int i = 0; i < 1'000; ++i) {
    try {
      std::thread([] { pause(); }).detach();
    } catch (const std::system_error&) {
      return;
    }
  }
}

TEST_CASE("a system that gives no thread is no end of the process") {
  const pid_t child = fork();
  if (child == 0) {
    Workers first(4);
    std::promise<void> ran;
    const bool had_one = first.Post([&] { ran.set_value(); });
    ran.get_future().wait();
    RefuseThreads();
    // The thread that is there does the work of all.
    std::atomic<int> done{0};
    bool is_taken = true;
    for (int i = 0; i < 20; ++i) is_taken = first.Post([&] { ++done; }) && is_taken;
    const bool is_refused = !Workers(4).Post([] {});
    first.Join();
    _exit(had_one && is_taken && done == 20 && is_refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif

}  // namespace
}  // namespace assay

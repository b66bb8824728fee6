// What others on the machine can do to the service, and what the machine itself can: connections
// without end, bodies of nobody, a stopped process, no descriptors, no threads, no room.

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <sstream>
#include <thread>

#include "connectors/http/client.h"
#include "tests/connectors/http/raw_caller.h"
#include "tests/scenario/scene.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Every Debian has this user.
constexpr uid_t kNobody = 65'534;

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Figures are printed, and nothing is held against them.
void Print(const std::string& words, steady_clock::time_point since) {
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - since);
  std::cout << words << ": " << took.count() << " ms\n";
}

// The answer to a GET at the port; status 0 when there is none.
HttpResponse Ask(uint16_t port, const std::string& target) {
  const auto client = HttpClient::ConnectLoopback(port);
  if (!client.ok()) return {.status = 0, .body = client.status().ToString()};
  auto answer = (*client)->Send({.method = "GET", .target = target});
  if (!answer.ok()) return {.status = 0, .body = answer.status().ToString()};
  return *std::move(answer);
}

// Asks until the answer is as it should be, with a limit that no load reaches.
template <typename IsRight>
HttpResponse AwaitAnswer(uint16_t port, const std::string& target, const IsRight& is_right) {
  HttpResponse answer;
  for (int i = 0; i < 6'000; ++i) {
    answer = Ask(port, target);
    if (is_right(answer)) return answer;
    std::this_thread::sleep_for(milliseconds(10));
  }
  INFO(answer.status << " " << answer.body);
  FAIL(target << " never answers as it should");
  return answer;
}

TEST_CASE("connections without end stop neither health nor writing", "[assayd]") {
  PreferMemory();
  Scene scene;
  scene.Source("erp", {"output pcs"});
  const Program& program = scene.Files();
  program.Write("erp.csv", ErpRecords(20'000));
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  // Fewer descriptors than the flood has connections.
  Daemon daemon(program.Path("."), {"--home", "home"}, {}, {.descriptors = 256});
  daemon.AwaitReady();
  const uint16_t port = daemon.Port();
  auto ingest = std::async(std::launch::async, [&] {
    return program.Run(AtHome({"ingest", "erp", "erp.csv"}));
  });
  std::deque<std::unique_ptr<RawCaller>> held;
  int asked = 0;
  const auto begun = steady_clock::now();
  for (int i = 0; i < 4'000; ++i) {
    held.push_back(std::make_unique<RawCaller>(port));
    // Silent ones, halves of requests, and refused ones that are to be drained.
    if (i % 3 == 1) held.back()->Say("GET /livez HTTP/1.1\r\nHost:");
    if (i % 3 == 2) held.back()->Say("nonsense\r\n\r\n");
    if (held.size() > 700) held.pop_front();
    if (i % 50 != 0) continue;
    const std::string target = asked++ % 2 == 0 ? "/livez" : "/metrics";
    const HttpResponse answer = Ask(port, target);
    INFO(target << ": " << answer.body.substr(0, 200));
    REQUIRE(answer.status == 200);
  }
  Print("4000 connections, 80 of them answered", begun);
  const Ended ended = ingest.get();
  INFO(ended.err);
  CHECK(ended.code == 0);
  CHECK(daemon.LogText().find("Too many open files") == std::string::npos);
  // They are still there.
  AwaitAnswer(port, "/readyz", [](const HttpResponse& answer) { return answer.status == 200; });
  CHECK(program.Run(AtHome({"org", "show"})).code == 0);
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
  CHECK(program.Run(AtHome({"verify"})).code == 0);
}

TEST_CASE("too few descriptors are said at the start", "[assayd]") {
  const Scene scene;
  Daemon daemon(scene.Files().Path("."), {"--home", "home"}, {}, {.descriptors = 100});
  CHECK(daemon.Ended() == 6);
  CHECK(daemon.LogText().find("error UNAVAILABLE: 100 files may be open at once, assayd needs at "
                              "least 128") != std::string::npos);
}

// Lets every user through to the socket of the home.
void OpenSocket(const Program& program) {
  for (const char* path : {".", "home"}) ::chmod(program.Path(path).c_str(), 0755);
  REQUIRE(::chmod(program.Path("home/assayd.sock").c_str(), 0666) == 0);
}

// Says the pieces one after another as another user, and gives the first line of the answer; empty
// where other users cannot reach the folder, or this one cannot become them.
std::string AsNobody(const std::string& socket, const std::vector<std::string>& pieces) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setuid(kNobody) != 0) _exit(1);
    const RawCaller caller(socket);
    if (!caller.Connected()) _exit(1);
    for (const std::string& piece : pieces) caller.Say(piece);
    const std::string heard = caller.Hear();
    (void)!::write(ends[1], heard.data(), heard.size());
    _exit(0);
  }
  ::close(ends[1]);
  std::string heard;
  char some[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], some, sizeof(some))) > 0;) {
    heard.append(some, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return heard;
}

// The most memory that the process ever had.
int64_t PeakKib(pid_t process) {
  const std::string status = TextOf("/proc/" + std::to_string(process) + "/status");
  const size_t at = status.find("VmHWM:");
  return at == std::string::npos ? 0 : std::stoll(status.substr(at + 6));
}

TEST_CASE("nothing is read of the body of a user whom nobody is bound to", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  OpenSocket(program);
  const std::string socket = program.Path("home/assayd.sock");
  const auto head = [](size_t bytes) {
    return "POST /assay.v1.Service/Call HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(bytes) + "\r\n\r\n";
  };
  // The refusal comes before a byte of the body.
  const std::string early = AsNobody(socket, {head(24'000'000)});
  if (early.empty()) {
    WARN("no other user can come to the socket here");
    return;
  }
  INFO(early);
  CHECK(early.starts_with("HTTP/1.1 401 "));
  CHECK(early.find("\"code\":\"unauthenticated\"") != std::string::npos);
  CHECK(early.find("no person is the operating-system user \\\"nobody\\\" today") !=
        std::string::npos);
  // Lists in lists in lists, as a reader of JSON that goes down into them would end of.
  const int64_t before = PeakKib(daemon.Process());
  std::string nested = "{\"words\":";
  nested.append(12'000'000, '[').append(12'000'000, ']').append("}");
  (void)AsNobody(socket, {head(nested.size()), nested});
  CHECK(PeakKib(daemon.Process()) < before + 16 * 1024);
  CHECK(program.Run(AtHome({"org", "show"})).code == 0);
}

// Holds `count` connections to the socket as another user, silent ones, halves of heads and halves
// of bodies, and says through `said` how many the service left him; ends when `ends` is closed.
[[noreturn]] void HoldAsNobody(const std::string& socket, int count, int said, int ends) {
  if (setuid(kNobody) != 0) _exit(1);
  std::vector<std::unique_ptr<RawCaller>> held;
  for (int i = 0; i < count; ++i) {
    held.push_back(std::make_unique<RawCaller>(socket));
    if (i % 3 == 1) held.back()->Say("POST /assay.v1.Service/Call HTTP/1.1\r\nHost:");
    if (i % 3 == 2) {
      held.back()->Say(
          "POST /assay.v1.Service/Call HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          "Content-Length: 100\r\n\r\n{");
    }
  }
  char some = 0;
  do {
    int left = 0;
    for (const auto& caller : held) left += caller->IsOpen() ? 1 : 0;
    (void)!::write(said, &left, sizeof(left));
  } while (::read(ends, &some, 1) > 0);
  _exit(0);
}

TEST_CASE("a user of the socket fills neither it nor the home for another one", "[assayd]") {
  PreferMemory();
  Scene scene;
  const Program& program = scene.Files();
  scene.Do(By("p-admin",
              "bindSourceKey: {person: p-1, entityType: os-user, key: nobody, "
              "span: {from: 2026-01-01}}"));
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  OpenSocket(program);
  const std::string socket = program.Path("home/assayd.sock");
  int said[2];
  int ends[2];
  REQUIRE(::pipe(said) == 0);
  REQUIRE(::pipe(ends) == 0);
  const pid_t other = fork();
  if (other == 0) {
    ::close(ends[1]);
    HoldAsNobody(socket, 600, said[1], ends[0]);
  }
  ::close(said[1]);
  ::close(ends[0]);
  int left = 0;
  if (::read(said[0], &left, sizeof(left)) == sizeof(left) && left > 0) {
    // More than the socket takes of everybody, and in the end never more than one user may have.
    for (int i = 0; i < 2'400 && left > 48; ++i) {
      std::this_thread::sleep_for(milliseconds(50));
      (void)!::write(ends[1], "x", 1);
      REQUIRE(::read(said[0], &left, sizeof(left)) == sizeof(left));
    }
    CHECK(left <= 48);
    for (int i = 0; i < 5; ++i) {
      program.Write("hire.yaml", By("p-hr", fmt::format("addPerson: {{person: p-new{}}}", i)));
      CHECK(program.Run(AtHome({"org", "show"})).code == 0);
      CHECK(program.Run(AtHome({"run", "hire.yaml"})).code == 0);
    }
    CHECK(daemon.Get("/readyz").status == 200);
    (void)!::write(ends[1], "x", 1);
    REQUIRE(::read(said[0], &left, sizeof(left)) == sizeof(left));
    std::cout << "of 600 connections the service left its user " << left << "\n";
  } else {
    WARN("no other user can come to the socket here");
  }
  ::close(ends[1]);
  ::close(said[0]);
  ::waitpid(other, nullptr, 0);
}

TEST_CASE("a stopped service is waited for as long as --timeout says", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  daemon.Signal(SIGSTOP);
  const auto begun = steady_clock::now();
  const Ended ended = program.Run(AtHome({"--timeout", "1", "org", "show"}));
  Print("a call with --timeout 1", begun);
  CHECK(ended.code == 6);
  CHECK(ended.out.empty());
  CHECK(
      ended.err.starts_with("error UNAVAILABLE: assayd gave no sign of life for 1 s: it is "
                            "stopped, or the machine is overloaded; outcome unknown"));
  daemon.Signal(SIGCONT);
  CHECK(program.Run(AtHome({"org", "show"})).code == 0);
  const Ended wrong = program.Run(AtHome({"--timeout", "0", "org", "show"}));
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("--timeout") != std::string::npos);
}

TEST_CASE("no core is written of the service, and nobody attaches to it", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const std::string limits = TextOf("/proc/" + std::to_string(daemon.Process()) + "/limits");
  const size_t at = limits.find("Max core file size");
  REQUIRE(at != std::string::npos);
  std::istringstream line(limits.substr(at + std::string("Max core file size").size()));
  std::string soft;
  std::string hard;
  line >> soft >> hard;
  CHECK(soft == "0");
  CHECK(hard == "0");
#if !defined(__SANITIZE_ADDRESS__)
  if (geteuid() != 0) {
    // The kernel gives what it shows of such a process to root.
    struct stat shown {};
    REQUIRE(stat(("/proc/" + std::to_string(daemon.Process()) + "/environ").c_str(), &shown) == 0);
    CHECK(shown.st_uid == 0);
  }
#endif
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a system that gives too little memory or no thread is told of in a sentence",
          "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  // Less than its threads take, whose stacks have 8 MiB each; with some of these a thread would be
  // given and not the memory to open a file.
  for (const uint64_t mib : {60, 130, 200, 300, 400}) {
    Daemon daemon(program.Path("."), {"--home", "home"}, {}, {.memory_bytes = mib << 20});
    CHECK_FALSE(daemon.Comes("\"message\":\"ready\""));
    INFO(mib << " MiB: " << daemon.LogText());
    CHECK(daemon.Ended() == 6);
    CHECK(daemon.LogText().find("error UNAVAILABLE: ") != std::string::npos);
    CHECK(daemon.LogText().find("terminate called") == std::string::npos);
  }
  CHECK(program.Run(AtHome({"verify"})).code == 0);
}
#endif

// A file system of so many bytes at the path; unmounted at the end. False where this process may
// not make one.
class SmallDisk {
 public:
  SmallDisk(std::string path, const std::string& size) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    is_there_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (is_there_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool IsThere() const { return is_there_; }

 private:
  std::string path_;
  bool is_there_ = false;
};

// Takes all the room that is left.
void Fill(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  for (size_t bytes = 1 << 20; bytes > 0; bytes /= 2) {
    const std::string block(bytes, 'x');
    while (::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size())) {
    }
  }
  ::close(file);
}

TEST_CASE("a disk of keys that is full is said at once, reads go on, writing when there is room",
          "[assayd]") {
  Scene scene;
  const Program& program = scene.Files();
  // Only the keys lie there: journal and views have room.
  const std::string keys = program.Path("home/keys");
  const std::string aside = program.Path("keys-aside");
  std::filesystem::copy(keys, aside, std::filesystem::copy_options::recursive);
  const SmallDisk disk(keys, "2m");
  if (!disk.IsThere()) {
    WARN("this process may not make a file system");
    return;
  }
  ::chmod(keys.c_str(), 0700);
  std::filesystem::copy(aside, keys, std::filesystem::copy_options::recursive);
  Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const uint16_t port = daemon.Port();
  const auto is_ready = [](const HttpResponse& answer) { return answer.status == 200; };
  AwaitAnswer(port, "/readyz", is_ready);
  Fill(keys + "/filler");
  const auto full = steady_clock::now();
  const HttpResponse told = AwaitAnswer(port, "/readyz", [](const HttpResponse& answer) {
    return answer.body.find("disk: UNAVAILABLE: keys cannot be written: ") != std::string::npos;
  });
  Print("from a full disk to its being told", full);
  CHECK(told.status == 503);
  CHECK(Ask(port, "/metrics").body.find("assay_condition{condition=\"disk\"} 1") !=
        std::string::npos);
  CHECK(daemon.LogText().find("\"condition\":\"disk\"") != std::string::npos);
  CHECK(program.Run(AtHome({"org", "show"})).code == 0);
  program.Write("hire.yaml", Hire("p-7", "E7"));
  const Ended refused = program.Run(AtHome({"run", "hire.yaml"}));
  INFO(refused.err);
  CHECK(refused.code == 6);
  std::filesystem::remove(keys + "/filler");
  const auto freed = steady_clock::now();
  for (int i = 0; program.Run(AtHome({"run", "hire.yaml"})).code != 0; ++i) REQUIRE(i < 1'000);
  Print("from room on the disk to a command that is written", freed);
  AwaitAnswer(port, "/readyz", is_ready);
  Print("from room on the disk to being ready", freed);
}

}  // namespace
}  // namespace assay::testing

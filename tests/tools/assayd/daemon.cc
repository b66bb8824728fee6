#include "tests/tools/assayd/daemon.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "connectors/http/client.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/paths.h"

namespace assay::testing {
namespace {

// build/<preset>/tests/... beside build/<preset>/tools/assayd/assayd.
std::string DaemonPath() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path().parent_path() / "tools" / "assayd" / "assayd").string();
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child.
bool Take(const DaemonLimits& limits) {
  const auto set = [](auto resource, const std::optional<uint64_t>& value) {
    const rlimit limit{value.value_or(0), value.value_or(0)};
    return !value.has_value() || setrlimit(resource, &limit) == 0;
  };
  return set(RLIMIT_NOFILE, limits.descriptors) && set(RLIMIT_AS, limits.memory_bytes) &&
         (!limits.user.has_value() || (setgid(*limits.user) == 0 && setuid(*limits.user) == 0));
}

}  // namespace

Daemon::Daemon(const std::string& directory, std::vector<std::string> words,
               const std::vector<std::string>& environment, const DaemonLimits& limits) {
  static std::atomic<int> number{0};
  log_ = directory + "/assayd-" + std::to_string(number++) + ".log";
  const std::string program = DaemonPath();
  words.insert(words.begin(), "assayd");
  words.insert(words.end(), {"--port", "0"});
  std::vector<std::string> kept = environment;
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) kept.push_back(std::string(name) + "=" + value);
  }
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> variables = Pointers(kept);
  process_ = fork();
  if (process_ != 0) return;
  if (chdir(directory.c_str()) != 0) _exit(120);
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (log < 0) _exit(121);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (!Take(limits)) _exit(123);
  execve(program.c_str(), arguments.data(), variables.data());
  _exit(122);
}

Daemon::~Daemon() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Daemon::Await(std::string_view text) const {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (LogText().find(text) == std::string::npos) {
    INFO(LogText());
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool Daemon::Comes(std::string_view text) const {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    siginfo_t ended{};
    (void)waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (LogText().find(text) != std::string::npos) return true;
    if (ended.si_pid != 0) return false;
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::string Daemon::LogText() const {
  std::ifstream file(log_, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

uint16_t Daemon::Port() const {
  constexpr std::string_view kPort = "\"port\":";
  Await(kPort);
  const std::string text = LogText();
  return static_cast<uint16_t>(std::stoi(text.substr(text.find(kPort) + kPort.size())));
}

HttpResponse Daemon::Get(const std::string& target) const {
  const auto client = HttpClient::ConnectLoopback(Port());
  REQUIRE(client.ok());
  auto response = (*client)->Send({.method = "GET", .target = target});
  REQUIRE(response.ok());
  return *std::move(response);
}

void Daemon::Signal(int signal) const { kill(process_, signal); }

void Daemon::LimitFiles(std::optional<int64_t> bytes) const {
  rlimit limit{};
  REQUIRE(prlimit(process_, RLIMIT_FSIZE, nullptr, &limit) == 0);
  limit.rlim_cur = bytes.has_value() ? static_cast<rlim_t>(*bytes) : limit.rlim_max;
  REQUIRE(prlimit(process_, RLIMIT_FSIZE, &limit, nullptr) == 0);
}

void Daemon::LimitMemory(int64_t bytes_more) const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  int64_t pages = 0;
  REQUIRE(file >> pages);
  rlimit limit{};
  REQUIRE(prlimit(process_, RLIMIT_AS, nullptr, &limit) == 0);
  limit.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + bytes_more);
  REQUIRE(prlimit(process_, RLIMIT_AS, &limit, nullptr) == 0);
}

int Daemon::Ended() {
  if (process_ < 0) return code_;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (waitpid(process_, &status, WNOHANG) == 0) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  process_ = -1;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

void CheckByPromtool(const std::string& metrics) {
  const ScratchDirectory scratch;
  const std::string file = scratch.Path("metrics.txt");
  std::ofstream(file) << metrics;
  const std::string command = SourceDir() + "/tests/promtool check metrics < " + file;
  const int ended = std::system(command.c_str());
  REQUIRE(WIFEXITED(ended));
  constexpr int kNotToBeHad = 77;
  if (WEXITSTATUS(ended) == kNotToBeHad) {
    WARN("promtool cannot be had; metrics_test.cc has its rules");
  } else {
    INFO(metrics);
    CHECK(WEXITSTATUS(ended) == 0);
  }
}

std::vector<std::string> AtHome(std::vector<std::string> words) {
  words.insert(words.begin(), {"--home", "home"});
  return words;
}

std::string ErpRecords(int count) {
  std::string records = "record,rev,day,emp,output\n";
  for (int i = 0; i < count; ++i) {
    records += "r-" + std::to_string(i) + ",1,2026-06-" + std::to_string(10 + i % 20) + ",E1,1\n";
  }
  return records;
}

}  // namespace assay::testing

#include "tests/scenario/program.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace assay::testing {
namespace {

constexpr const char* kOut = "stdout.txt";
constexpr const char* kErr = "stderr.txt";
constexpr const char* kIn = "stdin.txt";
// How a child ends that may not be traced; no exit code of assay.
constexpr int kNotTraceable = 123;

// System calls that change a file, or make one.
constexpr long kCalls[] = {
    SYS_write,     SYS_pwrite64, SYS_writev,    SYS_pwritev,         SYS_ftruncate,
    SYS_fallocate, SYS_fsync,    SYS_fdatasync, SYS_sync_file_range, SYS_openat,
    SYS_mkdirat,   SYS_linkat,   SYS_renameat,  SYS_renameat2,       SYS_unlinkat,
#ifdef SYS_rename
    SYS_open,      SYS_mkdir,    SYS_link,      SYS_rename,          SYS_unlink,
    SYS_rmdir,
#endif
};

// From here on this process stops at each of kCalls for its tracer; all others cost nothing.
bool StopAtCalls() {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long call : kCalls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

[[noreturn]] void BecomeProgram(const std::string& directory, const std::vector<std::string>& words,
                                const std::vector<std::string>& environment_more, bool traced) {
  const std::string program = ProgramPath();
  std::vector<char*> arguments;
  std::string name = "assay";
  arguments.push_back(name.data());
  std::vector<std::string> copies = words;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (chdir(directory.c_str()) != 0) _exit(120);
  const int in = open(kIn, O_RDONLY);
  const int out = open(kOut, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int err = open(kErr, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out < 0 || err < 0) _exit(121);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  std::vector<std::string> kept = environment_more;
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) kept.push_back(fmt::format("{}={}", name, value));
  }
  std::vector<char*> environment;
  for (std::string& entry : kept) environment.push_back(entry.data());
  environment.push_back(nullptr);
  if (traced) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotTraceable);
    raise(SIGSTOP);
    if (!StopAtCalls()) _exit(kNotTraceable);
  }
  execve(program.c_str(), arguments.data(), environment.data());
  _exit(122);
}

int CodeOf(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// --- tracing ---

std::string Target(const std::string& link) {
  std::error_code error;
  return std::filesystem::read_symlink(link, error).string();
}

std::string TextAt(pid_t process, uint64_t address) {
  std::string text(PATH_MAX, '\0');
  // A page at a time: the text may end just before memory that is not there.
  size_t have = 0;
  while (have < text.size() && text.find('\0') >= have) {
    const size_t size = std::min<size_t>(text.size() - have, 4096 - (address + have) % 4096);
    iovec local{text.data() + have, size};
    iovec remote{reinterpret_cast<void*>(address + have), size};
    const ssize_t got = process_vm_readv(process, &local, 1, &remote, 1, 0);
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  return text.c_str();
}

// What a system call is about to do to a file; nothing when it changes none.
std::optional<Operation> OperationOf(pid_t thread, const __ptrace_syscall_info& info) {
  const auto argument = [&](int i) { return info.seccomp.args[i]; };
  const auto of_descriptor = [&](const char* what) {
    return Operation{what, Target(fmt::format("/proc/{}/fd/{}", thread, argument(0)))};
  };
  const auto of_path = [&](const char* what, int i) {
    return Operation{what, TextAt(thread, argument(i))};
  };
  switch (info.seccomp.nr) {
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_pwritev:
      return of_descriptor("write");
    case SYS_fallocate:
    case SYS_ftruncate:
      return of_descriptor("resize");
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_sync_file_range:
      return of_descriptor("sync");
    case SYS_openat:
      if ((argument(2) & O_CREAT) == 0) return std::nullopt;
      return of_path("make", 1);
    case SYS_mkdirat:
    case SYS_linkat:
      return of_path("make", info.seccomp.nr == SYS_mkdirat ? 1 : 3);
    case SYS_renameat:
    case SYS_renameat2:
      return of_path("rename", 3);
    case SYS_unlinkat:
      return of_path("remove", 1);
#ifdef SYS_rename
    case SYS_open:
      if ((argument(1) & O_CREAT) == 0) return std::nullopt;
      return of_path("make", 0);
    case SYS_mkdir:
      return of_path("make", 0);
    case SYS_link:
      return of_path("make", 1);
    case SYS_rename:
      return of_path("rename", 1);
    case SYS_unlink:
    case SYS_rmdir:
      return of_path("remove", 0);
#endif
    default:
      return std::nullopt;
  }
}

// The traced process with all its threads.
class Tracer {
 public:
  Tracer(pid_t process, std::string directory, const Watcher& watcher)
      : process_(process), directory_(std::move(directory)), watcher_(watcher) {}

  // False when tracing is not allowed; the process is gone then.
  bool Start() {
    int status = 0;
    if (waitpid(process_, &status, 0) != process_ || !WIFSTOPPED(status)) return false;
    const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    __ptrace_syscall_info info{};
    const bool is_allowed = ptrace(PTRACE_SETOPTIONS, process_, nullptr, options) == 0 &&
                            ptrace(PTRACE_GET_SYSCALL_INFO, process_, sizeof(info), &info) > 0 &&
                            ptrace(PTRACE_CONT, process_, nullptr, nullptr) == 0;
    if (is_allowed) return true;
    kill(process_, SIGKILL);
    waitpid(process_, &status, 0);
    return false;
  }

  // Gives the status with which the process ended.
  int Follow() {
    for (;;) {
      int status = 0;
      const pid_t thread = waitpid(-1, &status, __WALL);
      if (thread < 0) FAIL("the traced process was lost");
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        if (thread == process_) return status;
        continue;
      }
      if (WIFSTOPPED(status)) ptrace(PTRACE_CONT, thread, nullptr, SignalFor(thread, status));
    }
  }

 private:
  // Looks at a stop; gives the signal that the thread goes on with.
  long SignalFor(pid_t thread, int status) {
    const int signal = WSTOPSIG(status);
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) LookAt(thread);
    const bool is_new_thread = signal == SIGSTOP && known_.insert(thread).second;
    return signal == SIGTRAP || is_new_thread ? 0 : signal;
  }

  void LookAt(pid_t thread) {
    __ptrace_syscall_info info{};
    if (killed_ || ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0) return;
    if (info.op != PTRACE_SYSCALL_INFO_SECCOMP) return;
    auto operation = OperationOf(thread, info);
    if (!operation.has_value()) return;
    const std::string here = directory_ + "/";
    if (operation->path.starts_with(here)) operation->path.erase(0, here.size());
    if (operation->path == kOut) operation->path = "stdout";
    if (operation->path.empty() || operation->path.front() == '/' || operation->path == kErr) {
      return;
    }
    if (operation->path.starts_with("./")) operation->path.erase(0, 2);
    if (!watcher_(*operation)) return;
    killed_ = true;
    kill(process_, SIGKILL);
  }

  pid_t process_;
  std::string directory_;
  const Watcher& watcher_;
  std::set<pid_t> known_;
  bool killed_ = false;
};

}  // namespace

// The test programs and `assay` are built side by side: build/<preset>/tests and .../tools/assay.
std::string ProgramPath() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path().parent_path() / "tools" / "assay" / "assay").string();
}

void PreferMemory() {
  constexpr const char* kMemory = "/dev/shm";
  constexpr uint64_t kBytesNeeded = 512 << 20;
  std::error_code error;
  const auto space = std::filesystem::space(kMemory, error);
  if (!error && space.available >= kBytesNeeded) setenv("TMPDIR", kMemory, /*overwrite=*/0);
}

bool Ended::Killed() const { return code == 128 + SIGKILL; }

// A child that is killed before it opens its output leaves none of an earlier one's.
void Program::PrepareFiles(std::string_view input) const {
  Write(kIn, input);
  Write(kOut, "");
  Write(kErr, "");
}

Ended Program::Run(const std::vector<std::string>& words, std::string_view input) const {
  PrepareFiles(input);
  const pid_t child = fork();
  if (child == 0) BecomeProgram(directory_, words, environment_, false);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {CodeOf(status), Read(kOut), Read(kErr)};
}

std::string Program::Out(const std::vector<std::string>& words) const {
  Ended ended = Run(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return std::move(ended.out);
}

std::optional<Ended> Program::RunWatched(const std::vector<std::string>& words,
                                         const Watcher& watcher) const {
  PrepareFiles("");
  const pid_t child = fork();
  if (child == 0) BecomeProgram(directory_, words, environment_, true);
  Tracer tracer(child, directory_, watcher);
  if (!tracer.Start()) return std::nullopt;
  const int status = tracer.Follow();
  if (CodeOf(status) == kNotTraceable) return std::nullopt;
  return Ended{CodeOf(status), Read(kOut), Read(kErr)};
}

Ended Program::RunAndKill(const std::vector<std::string>& words, int64_t after_us) const {
  PrepareFiles("");
  const pid_t child = fork();
  if (child == 0) BecomeProgram(directory_, words, environment_, false);
  std::this_thread::sleep_for(std::chrono::microseconds(after_us));
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {CodeOf(status), Read(kOut), Read(kErr)};
}

std::string Program::RunAtTerminal(const std::vector<std::string>& words,
                                   const std::string& answer) const {
  const std::string program = ProgramPath();
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) {
    std::vector<std::string> copies = words;
    copies.insert(copies.begin(), "assay");
    std::vector<char*> arguments;
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (chdir(directory_.c_str()) != 0) _exit(120);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  std::string shown;
  size_t answered_to = 0;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(terminal, buffer, sizeof buffer);
    if (got <= 0) break;
    shown.append(buffer, static_cast<size_t>(got));
    if (shown.find("[y/N]", answered_to) == std::string::npos) continue;
    answered_to = shown.size();
    REQUIRE(write(terminal, answer.data(), answer.size()) > 0);
  }
  close(terminal);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return fmt::format("{}exit {}", shown, CodeOf(status));
}

Ended Program::RunWithin(int64_t file_kib_max, const std::vector<std::string>& words) const {
  PrepareFiles("");
  const pid_t child = fork();
  if (child == 0) {
    const auto bytes = static_cast<rlim_t>(file_kib_max) * 1024;
    const rlimit limit{bytes, bytes};
    // Ignored, the signal becomes an error of the write, as the program sees it on a full disk.
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(124);
    BecomeProgram(directory_, words, environment_, false);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {CodeOf(status), Read(kOut), Read(kErr)};
}

Ended Program::RunAndSignal(const std::vector<std::string>& words, int signal,
                            const std::function<bool()>& when) const {
  PrepareFiles("");
  const pid_t child = fork();
  if (child == 0) BecomeProgram(directory_, words, environment_, false);
  int status = 0;
  bool sent = false;
  for (;;) {
    const pid_t ended = waitpid(child, &status, sent ? 0 : WNOHANG);
    REQUIRE(ended >= 0);
    if (ended == child) return {CodeOf(status), Read(kOut), Read(kErr)};
    sent = when();
    if (sent) kill(child, signal);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Program::Write(const std::string& name, std::string_view text) const {
  std::ofstream file(Path(name), std::ios::binary | std::ios::trunc);
  file << text;
  REQUIRE(file.flush());
}

std::string Program::Read(const std::string& name) const {
  std::ifstream file(Path(name), std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace assay::testing

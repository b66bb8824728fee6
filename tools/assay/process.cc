#include "tools/assay/process.h"

#include <google/protobuf/stubs/logging.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/assay/output.h"

namespace assay {
namespace {

std::terminate_handler g_before = nullptr;

// There may be no memory for anything else.
[[noreturn]] void EndWith(std::string_view words) {
  (void)!::write(STDERR_FILENO, words.data(), words.size());
  std::_Exit(kExitUnavailable);
}

[[noreturn]] void Terminate() {
  try {
    if (std::current_exception() != nullptr) std::rethrow_exception(std::current_exception());
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) {
      EndWith(
          "error UNAVAILABLE: the system gives no further thread; what was acknowledged stands\n"
          "hint: raise the limit of threads or of memory (ulimit -u, ulimit -v, TasksMax= of "
          "systemd)\n");
    }
  } catch (const std::bad_alloc&) {
    EndWith(
        "error UNAVAILABLE: the system gives no further memory; what was acknowledged stands\n"
        "hint: raise the limit of memory (ulimit -v, MemoryMax= of systemd), or ask for less\n");
  } catch (...) {
  }
  if (g_before != nullptr) g_before();
  std::abort();
}

// By whoever started it to do that, and sees it all already.
[[maybe_unused]] bool IsTraced() {
  std::ifstream status("/proc/self/status");
  const std::string name = "TracerPid:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return line.find_first_not_of(" \t0", name.size()) != line.npos;
  }
  return false;
}

}  // namespace

void GuardProcess() {
  // Protobuf's own lines about texts that are not UTF-8 would be those of whoever writes to a
  // topic; what cannot be parsed has a verdict, or an error of its own.
  google::protobuf::SetLogHandler(nullptr);
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)
  // The search for leaks attaches to the process.
  if (!IsTraced()) (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  g_before = std::set_terminate(Terminate);
}

}  // namespace assay

// Whether a call stops the process, asked of a child process.

#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace assay::testing {

// True when `call` ends in abort(). What it prints is swallowed. REQUIRES: no other thread runs.
template <typename Call>
[[nodiscard]] bool Aborts(Call call) {
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    // The test framework's own report of the signal would be noise in the output.
    std::signal(SIGABRT, SIG_DFL);
    call();
    _exit(0);
  }
  int state = 0;
  return waitpid(child, &state, 0) == child && WIFSIGNALED(state) && WTERMSIG(state) == SIGABRT;
}

}  // namespace assay::testing

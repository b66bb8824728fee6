// The built program `assay`, run as its users run it: words in, words and an exit code out.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::testing {

// How a call ended.
struct Ended {
  // 128 + the signal when it was killed.
  int code = 0;
  std::string out;
  std::string err;

  [[nodiscard]] bool Killed() const;
};

// What a process did to its home or to its caller, seen before it happened.
struct Operation {
  // "write", "sync", "resize", "make", "rename", "remove"
  std::string what;
  // Below the working directory ("home/journal/END"), or "stdout".
  std::string path;
};

// Asked before each operation; true = kill it there.
using Watcher = std::function<bool(const Operation&)>;

// Runs calls of `assay` in one working directory. A call inherits PATH and the
// options of sanitizers, and nothing else.
class Program {
 public:
  explicit Program(std::string directory) : directory_(std::move(directory)) {}
  // With lines "NAME=value" more in the environment.
  Program(std::string directory, std::vector<std::string> environment)
      : directory_(std::move(directory)), environment_(std::move(environment)) {}

  // Runs to its end.
  [[nodiscard]] Ended Run(const std::vector<std::string>& words, std::string_view input = "") const;
  // What it prints when it ends well; a failure of the test else.
  std::string Out(const std::vector<std::string>& words) const;
  // Runs under a tracer that sees every change of a file before it is made, and kills (signal 9)
  // where `watcher` says so. Nothing when this machine does not let a process trace its child.
  [[nodiscard]] std::optional<Ended> RunWatched(const std::vector<std::string>& words,
                                                const Watcher& watcher) const;
  // Asks `when` every millisecond, and sends the signal once it says true; or lets it end before.
  [[nodiscard]] Ended RunAndSignal(const std::vector<std::string>& words, int signal,
                                   const std::function<bool()>& when) const;
  // Kills (signal 9) after that many microseconds, or lets it end before.
  [[nodiscard]] Ended RunAndKill(const std::vector<std::string>& words, int64_t after_us) const;

  // Runs on a terminal of its own, where `answer` is typed each time that a question ends with
  // [y/N]: what was shown, and "exit " with the code.
  [[nodiscard]] std::string RunAtTerminal(const std::vector<std::string>& words,
                                          const std::string& answer) const;

  // Runs to its end while no file may grow beyond so many KiB, as on a disk without room.
  [[nodiscard]] Ended RunWithin(int64_t file_kib_max, const std::vector<std::string>& words) const;

  // Writes a file of the working directory.
  void Write(const std::string& name, std::string_view text) const;
  [[nodiscard]] std::string Read(const std::string& name) const;
  [[nodiscard]] std::string Path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  void PrepareFiles(std::string_view input) const;

  std::string directory_;
  std::vector<std::string> environment_;
};

// The built program.
[[nodiscard]] std::string ProgramPath();

// Lets the scratch directories of this process lie in memory where it has room. What a process
// leaves when it ends or is killed is the same as on a disk, without waiting for one. TMPDIR names
// another place.
void PreferMemory();

}  // namespace assay::testing

// The built program `assayd`, run as a service is: started, asked, told by signals to end.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/message.h"

namespace assay::testing {

// How long a test waits for what should come: a limit that no load reaches. How long it took is
// printed where it matters, and never asserted.
constexpr std::chrono::seconds kPatience{120};

// What the system grants a daemon from its start; nothing = as much as it grants this process.
struct DaemonLimits {
  std::optional<uint64_t> descriptors;
  std::optional<uint64_t> memory_bytes;
  // The user that it runs as.
  std::optional<uid_t> user;
};

// A child process; killed with the test. Its port is a free one.
class Daemon {
 public:
  // Starts it in `directory` with these words and lines "NAME=value" more in its environment.
  explicit Daemon(const std::string& directory, std::vector<std::string> words = {"--home", "home"},
                  const std::vector<std::string>& environment = {},
                  const DaemonLimits& limits = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Waits until a line of its log holds `text`, at most kPatience; a failure of the test else.
  void Await(std::string_view text) const;
  void AwaitReady() const { Await("\"message\":\"ready\""); }
  // Whether a line of its log comes to hold `text`, or it ends before; waits as Await does.
  [[nodiscard]] bool Comes(std::string_view text) const;
  // What it wrote to standard error so far.
  [[nodiscard]] std::string LogText() const;
  // That it said to listen at.
  [[nodiscard]] uint16_t Port() const;

  // The answer to a GET at that port.
  [[nodiscard]] HttpResponse Get(const std::string& target) const;

  [[nodiscard]] pid_t Process() const { return process_; }
  void Signal(int signal) const;
  // From now on no file of it may grow beyond that, as on a disk without room; nothing = any may.
  void LimitFiles(std::optional<int64_t> bytes) const;
  // From now on it may have no more memory (address space) than it has, and that much more.
  void LimitMemory(int64_t bytes_more) const;
  // Its exit code, 128 + the signal when it was killed; waits at most kPatience.
  int Ended();

 private:
  std::string log_;
  pid_t process_ = -1;
  int code_ = -1;
};

// The words of a call on the home "home".
[[nodiscard]] std::vector<std::string> AtHome(std::vector<std::string> words);
// A file of so many records of p-1 that the source erp reports.
[[nodiscard]] std::string ErpRecords(int count);

// That promtool finds no fault in what /metrics told, where it can be had.
void CheckByPromtool(const std::string& metrics);

}  // namespace assay::testing

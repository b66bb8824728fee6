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

// A child process; killed with the test. Its port is a free one.
class Daemon {
 public:
  // Starts it in `directory` with these words and lines "NAME=value" more in its environment.
  explicit Daemon(const std::string& directory, std::vector<std::string> words = {"--home", "home"},
                  const std::vector<std::string>& environment = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Waits until a line of its log holds `text`, at most 20 s; a failure of the test else.
  void Await(std::string_view text) const;
  void AwaitReady() const { Await("\"message\":\"ready\""); }
  // What it wrote to standard error so far.
  [[nodiscard]] std::string LogText() const;
  // That it said to listen at.
  [[nodiscard]] uint16_t Port() const;

  // The answer to a GET at that port.
  [[nodiscard]] HttpResponse Get(const std::string& target) const;

  void Signal(int signal) const;
  // From now on no file of it may grow beyond that, as on a disk without room; nothing = any may.
  void LimitFiles(std::optional<int64_t> bytes) const;
  // Its exit code, 128 + the signal when it was killed; waits at most 20 s.
  int Ended();

 private:
  std::string log_;
  pid_t process_ = -1;
  int code_ = -1;
};

// That promtool finds no fault in what /metrics told, where it can be had.
void CheckByPromtool(const std::string& metrics);

}  // namespace assay::testing

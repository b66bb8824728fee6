// A broker of a test's own, for tests that kill it, stop it, or need another door than the suite's.

#pragma once

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/paths.h"

namespace assay::testing {

class OwnBroker {
 public:
  // `options`: of `deploy/kafka/kafka up`; ASSAY_KAFKA_VERSION may name another version.
  explicit OwnBroker(std::string options = "")
      : options_(std::move(options)), folder_(scratch_.Path("kafka")) {
    const char* const version = std::getenv("ASSAY_KAFKA_VERSION");
    if (version != nullptr) options_.append(" --version ").append(version);
    Start();
  }
  ~OwnBroker() {
    Signal(SIGCONT);
    CHECK(Call("down --delete") == 0);
  }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  // Also behind a kill: nodes that are missing, at the ports that they had; `more` may name one.
  void Start(const std::string& more = "") {
    REQUIRE(Call((started_ ? "up " : "up --port 0 ") + options_ + " " + more) == 0);
    started_ = true;
  }
  // One of Kafka's tools, which must end well; it may take some time to.
  void Tool(const std::string& words) const {
    for (int i = 0; Run("--dir " + folder_ + " tool " + words) != 0; ++i) {
      REQUIRE(i < 5);
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }
  // Another broker at the same address, without what this one had.
  void StartAnew() {
    const std::string address = Address();
    REQUIRE(Call("down --delete") == 0);
    REQUIRE(Call("up " + options_ + " --port " + address.substr(address.find(':') + 1)) == 0);
    REQUIRE(Address() == address);
  }
  void Signal(int signal, int node = 1) const {
    ::kill(std::stoi(Line("node" + std::to_string(node) + "/pid")), signal);
  }
  [[nodiscard]] std::string Address() const { return Line("bootstrap"); }
  // A file of its folder.
  [[nodiscard]] std::string Path(const std::string& name) const {
    for (const auto& cluster : std::filesystem::directory_iterator(folder_)) {
      if (std::filesystem::exists(cluster.path() / name)) return (cluster.path() / name).string();
    }
    FAIL("the broker has no " << name);
    return "";
  }
  // The first line of it.
  [[nodiscard]] std::string Line(const std::string& name) const {
    std::ifstream file(Path(name));
    std::string line;
    REQUIRE(std::getline(file, line));
    return line;
  }

 private:
  [[nodiscard]] int Call(const std::string& words) const {
    return Run(words + " --dir " + folder_);
  }
  [[nodiscard]] int Run(const std::string& words) const {
    const std::string command =
        SourceDir() + "/deploy/kafka/kafka " + words + " >>" + scratch_.Path("kafka.log") + " 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  ScratchDirectory scratch_;
  std::string options_;
  std::string folder_;
  bool started_ = false;
};

}  // namespace assay::testing

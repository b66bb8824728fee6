#include "tests/kafka/broker.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/support/paths.h"

namespace assay::testing {

std::string BrokerAddress() {
  // ASSAY_KAFKA=host:port takes a broker of one's own.
  if (const char* given = std::getenv("ASSAY_KAFKA"); given != nullptr) return given;
  std::error_code error;
  for (const auto& cluster :
       std::filesystem::directory_iterator(SourceDir() + "/build/kafka-suite", error)) {
    std::ifstream file(cluster.path() / "bootstrap");
    std::string address;
    if (std::getline(file, address)) return address;
  }
  FAIL("no broker: tests/kafka/suite_broker up starts one, and ctest does so by itself");
  return "";
}

KafkaAddress FreshAddress() {
  static std::atomic<int> count = 0;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return {.brokers = BrokerAddress(),
          .prefix = "t" + std::to_string(::getpid()) + "-" + std::to_string(now) + "-" +
                    std::to_string(++count)};
}

}  // namespace assay::testing

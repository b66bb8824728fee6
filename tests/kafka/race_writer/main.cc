// One writer of the race, in a process of its own, so that it can be stopped and killed.
//
//   race_writer URL INDEX COMMITS CLOCK_MS OUT
//
// OUT gets "id position" for every acknowledged command and "= outcome count".

// The race's header checks with Catch2, whose own code has to be somewhere.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/kafka/kafka_node.h"
#include "tests/support/race.h"

namespace assay::testing {
namespace {

int Run(char** words) {
  const auto address = KafkaAddress::Parse(words[1]);
  if (!address.ok()) return 2;
  const int index = std::atoi(words[2]);
  const auto node = KafkaNode::Open(*address, "w" + std::to_string(index), std::atoll(words[4]));
  if (!node.ok()) {
    std::fprintf(stderr, "race_writer: %s\n", Describe(node.status()).c_str());
    return 1;
  }
  race::Racer racer;
  racer.Run((*node)->submitter, {.index = index,
                                 .seed = 20260601,
                                 .commits = std::atoi(words[3]),
                                 .together = index % 2 == 0 ? 1 : 8});
  std::ofstream out(words[5]);
  for (const auto& [id, position] : racer.acknowledged) out << id << " " << position << "\n";
  for (const auto& [outcome, count] : racer.outcomes)
    out << "= " << outcome << " " << count << "\n";
  return out.flush() ? 0 : 1;
}

}  // namespace
}  // namespace assay::testing

int main(int argc, char** argv) {
  if (argc == 6) return assay::testing::Run(argv);
  std::fprintf(stderr, "race_writer: expected URL INDEX COMMITS CLOCK_MS OUT\n");
  return 2;
}

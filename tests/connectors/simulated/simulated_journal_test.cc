#include "connectors/simulated/simulated_journal.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/contract/journal_contract.h"

namespace assay::testing {
namespace {

SimulatedJournal::Options With(SimulatedFaults faults, uint64_t seed = 1) {
  return {.seed = seed, .faults = faults};
}

std::vector<std::string> ValuesOf(Journal& journal, PartitionId partition) {
  std::vector<std::string> values;
  for (const StoredRecord& record : ReadAll(journal, partition)) values.push_back(record.value);
  return values;
}

const std::vector<std::string> kThree = {"a", "b", "c"};

TEST_CASE("the same seed and the same calls give the same log", "[simulated][unit]") {
  const auto run = [](uint64_t seed) {
    SimulatedJournal journal(
        {.seed = seed, .faults = SimulatedFaults::Storm(), .address_gaps = true});
    const auto writer = journal.Connect();
    std::string log;
    for (int batch = 0; batch < 200; ++batch) {
      Journal& one = batch % 3 == 0 ? static_cast<Journal&>(*writer) : journal;
      const auto status = one.Append(FactsPartition(batch % 4), SomeValues(0, batch, batch % 5));
      log += absl::StatusCodeToString(status.code());
    }
    journal.Settle();
    for (const PartitionId partition : AllPartitions(journal)) {
      for (const StoredRecord& record : ReadAll(journal, partition)) {
        log += fmt::format("{} {} {} {}\n", record.position, record.address, record.appended_at.ms,
                           record.value);
      }
    }
    return log;
  };
  CHECK(run(7) == run(7));
  CHECK(run(7) != run(8));
}

TEST_CASE("a failed send lands nothing", "[simulated][unit]") {
  SimulatedJournal journal(With({.failed = 1000}));
  CHECK(absl::IsUnavailable(journal.Append(kDecisionsPartition, kThree)));
  journal.Settle();
  CHECK(ValuesOf(journal, kDecisionsPartition).empty());
}

TEST_CASE("a lost acknowledgement hides records that are there", "[simulated][unit]") {
  SimulatedJournal journal(With({.acknowledgement_lost = 1000}));
  CHECK(absl::IsDeadlineExceeded(journal.Append(kDecisionsPartition, kThree)));
  CHECK(ValuesOf(journal, kDecisionsPartition) == kThree);
}

TEST_CASE("a duplicated batch is there twice", "[simulated][unit]") {
  SimulatedJournal journal(With({.duplicated = 1000}));
  CHECK(journal.Append(kDecisionsPartition, kThree).ok());
  journal.Settle();
  CHECK(ValuesOf(journal, kDecisionsPartition) ==
        std::vector<std::string>{"a", "b", "c", "a", "b", "c"});
}

TEST_CASE("a late batch lands after the call gave up, in its order", "[simulated][unit]") {
  std::set<size_t> landed_at_once;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SimulatedJournal journal(With({.late = 1000}, seed));
    CHECK(absl::IsDeadlineExceeded(journal.Append(kDecisionsPartition, kThree)));
    landed_at_once.insert(3 - journal.LateRecords());
    CHECK(journal.LateRecords() > 0);
    // Ticks alone bring it.
    for (int i = 0; i < 40; ++i) (void)journal.End(kDecisionsPartition);
    CHECK(journal.LateRecords() == 0);
    CHECK(ValuesOf(journal, kDecisionsPartition) == kThree);
  }
  CHECK(landed_at_once == std::set<size_t>{0, 1, 2});
}

TEST_CASE("a batch that is cut never lands whole", "[simulated][unit]") {
  std::set<size_t> sizes;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SimulatedJournal journal(With({.cut = 1000}, seed));
    CHECK(absl::IsDeadlineExceeded(journal.Append(kDecisionsPartition, kThree)));
    journal.Settle();
    const auto values = ValuesOf(journal, kDecisionsPartition);
    sizes.insert(values.size());
    CHECK(std::equal(values.begin(), values.end(), kThree.begin()));
  }
  CHECK(sizes == std::set<size_t>{0, 1, 2});
}

TEST_CASE("late records of another writer land before and between delayed ones",
          "[simulated][unit]") {
  std::set<std::vector<std::string>> orders;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SimulatedJournal journal(With({.delayed = 500, .late = 500}, seed));
    const auto other = journal.Connect();
    const bool is_other_acknowledged =
        other->Append(kDecisionsPartition, std::vector<std::string>{"x"}).ok();
    const bool is_acknowledged = journal.Append(kDecisionsPartition, kThree).ok();
    if (is_other_acknowledged || !is_acknowledged) continue;
    journal.Settle();
    orders.insert(ValuesOf(journal, kDecisionsPartition));
  }
  CHECK(orders == std::set<std::vector<std::string>>{{"a", "b", "c", "x"},
                                                     {"a", "b", "x", "c"},
                                                     {"a", "x", "b", "c"},
                                                     {"x", "a", "b", "c"}});
}

TEST_CASE("late records of a crashed writer land or do not", "[simulated][unit]") {
  std::set<size_t> sizes;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SimulatedJournal journal(With({.late = 1000}, seed));
    const auto writer = journal.Connect();
    for (int i = 0; i < 2; ++i) {
      (void)writer->Append(FactsPartition(0), std::vector<std::string>{std::to_string(i)});
    }
    writer->Crash();
    CHECK(absl::IsUnavailable(writer->Append(FactsPartition(0), kThree)));
    CHECK(absl::IsUnavailable(writer->Read(FactsPartition(0), {}, 1, 1).status()));
    journal.Settle();
    sizes.insert(ValuesOf(journal, FactsPartition(0)).size());
  }
  CHECK(sizes == std::set<size_t>{0, 1, 2});
}

TEST_CASE("addresses may have gaps and positions have none", "[simulated][unit]") {
  SimulatedJournal journal({.address_gaps = true});
  for (int i = 0; i < 30; ++i) REQUIRE(journal.Append(kDecisionsPartition, kThree).ok());
  const auto records = ReadAll(journal, kDecisionsPartition, 7);
  REQUIRE(records.size() == 90);
  CHECK(records.back().position == 89);
  CHECK(records.back().address > 100);
  // A cursor whose address is another position's was made for another copy of the log.
  CHECK(absl::IsDataLoss(journal.Read(kDecisionsPartition, {50, 50}, 1, 1).status()));
}

TEST_CASE("records carry the virtual time, one tick a call", "[simulated][unit]") {
  SimulatedJournal journal({.start = {1000}, .tick_ms = 10});
  REQUIRE(journal.Append(kDecisionsPartition, kThree).ok());
  journal.Clock().Advance(500);
  REQUIRE(journal.Append(kDecisionsPartition, kThree).ok());
  const auto records = ReadAll(journal, kDecisionsPartition);
  CHECK(records[0].appended_at == Instant{1010});
  CHECK(records[3].appended_at == Instant{1520});
}

}  // namespace
}  // namespace assay::testing

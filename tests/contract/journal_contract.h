// What every journal must do, whatever its medium: one suite, run on each of them.
//
//   TEST_CASE("the paper journal keeps the contract of journals", "[contract][integration]") {
//     CheckJournalContract([] { return std::make_unique<PaperMedium>(); });
//   }

#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/journal_history.h"

namespace assay::testing {

// A fresh, empty medium and the journals on it.
class JournalMedium {
 public:
  virtual ~JournalMedium() = default;

  virtual Journal& journal() = 0;
  // The journal as one of several writers has it.
  virtual Journal& Writer(int index) = 0;
  // Whether appends may end unknown and batches may land twice.
  [[nodiscard]] virtual bool IsStormy() const { return false; }
  // Returns when nothing is still on its way.
  virtual void Settle() {}
  // Closes and opens the medium; false when it does not outlive its process.
  virtual bool Reopen() { return false; }
};

using MakeJournalMedium = std::function<std::unique_ptr<JournalMedium>()>;

// "3/17/2" and some bytes that compress badly.
inline std::string SomeValue(int writer, int batch, int index) {
  std::minstd_rand random(static_cast<unsigned>(writer * 7919 + batch * 31 + index + 1));
  std::string value =
      std::to_string(writer) + "/" + std::to_string(batch) + "/" + std::to_string(index) + " ";
  for (int i = 0; i < 40; ++i) value.push_back(static_cast<char>(random()));
  return value;
}

inline std::vector<std::string> SomeValues(int writer, int batch, int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(SomeValue(writer, batch, i));
  return values;
}

// `batches` appends of one writer, of 1 to 7 values, over all partitions.
inline void WriteSome(Journal& journal, JournalHistory& history, int writer, int batches) {
  const std::vector<PartitionId> partitions = AllPartitions(journal);
  for (int batch = 0; batch < batches; ++batch) {
    const PartitionId partition = partitions[static_cast<size_t>(batch) % partitions.size()];
    history.Append(journal, writer, partition, SomeValues(writer, batch, 1 + batch % 7));
  }
}

// Appends until it is acknowledged.
inline void AppendSurely(Journal& journal, PartitionId partition,
                         const std::vector<std::string>& values) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (journal.Append(partition, values).ok()) return;
  }
  FAIL("no append is acknowledged");
}

inline void CheckOrder(JournalMedium& medium) {
  JournalHistory history;
  WriteSome(medium.journal(), history, 0, 100);
  medium.Settle();
  CHECK(history.AcknowledgedCount() >= (medium.IsStormy() ? 30 : 100));
  history.Check(medium.journal(), medium.IsStormy());
}

inline void CheckBytes(JournalMedium& medium) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  std::minstd_rand random(1);
  std::string large(1 << 20, '\0');
  for (char& c : large) c = static_cast<char>(random());
  const std::vector<std::string> values = {"",   all_bytes, large, std::string(3, '\0'),
                                           "\n", "last"};
  JournalHistory history;
  for (const PartitionId partition : {kDecisionsPartition, FactsPartition(0)}) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      if (history.Append(medium.journal(), 0, partition, values)) break;
    }
  }
  medium.Settle();
  CHECK(history.AcknowledgedCount() == 2);
  // Repeats come from repeated attempts as well; every record must be one of the six all the same.
  history.Check(medium.journal(), medium.IsStormy());
}

inline void CheckWriters(JournalMedium& medium) {
  constexpr int kWriters = 4;
  JournalHistory history;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    Journal& journal = medium.Writer(writer);
    threads.emplace_back([&, writer] { WriteSome(journal, history, writer, 60); });
  }
  for (std::thread& thread : threads) thread.join();
  medium.Settle();
  CHECK(history.AcknowledgedCount() >= (medium.IsStormy() ? 60 : 240));
  history.Check(medium.journal(), medium.IsStormy());
}

inline void CheckLimits(JournalMedium& medium) {
  Journal& journal = medium.journal();
  const PartitionId partition = FactsPartition(1);
  for (int batch = 0; batch < 20; ++batch) {
    AppendSurely(journal, partition, SomeValues(0, batch, 10));
  }
  medium.Settle();
  const std::vector<StoredRecord> all = ReadAll(journal, partition);
  REQUIRE(all.size() >= 200);
  const auto same = [](const StoredRecord& a, const StoredRecord& b) {
    return a.position == b.position && a.address == b.address && a.value == b.value &&
           a.appended_at == b.appended_at;
  };
  for (const int32_t page : {1, 3, 64, 10'000}) {
    INFO("pages of " << page);
    const std::vector<StoredRecord> paged = ReadAll(journal, partition, page);
    REQUIRE(std::equal(paged.begin(), paged.end(), all.begin(), all.end(), same));
  }
  // From the middle, by a cursor that a record gave.
  const auto rest = journal.Read(partition, all[99].Next(), 5, 1 << 20);
  REQUIRE(rest.ok());
  REQUIRE(rest->size() == 5);
  CHECK(same(rest->front(), all[100]));
  // A limit of bytes stops soon, and never before the first record.
  const auto small = journal.Read(partition, {}, 1000, 1);
  REQUIRE(small.ok());
  CHECK(small->size() == 1);
  const auto some = journal.Read(partition, {}, 1000, 500);
  REQUIRE(some.ok());
  CHECK(some->size() >= 10);
  CHECK(some->size() <= 20);
  const auto none = journal.Read(partition, {}, 0, 1000);
  REQUIRE(none.ok());
  CHECK(none->empty());
}

inline void CheckEnd(JournalMedium& medium) {
  Journal& journal = medium.journal();
  for (const PartitionId partition : AllPartitions(journal)) {
    CHECK(journal.End(partition).value() == 0);
    CHECK(ReadAll(journal, partition).empty());
  }
  int64_t before = 0;
  for (int batch = 0; batch < 10; ++batch) {
    AppendSurely(journal, FactsPartition(0), SomeValues(0, batch, 3));
    const int64_t end = journal.End(FactsPartition(0)).value();
    CHECK(end >= before + 3);
    before = end;
  }
  medium.Settle();
  const std::vector<StoredRecord> all = ReadAll(journal, FactsPartition(0));
  CHECK(journal.End(FactsPartition(0)).value() == all.back().Next().address);
  CHECK(journal.Read(FactsPartition(0), all.back().Next(), 10, 1000).value().empty());
  CHECK(journal.End(kDecisionsPartition).value() == 0);
}

inline void CheckReaders(JournalMedium& medium) {
  std::atomic<bool> is_written = false;
  std::thread writer([&] {
    for (int batch = 0; batch < 150; ++batch) {
      (void)medium.Writer(0).Append(kDecisionsPartition, SomeValues(0, batch, 2));
    }
    is_written = true;
  });
  const auto follow = [&](int32_t page, std::vector<std::string>& seen) {
    Cursor cursor;
    for (;;) {
      const bool is_last_look = is_written;
      const auto records = medium.journal().Read(kDecisionsPartition, cursor, page, 1 << 20);
      if (!records.ok()) return;
      for (const StoredRecord& record : *records) seen.push_back(record.value);
      if (!records->empty()) cursor = records->back().Next();
      if (records->empty() && is_last_look) return;
    }
  };
  std::vector<std::string> seen[2];
  std::thread readers[2] = {std::thread(follow, 1, std::ref(seen[0])),
                            std::thread(follow, 100, std::ref(seen[1]))};
  writer.join();
  for (std::thread& reader : readers) reader.join();
  medium.Settle();
  const std::vector<StoredRecord> all = ReadAll(medium.journal(), kDecisionsPartition);
  REQUIRE(all.size() >= 100);
  for (const auto& values : seen) {
    REQUIRE(values.size() >= 100);
    REQUIRE(values.size() <= all.size());
    for (size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == all[i].value);
  }
}

inline void CheckRefusals(JournalMedium& medium) {
  Journal& journal = medium.journal();
  const std::vector<std::string> values = {"a"};
  CHECK(journal.Append(FactsPartition(0), {}).ok());
  for (const PartitionId partition : {FactsPartition(journal.FactsPartitions()), FactsPartition(-1),
                                      PartitionId{PartitionId::Kind::kDecisions, 1}}) {
    CHECK(absl::IsInvalidArgument(journal.Append(partition, values)));
    CHECK(absl::IsInvalidArgument(journal.Read(partition, {}, 1, 1).status()));
    CHECK(absl::IsInvalidArgument(journal.End(partition).status()));
  }
  // Who asks for records behind the end has read records that are not there any more.
  CHECK(absl::IsDataLoss(journal.Read(kDecisionsPartition, {1000, 1000}, 1, 1).status()));
  medium.Settle();
  for (const PartitionId partition : AllPartitions(journal)) {
    CHECK(ReadAll(journal, partition).empty());
  }
}

inline void CheckReopening(JournalMedium& medium) {
  JournalHistory history;
  const std::string identity = medium.journal().Identity();
  CHECK_FALSE(identity.empty());
  for (int round = 0; round < 4; ++round) {
    WriteSome(medium.journal(), history, round, 30);
    medium.Settle();
    if (!medium.Reopen()) return;
    CHECK(medium.journal().Identity() == identity);
    history.Check(medium.journal(), medium.IsStormy());
  }
}

inline void CheckJournalContract(const MakeJournalMedium& make) {
  const std::pair<const char*, void (*)(JournalMedium&)> rules[] = {
      {"records keep their order and positions are dense from 0", CheckOrder},
      {"any bytes come back as they were", CheckBytes},
      {"several writers lose nothing that was acknowledged", CheckWriters},
      {"reads keep their limits and go on where they stopped", CheckLimits},
      {"the end is behind the last record", CheckEnd},
      {"two readers agree while a writer appends", CheckReaders},
      {"partitions that are not there are refused", CheckRefusals},
      {"opening again keeps everything", CheckReopening},
  };
  for (const auto& [name, check] : rules) {
    DYNAMIC_SECTION(name) {
      const std::unique_ptr<JournalMedium> medium = make();
      check(*medium);
    }
  }
}

}  // namespace assay::testing

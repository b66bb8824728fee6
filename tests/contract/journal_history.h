// What was sent to a journal and how it was answered, and whether what is read fits that.
//
// Values must differ from each other, since they tell which append a record comes from.

#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/commit/ports.h"
#include "tests/support/printing.h"

namespace assay::testing {

inline std::vector<PartitionId> AllPartitions(const Journal& journal) {
  std::vector<PartitionId> partitions = {kDecisionsPartition};
  for (int32_t i = 0; i < journal.FactsPartitions(); ++i) partitions.push_back(FactsPartition(i));
  return partitions;
}

// Everything that a partition holds, read in pages.
inline std::vector<StoredRecord> ReadAll(Journal& journal, PartitionId partition,
                                         int32_t page = 1000) {
  std::vector<StoredRecord> all;
  Cursor cursor;
  for (;;) {
    auto records = journal.Read(partition, cursor, page, 8 << 20);
    REQUIRE(records.status() == absl::OkStatus());
    if (records->empty()) return all;
    cursor = records->back().Next();
    std::move(records->begin(), records->end(), std::back_inserter(all));
  }
}

// Thread-safe; Check only when nobody appends any more.
class JournalHistory {
 public:
  // Appends and remembers; whether it was acknowledged.
  bool Append(Journal& journal, int writer, PartitionId partition,
              const std::vector<std::string>& values) {
    const int batch = Remember(writer, partition, values);
    const bool acknowledged = journal.Append(partition, values).ok();
    const std::lock_guard lock(mutex_);
    batches_[static_cast<size_t>(batch)].acknowledged = acknowledged;
    return acknowledged;
  }

  // All partitions hold what was acknowledged, once (or more often where `may_repeat`), in the
  // order in which each writer sent it, nothing that was not sent, and none of it changed.
  void Check(Journal& journal, bool may_repeat) const {
    for (const PartitionId partition : AllPartitions(journal)) {
      CheckPartition(partition, ReadAll(journal, partition), may_repeat);
    }
  }

  // Acknowledged appends of which a record is not there.
  [[nodiscard]] int64_t LostCount(Journal& journal) const {
    std::set<std::pair<PartitionId, std::string>> there;
    for (const PartitionId partition : AllPartitions(journal)) {
      for (StoredRecord& record : ReadAll(journal, partition)) {
        there.emplace(partition, std::move(record.value));
      }
    }
    return std::count_if(batches_.begin(), batches_.end(), [&](const Batch& batch) {
      return batch.acknowledged &&
             !std::all_of(batch.values.begin(), batch.values.end(), [&](const std::string& value) {
               return there.contains({batch.partition, value});
             });
    });
  }

  [[nodiscard]] int64_t AcknowledgedCount() const {
    int64_t count = 0;
    for (const Batch& batch : batches_) count += batch.acknowledged ? 1 : 0;
    return count;
  }

 private:
  struct Batch {
    int writer = 0;
    PartitionId partition;
    std::vector<std::string> values;
    bool acknowledged = false;
  };

  int Remember(int writer, PartitionId partition, const std::vector<std::string>& values) {
    const std::lock_guard lock(mutex_);
    batches_.push_back({writer, partition, values});
    return static_cast<int>(batches_.size()) - 1;
  }

  void CheckPartition(PartitionId partition, const std::vector<StoredRecord>& records,
                      bool may_repeat) const {
    INFO("partition " << static_cast<int>(partition.kind) << "/" << partition.index);
    CheckFrames(records);
    std::map<std::string, int64_t> first_at;
    for (const StoredRecord& record : records) {
      const bool is_new = first_at.emplace(record.value, record.position).second;
      if (!may_repeat && !is_new) FAIL("position " << record.position << " repeats a record");
    }
    std::set<std::string> sent;
    std::map<int, int64_t> acknowledged_up_to;
    for (const Batch& batch : batches_) {
      if (batch.partition != partition) continue;
      sent.insert(batch.values.begin(), batch.values.end());
      CheckBatch(batch, first_at, acknowledged_up_to);
    }
    for (const auto& [value, position] : first_at) {
      if (!sent.contains(value)) FAIL("position " << position << " was never sent: " << value);
    }
  }

  static void CheckFrames(const std::vector<StoredRecord>& records) {
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].position != static_cast<int64_t>(i)) FAIL("position " << i << " is missing");
      if (i == 0) continue;
      if (records[i].address <= records[i - 1].address) FAIL("address of " << i << " runs back");
      if (records[i].appended_at < records[i - 1].appended_at)
        FAIL("time of " << i << " runs back");
    }
  }

  static void CheckBatch(const Batch& batch, const std::map<std::string, int64_t>& first_at,
                         std::map<int, int64_t>& acknowledged_up_to) {
    int64_t before = -1;
    if (batch.acknowledged) {
      before = acknowledged_up_to.try_emplace(batch.writer, -1).first->second;
    }
    for (const std::string& value : batch.values) {
      const auto found = first_at.find(value);
      if (found == first_at.end()) {
        if (batch.acknowledged) FAIL("an acknowledged record is lost: " << value.substr(0, 80));
        continue;
      }
      if (found->second <= before) FAIL("out of order: position " << found->second);
      before = found->second;
    }
    if (batch.acknowledged) acknowledged_up_to[batch.writer] = before;
  }

  mutable std::mutex mutex_;
  std::vector<Batch> batches_;
};

}  // namespace assay::testing

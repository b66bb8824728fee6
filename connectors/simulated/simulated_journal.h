// A journal in memory that misbehaves the way a Kafka cluster may, repeatably from a seed.
//
// A broker acknowledges late or never, takes a batch twice, takes it after the client gave up, or
// lets other writers' records in between; addresses have gaps. Each append draws its fate from the
// seed. What is acknowledged is there; every error is "unknown".
//
// With one thread (any number of writers), the same seed and the same calls give the same log. Time
// is virtual: every call is one tick, and late records land when their tick comes.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/commit/ports.h"

namespace assay {

// Stands still until it is moved. Thread-safe.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Instant now) : now_(now) {}

  Instant Now() override;
  void Advance(int64_t ms);

 private:
  std::mutex mutex_;
  Instant now_;
};

// How often an append meets each fate, in appends of a thousand; the rest goes well at once.
// REQUIRES: their sum is at most 1000.
struct SimulatedFaults {
  // Acknowledged, but other writers' late records may land before it and between its values.
  int delayed = 0;
  // Acknowledged, and the whole batch lands a second time, now or later.
  int duplicated = 0;
  // Everything lands, and the call says DEADLINE_EXCEEDED.
  int acknowledgement_lost = 0;
  // Nothing lands, and the call says UNAVAILABLE.
  int failed = 0;
  // The call says DEADLINE_EXCEEDED; a beginning of the values has landed, the rest lands later.
  int late = 0;
  // The call says DEADLINE_EXCEEDED; a beginning of the values has landed, the rest never lands.
  int cut = 0;

  // Every fate there is, each often enough to be met in a short run.
  [[nodiscard]] static SimulatedFaults Storm() {
    return {.delayed = 150,
            .duplicated = 100,
            .acknowledgement_lost = 100,
            .failed = 100,
            .late = 100,
            .cut = 50};
  }
};

// Thread-safe. The journal itself is one writer; Connect makes others on the same medium.
class SimulatedJournal final : public Journal {
 public:
  struct Options {
    uint64_t seed = 1;
    int32_t facts_partitions = 4;
    SimulatedFaults faults;
    // Addresses skip some numbers, as they do around a broker's control records.
    bool address_gaps = false;
    // How many ticks a late record may take.
    int late_ticks_max = 20;
    // Virtual time of the first tick, and between two.
    Instant start = {1'767'225'600'000};
    int64_t tick_ms = 1;
  };

  // One more writer. Its medium must outlive it. Thread-safe.
  class Writer final : public Journal {
   public:
    absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
    absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                   int32_t records_max, int64_t bytes_max) override;
    absl::StatusOr<int64_t> End(PartitionId partition) override;
    [[nodiscard]] int64_t KnownEnd(PartitionId partition) override {
      return medium_.KnownEnd(partition);
    }
    [[nodiscard]] std::string Identity() const override { return medium_.Identity(); }
    [[nodiscard]] int32_t FactsPartitions() const override { return medium_.FactsPartitions(); }

    // The process dies: each of its late records lands some time or never, as the seed has it, and
    // every later call says UNAVAILABLE.
    void Crash();

   private:
    friend class SimulatedJournal;
    Writer(SimulatedJournal& medium, int id) : medium_(medium), id_(id) {}

    SimulatedJournal& medium_;
    const int id_;
  };

  explicit SimulatedJournal(const Options& options);
  ~SimulatedJournal() override;

  [[nodiscard]] std::unique_ptr<Writer> Connect();

  // DEADLINE_EXCEEDED or UNAVAILABLE as SimulatedFaults says; INVALID_ARGUMENT when there is no
  // such partition.
  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
  // DATA_LOSS when `from` lies behind the end, or when its address is another position's.
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override;
  absl::StatusOr<int64_t> End(PartitionId partition) override;
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override;
  [[nodiscard]] std::string Identity() const override;
  [[nodiscard]] int32_t FactsPartitions() const override;

  // The virtual time that records are stamped with.
  [[nodiscard]] SimulatedClock& Clock() { return clock_; }
  // Everything that is still to land lands now.
  void Settle();
  // Records that are still to land.
  [[nodiscard]] size_t LateRecords();

 private:
  // A record that has not landed yet.
  struct Late {
    int writer = 0;
    PartitionId partition;
    std::string value;
    int64_t due_tick = 0;
  };
  enum class Fate : uint8_t { kGood, kDelayed, kDuplicated, kLost, kFailed, kLate, kCut };

  absl::Status AppendAs(int writer, PartitionId partition, std::span<const std::string> values);
  absl::StatusOr<std::vector<StoredRecord>> ReadAs(int writer, PartitionId partition, Cursor from,
                                                   int32_t records_max, int64_t bytes_max);
  absl::StatusOr<int64_t> EndAs(int writer, PartitionId partition);
  void CrashWriter(int writer);

  // With the mutex held:
  [[nodiscard]] absl::Status CheckCall(int writer, PartitionId partition) const;
  void Tick();
  [[nodiscard]] Fate DrawFate();
  // 0 to `limit`, both included.
  [[nodiscard]] int64_t Draw(int64_t limit);
  void Land(PartitionId partition, std::string value);
  // The first `count` late records, in the order in which they were sent.
  void LandOldest(size_t count);
  void Postpone(int writer, PartitionId partition, std::span<const std::string> values);
  [[nodiscard]] absl::Status Meet(Fate fate, int writer, PartitionId partition,
                                  std::span<const std::string> values);

  const Options options_;
  SimulatedClock clock_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  int64_t tick_ = 0;
  // By slot: decisions, then facts.
  std::vector<std::vector<StoredRecord>> logs_;
  // In the order in which they were sent.
  std::vector<Late> late_;
  // By writer; the journal itself is the first.
  std::vector<bool> crashed_;
};

}  // namespace assay

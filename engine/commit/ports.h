// The outside as the commit loop and the fold need it: a journal, a clock, keys.
//
// A journal has append, read, end and identity, and nothing more: no compare-and-append, since
// Kafka has none. Which commits count is decided by reading (engine/commit/rule.h).

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// One partition of the log. Decisions have one, facts have P.
struct PartitionId {
  enum class Kind : uint8_t { kDecisions, kFacts };
  Kind kind = Kind::kDecisions;
  int32_t index = 0;

  auto operator<=>(const PartitionId&) const = default;
};

inline constexpr PartitionId kDecisionsPartition{};
[[nodiscard]] inline constexpr PartitionId FactsPartition(int32_t index) {
  return {PartitionId::Kind::kFacts, index};
}

// Partitions in one row: the decisions, then the facts.
[[nodiscard]] inline constexpr size_t SlotOf(PartitionId partition) {
  return partition.kind == PartitionId::Kind::kDecisions ? 0
                                                         : static_cast<size_t>(partition.index) + 1;
}

[[nodiscard]] inline constexpr PartitionId PartitionOfSlot(size_t slot) {
  return slot == 0 ? kDecisionsPartition : FactsPartition(static_cast<int32_t>(slot) - 1);
}
// "decisions", "facts/3"
[[nodiscard]] inline std::string NameOfPartition(PartitionId partition) {
  return partition.kind == PartitionId::Kind::kDecisions ? std::string("decisions")
                                                         : fmt::format("facts/{}", partition.index);
}

// Where to read on. The position is the ordinal of a record in its partition; the address is where
// the medium keeps it (a Kafka offset: may have gaps, changes in a copy) and is never less than it
// was for the position before.
struct Cursor {
  int64_t position = 0;
  int64_t address = 0;
};

struct StoredRecord {
  int64_t position = 0;
  int64_t address = 0;
  // As the medium stamped it; recorded time is its running maximum.
  Instant appended_at;
  std::string value;

  [[nodiscard]] Cursor Next() const { return {position + 1, address + 1}; }
};

// Thread-safe: any number of threads may append and read.
class Journal {
 public:
  virtual ~Journal() = default;

  // Appends the values in their order and returns when they are as durable as the medium makes
  // them. OK = all are there. Every error means *unknown*: some, all or none may be there or
  // arrive later. Records of other writers may come between them.
  virtual absl::Status Append(PartitionId partition, std::span<const std::string> values) = 0;

  // Records from `from` on, in order, at most `records_max` (and soon after `bytes_max` bytes);
  // fewer or none at the end of what is there.
  // DATA_LOSS when a record that was there is missing or damaged; the text names the position.
  virtual absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                         int32_t records_max,
                                                         int64_t bytes_max) = 0;

  // The address behind the last record that is there now; 0 for an empty partition.
  virtual absl::StatusOr<int64_t> End(PartitionId partition) = 0;
  // End of every partition by slot; where asking takes time, in the time of one question.
  virtual absl::StatusOr<std::vector<int64_t>> Ends() {
    std::vector<int64_t> ends;
    for (int32_t i = -1; i < FactsPartitions(); ++i) {
      ASSAY_ASSIGN_OR_RETURN(const int64_t end,
                             End(i < 0 ? kDecisionsPartition : FactsPartition(i)));
      ends.push_back(end);
    }
    return ends;
  }
  // What End is at least, without asking: behind every record that this journal object has seen
  // acknowledged or was told of. For a partition that is there.
  [[nodiscard]] virtual int64_t KnownEnd(PartitionId partition) = 0;

  // Whether the medium is still what was opened: it begins where it began, is as long as it was
  // known to be, and what it may do with records is as it was. What could not be looked at, in
  // words; empty = all was. May take seconds, and needs nobody to wait.
  //
  // DATA_LOSS or FAILED_PRECONDITION: it is not, and nothing is appended to it and read from it any
  // more by this journal object. UNAVAILABLE: nobody knows.
  virtual absl::StatusOr<std::string> CheckMedium() { return std::string(); }

  // What tells this medium from another one that could hold the same log ("embedded", a Kafka
  // cluster id); views keep it.
  [[nodiscard]] virtual std::string Identity() const = 0;
  // Facts partitions of the medium.
  [[nodiscard]] virtual int32_t FactsPartitions() const = 0;
};

// A journal that takes a company's log from another one, with the times that its records have.
class CopyTarget {
 public:
  virtual ~CopyTarget() = default;
  // To be called before the first AppendCopies, also when a copy is continued.
  virtual absl::Status BeginCopy() = 0;
  // As Journal::Append. FAILED_PRECONDITION when the records do not continue the partition, where
  // the medium can tell; nothing is written then.
  virtual absl::Status AppendCopies(PartitionId partition,
                                    std::span<const StoredRecord> records) = 0;
  // The copy is whole: from now on the medium stamps what is appended.
  virtual absl::Status EndCopy() = 0;
};

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() = 0;
};

// Symmetric keys of persons, entities and quarantine months, outside log and views. Thread-safe.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // 32 bytes of the key. With `create`, a missing key is made and is durable before the return.
  // NOT_FOUND when it is not there (never made, or destroyed).
  virtual absl::StatusOr<std::string> Key(std::string_view key_id, bool create) = 0;
};

}  // namespace assay

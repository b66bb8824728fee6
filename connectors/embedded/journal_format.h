// The rows of an embedded journal, and the hash chain that ties its records together.
//
//   key                                              value
//   0x00                                             directory row
//   0x01 kind (1 byte) index (4) position (8)        a record
//   0x02 kind (1 byte) index (4)                     tail row of a partition
//
// Kind is 0 for decisions and 1 for facts; integers are big-endian, positions ascend in key order.
// A record is: append time in ms (8 bytes, sign bit flipped), tag (4 bytes), the bytes as appended.
// The chain of a partition starts with 32 zero bytes, and each record makes it
// SHA-256(chain, append time as stored, bytes); the tag is the first 4 bytes of the chain behind
// the record, so that a check of the chain names the first record that is not as it was written.
// Everything here is pure.

#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/commit/ports.h"

namespace assay {

inline constexpr size_t kRecordTagBytes = 4;
inline constexpr size_t kRecordHeaderBytes = 8 + kRecordTagBytes;

// Where a partition ends: what one more record is chained to.
struct Tail {
  // Records that are there, and so the position of the next.
  int64_t end = 0;
  // Append time of the last record; no later one is earlier.
  int64_t last_ms = std::numeric_limits<int64_t>::min();
  Hash32 chain;

  bool operator==(const Tail&) const = default;
};

// What a journal directory is: made once by Create.
struct JournalIdentity {
  int32_t facts_partitions = 0;
  // Random, 16 bytes.
  std::string id;

  bool operator==(const JournalIdentity&) const = default;
};

// "decisions", "facts 3".
[[nodiscard]] std::string PartitionName(PartitionId partition);

[[nodiscard]] std::string DirectoryKey();
[[nodiscard]] std::string RecordKey(PartitionId partition, int64_t position);
[[nodiscard]] std::string TailKey(PartitionId partition);

[[nodiscard]] std::string EncodeDirectory(const JournalIdentity& identity);
[[nodiscard]] std::optional<JournalIdentity> DecodeDirectory(std::string_view row);

void AppendTail(std::string& out, const Tail& tail);
[[nodiscard]] bool TakeTail(std::string_view& in, Tail& tail);

// The tail behind one more record. REQUIRES: ms >= tail.last_ms
[[nodiscard]] Tail Chained(const Tail& tail, int64_t ms, std::string_view bytes);

// What stands before the bytes of the record that `behind` ends with.
[[nodiscard]] std::array<char, kRecordHeaderBytes> RecordHeader(const Tail& behind);

// A record as stored; the views point into the row.
struct RecordView {
  int64_t ms = 0;
  std::string_view tag;
  std::string_view bytes;
};
// Nothing when the row is too short to be one.
[[nodiscard]] std::optional<RecordView> DecodeRecord(std::string_view row);

// Whether `view` carries the tag of the chain at `behind`.
[[nodiscard]] bool TagMatches(const RecordView& view, const Tail& behind);

}  // namespace assay

// Authentic records: a record shows that a node of the company wrote it (log.md 8).
//
// Whoever may produce to a topic could write history. So every value ends in a tag under a log key
// that only the company's nodes have. A partition says for itself which keys count in it: the first
// in its Genesis, or in the first KeyMark of an older log, later ones in KeyMarks. A verdict looks
// at the own partition and the key store alone.
//
// A tag does not show that records are missing, moved or repeated within their partition, nor when
// they were recorded; roots on the decisions do (CutSealed, HeadsNoted).

#pragma once

#include <assay/v1/log.pb.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

inline constexpr std::string_view kLogAlgorithm = "hmac-sha-256";
// The first 8 bytes of SHA-256 of a log key.
inline constexpr size_t kLogKeyIdBytes = 8;
// Field and length, key id, tag: what a value ends in.
inline constexpr size_t kAuthBytes = 2 + kLogKeyIdBytes + 32;

[[nodiscard]] std::string LogKeyId(std::string_view key);
// For people: 16 hexadecimal digits.
[[nodiscard]] std::string ShownKeyId(std::string_view key_id);

// A log key, prepared for tags. Immutable.
class LogKey {
 public:
  // REQUIRES: key has 32 bytes.
  explicit LogKey(std::string_view key) : id_(LogKeyId(key)), mac_(key) {}

  [[nodiscard]] const std::string& Id() const { return id_; }
  // Of a record of `partition` of the log whose bytes before the tag have this hash.
  [[nodiscard]] Hash32 Tag(std::string_view log_id, PartitionId partition,
                           const Hash32& head) const;
  // Appends the field `auth` to the value of a record that has none.
  void Sign(std::string_view log_id, PartitionId partition, std::string& value) const;

 private:
  std::string id_;
  HmacKey mac_;
};

// The log keys that a node has, in the order in which they were made.
class LogKeys {
 public:
  LogKeys() = default;
  // Each of 32 bytes.
  explicit LogKeys(const std::vector<std::string>& keys) : keys_(keys.begin(), keys.end()) {}

  // Null when this node has no such key.
  [[nodiscard]] const LogKey* Find(std::string_view id) const;
  // Null when there is none.
  [[nodiscard]] const LogKey* Newest() const { return keys_.empty() ? nullptr : &keys_.back(); }
  [[nodiscard]] const std::vector<LogKey>& All() const { return keys_; }

 private:
  std::vector<LogKey> keys_;
};

// Of a node that has none.
[[nodiscard]] const LogKeys& NoLogKeys();

// Which keys count in a partition, by id, in the order in which it named them.
struct PartitionKeys {
  std::vector<std::string> ids;

  // Whether its records need a tag.
  [[nodiscard]] bool AreNeeded() const { return !ids.empty(); }
  [[nodiscard]] bool Contain(std::string_view id) const;

  bool operator==(const PartitionKeys&) const = default;
};

// What a partition makes of one value, before anything is known of what the record says.
struct Authenticity {
  // SHA-256 of the value.
  Hash32 hash;
  // The tag is missing, wrong, not last, twice, or of a key that does not count.
  bool is_foreign = false;
};

// Judges the tag of the value at `position`. `record` is null when it could not be parsed; `keys`
// are those that count before this record.
// DATA_LOSS (KEY_MISSING) when the partition names the key and this node does not have it: no
// verdict is possible then.
[[nodiscard]] absl::StatusOr<Authenticity> CheckAuthenticity(
    const v1::Record* record, std::string_view value, std::string_view log_id,
    PartitionId partition, int64_t position, const PartitionKeys& keys, const LogKeys& known);

// What the keys of a partition are after an authentic Genesis or a KeyMark; other records, and
// what would leave the partition without a key, change nothing.
void EvolveKeys(const v1::Record& record, PartitionKeys& keys);

}  // namespace assay

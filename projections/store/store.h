// The door to RocksDB for views: named tables, snapshots, batches.
//
// A view is a cache with a position in it. Rows and positions go into one batch; nothing is synced,
// since what a crash loses is folded again; on any doubt the directory is wiped and rebuilt.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace rocksdb {
class Iterator;
class SstFileWriter;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace assay {

// Fixed for the life of a directory; the numbers are indexes of column families.
enum class Table : uint8_t {
  kMeta,        // schema, log identity, positions
  kState,       // stream, inverted position -> state message
  kMembers,     // set stream, member id, inverted position -> Member
  kCommits,     // commit id -> position, command hash
  kHeads,       // stream -> position of its last change
  kMarks,       // decisions position -> root, verdict, recorded time, address
  kIdentities,  // facts partition, record identity -> current version
  kFacts,       // entity, day, facts partition, window of positions -> totals, facts
  kIntakes,     // day, facts partition, window of positions -> what came in
  kInputs,      // input log coordinates -> highest offset seen; marks; cuts
  kLedger,      // source -> counts; refusals
  kScores,      // cycle, person -> current score row
  kOutbox,      // sequence -> output record
};
inline constexpr int kTableCount = 13;
[[nodiscard]] std::string_view TableName(Table table);

class Store;

// Changes of one store that become visible together. `store` must outlive this.
//
// A loaded batch becomes sorted files that the store takes over as they are: a fold from nothing
// writes each row once where a logged one writes it three times.
//
// REQUIRES of a loaded batch: each table's keys come in ascending order and once; nothing logged
// was written before it to any store of this directory (RocksDB 7.8 may mix up the order of files
// and rows in memory).
class Batch {
 public:
  enum class Kind : uint8_t { kLogged, kLoaded };
  explicit Batch(const Store& store, Kind kind = Kind::kLogged);
  ~Batch();

  void Put(Table table, std::string_view key, std::string_view value);
  void Delete(Table table, std::string_view key);

 private:
  friend class Store;
  struct Files;
  rocksdb::SstFileWriter* FileOf(Table table);
  void Keep(const rocksdb::Status& status);

  const Store& store_;
  // The one or the other.
  std::unique_ptr<rocksdb::WriteBatch> changes_;
  std::unique_ptr<Files> files_;
  absl::Status status_;  // the first failure, told by Store::Write
};

// Walks the keys in [lower, upper) of one table in order. Ends at the first failure: look at
// status() when Valid() has become false.
class Scan {
 public:
  explicit Scan(std::unique_ptr<rocksdb::Iterator> iterator, std::string upper);
  ~Scan();
  [[nodiscard]] bool Valid() const;
  void Next();
  void Seek(std::string_view key);
  [[nodiscard]] std::string_view Key() const;
  [[nodiscard]] std::string_view Value() const;
  [[nodiscard]] absl::Status status() const;

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string upper_;
};

// What RocksDB says of itself, in bytes.
struct StoreFigures {
  uint64_t table_bytes = 0;
  uint64_t memory_bytes = 0;
  uint64_t cache_bytes = 0;
  // To be rewritten by compaction.
  uint64_t pending_bytes = 0;
};

// Thread-safe for reads; one thread writes.
class Store {
 public:
  // Opens or creates `directory`.
  // UNAVAILABLE when another process holds it; DATA_LOSS when it is damaged: wipe and rebuild.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& directory);
  // Opens `directory` without changing a file of it: no Write may follow. Who writes there must be
  // kept out (home_lock.h). Rows that a process left in log files when it was killed are read anew
  // by each opening, until Open puts them in order.
  // NOT_FOUND when there are no tables, or not all that this version has; RESOURCE_EXHAUSTED when
  // there are more than `log_bytes_max` of such rows; DATA_LOSS as Open.
  static absl::StatusOr<std::unique_ptr<Store>> OpenToRead(
      const std::string& directory, uintmax_t log_bytes_max = kLogBytesToRead);
  static constexpr uintmax_t kLogBytesToRead = 4 << 20;
  // An empty one that is nowhere on a disk.
  static absl::StatusOr<std::unique_ptr<Store>> OpenInMemory();
  // Removes the directory and all in it.
  static absl::Status Destroy(const std::string& directory);
  ~Store();

  // Nothing when the key is absent; DATA_LOSS or UNAVAILABLE when it cannot be read.
  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                               std::string_view key) const;
  // The values of sorted, unique keys; nothing for those that are absent.
  [[nodiscard]] absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Table table, const std::vector<std::string>& keys) const;
  // Keys with the prefix, those before `first` left out; an empty prefix is the whole table.
  [[nodiscard]] std::unique_ptr<Scan> NewScan(Table table, std::string_view prefix) const {
    return NewScan(table, prefix, prefix);
  }
  [[nodiscard]] std::unique_ptr<Scan> NewScan(Table table, std::string_view prefix,
                                              std::string_view first) const;
  [[nodiscard]] absl::Status Write(Batch& batch);
  // Whether many loaded batches follow: their files are then left to be merged until the last has
  // come, since merging them again and again would cost a third of the processor.
  [[nodiscard]] absl::Status SetLoading(bool is_loading);
  [[nodiscard]] StoreFigures Figures() const;

 private:
  friend class Batch;
  struct Impl;
  absl::Status Load(Batch& batch);
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The smallest key that is greater than every key with the prefix; empty when there is none.
[[nodiscard]] std::string PrefixEnd(std::string_view prefix);

}  // namespace assay

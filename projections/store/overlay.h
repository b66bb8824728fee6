// Rows that were folded but not written back yet, over the store that holds the rest.
//
// The fold works in memory: it reads through here, changes here, and the runner writes everything
// back in one sorted batch together with the positions. A row is read from RocksDB at most once
// between two write-backs.
//
// Facts partitions fold beside each other in lanes. A lane is the threads' border: the rows of the
// facts' tables that a partition changes are those of its lane, and never another's.

#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "projections/store/store.h"

namespace assay {

// One thread, but for the calls that say otherwise. `store` must outlive this. A failed read is
// kept in status() and answers as absent; the runner looks at status() before it writes anything
// back.
class Overlay {
 public:
  explicit Overlay(Store& store, size_t lanes = 1);

  // The row as folded so far.
  [[nodiscard]] std::optional<std::string> Get(Table table, std::string_view key);
  void Put(Table table, std::string key, std::string value);
  void Delete(Table table, std::string key);

  // Rows of identities, facts and intakes by their lane. Each lane may have a thread of its own
  // while no call without a lane is made, and a key has the same lane for ever.
  [[nodiscard]] std::optional<std::string> GetIn(size_t lane, Table table, std::string_view key);
  // The row to be changed in place, empty when there was none; valid until the lane's next call.
  // With kNotStored the caller knows that there was none, and it is not looked for.
  enum class Stored : uint8_t { kMaybe, kNotStored };
  [[nodiscard]] std::string& ChangeIn(size_t lane, Table table, std::string key,
                                      Stored stored = Stored::kMaybe);
  // Reads rows ahead in one go, so that GetIn finds them in memory. `keys` sorted and unique.
  void PrefetchIn(size_t lane, Table table, const std::vector<std::string>& keys);
  // The row as folded so far, which is not kept; beside lanes too, for tables that they do not
  // change.
  [[nodiscard]] std::optional<std::string> Peek(Table table, std::string_view key);

  // Visits the rows with the prefix in order, those before `first` left out, until `visit` returns
  // false. `visit` neither reads nor changes rows of this table.
  using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;
  void Visit(Table table, std::string_view prefix, const RowVisitor& visit) {
    Visit(table, prefix, prefix, visit);
  }
  void Visit(Table table, std::string_view prefix, std::string_view first, const RowVisitor& visit);
  // The first row at or after `key` that still has `prefix`.
  [[nodiscard]] std::optional<std::pair<std::string, std::string>> First(Table table,
                                                                         std::string_view key,
                                                                         std::string_view prefix);

  // What a reader says of a row that it cannot read: DATA_LOSS in status(). Any thread.
  void Damaged(Table table);

  // Moves all changes into `batch`; from here on they are read from the store, so the batch must
  // be written before the next read.
  void Drain(Batch& batch);
  // The same in three steps, for a batch that another thread writes while this one goes on: Freeze,
  // then DrainFrozen there, and Thaw here when it was written. In between frozen rows are read and
  // never changed, and a Visit first calls `finish`, which waits for the writing and thaws.
  void Freeze(std::function<absl::Status()> finish);
  void DrainFrozen(Batch& batch) const;
  // Gives the rows that are not needed any more, which take a while to destroy.
  class Thawed;
  Thawed Thaw();
  // Forgets all rows and what failed: from here on the store alone is read. No Visit may be going
  // on.
  void Drop();
  // Forgets rows that were read and not changed, so that a long life of reads keeps no memory.
  void Forget();
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  struct Row {
    std::optional<std::string> value;
    bool changed = false;
  };
  using Rows = absl::btree_map<std::string, Row, std::less<>>;
  struct KeyHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): Abseil's name
    size_t operator()(std::string_view key) const { return absl::Hash<std::string_view>()(key); }
  };
  using Scattered = absl::flat_hash_map<std::string, Row, KeyHash, std::equal_to<>>;

  // A fold makes two rows of the facts' tables for each fact and reads them by their keys alone, so
  // new rows of those tables lie scattered in their lanes until somebody wants them in order.
  struct TableRows {
    Rows ordered;
    std::vector<Scattered> lanes;
  };

  void Fail(const absl::Status& status);
  // In the order of their keys.
  static std::vector<const Scattered::value_type*> Sorted(const std::vector<Scattered>& lanes);
  // The row in the first of those that has it.
  [[nodiscard]] const Row* Find(Table table, std::string_view key) const;
  [[nodiscard]] const Row* FindIn(size_t lane, Table table, std::string_view key) const;
  static const Row* FindIn(const TableRows& rows, size_t lane, std::string_view key);
  // The row, made empty when it was not in memory; PlaceIn reads it.
  Row& Place(Table table, std::string key);
  Row& PlaceIn(size_t lane, Table table, std::string key, Stored stored);
  std::optional<std::string> FromStore(Table table, std::string_view key);
  // The rows of the table, all of them in order.
  Rows& InOrder(Table table);

  Store& store_;
  TableRows rows_[kTableCount];
  TableRows frozen_[kTableCount];
  // Set while rows are frozen.
  std::function<absl::Status()> finish_;
  std::mutex status_mutex_;
  absl::Status status_;
};

class Overlay::Thawed {
 private:
  friend class Overlay;
  std::vector<TableRows> rows_;
};

}  // namespace assay

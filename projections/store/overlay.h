// Rows that were folded but not written back yet, over the store that holds the rest.
//
// The fold works in memory: it reads through here, changes here, and the runner writes everything
// back in one sorted batch together with the positions. A row is read from RocksDB at most once
// between two write-backs.

#pragma once

#include <absl/container/btree_map.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "projections/store/store.h"

namespace assay {

// One thread. `store` must outlive this. A failed read is kept in status() and answers as absent;
// the runner looks at status() before it writes anything back.
class Overlay {
 public:
  explicit Overlay(Store& store) : store_(store) {}

  // The row as folded so far.
  [[nodiscard]] std::optional<std::string> Get(Table table, std::string_view key);
  void Put(Table table, std::string key, std::string value);
  void Delete(Table table, std::string key);
  // The row to be changed in place, empty when there was none; valid until the next call.
  [[nodiscard]] std::string& Change(Table table, std::string key);

  // Reads rows ahead in one go, so that Get finds them in memory. `keys` sorted and unique.
  void Prefetch(Table table, const std::vector<std::string>& keys);

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

  // What a reader says of a row that it cannot read: DATA_LOSS in status().
  void Damaged(Table table);

  // Moves all changes into `batch`; from here on they are read from the store, so the batch must
  // be written before the next read.
  void Drain(Batch& batch);
  // Forgets rows that were read and not changed, so that a long life of reads keeps no memory.
  void Forget();
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  struct Row {
    std::optional<std::string> value;
    bool changed = false;
  };
  using Rows = absl::btree_map<std::string, Row, std::less<>>;

  void Fail(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }
  Rows& RowsOf(Table table) { return rows_[static_cast<int>(table)]; }

  Store& store_;
  Rows rows_[kTableCount];
  absl::Status status_;
};

}  // namespace assay

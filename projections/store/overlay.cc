#include "projections/store/overlay.h"

#include <utility>

namespace assay {

std::optional<std::string> Overlay::Get(Table table, std::string_view key) {
  Rows& rows = RowsOf(table);
  if (const auto known = rows.find(key); known != rows.end()) return known->second.value;
  auto stored = store_.Get(table, key);
  if (!stored.ok()) {
    Fail(stored.status());
    return std::nullopt;
  }
  rows.emplace(std::string(key), Row{*stored, false});
  return *std::move(stored);
}

void Overlay::Put(Table table, std::string key, std::string value) {
  Row& row = RowsOf(table)[std::move(key)];
  row.changed = true;
  row.value = std::move(value);
}

void Overlay::Delete(Table table, std::string key) {
  Row& row = RowsOf(table)[std::move(key)];
  row.changed = true;
  row.value.reset();
}

std::string& Overlay::Change(Table table, std::string key) {
  const auto [known, is_new] = RowsOf(table).try_emplace(std::move(key));
  Row& row = known->second;
  if (is_new) {
    auto stored = store_.Get(table, known->first);
    if (stored.ok()) {
      row.value = *std::move(stored);
    } else {
      Fail(stored.status());
    }
  }
  row.changed = true;
  return row.value.has_value() ? *row.value : row.value.emplace();
}

void Overlay::Prefetch(Table table, const std::vector<std::string>& keys) {
  Rows& rows = RowsOf(table);
  std::vector<std::string> missing;
  for (const std::string& key : keys) {
    if (!rows.contains(key)) missing.push_back(key);
  }
  if (missing.empty()) return;
  auto stored = store_.MultiGet(table, missing);
  if (!stored.ok()) return Fail(stored.status());
  for (size_t i = 0; i < missing.size(); ++i) {
    rows.emplace(std::move(missing[i]), Row{std::move((*stored)[i]), false});
  }
}

void Overlay::Visit(Table table, std::string_view prefix, std::string_view first,
                    const RowVisitor& visit) {
  Rows& rows = RowsOf(table);
  auto scan = store_.NewScan(table, prefix, first);
  auto row = rows.lower_bound(first);
  const std::string end = PrefixEnd(prefix);
  const auto row_valid = [&] {
    return row != rows.end() && (end.empty() || std::string_view(row->first) < end);
  };
  while (scan->Valid() || row_valid()) {
    const bool from_row = row_valid() && (!scan->Valid() || row->first <= scan->Key());
    if (from_row) {
      if (scan->Valid() && row->first == scan->Key()) scan->Next();
      const auto current = row++;
      if (current->second.value.has_value() && !visit(current->first, *current->second.value)) {
        return;
      }
    } else {
      if (!visit(scan->Key(), scan->Value())) return;
      scan->Next();
    }
  }
  if (!scan->status().ok()) Fail(scan->status());
}

std::optional<std::pair<std::string, std::string>> Overlay::First(Table table, std::string_view key,
                                                                  std::string_view prefix) {
  std::optional<std::pair<std::string, std::string>> first;
  Visit(table, prefix, key, [&](std::string_view found, std::string_view value) {
    first.emplace(found, value);
    return false;
  });
  return first;
}

void Overlay::Damaged(Table table) {
  Fail(MakeStatus(absl::StatusCode::kDataLoss,
                  "a row in the view \"{}\" is damaged: run `assay rebuild`", TableName(table)));
}

void Overlay::Drain(Batch& batch) {
  for (int i = 0; i < kTableCount; ++i) {
    for (auto& [key, row] : rows_[i]) {
      if (!row.changed) continue;
      if (row.value.has_value()) {
        batch.Put(static_cast<Table>(i), key, *row.value);
      } else {
        batch.Delete(static_cast<Table>(i), key);
      }
    }
    rows_[i].clear();
  }
}

void Overlay::Forget() {
  for (Rows& rows : rows_) {
    absl::erase_if(rows, [](const auto& row) { return !row.second.changed; });
  }
}

}  // namespace assay

#include "projections/store/overlay.h"

#include <algorithm>
#include <utility>

namespace assay {

namespace {

bool IsScattered(Table table) {
  return table == Table::kIdentities || table == Table::kFacts || table == Table::kIntakes;
}

// The first bytes in which keys differ, as a number that orders as they do: sorting hardly looks at
// the keys themselves, which lie all over the memory.
unsigned __int128 SortNumber(std::string_view key, size_t common) {
  unsigned __int128 number = 0;
  for (size_t i = common; i < common + sizeof(number); ++i) {
    number = number << 8 | (i < key.size() ? static_cast<uint8_t>(key[i]) : 0);
  }
  return number;
}

template <typename Scattered>
size_t CommonBytes(const Scattered& scattered) {
  const std::string_view some = scattered.begin()->first;
  size_t common = some.size();
  for (const auto& [key, row] : scattered) {
    size_t same = 0;
    while (same < common && same < key.size() && key[same] == some[same]) ++same;
    common = same;
  }
  return common;
}

}  // namespace

const Overlay::Row* Overlay::Find(Table table, std::string_view key) const {
  const auto index = static_cast<size_t>(table);
  for (const TableRows* rows : {&rows_[index], &frozen_[index]}) {
    if (!rows->scattered.empty()) {
      const auto known = rows->scattered.find(key);
      if (known != rows->scattered.end()) return &known->second;
    }
    const auto known = rows->ordered.find(key);
    if (known != rows->ordered.end()) return &known->second;
  }
  return nullptr;
}

std::pair<Overlay::Row*, bool> Overlay::Place(Table table, std::string key) {
  const auto index = static_cast<size_t>(table);
  TableRows& rows = rows_[index];
  const auto made = [&](auto&& place) -> std::pair<Row*, bool> {
    const auto& [known, is_new] = place;
    Row& row = known->second;
    if (!is_new || finish_ == nullptr) return {&row, is_new};
    const TableRows& frozen = frozen_[index];
    if (const auto old = frozen.scattered.find(known->first); old != frozen.scattered.end()) {
      row.value = old->second.value;
      return {&row, false};
    }
    const auto old = frozen.ordered.find(known->first);
    if (old == frozen.ordered.end()) return {&row, true};
    row.value = old->second.value;
    return {&row, false};
  };
  if (!IsScattered(table)) return made(rows.ordered.try_emplace(std::move(key)));
  if (!rows.ordered.empty()) {
    const auto known = rows.ordered.find(key);
    if (known != rows.ordered.end()) return {&known->second, false};
  }
  return made(rows.scattered.try_emplace(std::move(key)));
}

std::vector<const Overlay::Scattered::value_type*> Overlay::Sorted(const Scattered& scattered) {
  if (scattered.empty()) return {};
  const size_t common = CommonBytes(scattered);
  std::vector<std::pair<unsigned __int128, const Scattered::value_type*>> numbered;
  numbered.reserve(scattered.size());
  for (const auto& entry : scattered)
    numbered.emplace_back(SortNumber(entry.first, common), &entry);
  std::sort(numbered.begin(), numbered.end(), [](const auto& left, const auto& right) {
    return left.first != right.first ? left.first < right.first
                                     : left.second->first < right.second->first;
  });
  std::vector<const Scattered::value_type*> sorted;
  sorted.reserve(numbered.size());
  for (const auto& [number, entry] : numbered) sorted.push_back(entry);
  return sorted;
}

Overlay::Rows& Overlay::InOrder(Table table) {
  TableRows& rows = rows_[static_cast<size_t>(table)];
  for (const auto* entry : Sorted(rows.scattered)) {
    rows.ordered.emplace_hint(rows.ordered.end(), entry->first, entry->second);
  }
  rows.scattered.clear();
  return rows.ordered;
}

std::optional<std::string> Overlay::Get(Table table, std::string_view key) {
  if (const Row* known = Find(table, key)) return known->value;
  auto stored = store_.Get(table, key);
  if (!stored.ok()) {
    Fail(stored.status());
    return std::nullopt;
  }
  *Place(table, std::string(key)).first = {*stored, false};
  return *std::move(stored);
}

void Overlay::Put(Table table, std::string key, std::string value) {
  Row& row = *Place(table, std::move(key)).first;
  row.changed = true;
  row.value = std::move(value);
}

void Overlay::Delete(Table table, std::string key) {
  Row& row = *Place(table, std::move(key)).first;
  row.changed = true;
  row.value.reset();
}

std::string& Overlay::Change(Table table, std::string key, Stored stored) {
  const std::string looked_for = stored == Stored::kMaybe ? key : std::string();
  const auto [row, is_new] = Place(table, std::move(key));
  if (is_new && stored == Stored::kMaybe) {
    auto found = store_.Get(table, looked_for);
    if (found.ok()) {
      row->value = *std::move(found);
    } else {
      Fail(found.status());
    }
  }
  row->changed = true;
  return row->value.has_value() ? *row->value : row->value.emplace();
}

void Overlay::Prefetch(Table table, const std::vector<std::string>& keys) {
  std::vector<std::string> missing;
  for (const std::string& key : keys) {
    if (Find(table, key) == nullptr) missing.push_back(key);
  }
  if (missing.empty()) return;
  auto stored = store_.MultiGet(table, missing);
  if (!stored.ok()) return Fail(stored.status());
  for (size_t i = 0; i < missing.size(); ++i) {
    *Place(table, std::move(missing[i])).first = {std::move((*stored)[i]), false};
  }
}

void Overlay::Visit(Table table, std::string_view prefix, std::string_view first,
                    const RowVisitor& visit) {
  if (finish_ != nullptr) {
    const absl::Status written = std::exchange(finish_, nullptr)();
    if (!written.ok()) return Fail(written);
  }
  Rows& rows = InOrder(table);
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
  Freeze([] { return absl::OkStatus(); });
  DrainFrozen(batch);
  Thaw();
}

void Overlay::Freeze(std::function<absl::Status()> finish) {
  for (int i = 0; i < kTableCount; ++i) std::swap(rows_[i], frozen_[i]);
  finish_ = std::move(finish);
}

void Overlay::DrainFrozen(Batch& batch) const {
  for (int i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    const auto put = [&](const std::string& key, const Row& row) {
      if (!row.changed) return;
      if (row.value.has_value()) {
        batch.Put(table, key, *row.value);
      } else {
        batch.Delete(table, key);
      }
    };
    auto ordered = frozen_[i].ordered.begin();
    for (const auto* entry : Sorted(frozen_[i].scattered)) {
      for (; ordered != frozen_[i].ordered.end() && ordered->first < entry->first; ++ordered) {
        put(ordered->first, ordered->second);
      }
      put(entry->first, entry->second);
    }
    for (; ordered != frozen_[i].ordered.end(); ++ordered) put(ordered->first, ordered->second);
  }
}

void Overlay::Thaw() {
  for (TableRows& rows : frozen_) rows = {};
  finish_ = nullptr;
}

void Overlay::Forget() {
  const auto is_unchanged = [](const auto& row) { return !row.second.changed; };
  for (TableRows& rows : rows_) {
    absl::erase_if(rows.ordered, is_unchanged);
    absl::erase_if(rows.scattered, is_unchanged);
  }
}

}  // namespace assay

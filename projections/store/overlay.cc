#include "projections/store/overlay.h"

#include <algorithm>
#include <utility>

namespace assay {

namespace {

// The first bytes in which keys differ, as a number that orders as they do: sorting hardly looks at
// the keys themselves, which lie all over the memory.
unsigned __int128 SortNumber(std::string_view key, size_t common) {
  unsigned __int128 number = 0;
  for (size_t i = common; i < common + sizeof(number); ++i) {
    number = number << 8 | (i < key.size() ? static_cast<uint8_t>(key[i]) : 0);
  }
  return number;
}

template <typename Entry>
size_t CommonBytes(const std::vector<const Entry*>& entries) {
  const std::string_view some = entries.front()->first;
  size_t common = some.size();
  for (const Entry* entry : entries) {
    const std::string_view key = entry->first;
    size_t same = 0;
    while (same < common && same < key.size() && key[same] == some[same]) ++same;
    common = same;
  }
  return common;
}

}  // namespace

Overlay::Overlay(Store& store, size_t lanes) : store_(store) {
  for (TableRows& rows : rows_) rows.lanes.resize(lanes);
  for (TableRows& rows : frozen_) rows.lanes.resize(lanes);
}

void Overlay::Fail(const absl::Status& status) {
  const std::lock_guard lock(status_mutex_);
  if (status_.ok()) status_ = status;
}

const Overlay::Row* Overlay::FindIn(const TableRows& rows, size_t lane, std::string_view key) {
  const Scattered& scattered = rows.lanes[lane];
  if (!scattered.empty()) {
    const auto known = scattered.find(key);
    if (known != scattered.end()) return &known->second;
  }
  if (rows.ordered.empty()) return nullptr;
  const auto known = rows.ordered.find(key);
  return known != rows.ordered.end() ? &known->second : nullptr;
}

const Overlay::Row* Overlay::FindIn(size_t lane, Table table, std::string_view key) const {
  const auto index = static_cast<size_t>(table);
  const Row* row = FindIn(rows_[index], lane, key);
  return row != nullptr ? row : FindIn(frozen_[index], lane, key);
}

const Overlay::Row* Overlay::Find(Table table, std::string_view key) const {
  const auto index = static_cast<size_t>(table);
  for (const TableRows* rows : {&rows_[index], &frozen_[index]}) {
    for (size_t lane = 0; lane < rows->lanes.size(); ++lane) {
      if (const Row* row = FindIn(*rows, lane, key)) return row;
    }
  }
  return nullptr;
}

Overlay::Row& Overlay::Place(Table table, std::string key) {
  TableRows& rows = rows_[static_cast<size_t>(table)];
  for (Scattered& lane : rows.lanes) {
    const auto known = lane.find(key);
    if (known != lane.end()) return known->second;
  }
  return rows.ordered.try_emplace(std::move(key)).first->second;
}

Overlay::Row& Overlay::PlaceIn(size_t lane, Table table, std::string key, Stored stored) {
  const auto index = static_cast<size_t>(table);
  TableRows& rows = rows_[index];
  if (!rows.ordered.empty()) {
    const auto known = rows.ordered.find(key);
    if (known != rows.ordered.end()) return known->second;
  }
  const auto [known, is_new] = rows.lanes[lane].try_emplace(std::move(key));
  Row& row = known->second;
  if (!is_new || stored == Stored::kNotStored) return row;
  const Row* const frozen = FindIn(frozen_[index], lane, known->first);
  row.value = frozen != nullptr ? frozen->value : FromStore(table, known->first);
  return row;
}

std::vector<const Overlay::Scattered::value_type*> Overlay::Sorted(
    const std::vector<Scattered>& lanes) {
  std::vector<const Scattered::value_type*> sorted;
  for (const Scattered& lane : lanes) {
    for (const auto& entry : lane) sorted.push_back(&entry);
  }
  if (sorted.empty()) return sorted;
  const size_t common = CommonBytes(sorted);
  std::vector<std::pair<unsigned __int128, const Scattered::value_type*>> numbered;
  numbered.reserve(sorted.size());
  for (const auto* entry : sorted) numbered.emplace_back(SortNumber(entry->first, common), entry);
  std::sort(numbered.begin(), numbered.end(), [](const auto& left, const auto& right) {
    return left.first != right.first ? left.first < right.first
                                     : left.second->first < right.second->first;
  });
  std::transform(numbered.begin(), numbered.end(), sorted.begin(),
                 [](const auto& entry) { return entry.second; });
  return sorted;
}

Overlay::Rows& Overlay::InOrder(Table table) {
  TableRows& rows = rows_[static_cast<size_t>(table)];
  for (const auto* entry : Sorted(rows.lanes)) {
    rows.ordered.emplace_hint(rows.ordered.end(), entry->first, entry->second);
  }
  for (Scattered& lane : rows.lanes) lane.clear();
  return rows.ordered;
}

std::optional<std::string> Overlay::FromStore(Table table, std::string_view key) {
  auto stored = store_.Get(table, key);
  if (stored.ok()) return *std::move(stored);
  Fail(stored.status());
  return std::nullopt;
}

std::optional<std::string> Overlay::Peek(Table table, std::string_view key) {
  if (const Row* known = Find(table, key)) return known->value;
  return FromStore(table, key);
}

std::optional<std::string> Overlay::Get(Table table, std::string_view key) {
  if (const Row* known = Find(table, key)) return known->value;
  auto value = FromStore(table, key);
  if (status_.ok()) Place(table, std::string(key)) = {value, false};
  return value;
}

void Overlay::Put(Table table, std::string key, std::string value) {
  Place(table, std::move(key)) = {std::move(value), true};
}

void Overlay::Delete(Table table, std::string key) {
  Place(table, std::move(key)) = {std::nullopt, true};
}

std::optional<std::string> Overlay::GetIn(size_t lane, Table table, std::string_view key) {
  if (const Row* known = FindIn(lane, table, key)) return known->value;
  return PlaceIn(lane, table, std::string(key), Stored::kMaybe).value;
}

std::string& Overlay::ChangeIn(size_t lane, Table table, std::string key, Stored stored) {
  Row& row = PlaceIn(lane, table, std::move(key), stored);
  row.changed = true;
  return row.value.has_value() ? *row.value : row.value.emplace();
}

void Overlay::PrefetchIn(size_t lane, Table table, const std::vector<std::string>& keys) {
  std::vector<std::string> missing;
  for (const std::string& key : keys) {
    if (FindIn(lane, table, key) == nullptr) missing.push_back(key);
  }
  if (missing.empty()) return;
  auto stored = store_.MultiGet(table, missing);
  if (!stored.ok()) return Fail(stored.status());
  for (size_t i = 0; i < missing.size(); ++i) {
    PlaceIn(lane, table, std::move(missing[i]), Stored::kNotStored) = {std::move((*stored)[i]),
                                                                       false};
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
  for (int i = 0; i < kTableCount; ++i) {
    std::swap(rows_[i], frozen_[i]);
    // The next batch is about as large.
    for (size_t lane = 0; lane < rows_[i].lanes.size(); ++lane) {
      rows_[i].lanes[lane].reserve(frozen_[i].lanes[lane].size());
    }
  }
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
    for (const auto* entry : Sorted(frozen_[i].lanes)) {
      for (; ordered != frozen_[i].ordered.end() && ordered->first < entry->first; ++ordered) {
        put(ordered->first, ordered->second);
      }
      put(entry->first, entry->second);
    }
    for (; ordered != frozen_[i].ordered.end(); ++ordered) put(ordered->first, ordered->second);
  }
}

Overlay::Thawed Overlay::Thaw() {
  Thawed thawed;
  for (TableRows& rows : frozen_) {
    const size_t lanes = rows.lanes.size();
    thawed.rows_.push_back(std::exchange(rows, {}));
    rows.lanes.resize(lanes);
  }
  finish_ = nullptr;
  return thawed;
}

void Overlay::Drop() {
  (void)Thaw();
  for (TableRows& rows : rows_) {
    rows.ordered.clear();
    for (Scattered& lane : rows.lanes) lane.clear();
  }
  status_ = absl::OkStatus();
}

void Overlay::Forget() {
  const auto is_unchanged = [](const auto& row) { return !row.second.changed; };
  for (TableRows& rows : rows_) {
    absl::erase_if(rows.ordered, is_unchanged);
    for (Scattered& lane : rows.lanes) absl::erase_if(lane, is_unchanged);
  }
}

}  // namespace assay

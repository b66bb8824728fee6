#include "engine/commit/signing_journal.h"

namespace assay {

void SigningJournal::Learn(LogKeys keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
}

void SigningJournal::Use(const std::string& log_id, PartitionId partition,
                         const PartitionKeys& in_use) {
  const std::lock_guard lock(mutex_);
  log_id_ = log_id;
  const size_t slot = SlotOf(partition);
  if (in_use_.size() <= slot) in_use_.resize(slot + 1);
  in_use_[slot] = in_use;
}

std::optional<std::pair<LogKey, std::string>> SigningJournal::KeyFor(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  const size_t slot = SlotOf(partition);
  if (slot >= in_use_.size()) return std::nullopt;
  const auto& ids = in_use_[slot].ids;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    if (const LogKey* const key = keys_.Find(*id); key != nullptr) return {{*key, log_id_}};
  }
  return std::nullopt;
}

absl::Status SigningJournal::Append(PartitionId partition, std::span<const std::string> values) {
  const auto key = KeyFor(partition);
  if (!key.has_value()) return inner_->Append(partition, values);
  std::vector<std::string> tagged(values.begin(), values.end());
  for (std::string& value : tagged) key->first.Sign(key->second, partition, value);
  return inner_->Append(partition, tagged);
}

}  // namespace assay

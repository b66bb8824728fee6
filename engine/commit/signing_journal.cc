#include "engine/commit/signing_journal.h"

namespace assay {

void SigningJournal::Use(const std::string& log_id, PartitionId partition,
                         const PartitionKeys& in_use) {
  const LogKey* newest = nullptr;
  for (const std::string& id : in_use.ids) {
    if (const LogKey* const key = keys_.Find(id); key != nullptr) newest = key;
  }
  const std::lock_guard lock(mutex_);
  log_id_ = log_id;
  const size_t slot = SlotOf(partition);
  if (in_use_.size() <= slot) in_use_.resize(slot + 1);
  in_use_[slot] = newest;
}

absl::Status SigningJournal::Append(PartitionId partition, std::span<const std::string> values) {
  const LogKey* key = nullptr;
  std::string log_id;
  {
    const std::lock_guard lock(mutex_);
    const size_t slot = SlotOf(partition);
    if (slot < in_use_.size()) key = in_use_[slot];
    log_id = log_id_;
  }
  if (key == nullptr) return inner_->Append(partition, values);
  std::vector<std::string> tagged(values.begin(), values.end());
  for (std::string& value : tagged) key->Sign(log_id, partition, value);
  return inner_->Append(partition, tagged);
}

}  // namespace assay

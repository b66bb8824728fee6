#include "tools/assay/late_journal.h"

namespace assay {

absl::Status LateJournal::Reach() {
  {
    const std::lock_guard lock(mutex_);
    if (reached_ != nullptr || used_ != nullptr) return absl::OkStatus();
  }
  auto opened = opener_();
  const std::lock_guard lock(mutex_);
  if (!opened.ok()) {
    why_ = opened.status();
    return why_;
  }
  reached_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status LateJournal::Use() {
  const std::lock_guard lock(mutex_);
  if (used_ != nullptr) return absl::OkStatus();
  if (reached_ == nullptr) return why_;
  used_ = std::move(reached_);
  return absl::OkStatus();
}

void LateJournal::Drop(absl::Status why) {
  const std::lock_guard lock(mutex_);
  reached_ = nullptr;
  used_ = nullptr;
  why_ = std::move(why);
}

absl::StatusOr<std::shared_ptr<Journal>> LateJournal::Current() const {
  const std::lock_guard lock(mutex_);
  if (used_ == nullptr) return why_;
  return used_;
}

absl::Status LateJournal::Append(PartitionId partition, std::span<const std::string> values) {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Current());
  return journal->Append(partition, values);
}

absl::StatusOr<std::vector<StoredRecord>> LateJournal::Read(PartitionId partition, Cursor from,
                                                            int32_t records_max,
                                                            int64_t bytes_max) {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Current());
  return journal->Read(partition, from, records_max, bytes_max);
}

absl::StatusOr<int64_t> LateJournal::End(PartitionId partition) {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Current());
  return journal->End(partition);
}

absl::StatusOr<std::vector<int64_t>> LateJournal::Ends() {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Current());
  return journal->Ends();
}

absl::StatusOr<std::string> LateJournal::CheckMedium() {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Current());
  return journal->CheckMedium();
}

int64_t LateJournal::KnownEnd(PartitionId partition) {
  const auto journal = Current();
  return journal.ok() ? (*journal)->KnownEnd(partition) : 0;
}

std::string LateJournal::Identity() const {
  const auto journal = Current();
  return journal.ok() ? (*journal)->Identity() : "";
}

int32_t LateJournal::FactsPartitions() const {
  const auto journal = Current();
  return journal.ok() ? (*journal)->FactsPartitions() : 0;
}

}  // namespace assay

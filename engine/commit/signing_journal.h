// A journal that appends records with the tag of the company: whoever writes needs to know nothing
// of log keys.

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/commit/authentic.h"
#include "engine/commit/ports.h"

namespace assay {

// Thread-safe, as a journal is. Everything but Append is the inner journal's.
class SigningJournal final : public Journal {
 public:
  SigningJournal(std::unique_ptr<Journal> inner, LogKeys keys)
      : inner_(std::move(inner)), keys_(std::move(keys)) {}

  // This node has these keys from now on.
  void Learn(LogKeys keys);

  // From here on records of the partition get the tag of the newest of `in_use` that this node has;
  // none while it has none of them, or while none is in use.
  void Use(const std::string& log_id, PartitionId partition, const PartitionKeys& in_use);

  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override {
    return inner_->Read(partition, from, records_max, bytes_max);
  }
  absl::StatusOr<int64_t> End(PartitionId partition) override { return inner_->End(partition); }
  absl::StatusOr<std::vector<int64_t>> Ends() override { return inner_->Ends(); }
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override {
    return inner_->KnownEnd(partition);
  }
  absl::StatusOr<std::string> CheckMedium() override { return inner_->CheckMedium(); }
  [[nodiscard]] std::string Identity() const override { return inner_->Identity(); }
  [[nodiscard]] int32_t FactsPartitions() const override { return inner_->FactsPartitions(); }

 private:
  const std::unique_ptr<Journal> inner_;
  // The key for the partition, and the log that it is of; nothing where records get no tag.
  std::optional<std::pair<LogKey, std::string>> KeyFor(PartitionId partition);

  std::mutex mutex_;
  LogKeys keys_;
  std::string log_id_;
  // By slot.
  std::vector<PartitionKeys> in_use_;
};

}  // namespace assay

// A journal that was out of reach when its home was opened, and may come later.
//
// Until it is given one, every question is answered with why there is none; the views that were
// folded before can be read meanwhile.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/commit/ports.h"

namespace assay {

// Thread-safe, as a journal is.
class LateJournal final : public Journal {
 public:
  // Opens the journal; may take as long as it takes to find nobody there.
  using Opener = std::function<absl::StatusOr<std::unique_ptr<Journal>>()>;

  LateJournal(Opener opener, absl::Status why) : opener_(std::move(opener)), why_(std::move(why)) {}

  // Tries to open the journal, and answers nothing from it yet. OK at once when it is open.
  absl::Status Reach();
  // Answers from the journal that was reached. UNAVAILABLE when none was.
  absl::Status Use();
  // Forgets the journal again: it is not the one that was looked for.
  void Drop(absl::Status why);

  // Each as the journal, or why there is none.
  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override;
  absl::StatusOr<int64_t> End(PartitionId partition) override;
  absl::StatusOr<std::vector<int64_t>> Ends() override;
  absl::StatusOr<std::string> CheckMedium() override;
  // 0, empty and 0 without a journal.
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override;
  [[nodiscard]] std::string Identity() const override;
  [[nodiscard]] int32_t FactsPartitions() const override;

 private:
  absl::StatusOr<std::shared_ptr<Journal>> Current() const;

  const Opener opener_;
  mutable std::mutex mutex_;
  absl::Status why_;
  std::shared_ptr<Journal> reached_;
  std::shared_ptr<Journal> used_;
};

}  // namespace assay

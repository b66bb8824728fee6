// A home that is given to others while its user waits for the journal.
//
// A broker that does not answer keeps an append waiting for half a minute. What decides and folds
// has the home to itself; what only asks or writes the journal, which is thread-safe, need not.

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/commit/submit.h"
#include "projections/runner/runner.h"

namespace assay {

// Runs `work`, during which others may have the home; has it again when it returns.
using Aside = std::function<void(const std::function<void()>& work)>;
// Gives it to nobody.
inline void InPlace(const std::function<void()>& work) { work(); }

// The journal as a Submitter uses it, which appends aside. What is passed in must outlive it.
class AsideJournal final : public Journal {
 public:
  AsideJournal(Journal& journal, const Aside& aside) : journal_(journal), aside_(aside) {}

  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
  // As the journal.
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override;
  absl::StatusOr<int64_t> End(PartitionId partition) override;
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override;
  absl::StatusOr<std::string> CheckMedium() override { return journal_.CheckMedium(); }
  [[nodiscard]] std::string Identity() const override;
  [[nodiscard]] int32_t FactsPartitions() const override;

 private:
  Journal& journal_;
  const Aside& aside_;
};

// The runner as a Submitter uses it, which asks aside for the ends. What is passed in must outlive
// it.
class AsideReplica final : public Replica {
 public:
  AsideReplica(Runner& runner, Journal& journal, const Aside& aside)
      : runner_(runner), journal_(journal), aside_(aside) {}

  absl::Status CatchUp() override;
  // As the runner.
  absl::Status CatchUpDecisions(int64_t address) override;
  absl::StatusOr<DecideSnapshot> Snapshot() override;
  absl::StatusOr<std::optional<AppliedCommand>> FindApplied(const Hash32& commit_id) override;
  std::optional<Outcome> TakeOutcome(const std::string& writer, const std::string& command_id,
                                     int32_t attempt) override;
  [[nodiscard]] const LogIdentity& Identity() const override { return runner_.Identity(); }

 private:
  Runner& runner_;
  Journal& journal_;
  const Aside& aside_;
};

}  // namespace assay

#include "tools/assay/aside.h"

namespace assay {

absl::Status AsideJournal::Append(PartitionId partition, std::span<const std::string> values) {
  absl::Status appended;
  aside_([&] { appended = journal_.Append(partition, values); });
  return appended;
}

absl::StatusOr<std::vector<StoredRecord>> AsideJournal::Read(PartitionId partition, Cursor from,
                                                             int32_t records_max,
                                                             int64_t bytes_max) {
  return journal_.Read(partition, from, records_max, bytes_max);
}

absl::StatusOr<int64_t> AsideJournal::End(PartitionId partition) { return journal_.End(partition); }

int64_t AsideJournal::KnownEnd(PartitionId partition) { return journal_.KnownEnd(partition); }

std::string AsideJournal::Identity() const { return journal_.Identity(); }

int32_t AsideJournal::FactsPartitions() const { return journal_.FactsPartitions(); }

absl::Status AsideReplica::CatchUp() {
  absl::StatusOr<std::vector<int64_t>> ends;
  aside_([&] { ends = journal_.Ends(); });
  ASSAY_RETURN_IF_ERROR(ends.status());
  return runner_.CatchUpTo(*ends);
}

absl::Status AsideReplica::CatchUpDecisions(int64_t address) {
  return runner_.CatchUpDecisions(address);
}

absl::StatusOr<DecideSnapshot> AsideReplica::Snapshot() { return runner_.Snapshot(); }

absl::StatusOr<std::optional<AppliedCommand>> AsideReplica::FindApplied(const Hash32& commit_id) {
  return runner_.FindApplied(commit_id);
}

std::optional<Replica::Outcome> AsideReplica::TakeOutcome(const std::string& writer,
                                                          const std::string& command_id,
                                                          int32_t attempt) {
  return runner_.TakeOutcome(writer, command_id, attempt);
}

}  // namespace assay

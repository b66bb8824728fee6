// The log of a home folded into views in memory, and branches of it: any records after its end,
// folded by the code that a node folds with, and forgotten again.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/commit/rule.h"
#include "projections/decisions/projector.h"
#include "projections/facts/projector.h"
#include "projections/score_table/projector.h"
#include "projections/score_table/query.h"
#include "projections/store/store.h"

namespace assay::testing {

struct KeptLog {
  LogIdentity identity;
  LogKeys keys;
  // By slot.
  std::vector<std::vector<StoredRecord>> records;
};
// Failures are those of the test.
[[nodiscard]] KeptLog ReadLogOf(const std::string& home);

struct LogHeads {
  DecisionsHead decisions;
  std::vector<facts::PartitionHead> facts;
};

// Counts changes of rows, but for the marks that every record gets.
class WatchedRows : public decisions::Projector {
 public:
  using decisions::Projector::Projector;

  void Put(std::string_view stream, const google::protobuf::MessageLite& state) override {
    ++changes;
    decisions::Projector::Put(stream, state);
  }
  void PutMember(std::string_view set_stream, const v1::Member& member) override {
    ++changes;
    decisions::Projector::PutMember(set_stream, member);
  }
  void EraseMember(std::string_view set_stream, std::string_view id) override {
    ++changes;
    decisions::Projector::EraseMember(set_stream, id);
  }
  void PutApplied(const Hash32& commit_id, const AppliedCommand& applied) override {
    ++changes;
    decisions::Projector::PutApplied(commit_id, applied);
  }
  void PutLastChanged(std::string_view stream, int64_t position) override {
    ++changes;
    decisions::Projector::PutLastChanged(stream, position);
  }
  void PutMisfit(int64_t position, int event) override {
    ++misfits;
    decisions::Projector::PutMisfit(position, event);
  }

  int64_t changes = 0;
  int64_t misfits = 0;
};

struct Digests {
  Hash32 company;
  Hash32 state;

  bool operator==(const Digests&) const = default;
};

class FoldedLog;

// What a node has that folds further records. One thread.
class LogBranch {
 public:
  explicit LogBranch(FoldedLog& log);

  // Judges and folds the next record of the partition. What a void one changes is a failure.
  absl::StatusOr<Verdict> Fold(PartitionId partition, const std::string& value, Instant at);
  // The views that are derived follow.
  absl::Status Finish();
  // After Finish.
  [[nodiscard]] absl::StatusOr<Digests> DigestsNow();

  [[nodiscard]] const LogHeads& Heads() const { return heads_; }
  [[nodiscard]] WatchedRows& Rows() { return rows_; }
  [[nodiscard]] Overlay& Tables() { return overlay_; }
  [[nodiscard]] score_table::Evaluator& Scores() { return evaluator_; }
  [[nodiscard]] Moment Now() const;
  [[nodiscard]] Instant RecordedAt() const;

 private:
  absl::StatusOr<Verdict> FoldDecisions(const StoredRecord& record);
  absl::StatusOr<Verdict> FoldFacts(int32_t partition, const StoredRecord& record);

  const KeptLog& log_;
  LogHeads heads_;
  Overlay overlay_;
  WatchedRows rows_;
  facts::Projector facts_;
  score_table::Evaluator evaluator_;
  score_table::Projector scores_;
};

class FoldedLog {
 public:
  explicit FoldedLog(KeptLog log);
  [[nodiscard]] const KeptLog& Log() const { return log_; }

 private:
  friend class LogBranch;

  KeptLog log_;
  LogHeads heads_;
  std::unique_ptr<Store> store_;
};

}  // namespace assay::testing

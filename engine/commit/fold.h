// Folding the decisions: judge a record, and when it counts, change the rows that its events
// change.
//
// The rows live wherever the caller keeps them (a RocksDB view, memory in tests); this file is the
// only one that says what a record does to them.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/commit/rule.h"
#include "engine/event/state.h"

namespace assay {

// What is kept of every decisions position.
struct DecisionMark {
  Hash32 root;
  Verdict verdict = Verdict::kNotACommit;
  Instant recorded_at;
  int64_t address = 0;
};

// What is kept of every applied commit, for ever: its answer, and what it answered.
struct AppliedCommand {
  int64_t position = 0;
  Hash32 command_hash;
};

// The rows of the decisions. Reads of StateReader see the state after the last folded record.
class DecisionRows : public StateStore, public CommitHistory {
 public:
  virtual std::optional<AppliedCommand> FindApplied(const Hash32& commit_id) = 0;
  virtual void PutApplied(const Hash32& commit_id, const AppliedCommand& applied) = 0;
  virtual void PutLastChanged(std::string_view stream, int64_t position) = 0;
  virtual void PutMark(int64_t position, const DecisionMark& mark) = 0;
  // An event of the applied commit there, counted from 0, does not fit the state.
  virtual void PutMisfit(int64_t position, int event) = 0;
  // From here on rows that are put belong to this position.
  virtual void Enter(int64_t position) = 0;

  bool WasApplied(const Hash32& commit_id) override { return FindApplied(commit_id).has_value(); }
};

// Where the fold of the decisions stands; together with the rows it is all there is.
struct DecisionsHead {
  // Of the next record.
  Cursor next;
  // Of the last folded record.
  Hash32 root;
  Instant recorded_at;
  // Those that count from here on.
  PartitionKeys keys;
  // The highest of an applied commit.
  int32_t rules_version = 0;
};

struct FoldedDecision {
  int64_t position = 0;
  // SHA-256 of the value.
  Hash32 hash;
  Instant recorded_at;
  Verdict verdict = Verdict::kNotACommit;
  // The commit, when the record is one (also a void one).
  std::optional<v1::Commit> commit;
};

// Folds one record and moves `head` behind it. `keys` are the log keys that this node has.
//
// DATA_LOSS when the record is not the next one, its log key is missing here, or the rows cannot be
// read; FAILED_PRECONDITION for what a later release wrote. Nothing was changed then.
[[nodiscard]] absl::StatusOr<FoldedDecision> FoldDecision(const StoredRecord& stored,
                                                          const LogIdentity& identity,
                                                          const LogKeys& keys, DecisionsHead& head,
                                                          DecisionRows& rows);

// The rules version that a commit after `head` is written under.
[[nodiscard]] int32_t RulesVersionAt(const DecisionsHead& head);

// Changes the rows by one event of an applied commit: its domain's row, and the sets it touches.
// False when the event does not fit the state: nothing was changed then.
bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store);

}  // namespace assay

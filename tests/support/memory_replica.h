// A replica whose rows live in memory: every node of a simulated company has one, each trailing the
// log by as much as it likes.

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/commit/submit.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

// All versions of all rows.
class MemoryRows : public DecisionRows {
 public:
  // The rows as of a position.
  class At : public StateReader {
   public:
    At(const MemoryRows& rows, int64_t position) : rows_(rows), position_(position) {}
    bool Get(std::string_view stream, google::protobuf::MessageLite* state) override {
      return rows_.GetAt(stream, position_, state);
    }
    std::vector<v1::Member> Members(std::string_view set_stream) override {
      return rows_.MembersAt(set_stream, position_);
    }
    std::vector<std::string> Streams(std::string_view prefix) override {
      return rows_.StreamsAt(prefix, position_);
    }
    [[nodiscard]] absl::Status status() const override { return absl::OkStatus(); }

   private:
    const MemoryRows& rows_;
    int64_t position_;
  };

  static constexpr int64_t kNewest = INT64_MAX;

  bool Get(std::string_view stream, google::protobuf::MessageLite* state) override {
    return GetAt(stream, kNewest, state);
  }
  std::vector<v1::Member> Members(std::string_view set_stream) override {
    return MembersAt(set_stream, kNewest);
  }
  std::vector<std::string> Streams(std::string_view prefix) override {
    return StreamsAt(prefix, kNewest);
  }
  [[nodiscard]] absl::Status status() const override { return absl::OkStatus(); }
  void Put(std::string_view stream, const google::protobuf::MessageLite& state) override {
    states_[std::string(stream)][position_] = state.SerializeAsString();
  }
  void PutMember(std::string_view set_stream, const v1::Member& member) override {
    members_[std::string(set_stream)][member.id()][position_] = member;
  }
  void EraseMember(std::string_view set_stream, std::string_view id) override {
    members_[std::string(set_stream)][std::string(id)][position_] = std::nullopt;
  }
  std::optional<int64_t> LastChanged(std::string_view stream) override {
    const auto found = heads_.find(std::string(stream));
    if (found == heads_.end()) return std::nullopt;
    return found->second;
  }
  std::optional<Hash32> RootAt(int64_t position) override {
    const auto found = marks.find(position);
    if (found == marks.end()) return std::nullopt;
    return found->second.root;
  }
  std::optional<AppliedCommand> FindApplied(const Hash32& commit_id) override {
    const auto found = applied.find(commit_id);
    if (found == applied.end()) return std::nullopt;
    return found->second;
  }
  void PutApplied(const Hash32& commit_id, const AppliedCommand& command) override {
    applied[commit_id] = command;
  }
  void PutLastChanged(std::string_view stream, int64_t position) override {
    heads_[std::string(stream)] = position;
  }
  void PutMark(int64_t position, const DecisionMark& mark) override { marks[position] = mark; }
  void PutMisfit(int64_t position, int event) override { misfits.emplace_back(position, event); }
  void Enter(int64_t position) override { position_ = position; }

  std::vector<std::pair<int64_t, int>> misfits;
  std::map<int64_t, DecisionMark> marks;
  std::map<Hash32, AppliedCommand> applied;

 private:
  bool GetAt(std::string_view stream, int64_t position,
             google::protobuf::MessageLite* state) const {
    state->Clear();
    const auto row = states_.find(std::string(stream));
    if (row == states_.end()) return false;
    auto version = row->second.upper_bound(position);
    if (version == row->second.begin()) return false;
    return state->ParseFromString(std::prev(version)->second);
  }
  std::vector<std::string> StreamsAt(std::string_view prefix, int64_t position) const {
    std::vector<std::string> found;
    for (auto row = states_.lower_bound(std::string(prefix));
         row != states_.end() && row->first.starts_with(prefix); ++row) {
      if (row->second.begin()->first <= position) found.push_back(row->first);
    }
    return found;
  }
  std::vector<v1::Member> MembersAt(std::string_view set_stream, int64_t position) const {
    std::vector<v1::Member> list;
    const auto set = members_.find(std::string(set_stream));
    if (set == members_.end()) return list;
    for (const auto& [id, versions] : set->second) {
      auto version = versions.upper_bound(position);
      if (version == versions.begin()) continue;
      if (std::prev(version)->second.has_value()) list.push_back(*std::prev(version)->second);
    }
    return list;
  }

  int64_t position_ = 0;
  std::map<std::string, std::map<int64_t, std::string>> states_;
  std::map<std::string, std::map<std::string, std::map<int64_t, std::optional<v1::Member>>>>
      members_;
  std::map<std::string, int64_t> heads_;
};

class MemoryReplica : public Replica {
 public:
  MemoryReplica(Journal& journal, LogIdentity identity)
      : journal_(journal), identity_(std::move(identity)) {}

  absl::Status CatchUp() override {
    ASSAY_ASSIGN_OR_RETURN(const int64_t end, journal_.End(kDecisionsPartition));
    return CatchUpDecisions(end);
  }
  absl::Status CatchUpDecisions(int64_t end) override {
    while (head.next.address < end) {
      ASSAY_ASSIGN_OR_RETURN(const auto records,
                             journal_.Read(kDecisionsPartition, head.next, 100, 1 << 20));
      if (records.empty()) break;
      for (const StoredRecord& record : records) {
        ASSAY_ASSIGN_OR_RETURN(FoldedDecision folded,
                               FoldDecision(record, identity_, keys, head, rows));
        if (folded.commit.has_value()) {
          outcomes_[{folded.commit->writer(), folded.commit->command_id(),
                     folded.commit->attempt()}] = {folded.position, folded.verdict};
        }
        history.push_back(std::move(folded));
      }
    }
    return absl::OkStatus();
  }
  absl::StatusOr<DecideSnapshot> Snapshot() override {
    const int64_t position = head.next.position - 1;
    return DecideSnapshot{.position = position,
                          .root = head.root,
                          .recorded_at = head.recorded_at,
                          .rules_version = RulesVersionAt(head),
                          .state = std::make_unique<MemoryRows::At>(rows, position),
                          .scores = std::make_unique<StatedScores>(scores)};
  }
  absl::StatusOr<std::optional<AppliedCommand>> FindApplied(const Hash32& commit_id) override {
    return rows.FindApplied(commit_id);
  }
  std::optional<Outcome> TakeOutcome(const std::string& writer, const std::string& command_id,
                                     int32_t attempt) override {
    auto found = outcomes_.extract({writer, command_id, attempt});
    if (found.empty()) return std::nullopt;
    return found.mapped();
  }
  [[nodiscard]] const LogIdentity& Identity() const override { return identity_; }

  // The log keys that this node has.
  LogKeys keys;
  // What deciding reads as locked scores.
  StatedScores scores;
  MemoryRows rows;
  DecisionsHead head;
  std::vector<FoldedDecision> history;

 private:
  Journal& journal_;
  LogIdentity identity_;
  std::map<std::tuple<std::string, std::string, int32_t>, Outcome> outcomes_;
};

}  // namespace assay::testing

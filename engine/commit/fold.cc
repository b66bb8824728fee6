#include "engine/commit/fold.h"

#include <algorithm>
#include <utility>

#include "engine/commit/domains.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

void ApplyCommit(const v1::Commit& commit, const FoldedDecision& folded,
                 const LogIdentity& identity, DecisionRows& rows) {
  rows.Enter(folded.position);
  const EventMeta meta{.position = folded.position,
                       .recorded_at = folded.recorded_at,
                       .decided_at = InstantOf(commit.decided_at()),
                       .actor = ActorName(commit.actor())};
  for (int i = 0; i < commit.events_size(); ++i) {
    if (!Evolve(commit.events(i), meta, rows)) rows.PutMisfit(folded.position, i);
  }
  for (const std::string& stream : commit.writes()) rows.PutLastChanged(stream, folded.position);
  for (const std::string& stream : commit.touches()) rows.PutLastChanged(stream, folded.position);
  rows.PutApplied(CommitId(identity.company, commit.command_id()),
                  {.position = folded.position,
                   .command_hash = Hash32::FromBytes(commit.command_hash()).value_or(Hash32{})});
}

}  // namespace

int32_t RulesVersionAt(const DecisionsHead& head) {
  return std::max(head.rules_version, RulesVersionOf(head.keys));
}

bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  const EventRow* row = RowOf(event.body_case());
  // Of a later release: nobody here knows what it changes.
  if (row == nullptr) return true;
  if (row->stream(event) != event.stream() || !row->evolve(event, meta, store)) return false;
  EvolveSets(event, store);
  return true;
}

absl::StatusOr<FoldedDecision> FoldDecision(const StoredRecord& stored, const LogIdentity& identity,
                                            const LogKeys& keys, DecisionsHead& head,
                                            DecisionRows& rows) {
  if (stored.position != head.next.position) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "decisions position {} was expected, the journal gave {}", head.next.position,
                      stored.position);
  }
  v1::Record record;
  const bool is_parsed =
      record.ParseFromArray(stored.value.data(), static_cast<int>(stored.value.size()));
  JudgedRecord judged{.record = is_parsed ? &record : nullptr,
                      .value_bytes = stored.value.size(),
                      .position = stored.position,
                      .recorded_at = std::max(head.recorded_at, stored.appended_at),
                      .needs_tag = head.keys.AreNeeded()};
  ASSAY_ASSIGN_OR_RETURN(judged.authenticity,
                         CheckAuthenticity(judged.record, stored.value, identity.log_id,
                                           kDecisionsPartition, stored.position, head.keys, keys));
  FoldedDecision folded{.position = stored.position,
                        .hash = judged.authenticity.hash,
                        .recorded_at = judged.recorded_at};
  ASSAY_ASSIGN_OR_RETURN(folded.verdict, JudgeDecision(judged, identity, head.rules_version, rows));
  ASSAY_RETURN_IF_ERROR(rows.status());
  if (folded.verdict == Verdict::kNotACommit) EvolveKeys(record, head.keys);
  if (is_parsed && record.has_commit()) folded.commit = std::move(*record.mutable_commit());
  if (folded.verdict == Verdict::kApplied) {
    ApplyCommit(*folded.commit, folded, identity, rows);
    ASSAY_RETURN_IF_ERROR(rows.status());
    head.rules_version = std::max(head.rules_version, folded.commit->rules_version());
  }
  head.root = NextRoot(head.root, folded.hash, folded.verdict);
  head.recorded_at = folded.recorded_at;
  head.next = stored.Next();
  rows.PutMark(stored.position, {.root = head.root,
                                 .verdict = folded.verdict,
                                 .recorded_at = folded.recorded_at,
                                 .address = stored.address});
  return folded;
}

}  // namespace assay

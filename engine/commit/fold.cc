#include "engine/commit/fold.h"

#include <algorithm>
#include <utility>

#include "engine/adjustment/state.h"
#include "engine/agreement/state.h"
#include "engine/commit/sets.h"
#include "engine/company/state.h"
#include "engine/cycle/state.h"
#include "engine/event/effective.h"
#include "engine/metric/state.h"
#include "engine/org/state.h"
#include "engine/source/state.h"

namespace assay {
namespace {

void ApplyCommit(const v1::Commit& commit, const FoldedDecision& folded,
                 const LogIdentity& identity, DecisionRows& rows) {
  rows.Enter(folded.position);
  const EventMeta meta{.position = folded.position,
                       .recorded_at = folded.recorded_at,
                       .decided_at = InstantOf(commit.decided_at()),
                       .actor = ActorName(commit.actor())};
  for (const v1::Event& event : commit.events()) Evolve(event, meta, rows);
  for (const std::string& stream : commit.writes()) rows.PutLastChanged(stream, folded.position);
  for (const std::string& stream : commit.touches()) rows.PutLastChanged(stream, folded.position);
  rows.PutApplied(CommitId(identity.company, commit.command_id()),
                  {.position = folded.position,
                   .command_hash = Hash32::FromBytes(commit.command_hash()).value_or(Hash32{})});
}

}  // namespace

void Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  company::Evolve(event, meta, store);
  org::Evolve(event, meta, store);
  metric::Evolve(event, meta, store);
  agreement::Evolve(event, meta, store);
  cycle::Evolve(event, meta, store);
  adjustment::Evolve(event, meta, store);
  source::Evolve(event, meta, store);
  EvolveSets(event, store);
}

absl::StatusOr<FoldedDecision> FoldDecision(const StoredRecord& stored, const LogIdentity& identity,
                                            DecisionsHead& head, DecisionRows& rows) {
  if (stored.position != head.next.position) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "decisions position {} was expected, the journal gave {}", head.next.position,
                      stored.position);
  }
  v1::Record record;
  const bool parsed =
      record.ParseFromArray(stored.value.data(), static_cast<int>(stored.value.size()));
  FoldedDecision folded{.position = stored.position,
                        .recorded_at = std::max(head.recorded_at, stored.appended_at)};
  ASSAY_ASSIGN_OR_RETURN(folded.verdict,
                         JudgeDecision(parsed ? &record : nullptr, stored.value.size(),
                                       stored.position, folded.recorded_at, identity, rows));
  ASSAY_RETURN_IF_ERROR(rows.status());
  if (parsed && record.has_commit()) folded.commit = std::move(*record.mutable_commit());
  if (folded.verdict == Verdict::kApplied) {
    ApplyCommit(*folded.commit, folded, identity, rows);
    ASSAY_RETURN_IF_ERROR(rows.status());
  }
  head.root = NextRoot(head.root, stored.value, folded.verdict);
  head.recorded_at = folded.recorded_at;
  head.next = stored.Next();
  rows.PutMark(stored.position, {.root = head.root,
                                 .verdict = folded.verdict,
                                 .recorded_at = folded.recorded_at,
                                 .address = stored.address});
  return folded;
}

}  // namespace assay

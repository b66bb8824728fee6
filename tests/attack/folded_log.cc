#include "tests/attack/folded_log.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "projections/digest/query.h"
#include "tools/assay/home.h"

namespace assay::testing {

KeptLog ReadLogOf(const std::string& home) {
  auto opened = Home::Open({.directory = home});
  INFO(opened.status().ToString());
  REQUIRE(opened.ok());
  KeptLog log{.identity = (*opened)->Identity(), .keys = (*opened)->KnownLogKeys(), .records = {}};
  for (size_t slot = 0; slot <= static_cast<size_t>(log.identity.facts_partitions); ++slot) {
    auto& records = log.records.emplace_back();
    Cursor cursor;
    while (true) {
      const auto read = (*opened)->Log().Read(PartitionOfSlot(slot), cursor, 1'000, 8 << 20);
      REQUIRE(read.ok());
      if (read->empty()) break;
      cursor = read->back().Next();
      records.insert(records.end(), read->begin(), read->end());
    }
  }
  return log;
}

FoldedLog::FoldedLog(KeptLog log) : log_(std::move(log)) {
  auto store = Store::OpenInMemory();
  REQUIRE(store.ok());
  store_ = *std::move(store);
  heads_.facts.resize(static_cast<size_t>(log_.identity.facts_partitions));
  LogBranch all(*this);
  for (size_t slot = 0; slot < log_.records.size(); ++slot) {
    for (const StoredRecord& record : log_.records[slot]) {
      REQUIRE(all.Fold(PartitionOfSlot(slot), record.value, record.appended_at).ok());
    }
  }
  REQUIRE(all.Finish().ok());
  heads_ = all.Heads();
  Batch batch(*store_);
  all.Tables().Drain(batch);
  REQUIRE(store_->Write(batch).ok());
}

LogBranch::LogBranch(FoldedLog& log)
    : log_(log.log_),
      heads_(log.heads_),
      overlay_(*log.store_),
      rows_(overlay_),
      facts_(overlay_, 0, log_.keys),
      evaluator_(overlay_),
      scores_(evaluator_, {.company = log_.identity.company, .publish = false}) {}

absl::StatusOr<Verdict> LogBranch::Fold(PartitionId partition, const std::string& value,
                                        Instant at) {
  const bool decides = partition.kind == PartitionId::Kind::kDecisions;
  const Cursor next =
      decides ? heads_.decisions.next : heads_.facts[static_cast<size_t>(partition.index)].next;
  const StoredRecord record{next.position, next.address, at, value};
  auto verdict = decides ? FoldDecisions(record) : FoldFacts(partition.index, record);
  if (verdict.ok() && !overlay_.status().ok()) return overlay_.status();
  return verdict;
}

absl::StatusOr<Verdict> LogBranch::FoldDecisions(const StoredRecord& record) {
  const int64_t changes = rows_.changes;
  const PartitionKeys keys = heads_.decisions.keys;
  ASSAY_ASSIGN_OR_RETURN(const FoldedDecision folded,
                         FoldDecision(record, log_.identity, log_.keys, heads_.decisions, rows_));
  if (folded.verdict == Verdict::kApplied) {
    scores_.OnCommit(folded, overlay_);
    return folded.verdict;
  }
  REQUIRE(rows_.changes == changes);
  if (folded.verdict != Verdict::kNotACommit) REQUIRE(heads_.decisions.keys == keys);
  if (folded.verdict == Verdict::kForeign) {
    const facts::Foreign foreign{kDecisionsPartition, folded.position, folded.recorded_at,
                                 folded.hash};
    facts::PutForeign(foreign, overlay_);
    scores_.OnForeign(foreign, overlay_);
  }
  return folded.verdict;
}

absl::StatusOr<Verdict> LogBranch::FoldFacts(int32_t partition, const StoredRecord& record) {
  facts::PartitionHead& head = heads_.facts[static_cast<size_t>(partition)];
  facts::PartitionHead judged = head;
  ASSAY_ASSIGN_OR_RETURN(const Verdict verdict,
                         facts::Chain(partition, record, log_.identity, log_.keys, judged));
  ASSAY_RETURN_IF_ERROR(facts_.Fold(partition, {&record, 1}, log_.identity, head));
  facts_.PutShared();
  REQUIRE(head.root == judged.root);
  const facts::TouchedDays touched = facts_.TakeTouched();
  const std::vector<facts::Refused> refused = facts_.TakeRefused();
  const std::vector<facts::Foreign> foreign = facts_.TakeForeign();
  if (verdict != Verdict::kNotACommit) {
    REQUIRE(touched.empty());
    REQUIRE(refused.empty());
  }
  REQUIRE(foreign.size() == (verdict == Verdict::kForeign ? 1 : 0));
  for (const facts::Foreign& one : foreign) scores_.OnForeign(one, overlay_);
  scores_.OnFacts(touched, refused, overlay_);
  return verdict;
}

absl::Status LogBranch::Finish() { return scores_.Finish(Now(), RecordedAt(), overlay_); }

absl::StatusOr<Digests> LogBranch::DigestsNow() {
  ASSAY_ASSIGN_OR_RETURN(const Hash32 company, digest::CompanyDigest(overlay_));
  ASSAY_ASSIGN_OR_RETURN(const Hash32 state, digest::StateDigest(overlay_));
  return Digests{company, state};
}

Moment LogBranch::Now() const {
  Moment moment{.decisions = heads_.decisions.next.position - 1};
  for (const auto& head : heads_.facts) moment.facts.push_back(head.next.position - 1);
  return moment;
}

Instant LogBranch::RecordedAt() const {
  Instant last = heads_.decisions.recorded_at;
  for (const auto& head : heads_.facts) last = std::max(last, head.recorded_at);
  return last;
}

}  // namespace assay::testing

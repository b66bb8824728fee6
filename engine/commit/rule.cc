#include "engine/commit/rule.h"

#include "engine/base/limits.h"
#include "engine/commit/form.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

bool BelongsHere(const v1::Record& record, const LogIdentity& identity) {
  return record.company() == identity.company && record.log_id() == identity.log_id;
}

// Company, log, kind, size: what a record needs to be one of this partition.
bool IsFramed(const JudgedRecord& judged, const LogIdentity& identity) {
  return judged.record != nullptr && BelongsHere(*judged.record, identity);
}

bool IsWellFormed(const v1::Commit& commit) {
  const int streams = commit.reads_size() + commit.writes_size() + commit.touches_size();
  return !commit.command_id().empty() && commit.has_command() && commit.has_decided_at() &&
         commit.has_basis() && commit.events_size() > 0 &&
         commit.events_size() <= limits::kCommitEventsMax && streams <= limits::kCommitStreamsMax;
}

template <typename Streams>
bool AnyChangedAfter(const Streams& streams, int64_t basis, CommitHistory& history) {
  for (const std::string& stream : streams) {
    const auto changed = history.LastChanged(stream);
    if (changed.has_value() && *changed > basis) return true;
  }
  return false;
}

Verdict JudgeCommit(const v1::Commit& commit, int64_t position, Instant recorded_at,
                    const LogIdentity& identity, CommitHistory& history) {
  if (history.WasApplied(CommitId(identity.company, commit.command_id()))) {
    return Verdict::kDuplicate;
  }
  const int64_t basis = commit.basis().position();
  if (basis < 0 || basis >= position || position - basis > limits::kBasisDistanceMax) {
    return Verdict::kStale;
  }
  const int64_t skew_ms = recorded_at.ms - InstantOf(commit.decided_at()).ms;
  if (skew_ms < limits::kSkewEarlyMs || skew_ms > limits::kSkewLateMs) return Verdict::kSkewed;
  const auto root = history.RootAt(basis);
  if (!root.has_value() || root->View() != commit.basis().root()) return Verdict::kDiverged;
  if (AnyChangedAfter(commit.reads(), basis, history) ||
      AnyChangedAfter(commit.writes(), basis, history)) {
    return Verdict::kConflict;
  }
  return Verdict::kApplied;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNotACommit:
      return "not a commit";
    case Verdict::kApplied:
      return "applied";
    case Verdict::kDuplicate:
      return "duplicate";
    case Verdict::kStale:
      return "stale";
    case Verdict::kSkewed:
      return "skewed";
    case Verdict::kDiverged:
      return "diverged";
    case Verdict::kConflict:
      return "conflict";
    case Verdict::kMalformed:
      return "malformed";
    case Verdict::kForeign:
      return "foreign";
  }
  return "unknown";
}

Hash32 CommitId(std::string_view company, std::string_view command_id) {
  return HashPair(company, command_id);
}

Hash32 NextRoot(const Hash32& previous, const Hash32& value_hash, Verdict verdict) {
  const char byte = static_cast<char>(verdict);
  return Sha256({previous.View(), value_hash.View(), std::string_view(&byte, 1)});
}

absl::StatusOr<Verdict> JudgeDecision(const JudgedRecord& judged, const LogIdentity& identity,
                                      int32_t rules_version, CommitHistory& history) {
  // A key mark of an older log that proves nothing is what it was to older releases.
  if (judged.authenticity.is_foreign) {
    return judged.needs_tag ? Verdict::kForeign : Verdict::kMalformed;
  }
  if (!IsFramed(judged, identity)) return Verdict::kMalformed;
  const v1::Record& record = *judged.record;
  if (record.has_genesis() || record.has_key_mark()) return Verdict::kNotACommit;
  if (!record.has_commit() || judged.value_bytes > limits::kCommitBytesMax) {
    return Verdict::kMalformed;
  }
  const v1::Commit& commit = record.commit();
  if (commit.rules_version() < 1 || commit.rules_version() > kRulesVersionMax) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the commit at decisions position {} was made under rules version {}, this "
                      "program knows versions up to {}: use a release that knows it",
                      judged.position, commit.rules_version(), kRulesVersionMax);
  }
  if (commit.rules_version() < rules_version) return Verdict::kMalformed;
  if (!IsWellFormed(commit) || FaultOf(commit).has_value()) return Verdict::kMalformed;
  if (commit.rules_version() > 1 && HoldsUnknownEvent(commit)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the commit at decisions position {} holds an event that this program does "
                      "not know: use a later release",
                      judged.position);
  }
  return JudgeCommit(commit, judged.position, judged.recorded_at, identity, history);
}

Verdict JudgeFact(const JudgedRecord& judged, const LogIdentity& identity) {
  if (judged.authenticity.is_foreign) {
    return judged.needs_tag ? Verdict::kForeign : Verdict::kMalformed;
  }
  if (!IsFramed(judged, identity)) return Verdict::kMalformed;
  const v1::Record& record = *judged.record;
  if (record.has_genesis() || record.has_intake() || record.has_cycle_cut() ||
      record.has_source_mark() || record.has_key_mark()) {
    return Verdict::kNotACommit;
  }
  return Verdict::kMalformed;
}

std::string GenesisValue(const LogIdentity& identity, PartitionId partition, const LogKey* key) {
  v1::Record record;
  record.set_company(identity.company);
  record.set_log_id(identity.log_id);
  v1::Genesis& genesis = *record.mutable_genesis();
  genesis.set_company(identity.company);
  genesis.set_log_id(identity.log_id);
  const bool decisions = partition.kind == PartitionId::Kind::kDecisions;
  genesis.set_journal(decisions ? v1::JOURNAL_DECISIONS : v1::JOURNAL_FACTS);
  genesis.set_partition(partition.index);
  genesis.set_partitions(decisions ? 1 : identity.facts_partitions);
  genesis.set_facts_partitions(identity.facts_partitions);
  genesis.set_partitioner("murmur2");
  genesis.set_root_hash("sha-256");
  if (key != nullptr) {
    genesis.mutable_auth()->set_alg(std::string(kLogAlgorithm));
    genesis.mutable_auth()->set_key_id(key->Id());
  }
  std::string value = record.SerializeAsString();
  if (key != nullptr) key->Sign(identity.log_id, partition, value);
  return value;
}

absl::StatusOr<LogIdentity> IdentityOf(std::string_view genesis_value, PartitionId partition) {
  const bool decisions = partition.kind == PartitionId::Kind::kDecisions;
  const auto name = [&] {
    return decisions ? std::string("decisions")
                     : fmt::format("facts partition {}", partition.index);
  };
  v1::Record record;
  if (!record.ParseFromArray(genesis_value.data(), static_cast<int>(genesis_value.size())) ||
      !record.has_genesis()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} does not begin with a Genesis record",
                      name());
  }
  const v1::Genesis& genesis = record.genesis();
  const v1::Journal journal = decisions ? v1::JOURNAL_DECISIONS : v1::JOURNAL_FACTS;
  if (genesis.journal() != journal || genesis.partition() != partition.index ||
      genesis.partitioner() != "murmur2" || genesis.root_hash() != "sha-256" ||
      (genesis.has_auth() && genesis.auth().alg() != kLogAlgorithm)) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} begins with the Genesis of another partition", name());
  }
  return LogIdentity{record.company(), record.log_id(), genesis.facts_partitions()};
}

}  // namespace assay

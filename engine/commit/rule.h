// The commit rule: which records of the log count. A pure function that every reader applies.
//
// Kafka has no compare-and-append, so a commit carries what it was decided on and the log itself
// decides: each reader judges each record by the records before it and nothing else, and all come
// to the same verdict. An auditor can check it again with this file and SHA-256.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/commit/authentic.h"
#include "engine/commit/ports.h"

namespace assay {

// The byte in the root chain. All but applied are void: counted, never applied.
enum class Verdict : uint8_t {
  kNotACommit = 0,
  kApplied = 1,
  kDuplicate = 2,
  kStale = 3,
  kSkewed = 4,
  kDiverged = 5,
  kConflict = 6,
  kMalformed = 7,
  // Not written by a node of the company: void on both journals.
  kForeign = 8,
};

[[nodiscard]] std::string_view VerdictName(Verdict verdict);

// Of the rules below. A commit of a later version gets no verdict: its reader halts. Version 1 is
// that of logs whose records are not authenticated, version 2 checks the form of what is stated.
inline constexpr int32_t kRulesVersionMax = 2;
// The version that a node writes, by whether the decisions need a tag.
[[nodiscard]] inline int32_t RulesVersionOf(const PartitionKeys& decisions) {
  return decisions.AreNeeded() ? 2 : 1;
}

// Which log this is: stands in the Genesis of every partition and in every record.
struct LogIdentity {
  std::string company;
  std::string log_id;
  int32_t facts_partitions = 0;

  bool operator==(const LogIdentity&) const = default;
};

// What the rule asks about the records before. Rows of a view, all of them for ever or at least as
// far back as limits::kBasisDistanceMax (commit ids: for ever).
class CommitHistory {
 public:
  virtual ~CommitHistory() = default;
  virtual bool WasApplied(const Hash32& commit_id) = 0;
  // The position of the last applied commit that wrote or touched the stream.
  virtual std::optional<int64_t> LastChanged(std::string_view stream) = 0;
  virtual std::optional<Hash32> RootAt(int64_t position) = 0;
};

// H(company, command_id): the same for every attempt.
[[nodiscard]] Hash32 CommitId(std::string_view company, std::string_view command_id);

// root(n) from root(n-1) and the SHA-256 of the value; root(-1) is 32 zero bytes.
[[nodiscard]] Hash32 NextRoot(const Hash32& previous, const Hash32& value_hash, Verdict verdict);

// One record as the rule sees it.
struct JudgedRecord {
  // Null when the value could not be parsed.
  const v1::Record* record = nullptr;
  // Its stored size, with the tag.
  size_t value_bytes = 0;
  int64_t position = 0;
  Instant recorded_at;
  Authenticity authenticity;
  // Whether the partition needed a tag before this record.
  bool needs_tag = false;
};

// The verdict over one record of the decisions. `rules_version` is the highest one of an applied
// commit before it, 0 before the first.
//
// FAILED_PRECONDITION for an unknown rules_version, or an event of a later release in a commit
// that is well-formed: nobody may go on reading with these rules.
[[nodiscard]] absl::StatusOr<Verdict> JudgeDecision(const JudgedRecord& judged,
                                                    const LogIdentity& identity,
                                                    int32_t rules_version, CommitHistory& history);

// The verdict over one record of a facts partition: kNotACommit, kMalformed or kForeign.
[[nodiscard]] Verdict JudgeFact(const JudgedRecord& judged, const LogIdentity& identity);

// The Genesis records of a new log: of the decisions, and of one facts partition. With a key the
// partition's records are authenticated from here on; a null one makes a log of rules version 1.
[[nodiscard]] std::string GenesisValue(const LogIdentity& identity, PartitionId partition,
                                       const LogKey* key = nullptr);

// Reads the identity out of the first record of a partition.
// DATA_LOSS when it is not a Genesis of this partition.
[[nodiscard]] absl::StatusOr<LogIdentity> IdentityOf(std::string_view genesis_value,
                                                     PartitionId partition);

}  // namespace assay

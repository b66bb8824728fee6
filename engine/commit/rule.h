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
};

[[nodiscard]] std::string_view VerdictName(Verdict verdict);

// Of the rules below. A commit of another version gets no verdict: its reader halts.
inline constexpr int32_t kRulesVersion = 1;

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

// root(n) from root(n-1); root(-1) is 32 zero bytes.
[[nodiscard]] Hash32 NextRoot(const Hash32& previous, std::string_view value, Verdict verdict);

// The verdict over one record of the decisions.
//
// `record` is null when the value could not be parsed; `value_bytes` is its stored size.
// FAILED_PRECONDITION for an unknown rules_version: nobody may go on reading with these rules.
[[nodiscard]] absl::StatusOr<Verdict> JudgeDecision(const v1::Record* record, size_t value_bytes,
                                                    int64_t position, Instant recorded_at,
                                                    const LogIdentity& identity,
                                                    CommitHistory& history);

// The verdict over one record of a facts partition: kNotACommit, or kMalformed.
[[nodiscard]] Verdict JudgeFact(const v1::Record* record, const LogIdentity& identity);

// The Genesis records of a new log: of the decisions, and of one facts partition.
[[nodiscard]] std::string GenesisValue(const LogIdentity& identity, PartitionId partition);

// Reads the identity out of the first record of a partition.
// DATA_LOSS when it is not a Genesis of this partition.
[[nodiscard]] absl::StatusOr<LogIdentity> IdentityOf(std::string_view genesis_value,
                                                     PartitionId partition);

}  // namespace assay

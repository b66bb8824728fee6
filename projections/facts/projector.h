// Folding the facts: each record version meets its predecessor by its identity, whatever the
// definitions say; totals and the fact list follow.
//
// Partitions fold independently of each other and of the decisions, so any interleaving gives the
// same rows. What is late, held or unattributed is a label at reading (projections/facts/query.h).

#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <assay/v1/log.pb.h>
#include <assay/v1/state.pb.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/commit/ports.h"
#include "engine/commit/rule.h"
#include "projections/facts/identity_filter.h"
#include "projections/facts/keys.h"
#include "projections/store/overlay.h"

namespace assay::facts {

// Stands in a totals row instead of a sum that no Decimal can hold.
inline constexpr std::string_view kSumOverflow = "OVERFLOW";

// What became of one Intake.
enum class Outcome : uint8_t { kApplied, kDuplicate, kStale, kRejected };
inline constexpr size_t kOutcomes = 4;

// Where the fold of one facts partition stands.
struct PartitionHead {
  Cursor next;
  Hash32 root;
  Instant recorded_at;
  // The log keys that count from here on.
  PartitionKeys keys;
  // SHA-256 of the last folded record.
  Hash32 last_hash;
};

// Judges the next record and moves `head` behind it. `record` is null when the value could not be
// parsed. DATA_LOSS when it is not the next one, or its log key is missing here.
[[nodiscard]] absl::StatusOr<Verdict> Chain(int32_t partition, const StoredRecord& stored,
                                            const v1::Record* record, const LogIdentity& identity,
                                            const LogKeys& keys, PartitionHead& head);
[[nodiscard]] absl::StatusOr<Verdict> Chain(int32_t partition, const StoredRecord& stored,
                                            const LogIdentity& identity, const LogKeys& keys,
                                            PartitionHead& head);

// A record without the tag of a log key that counts where it stands.
struct Foreign {
  PartitionId partition;
  int64_t position = 0;
  Instant recorded_at;
  Hash32 hash;
};
// Its row, whichever journal it is of.
void PutForeign(const Foreign& foreign, Overlay& overlay);

// Whose totals changed in a batch: what scores may depend on.
struct TouchedDay {
  EntityRef entity;
  Day day;

  bool operator==(const TouchedDay&) const = default;
  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const TouchedDay& touched) {
    return Hash::combine(std::move(hash), touched.entity.type, touched.entity.key,
                         touched.day.number);
  }
};
using TouchedDays = absl::flat_hash_set<TouchedDay>;

// A refusal that was found or made in a batch, for the output topic.
struct Refused {
  int32_t partition = 0;
  int64_t position = 0;
  v1::Intake intake;
  std::string code;
  std::string path;
};

// Folds the partitions of one lane. `overlay` must outlive this.
class Projector {
 public:
  // `keys` are the log keys that this node has; they must outlive this.
  explicit Projector(Overlay& overlay, size_t lane = 0, const LogKeys& keys = NoLogKeys())
      : overlay_(overlay), lane_(lane), log_keys_(keys) {}

  // Folds records of one partition in order and moves `head` behind them. Lanes may fold beside
  // each other; then PutShared of each, with nothing beside it. DATA_LOSS when a record is not the
  // next one, or its log key is missing here; the caller drops the overlay, as it does when a row
  // was damaged.
  [[nodiscard]] absl::Status Fold(int32_t partition, std::span<const StoredRecord> records,
                                  const LogIdentity& identity, PartitionHead& head);
  // Puts what other lanes may change too: the ledger, inputs, refusals.
  void PutShared();

  // The store has no facts, and about so many records follow: until EndReplay identities that were
  // not seen are not looked for.
  void BeginReplay(int64_t records) {
    if (!filter_.has_value()) filter_.emplace(records);
  }
  void EndReplay() { filter_.reset(); }
  // What was folded up to this position of the partition is in the store from now on.
  void NoteStored(int32_t partition, int64_t next_position) {
    stored_.resize(std::max(stored_.size(), static_cast<size_t>(partition) + 1));
    stored_[static_cast<size_t>(partition)] = next_position;
  }

  // What the batches since the last call touched.
  [[nodiscard]] TouchedDays TakeTouched() { return std::exchange(touched_, {}); }
  [[nodiscard]] std::vector<Refused> TakeRefused() { return std::exchange(refused_, {}); }
  [[nodiscard]] std::vector<Foreign> TakeForeign() { return std::exchange(foreign_, {}); }

 private:
  struct Incoming {
    int32_t partition;
    int64_t position;
    const v1::Intake& intake;
    std::string identity;
  };

  // The record in record_memory_, nothing when it cannot be parsed; valid until the next call.
  const v1::Record* Parse(const StoredRecord& stored);
  void PrefetchIdentities(int32_t partition, std::span<const StoredRecord> records);
  void FoldRecord(int32_t partition, int64_t position, const v1::Record& record);
  void KeepRoot(int32_t partition, const PartitionHead& head);
  void FoldIntake(const Incoming& incoming);
  bool IsReread(const Incoming& incoming);
  // Leaves the identity's row in version_.
  void Apply(const Incoming& incoming, std::optional<v1::FactVersion> current);
  void Refuse(const Incoming& incoming, std::string code, std::string path);
  // Reads the totals of a row of the facts into totals_ and returns its facts, which point into the
  // row; nothing when it is damaged. A row that is new has neither.
  std::optional<std::string_view> Load(const std::string& row);
  // Rows are of windows of positions, so that of a window which begins behind what is stored is not
  // in the store.
  [[nodiscard]] Overlay::Stored StoredBefore(int32_t partition, int64_t window_begin) const;
  // `leads`: it is the record's first contribution, which counts the record.
  void AddFact(const Incoming& incoming, const v1::Contribution& contribution, Day day, bool leads);
  void RemoveFacts(const Incoming& incoming, const v1::FactVersion& version);
  void EndFacts(const EntityRef& entity, Day day, const Incoming& incoming, int64_t position);
  // Makes the totals of facts_ in totals_ anew, where a row of so many bytes of facts keeps them.
  void MakeTotals(size_t facts_bytes);
  void AppendIntake(Day day, const Incoming& incoming, const v1::Contribution* leading,
                    bool replaced);
  void Count(const std::string& source, Outcome outcome);
  template <typename Row>
  std::optional<Row> Find(Table table, const std::string& key);
  [[nodiscard]] int64_t OffsetOf(const std::optional<std::string>& value);

  Overlay& overlay_;
  const size_t lane_;
  const LogKeys& log_keys_;
  std::optional<IdentityFilter> filter_;
  // By partition; without an entry nobody said what is stored.
  std::vector<int64_t> stored_;
  // What PutShared puts. Every record changes the first two, so they are kept as numbers until
  // then: by key in `inputs` the highest offset seen, by source the outcomes.
  absl::flat_hash_map<std::string, int64_t> highest_;
  absl::flat_hash_map<std::string, std::array<int64_t, kOutcomes>> counts_;
  std::vector<std::pair<std::string, int64_t>> marks_;
  std::vector<std::pair<std::string, int64_t>> cuts_;
  // Used again and again, for their memory; a record's is given back before the next one.
  google::protobuf::Arena record_memory_;
  v1::FactVersion version_;
  v1::DayTotals totals_;
  v1::FactList facts_;
  v1::IntakeList intakes_;
  std::string totals_bytes_;
  TouchedDays touched_;
  std::vector<Refused> refused_;
  std::vector<Foreign> foreign_;
  // Rows of kept roots, by key.
  std::vector<std::pair<std::string, std::string>> roots_;
};

// A row with fewer bytes of facts keeps no totals: adding its few facts when they are read costs
// less than keeping their sums on every write.
inline constexpr size_t kTotalsFromBytes = 1'024;

// Adds one value to totals; `order` decides which is the last.
struct LastOrder {
  int64_t event_time_ms = 0;
  std::string version;
  std::string identity;
};
void AddToTotals(v1::TotalsRow& totals, Decimal value, const LastOrder& order);

}  // namespace assay::facts

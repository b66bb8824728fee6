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

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/commit/ports.h"
#include "engine/commit/rule.h"
#include "projections/facts/keys.h"
#include "projections/store/overlay.h"

namespace assay::facts {

// Stands in a totals row instead of a sum that no Decimal can hold.
inline constexpr std::string_view kSumOverflow = "OVERFLOW";

// What became of one Intake.
enum class Outcome : uint8_t { kApplied, kDuplicate, kStale, kRejected, kReread };

// Where the fold of one facts partition stands.
struct PartitionHead {
  Cursor next;
  Hash32 root;
  Instant recorded_at;
};

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

// One thread. `overlay` must outlive this.
class Projector {
 public:
  explicit Projector(Overlay& overlay) : overlay_(overlay) {}

  // Folds records of one partition in order and moves `head` behind them.
  // DATA_LOSS when a record is not the next one or a row is damaged; the caller drops the overlay.
  [[nodiscard]] absl::Status Fold(int32_t partition, const std::vector<StoredRecord>& records,
                                  const LogIdentity& identity, PartitionHead& head);

  // What the batches since the last call touched.
  [[nodiscard]] TouchedDays TakeTouched() { return std::exchange(touched_, {}); }
  [[nodiscard]] std::vector<Refused> TakeRefused() { return std::exchange(refused_, {}); }

 private:
  struct Incoming {
    int32_t partition;
    int64_t position;
    const v1::Intake& intake;
    std::string identity;
  };

  void FoldRecord(int32_t partition, int64_t position, const v1::Record& record);
  void FoldIntake(const Incoming& incoming);
  bool IsReread(const Incoming& incoming);
  void Apply(const Incoming& incoming, std::optional<v1::FactVersion> current);
  void Refuse(const Incoming& incoming, std::string code, std::string path);
  // Reads the totals of a row of the facts into totals_ and returns its facts, which point into the
  // row; nothing when it is damaged. A row that is new has neither.
  std::optional<std::string_view> Load(const std::string& row);
  // `leads`: it is the record's first contribution, which counts the record.
  void AddFact(const Incoming& incoming, const v1::Contribution& contribution, Day day, bool leads);
  void RemoveFacts(const Incoming& incoming, const v1::FactVersion& version);
  void EndFacts(const EntityRef& entity, Day day, const Incoming& incoming, int64_t position);
  void AppendIntake(Day day, const Incoming& incoming, v1::IntakeRow row);
  void Count(const std::string& source, Outcome outcome);
  // Every record changes these few rows, so they are kept as numbers until the records are folded.
  void PutCounters();
  template <typename Row>
  std::optional<Row> Find(Table table, const std::string& key);
  std::optional<int64_t> FindNumber(Table table, const std::string& key);

  Overlay& overlay_;
  // Key in `inputs` -> highest offset seen.
  absl::flat_hash_map<std::string, int64_t> highest_;
  // Source -> counts.
  absl::flat_hash_map<std::string, v1::LedgerRow> counts_;
  // Used again and again, for their memory.
  v1::DayTotals totals_;
  v1::FactList facts_;
  TouchedDays touched_;
  std::vector<Refused> refused_;
};

// Adds one value to totals; `order` decides which is the last.
struct LastOrder {
  int64_t event_time_ms = 0;
  std::string version;
  std::string identity;
};
void AddToTotals(v1::TotalsRow& totals, Decimal value, const LastOrder& order);

}  // namespace assay::facts

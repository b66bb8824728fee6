// Folding the facts: each record version meets its predecessor by its identity, whatever the
// definitions say; totals and the fact list follow.
//
// Partitions fold independently of each other and of the decisions, so any interleaving gives the
// same rows. What is late, held or unattributed is a label at reading (projections/facts/query.h).

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/state.pb.h>

#include <set>
#include <string>
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
using TouchedDays = std::set<std::pair<EntityRef, Day>>;

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
  Outcome Compare(const Incoming& incoming, const v1::FactVersion& current);
  void Apply(const Incoming& incoming, std::optional<v1::FactVersion> current);
  void Refuse(const Incoming& incoming, std::string code, std::string path);
  void AddFact(const Incoming& incoming, const v1::Contribution& contribution, Day day);
  void RemoveFacts(const Incoming& incoming, const v1::FactVersion& version);
  void RecomputeTotals(const EntityRef& entity, const std::string& measure, Day day,
                       int32_t partition);
  void Count(const std::string& source, Outcome outcome);
  void CountEntityDay(const EntityRef& entity, Day day, const std::string& source);
  template <typename Row>
  std::optional<Row> Find(Table table, const std::string& key);

  Overlay& overlay_;
  TouchedDays touched_;
  std::vector<Refused> refused_;
  absl::Status status_;
};

// Adds one value to totals; `order` decides which is the last.
struct LastOrder {
  int64_t event_time_ms = 0;
  std::string version;
  std::string identity;
};
void AddToTotals(v1::TotalsRow& totals, Decimal value, const LastOrder& order);
// Compares canonical versions: as decimals, an empty one below all.
[[nodiscard]] int CompareVersions(std::string_view left, std::string_view right);

}  // namespace assay::facts

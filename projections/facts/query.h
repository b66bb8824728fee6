// Reading the facts: series of an entity as of any position vector, the ledger, what is late.

#pragma once

#include <assay/v1/state.pb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/time.h"
#include "projections/facts/keys.h"
#include "projections/store/overlay.h"

namespace assay::facts {

// Which facts count: those at positions before the limit of their partition, as the log stood
// there. No limits = everything folded, which is read from the totals.
struct FactLimits {
  std::optional<std::vector<int64_t>> before;
};

struct SeriesDay {
  Day day;
  v1::TotalsRow totals;
};

struct SeriesFact {
  Day day;
  int32_t partition = 0;
  int64_t position = 0;
  v1::FactRow row;
};

// One thread; `overlay` must outlive this.
class FactView {
 public:
  FactView(Overlay& overlay, FactLimits limits) : overlay_(overlay), limits_(std::move(limits)) {}

  // Totals of each day of `span` that has facts, partitions merged, by ascending day.
  [[nodiscard]] std::vector<SeriesDay> Series(const EntityRef& entity, const std::string& measure,
                                              const DaySpan& span);
  // The facts of one day, by ascending partition and position.
  [[nodiscard]] std::vector<SeriesFact> Facts(const EntityRef& entity, const std::string& measure,
                                              Day day);
  // Whether a version of the record stands before the limits.
  [[nodiscard]] bool HasRecord(int32_t partition, const std::string& record_identity);

  // The first failure; whoever uses results looks here first.
  [[nodiscard]] absl::Status status() const { return overlay_.status(); }

 private:
  [[nodiscard]] bool Counts(int32_t partition, const v1::FactRow& row) const;
  bool AddTotals(std::string_view totals, const std::string& measure, v1::TotalsRow& merged);
  bool AddFacts(const FactsPlace& place, std::string_view facts, const std::string& measure,
                v1::TotalsRow& merged);

  Overlay& overlay_;
  // Used again and again, for their memory.
  v1::DayTotals totals_;
  v1::FactList facts_;
  FactLimits limits_;
};

// Merges `more` into `totals`: sums, counts, extremes, and the last by its order.
void MergeTotals(v1::TotalsRow& totals, const v1::TotalsRow& more);

// Applied as folded, before what locked cycles hold is taken out.
[[nodiscard]] std::map<std::string, v1::LedgerRow> LedgerRows(Overlay& overlay);

// Records by source of an entity on a day, of those that name it first; a day may come in parts.
struct EntityDay {
  EntityRef entity;
  Day day;
  std::string source;
  int64_t records = 0;
};
void VisitEntityDays(Overlay& overlay, const std::function<void(const EntityDay&)>& visit);

// Intakes of `partition` at or behind `cut` that touch a day of `span`, each once.
struct LateIntake {
  int32_t partition = 0;
  int64_t position = 0;
  Day day;
  v1::IntakeRow row;
};
[[nodiscard]] std::vector<LateIntake> IntakesBehind(Overlay& overlay, const DaySpan& span,
                                                    int32_t partition, int64_t cut);

struct Refusal {
  int32_t partition = 0;
  int64_t position = 0;
  v1::RefusalRow row;
};
[[nodiscard]] std::vector<Refusal> Refusals(Overlay& overlay);

// The position of the first cut of the partition for this lock; nothing while there is none.
[[nodiscard]] std::optional<int64_t> CutOf(Overlay& overlay, const std::string& cycle,
                                           int32_t generation, const std::string& scope,
                                           int32_t partition, int64_t lock_position);

// `next` of the input's mark; 0 when there is none.
[[nodiscard]] int64_t MarkNext(Overlay& overlay, const std::string& source,
                               int32_t contract_version, const std::string& input_log,
                               int32_t input_partition);

}  // namespace assay::facts

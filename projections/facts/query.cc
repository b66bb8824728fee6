#include "projections/facts/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "engine/event/record_version.h"
#include "projections/facts/projector.h"

namespace assay::facts {
namespace {

template <typename Row>
bool ParseRow(std::string_view value, Table table, Row& row, Overlay& overlay) {
  if (row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return true;
  overlay.Damaged(table);
  return false;
}

bool LastIsAfter(const v1::TotalsRow& left, const v1::TotalsRow& right) {
  if (left.last_event_time_ms() != right.last_event_time_ms()) {
    return left.last_event_time_ms() > right.last_event_time_ms();
  }
  const int versions = CompareVersions(left.last_version(), right.last_version());
  if (versions != 0) return versions > 0;
  return left.last_identity() > right.last_identity();
}

// Visits the rows of the facts whose keys have the prefix, from `first` on, until `visit` returns
// false.
void VisitFacts(Overlay& overlay, std::string_view prefix, std::string_view first,
                const std::function<bool(const FactsPlace&, std::string_view totals,
                                         std::string_view facts)>& visit) {
  overlay.Visit(Table::kFacts, prefix, first, [&](std::string_view key, std::string_view value) {
    FactsPlace place;
    std::string_view totals;
    std::string_view facts;
    if (ParseFactsKey(key, place) && SplitFacts(value, totals, facts)) {
      return visit(place, totals, facts);
    }
    overlay.Damaged(Table::kFacts);
    return false;
  });
}

}  // namespace

void MergeTotals(v1::TotalsRow& totals, const v1::TotalsRow& more) {
  if (more.count() == 0) return;
  if (totals.count() == 0) {
    totals = more;
    return;
  }
  if (totals.sum() != kSumOverflow) {
    const auto sum = more.sum() == kSumOverflow
                         ? std::nullopt
                         : DecimalOf(totals.sum()).Plus(DecimalOf(more.sum()));
    totals.set_sum(sum.has_value() ? sum->ToString() : std::string(kSumOverflow));
  }
  if (DecimalOf(more.min()) < DecimalOf(totals.min())) totals.set_min(more.min());
  if (DecimalOf(more.max()) > DecimalOf(totals.max())) totals.set_max(more.max());
  if (LastIsAfter(more, totals)) {
    totals.set_last(more.last());
    totals.set_last_event_time_ms(more.last_event_time_ms());
    totals.set_last_version(more.last_version());
    totals.set_last_identity(more.last_identity());
  }
  totals.set_count(totals.count() + more.count());
}

std::vector<SeriesDay> FactView::Series(const EntityRef& entity, const std::string& measure,
                                        const DaySpan& span) {
  std::map<Day, v1::TotalsRow> days;
  VisitFacts(overlay_, EntityPrefix(entity), EntityDayPrefix(entity, span.from),
             [&](const FactsPlace& place, std::string_view totals, std::string_view facts) {
               if (place.day >= span.to) return false;
               if (limits_.before.has_value() || facts.size() < kTotalsFromBytes) {
                 return AddFacts(place, facts, measure, days[place.day]);
               }
               return AddTotals(totals, measure, days[place.day]);
             });
  std::vector<SeriesDay> series;
  for (auto& [day, totals] : days) {
    if (totals.count() > 0) series.push_back({day, std::move(totals)});
  }
  return series;
}

bool FactView::AddTotals(std::string_view totals, const std::string& measure,
                         v1::TotalsRow& merged) {
  if (!ParseRow(totals, Table::kFacts, totals_, overlay_)) return false;
  for (const v1::TotalsRow& row : totals_.totals()) {
    if (row.measure() == measure) MergeTotals(merged, row);
  }
  return true;
}

bool FactView::AddFacts(const FactsPlace& place, std::string_view facts, const std::string& measure,
                        v1::TotalsRow& merged) {
  if (!ParseRow(facts, Table::kFacts, facts_, overlay_)) return false;
  for (const v1::FactRow& row : facts_.facts()) {
    if (row.measure() == measure && Counts(place.partition, row)) {
      AddToTotals(merged, DecimalOf(row.value()),
                  {row.event_time_ms(), row.version(), row.identity()});
    }
  }
  return true;
}

std::vector<SeriesFact> FactView::Facts(const EntityRef& entity, const std::string& measure,
                                        Day day) {
  std::vector<SeriesFact> found;
  const std::string prefix = EntityDayPrefix(entity, day);
  VisitFacts(overlay_, prefix, prefix,
             [&](const FactsPlace& place, std::string_view, std::string_view facts) {
               if (!ParseRow(facts, Table::kFacts, facts_, overlay_)) return false;
               for (v1::FactRow& row : *facts_.mutable_facts()) {
                 if (row.measure() != measure || !Counts(place.partition, row)) continue;
                 const int64_t position = row.position();
                 found.push_back({day, place.partition, position, std::move(row)});
               }
               return true;
             });
  return found;
}

bool FactView::Counts(int32_t partition, const v1::FactRow& row) const {
  if (!limits_.before.has_value()) return row.until() == 0;
  const auto index = static_cast<size_t>(partition);
  const int64_t limit = index < limits_.before->size() ? (*limits_.before)[index] : 0;
  return row.position() < limit && (row.until() == 0 || row.until() >= limit);
}

bool FactView::HasRecord(int32_t partition, const std::string& record_identity) {
  const auto value = overlay_.Get(Table::kIdentities, IdentityKey(partition, record_identity));
  if (!value.has_value()) return false;
  v1::FactVersion version;
  if (!ParseRow(*value, Table::kIdentities, version, overlay_)) return false;
  if (!limits_.before.has_value()) return true;
  // An earlier version may have stood before the limit: then its fact row does.
  const int64_t limit = (*limits_.before)[static_cast<size_t>(partition)];
  return version.position() < limit || version.first_position() < limit;
}

std::map<std::string, v1::LedgerRow> LedgerRows(Overlay& overlay) {
  std::map<std::string, v1::LedgerRow> rows;
  overlay.Visit(Table::kLedger, "l", [&](std::string_view key, std::string_view value) {
    key.remove_prefix(1);
    std::string source;
    v1::LedgerRow row;
    if (!TakeKeyText(key, source) || !ParseRow(value, Table::kLedger, row, overlay)) return false;
    rows.emplace(std::move(source), std::move(row));
    return true;
  });
  return rows;
}

void VisitEntityDays(Overlay& overlay, const std::function<void(const EntityDay&)>& visit) {
  v1::DayTotals day;
  VisitFacts(overlay, "", "",
             [&](const FactsPlace& place, std::string_view totals, std::string_view) {
               if (!ParseRow(totals, Table::kFacts, day, overlay)) return false;
               for (const v1::SourceRecords& records : day.records()) {
                 visit({place.entity, place.day, records.source(), records.records()});
               }
               return true;
             });
}

std::vector<LateIntake> IntakesBehind(Overlay& overlay, const DaySpan& span, int32_t partition,
                                      int64_t cut) {
  std::map<int64_t, LateIntake> late;
  v1::IntakeList list;
  for (Day day = span.from; day < span.to; day = day.Plus(1)) {
    const auto add = [&](std::string_view, std::string_view value) {
      if (!ParseRow(value, Table::kIntakes, list, overlay)) return false;
      for (v1::IntakeRow& row : *list.mutable_intakes()) {
        const int64_t position = row.position();
        if (position < cut) continue;
        // Of a record that moved within the span, the day that it moved to.
        const auto [known, is_new] = late.try_emplace(position);
        if (!is_new && !known->second.row.replaced()) continue;
        known->second = {partition, position, day, std::move(row)};
      }
      return true;
    };
    overlay.Visit(Table::kIntakes, IntakesPrefix(day, partition), IntakesKey(day, partition, cut),
                  add);
  }
  std::vector<LateIntake> found;
  found.reserve(late.size());
  for (auto& [position, intake] : late) found.push_back(std::move(intake));
  return found;
}

std::vector<Refusal> Refusals(Overlay& overlay) {
  std::vector<Refusal> refusals;
  overlay.Visit(Table::kLedger, RefusalPrefix(), [&](std::string_view key, std::string_view value) {
    key.remove_prefix(RefusalPrefix().size());
    Refusal refusal;
    uint64_t position = 0;
    if (!TakeOrdered32(key, refusal.partition) || !TakeBig64(key, position) ||
        !ParseRow(value, Table::kLedger, refusal.row, overlay)) {
      return false;
    }
    refusal.position = static_cast<int64_t>(position);
    refusals.push_back(std::move(refusal));
    return true;
  });
  return refusals;
}

std::optional<int64_t> CutOf(Overlay& overlay, const std::string& cycle, int32_t generation,
                             const std::string& scope, int32_t partition, int64_t lock_position) {
  std::optional<int64_t> cut;
  const std::string prefix = CutPrefix(cycle, generation, scope, partition);
  overlay.Visit(Table::kInputs, prefix, [&](std::string_view key, std::string_view value) {
    const auto locked_at = ParseNumber(value);
    if (!locked_at.has_value()) overlay.Damaged(Table::kInputs);
    if (locked_at != lock_position) return true;
    key.remove_prefix(prefix.size());
    uint64_t position = 0;
    if (TakeBig64(key, position)) cut = static_cast<int64_t>(position);
    return false;
  });
  return cut;
}

int64_t MarkNext(Overlay& overlay, const std::string& source, int32_t contract_version,
                 const std::string& input_log, int32_t input_partition) {
  const auto value =
      overlay.Get(Table::kInputs, MarkKey(source, contract_version, input_log, input_partition));
  if (!value.has_value()) return 0;
  const auto next = ParseNumber(*value);
  if (!next.has_value()) overlay.Damaged(Table::kInputs);
  return next.value_or(0);
}

}  // namespace assay::facts

#include "projections/facts/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/wire.h"
#include "engine/event/effective.h"
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

std::vector<SeriesDay> InOrder(std::map<Day, v1::TotalsRow> days) {
  std::vector<SeriesDay> series;
  series.reserve(days.size());
  for (auto& [day, totals] : days) series.push_back({day, std::move(totals)});
  return series;
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
  const std::string prefix = SeriesPrefix(entity, measure);
  return limits_.before.has_value() ? FromFacts(prefix, span) : FromTotals(prefix, span);
}

std::vector<SeriesDay> FactView::FromTotals(const std::string& prefix, const DaySpan& span) {
  std::map<Day, v1::TotalsRow> days;
  overlay_.Visit(Table::kTotals, prefix, [&](std::string_view key, std::string_view value) {
    FactTail tail;
    if (!ParseTail(key.substr(prefix.size()), tail) || tail.day >= span.to) return false;
    if (!span.Contains(tail.day)) return true;
    v1::TotalsRow row;
    if (!ParseRow(value, Table::kTotals, row, overlay_)) return false;
    MergeTotals(days[tail.day], row);
    return true;
  });
  return InOrder(std::move(days));
}

std::vector<SeriesDay> FactView::FromFacts(const std::string& prefix, const DaySpan& span) {
  std::map<Day, v1::TotalsRow> days;
  overlay_.Visit(Table::kFacts, prefix, [&](std::string_view key, std::string_view value) {
    FactTail tail;
    if (!ParseTail(key.substr(prefix.size()), tail) || tail.day >= span.to) return false;
    if (!span.Contains(tail.day)) return true;
    v1::FactRow row;
    if (!ParseRow(value, Table::kFacts, row, overlay_)) return false;
    if (Counts(tail.partition, tail.position, row)) {
      AddToTotals(days[tail.day], DecimalOf(row.value()),
                  {row.event_time_ms(), row.version(), row.identity()});
    }
    return true;
  });
  return InOrder(std::move(days));
}

std::vector<SeriesFact> FactView::Facts(const EntityRef& entity, const std::string& measure,
                                        Day day) {
  std::vector<SeriesFact> facts;
  const std::string prefix = SeriesPrefix(entity, measure);
  overlay_.Visit(Table::kFacts, DayPrefix(entity, measure, day),
                 [&](std::string_view key, std::string_view value) {
                   FactTail tail;
                   v1::FactRow row;
                   if (!ParseTail(key.substr(prefix.size()), tail) ||
                       !ParseRow(value, Table::kFacts, row, overlay_)) {
                     return false;
                   }
                   if (Counts(tail.partition, tail.position, row)) {
                     facts.push_back({tail.day, tail.partition, tail.position, std::move(row)});
                   }
                   return true;
                 });
  return facts;
}

bool FactView::Counts(int32_t partition, int64_t position, const v1::FactRow& row) const {
  if (!limits_.before.has_value()) return row.until() == 0;
  const auto index = static_cast<size_t>(partition);
  const int64_t limit = index < limits_.before->size() ? (*limits_.before)[index] : 0;
  return position < limit && (row.until() == 0 || row.until() >= limit);
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
  overlay.Visit(Table::kLedger, EntityDayPrefix(),
                [&](std::string_view key, std::string_view value) {
                  key.remove_prefix(EntityDayPrefix().size());
                  EntityDay row;
                  const auto records = ParseNumber(value);
                  if (!records.has_value() || !TakeKeyText(key, row.entity.type) ||
                      !TakeKeyText(key, row.entity.key) || !TakeOrdered32(key, row.day.number) ||
                      !TakeKeyText(key, row.source)) {
                    overlay.Damaged(Table::kLedger);
                    return false;
                  }
                  row.records = *records;
                  visit(row);
                  return true;
                });
}

std::vector<LateIntake> IntakesBehind(Overlay& overlay, const DaySpan& span, int32_t partition,
                                      int64_t cut) {
  std::map<int64_t, LateIntake> late;
  for (Day day = span.from; day < span.to; day = day.Plus(1)) {
    const std::string prefix = IntakeDayPrefix(day, partition);
    auto found = overlay.First(Table::kIntakes, IntakeKey(day, partition, cut), prefix);
    while (found.has_value()) {
      std::string_view tail = std::string_view(found->first).substr(prefix.size());
      uint64_t position = 0;
      LateIntake intake{.partition = partition, .day = day};
      if (!TakeBig64(tail, position) ||
          !ParseRow(found->second, Table::kIntakes, intake.row, overlay)) {
        break;
      }
      intake.position = static_cast<int64_t>(position);
      const auto [known, is_new] = late.emplace(intake.position, intake);
      if (!is_new && known->second.row.replaced()) known->second = intake;
      found =
          overlay.First(Table::kIntakes, IntakeKey(day, partition, intake.position + 1), prefix);
    }
  }
  std::vector<LateIntake> list;
  list.reserve(late.size());
  for (auto& [position, intake] : late) list.push_back(std::move(intake));
  return list;
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

// Keys of the facts' rows. Numbers are big-endian, days and measures order as written.
//
//   table       key                                                     value
//   identities  partition (4) record identity                           FactVersion
//   facts       text(type) text(key) text(measure) day (4) partition (4) position (8)   FactRow
//   totals      text(type) text(key) text(measure) day (4) partition (4)                TotalsRow
//   intakes     day (4) partition (4) position (8)                      IntakeRow
//   inputs      'i' partition (4) text(source) contract (4) text(input log) input partition (4)
//                                                                       highest offset seen (8)
//               'm' text(source) contract (4) text(input log) input partition (4)
//                                                                       next of the mark (8)
//               'c' text(cycle) generation (4) text(scope) partition (4) position (8)
//                                                                       lock position (8)
//   ledger      'l' text(source)                                        LedgerRow
//               'e' text(type) text(key) day (4) text(source)           records (8)
//               'r' partition (4) position (8)                          RefusalRow

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace assay::facts {

// "entity" of a fact: a person or machine as a system knows it.
struct EntityRef {
  std::string type;
  std::string key;

  auto operator<=>(const EntityRef&) const = default;
};

[[nodiscard]] std::string IdentityKey(int32_t partition, std::string_view record_identity);

// The common beginning of facts and totals keys of a series.
[[nodiscard]] std::string SeriesPrefix(const EntityRef& entity, std::string_view measure);
[[nodiscard]] std::string DayPrefix(const EntityRef& entity, std::string_view measure, Day day);
[[nodiscard]] std::string TotalsKey(const EntityRef& entity, std::string_view measure, Day day,
                                    int32_t partition);
[[nodiscard]] std::string FactKey(const EntityRef& entity, std::string_view measure, Day day,
                                  int32_t partition, int64_t position);
// What follows the series prefix.
struct FactTail {
  Day day;
  int32_t partition = 0;
  int64_t position = 0;  // 0 in a totals key
};
[[nodiscard]] bool ParseTail(std::string_view tail, FactTail& out);

[[nodiscard]] std::string IntakeDayPrefix(Day day, int32_t partition);
[[nodiscard]] std::string IntakeKey(Day day, int32_t partition, int64_t position);

[[nodiscard]] std::string InputKey(int32_t partition, std::string_view source,
                                   int32_t contract_version, std::string_view input_log,
                                   int32_t input_partition);
[[nodiscard]] std::string MarkKey(std::string_view source, int32_t contract_version,
                                  std::string_view input_log, int32_t input_partition);
[[nodiscard]] std::string CutPrefix(std::string_view cycle, int32_t generation,
                                    std::string_view scope, int32_t partition);
[[nodiscard]] std::string CutKey(std::string_view cycle, int32_t generation, std::string_view scope,
                                 int32_t partition, int64_t position);

[[nodiscard]] std::string LedgerKey(std::string_view source);
[[nodiscard]] std::string EntityDayPrefix();
[[nodiscard]] std::string EntityDayKey(const EntityRef& entity, Day day, std::string_view source);
[[nodiscard]] std::string RefusalPrefix();
[[nodiscard]] std::string RefusalKey(int32_t partition, int64_t position);

[[nodiscard]] std::string NumberValue(int64_t number);
// Nothing when it is not the value of a number.
[[nodiscard]] std::optional<int64_t> ParseNumber(std::string_view value);

}  // namespace assay::facts

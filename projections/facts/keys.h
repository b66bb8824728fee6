// Keys of the facts' rows. Numbers are big-endian, days and measures order as written.
//
//   table       key                                                     value
//   identities  partition (4) record identity                           FactVersion
//   facts       text(type) text(key) day (4) partition (4) window (4)   length (4) DayTotals
//   FactList intakes     day (4) partition (4) window (4)                        IntakeList inputs
//   'i' partition (4) text(source) contract (4) text(input log) input partition (4)
//                                                                       highest offset seen (8)
//               'm' text(source) contract (4) text(input log) input partition (4)
//                                                                       next of the mark (8)
//               'c' text(cycle) generation (4) text(scope) partition (4) position (8)
//                                                                       lock position (8)
//   ledger      'l' text(source)                                        LedgerRow
//               'r' partition (4) position (8)                          RefusalRow
//
// A window is a number of neighbouring positions of a partition: it bounds what one row can grow
// to, whatever a day brings, and does not depend on how the partition was read.

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

inline constexpr int64_t kFactsWindow = 1'024;
inline constexpr int64_t kIntakesWindow = 4'096;

// The common beginning of the facts' keys of an entity, and of its facts of a day.
[[nodiscard]] std::string EntityPrefix(const EntityRef& entity);
[[nodiscard]] std::string EntityDayPrefix(const EntityRef& entity, Day day);
[[nodiscard]] std::string FactsKey(const EntityRef& entity, Day day, int32_t partition,
                                   int64_t position);
struct FactsPlace {
  EntityRef entity;
  Day day;
  int32_t partition = 0;
};
[[nodiscard]] bool ParseFactsKey(std::string_view key, FactsPlace& out);
// The two parts of a row of the facts; false when the row is damaged.
[[nodiscard]] bool SplitFacts(std::string_view row, std::string_view& totals,
                              std::string_view& facts);
// Puts other totals before the facts of the row.
void ReplaceTotals(std::string& row, std::string_view totals);

[[nodiscard]] std::string IntakesPrefix(Day day, int32_t partition);
[[nodiscard]] std::string IntakesKey(Day day, int32_t partition, int64_t position);

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
[[nodiscard]] std::string RefusalPrefix();
[[nodiscard]] std::string RefusalKey(int32_t partition, int64_t position);

[[nodiscard]] std::string NumberValue(int64_t number);
// Nothing when it is not the value of a number.
[[nodiscard]] std::optional<int64_t> ParseNumber(std::string_view value);

// --- of partitions, in the table of names ---

// A record that no node of the company wrote; `slot` 0 is the decisions.
[[nodiscard]] std::string ForeignPrefix();
[[nodiscard]] std::string ForeignKey(size_t slot, int64_t position);
// Every so many positions the root is kept, so that any root is found by few records.
inline constexpr int64_t kRootsWindow = 1'024;
// Of the last record of a window.
[[nodiscard]] std::string RootKey(int32_t partition, int64_t position);

}  // namespace assay::facts

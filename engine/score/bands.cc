#include "engine/score/bands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

// One band as it stands in the definition.
struct Range {
  int index = 0;
  std::optional<Decimal> from;
  std::optional<Decimal> to;

  [[nodiscard]] std::string Path(std::string_view field) const {
    return fmt::format("bands[{}].{}", index, field);
  }
};

std::string Show(const std::optional<Decimal>& limit) {
  return limit ? limit->ToString() : "an open end";
}

Rejection NotTotal(std::string path, std::string expected, std::string actual,
                   std::string_view what) {
  return Invalid("BANDS_NOT_TOTAL", std::move(path), std::move(expected), std::move(actual),
                 fmt::format("the bands have {}", what),
                 "let each band begin where the one below ends, and leave both ends open");
}

std::optional<Rejection> ReadLimit(std::string_view path, const std::string& text,
                                   std::optional<Decimal>& limit) {
  if (text.empty()) return std::nullopt;
  limit = Decimal::Parse(text);
  return CheckDecimal(path, text);
}

std::optional<Rejection> ReadRanges(const v1::BandTableDefinition& definition,
                                    std::vector<Range>& ranges) {
  for (int i = 0; i < definition.bands_size(); ++i) {
    const v1::Band& band = definition.bands(i);
    Range range{.index = i};
    if (band.name().empty()) {
      return Invalid("REQUIRED", range.Path("name"), "a name", "nothing", "a band has no name");
    }
    if (auto wrong = ReadLimit(range.Path("from"), band.from(), range.from)) return wrong;
    if (auto wrong = ReadLimit(range.Path("to"), band.to(), range.to)) return wrong;
    if (range.from && range.to && *range.from >= *range.to) {
      return NotTotal(range.Path("to"), fmt::format("more than {}", Show(range.from)),
                      Show(range.to), "an empty range");
    }
    ranges.push_back(range);
  }
  return std::nullopt;
}

// REQUIRES: `ranges` ascend and are not empty.
std::optional<Rejection> CheckCover(const std::vector<Range>& ranges) {
  if (ranges.front().from) {
    return NotTotal(ranges.front().Path("from"), "an open end", Show(ranges.front().from),
                    "no outcome below");
  }
  for (size_t i = 1; i < ranges.size(); ++i) {
    const Range& below = ranges[i - 1];
    const Range& range = ranges[i];
    if (range.from && below.to && *range.from == *below.to) continue;
    const bool has_gap = range.from && below.to && *range.from > *below.to;
    return NotTotal(range.Path("from"), Show(below.to), Show(range.from),
                    has_gap ? "a gap" : "an overlap");
  }
  if (ranges.back().to) {
    return NotTotal(ranges.back().Path("to"), "an open end", Show(ranges.back().to),
                    "no outcome above");
  }
  return std::nullopt;
}

}  // namespace

std::variant<BandTable, Rejection> BandTable::Compile(const v1::BandTableDefinition& definition) {
  if (definition.bands().empty()) {
    return NotTotal("bands", "at least one band", "none", "no outcome");
  }
  if (definition.bands_size() > limits::kBandsMax) {
    return Invalid("LIMIT_EXCEEDED", "bands", std::to_string(limits::kBandsMax),
                   std::to_string(definition.bands_size()), "a table has too many bands");
  }
  std::vector<Range> ranges;
  if (auto wrong = ReadRanges(definition, ranges)) return *std::move(wrong);
  // No lower end sorts first: nothing is less than a value.
  std::ranges::stable_sort(ranges, {}, &Range::from);
  if (auto wrong = CheckCover(ranges)) return *std::move(wrong);
  BandTable table;
  for (const Range& range : ranges) {
    table.rows_.push_back({definition.bands(range.index).name(), range.from});
  }
  return table;
}

std::string_view BandTable::Of(Decimal total) const {
  const auto above = std::ranges::find_if(
      rows_, [total](const Row& row) { return row.from && *row.from > total; });
  ASSAY_INVARIANT(above != rows_.begin(), "the lowest band has an end");
  return std::prev(above)->name;
}

std::optional<Rejection> CheckBands(const v1::BandTableDefinition& definition) {
  std::variant<BandTable, Rejection> compiled = BandTable::Compile(definition);
  if (auto* const rejection = std::get_if<Rejection>(&compiled)) return std::move(*rejection);
  return std::nullopt;
}

std::string BandOf(const v1::BandTableDefinition& definition, Decimal total) {
  const std::variant<BandTable, Rejection> compiled = BandTable::Compile(definition);
  ASSAY_REQUIRE(std::holds_alternative<BandTable>(compiled), "the bands were not checked");
  return std::string(std::get<BandTable>(compiled).Of(total));
}

}  // namespace assay

// Days and instants. Effective time is days, recorded time is instants in whole milliseconds UTC.
//
// Nothing here reads a clock: time comes in as data.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Days since 1970-01-01 in the proleptic Gregorian calendar.
struct Day {
  int32_t number = 0;

  // "2026-06-30".
  [[nodiscard]] std::string ToString() const;
  // Nothing unless `text` is exactly YYYY-MM-DD and such a day exists (years 0001 to 9999).
  [[nodiscard]] static std::optional<Day> Parse(std::string_view text);
  [[nodiscard]] Day Plus(int32_t days) const { return {number + days}; }

  auto operator<=>(const Day&) const = default;
};

inline constexpr Day kDayMin{std::numeric_limits<int32_t>::min()};
inline constexpr Day kDayMax{std::numeric_limits<int32_t>::max()};

// Half-open: `from` is inside, `to` is not. An open end is kDayMax.
struct DaySpan {
  Day from = kDayMin;
  Day to = kDayMax;

  [[nodiscard]] bool Contains(Day day) const { return from <= day && day < to; }
  [[nodiscard]] bool Empty() const { return to <= from; }
  [[nodiscard]] bool Overlaps(const DaySpan& other) const {
    return from < other.to && other.from < to && !Empty() && !other.Empty();
  }
  [[nodiscard]] DaySpan Intersect(const DaySpan& other) const {
    return {from > other.from ? from : other.from, to < other.to ? to : other.to};
  }
  // REQUIRES: both ends are real days.
  [[nodiscard]] int32_t Length() const { return Empty() ? 0 : to.number - from.number; }

  auto operator<=>(const DaySpan&) const = default;
};

// Milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  int64_t ms = 0;

  // "2026-07-02T15:59:59.000Z".
  [[nodiscard]] std::string ToString() const;
  // RFC 3339 with a zone ("Z" or "+08:00") and up to millisecond digits; nothing otherwise.
  [[nodiscard]] static std::optional<Instant> Parse(std::string_view text);

  auto operator<=>(const Instant&) const = default;
};

}  // namespace assay

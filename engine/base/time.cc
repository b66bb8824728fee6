#include "engine/base/time.h"

#include <fmt/core.h>

namespace assay {
namespace {

// Days from 1970-01-01 to the given civil day; the usual era arithmetic of 400 years.
constexpr int32_t DaysFromCivil(int32_t year, int32_t month, int32_t day) {
  year -= month <= 2;
  const int32_t era = (year >= 0 ? year : year - 399) / 400;
  const int32_t year_of_era = year - era * 400;
  const int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Civil {
  int32_t year;
  int32_t month;
  int32_t day;
};

constexpr Civil CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int32_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month =
      static_cast<int32_t>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {static_cast<int32_t>(year_of_era + era * 400 + (month <= 2)), month, day};
}

constexpr int32_t DaysInMonth(int32_t year, int32_t month) {
  constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Takes exactly `count` digits off the front.
bool TakeDigits(std::string_view& text, int count, int32_t& value) {
  if (text.size() < static_cast<size_t>(count)) return false;
  value = 0;
  for (int i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDay(std::string_view& text, Day& day) {
  int32_t year = 0;
  int32_t month = 0;
  int32_t of_month = 0;
  if (!TakeDigits(text, 4, year) || !TakeChar(text, '-') || !TakeDigits(text, 2, month) ||
      !TakeChar(text, '-') || !TakeDigits(text, 2, of_month)) {
    return false;
  }
  if (year < 1 || month < 1 || month > 12 || of_month < 1 || of_month > DaysInMonth(year, month)) {
    return false;
  }
  day = {DaysFromCivil(year, month, of_month)};
  return true;
}

// The fraction after the seconds, up to three digits; missing is zero.
bool TakeMillis(std::string_view& text, int32_t& millis) {
  millis = 0;
  if (!TakeChar(text, '.')) return true;
  int digits = 0;
  while (digits < 3 && !text.empty() && text.front() >= '0' && text.front() <= '9') {
    millis = millis * 10 + (text.front() - '0');
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0) return false;
  for (; digits < 3; ++digits) millis *= 10;
  return true;
}

bool TakeZone(std::string_view& text, int32_t& offset_minutes) {
  offset_minutes = 0;
  if (TakeChar(text, 'Z')) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int32_t sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int32_t hours = 0;
  int32_t minutes = 0;
  if (!TakeDigits(text, 2, hours) || !TakeChar(text, ':') || !TakeDigits(text, 2, minutes)) {
    return false;
  }
  if (hours > 18 || minutes > 59) return false;
  offset_minutes = sign * (hours * 60 + minutes);
  return true;
}

}  // namespace

std::string Day::ToString() const {
  const Civil civil = CivilFromDays(number);
  return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

std::optional<Day> Day::Parse(std::string_view text) {
  Day day;
  if (!TakeDay(text, day) || !text.empty()) return std::nullopt;
  return day;
}

std::string Instant::ToString() const {
  constexpr int64_t kDayMs = 86'400'000;
  int64_t days = ms / kDayMs;
  int64_t rest = ms % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  const Civil civil = CivilFromDays(days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", civil.year, civil.month,
                     civil.day, rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60,
                     rest % 1000);
}

std::optional<Instant> Instant::Parse(std::string_view text) {
  Day day;
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t millis = 0;
  int32_t offset_minutes = 0;
  if (!TakeDay(text, day) || !TakeChar(text, 'T') || !TakeDigits(text, 2, hour) ||
      !TakeChar(text, ':') || !TakeDigits(text, 2, minute) || !TakeChar(text, ':') ||
      !TakeDigits(text, 2, second) || !TakeMillis(text, millis) ||
      !TakeZone(text, offset_minutes) || !text.empty()) {
    return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const int64_t seconds = int64_t{day.number} * 86'400 + hour * 3600 + minute * 60 + second -
                          int64_t{offset_minutes} * 60;
  return Instant{seconds * 1000 + millis};
}

}  // namespace assay

#include "engine/base/time.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/printing.h"

namespace assay {
namespace {

// A calendar that counts: no formula, one day after the other.
struct Calendar {
  int year = 1970;
  int month = 1;
  int day = 1;

  [[nodiscard]] bool Leap() const {
    if (year % 400 == 0) return true;
    return year % 100 != 0 && year % 4 == 0;
  }
  [[nodiscard]] int MonthLength() const {
    switch (month) {
      case 2:
        return Leap() ? 29 : 28;
      case 4:
      case 6:
      case 9:
      case 11:
        return 30;
      default:
        return 31;
    }
  }
  void Next() {
    if (++day <= MonthLength()) return;
    day = 1;
    if (++month <= 12) return;
    month = 1;
    ++year;
  }
  void Previous() {
    if (--day > 0) return;
    if (--month == 0) {
      month = 12;
      --year;
    }
    day = MonthLength();
  }
  [[nodiscard]] std::string ToString() const {
    return fmt::format("{:04}-{:02}-{:02}", year, month, day);
  }
};

// Empty when the day prints as `text` and is read back.
std::string Mismatch(Day day, const std::string& text) {
  if (day.ToString() != text) return day.ToString() + ", expected " + text;
  if (Day::Parse(text) != day) return text + " is not read back";
  return {};
}

int64_t MsOf(std::string_view text) {
  INFO(text);
  const std::optional<Instant> instant = Instant::Parse(text);
  REQUIRE(instant);
  return instant->ms;
}

TEST_CASE("days agree with a calendar that counts, 200,000 days both ways", "[base][unit]") {
  constexpr int kDays = 200'000;
  Calendar forward;
  Calendar backward;
  std::string problem;
  for (int i = 0; i <= kDays && problem.empty(); ++i) {
    problem = Mismatch({i}, forward.ToString()) + Mismatch({-i}, backward.ToString());
    forward.Next();
    backward.Previous();
  }
  CHECK(problem == "");
}

TEST_CASE("every day of the years 1 to 9999 is counted without a gap", "[base][unit]") {
  CHECK(Day::Parse("0001-01-01") == Day{-719162});
  CHECK(Day::Parse("9999-12-31") == Day{2932896});
  Calendar calendar{1, 1, 1};
  std::string problem;
  for (int number = -719162; number <= 2932896 && problem.empty(); ++number, calendar.Next()) {
    const std::optional<Day> day = Day::Parse(calendar.ToString());
    if (day != Day{number}) problem = calendar.ToString();
  }
  CHECK(problem == "");
}

TEST_CASE("the day of a leap year exists and no other", "[base][unit]") {
  for (const std::string_view text : {"2000-02-29", "2024-02-29", "1600-02-29", "0004-02-29"}) {
    CHECK(Day::Parse(text)->ToString() == text);
  }
  for (const std::string_view text : {"1900-02-29", "2023-02-29", "2100-02-29", "2000-02-30"}) {
    CHECK_FALSE(Day::Parse(text));
  }
  CHECK(Day::Parse("2024-03-01")->number - Day::Parse("2024-02-28")->number == 2);
  CHECK(Day::Parse("2100-03-01")->number - Day::Parse("2100-02-28")->number == 1);
}

TEST_CASE("a text that is no day is refused", "[base][unit]") {
  for (const std::string_view text :
       {"", "2026", "2026-06", "2026-6-30", "2026-06-3", "2026-06-31", "2026-00-10", "2026-13-10",
        "2026-06-00", "0000-01-01", "-001-01-01", "10000-01-01", " 2026-06-30", "2026-06-30 ",
        "2026/06/30", "20260630", "2026-06-30T00:00:00Z", "2026-06-3x", "+026-06-30"}) {
    INFO(text);
    CHECK_FALSE(Day::Parse(text));
  }
}

TEST_CASE("a day moves by days", "[base][unit]") {
  CHECK(Day::Parse("2024-02-28")->Plus(2).ToString() == "2024-03-01");
  CHECK(Day::Parse("2024-03-01")->Plus(-1).ToString() == "2024-02-29");
}

TEST_CASE("a span holds its first day and not its last", "[base][unit]") {
  const DaySpan june{{10}, {20}};
  CHECK(june.Contains({10}));
  CHECK(june.Contains({19}));
  CHECK_FALSE(june.Contains({20}));
  CHECK_FALSE(june.Contains({9}));
  CHECK(june.Length() == 10);
  CHECK(DaySpan{}.Contains({0}));
  CHECK(DaySpan{}.Contains(kDayMin));
}

TEST_CASE("spans overlap only where both have a day", "[base][unit]") {
  const DaySpan june{{10}, {20}};
  CHECK(june.Overlaps({{19}, {30}}));
  CHECK(june.Overlaps({{0}, {11}}));
  CHECK(june.Overlaps({}));
  CHECK_FALSE(june.Overlaps({{20}, {30}}));
  CHECK_FALSE(june.Overlaps({{0}, {10}}));
  CHECK_FALSE(june.Overlaps({{15}, {15}}));
  CHECK(june.Intersect({{15}, {30}}) == DaySpan{{15}, {20}});
  CHECK(june.Intersect({{30}, {40}}).Empty());
  CHECK(DaySpan{{5}, {4}}.Length() == 0);
}

TEST_CASE("instants print as whole milliseconds UTC", "[base][unit]") {
  CHECK(Instant{0}.ToString() == "1970-01-01T00:00:00.000Z");
  CHECK(Instant{-1}.ToString() == "1969-12-31T23:59:59.999Z");
  CHECK(Instant{1'782'777'600'000}.ToString() == "2026-06-30T00:00:00.000Z");
  CHECK(Instant{951'868'799'007}.ToString() == "2000-02-29T23:59:59.007Z");
}

TEST_CASE("an instant is read with its zone", "[base][unit]") {
  CHECK(MsOf("1970-01-01T00:00:00Z") == 0);
  CHECK(MsOf("2026-06-30T08:00:00+08:00") == 1'782'777'600'000);
  CHECK(MsOf("2026-06-29T18:30:00-05:30") == 1'782'777'600'000);
  CHECK(MsOf("2026-06-30T00:00:00-00:00") == 1'782'777'600'000);
  CHECK(MsOf("1970-01-01T00:00:00+00:01") == -60'000);
  CHECK(MsOf("2024-12-31T23:30:00-01:00") == MsOf("2025-01-01T00:30:00Z"));
}

TEST_CASE("an instant is read with up to three digits of a second", "[base][unit]") {
  CHECK(MsOf("1970-01-01T00:00:01.5Z") == 1'500);
  CHECK(MsOf("1970-01-01T00:00:01.05Z") == 1'050);
  CHECK(MsOf("1970-01-01T00:00:01.005+00:00") == 1'005);
  CHECK(MsOf("1969-12-31T23:59:59.999Z") == -1);
}

TEST_CASE("instants are read back as printed", "[base][unit]") {
  std::string problem;
  for (int64_t ms = -62'135'596'800'000; ms < 253'402'300'800'000 && problem.empty();
       ms += 1'234'567'891) {
    const std::string text = Instant{ms}.ToString();
    if (Instant::Parse(text) != Instant{ms}) problem = text;
  }
  CHECK(problem == "");
}

TEST_CASE("a text that is no instant with a zone is refused", "[base][unit]") {
  for (const std::string_view text : {"",
                                      "2026-06-30",
                                      "2026-06-30T08:00:00",
                                      "2026-06-30T08:00Z",
                                      "2026-06-30 08:00:00Z",
                                      "2026-06-30T24:00:00Z",
                                      "2026-06-30T08:60:00Z",
                                      "2026-06-30T08:00:60Z",
                                      "2026-06-31T08:00:00Z",
                                      "2026-06-30T08:00:00.Z",
                                      "2026-06-30T08:00:00.1234Z",
                                      "2026-06-30T08:00:00+0800",
                                      "2026-06-30T08:00:00+08",
                                      "2026-06-30T08:00:00+24:00",
                                      "2026-06-30T08:00:00+08:60",
                                      "2026-06-30T08:00:00Z ",
                                      "2026-06-30T08:00:00ZZ",
                                      "2026-06-30T08:00:00,5Z",
                                      "2026-06-30T-8:00:00Z",
                                      "1782777600000"}) {
    INFO(text);
    CHECK_FALSE(Instant::Parse(text));
  }
}

TEST_CASE("days and instants are ordered by time", "[base][unit]") {
  CHECK(Day{-1} < Day{0});
  CHECK(kDayMin < kDayMax);
  CHECK(Instant{-1} < Instant{0});
}

}  // namespace
}  // namespace assay

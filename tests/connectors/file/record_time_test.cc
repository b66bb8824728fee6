#include "connectors/file/record_time.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/printing.h"

namespace assay {
namespace {

using Problem = TimeReader::Problem;

// "2026-06-30T04:00:00.000Z on 2026-06-30", or what is wrong.
std::string Read(const std::string& format, const std::string& zone, std::string_view text) {
  v1::WhenDefinition when;
  when.set_format(format);
  when.set_zone(zone);
  const auto reader = TimeReader::Create(when);
  INFO(Describe(reader.status()));
  REQUIRE(reader.ok());
  const auto read = reader->Read(text, "");
  if (const auto* moment = std::get_if<RecordMoment>(&read)) {
    return moment->instant.ToString() + " on " + moment->day.ToString();
  }
  constexpr std::string_view kProblems[] = {"bad time", "bad zone", "ambiguous"};
  return std::string(kProblems[static_cast<int>(std::get<Problem>(read))]);
}

TEST_CASE("a local time is an instant of its zone and keeps its day", "[file][unit]") {
  const std::string format = "%Y-%m-%d %H:%M";
  CHECK(Read(format, "Asia/Shanghai", "2026-06-30 00:30") ==
        "2026-06-29T16:30:00.000Z on 2026-06-30");
  CHECK(Read(format, "UTC", "2026-06-30 00:30") == "2026-06-30T00:30:00.000Z on 2026-06-30");
  CHECK(Read("%d.%m.%Y %H:%M:%S", "Europe/Berlin", "28.02.2024 23:59:59") ==
        "2024-02-28T22:59:59.000Z on 2024-02-28");
  CHECK(Read("%Y%m%d%%%H", "UTC", "20260630%07") == "2026-06-30T07:00:00.000Z on 2026-06-30");
}

TEST_CASE("a day alone is the first instant of that local day", "[file][unit]") {
  CHECK(Read("%Y-%m-%d", "Asia/Shanghai", "2026-06-30") ==
        "2026-06-29T16:00:00.000Z on 2026-06-30");
  // Clocks went from 00:00 to 01:00: the day began at 01:00.
  CHECK(Read("%Y-%m-%d", "America/Sao_Paulo", "2018-11-04") ==
        "2018-11-04T03:00:00.000Z on 2018-11-04");
  // Clocks went from 00:00 back to 23:00, so midnight itself came once, and in Havana from 01:00
  // back to 00:00: midnight came twice.
  CHECK(Read("%Y-%m-%d", "America/Havana", "2023-11-05") ==
        "2023-11-05T04:00:00.000Z on 2023-11-05");
}

TEST_CASE("a local time that the change of clocks left out does not exist", "[file][unit]") {
  const std::string format = "%Y-%m-%d %H:%M";
  CHECK(Read(format, "America/New_York", "2026-03-08 02:30") == "ambiguous");
  CHECK(Read(format, "America/New_York", "2026-03-08 01:59") ==
        "2026-03-08T06:59:00.000Z on 2026-03-08");
  CHECK(Read(format, "America/New_York", "2026-03-08 03:00") ==
        "2026-03-08T07:00:00.000Z on 2026-03-08");
  CHECK(Read(format, "Europe/Berlin", "2026-03-29 02:00") == "ambiguous");
  CHECK(Read(format, "Europe/Berlin", "2026-03-29 03:00") ==
        "2026-03-29T01:00:00.000Z on 2026-03-29");
}

TEST_CASE("a local time that came twice is not guessed", "[file][unit]") {
  const std::string format = "%Y-%m-%d %H:%M";
  CHECK(Read(format, "America/New_York", "2026-11-01 01:30") == "ambiguous");
  CHECK(Read(format, "America/New_York", "2026-11-01 00:59") ==
        "2026-11-01T04:59:00.000Z on 2026-11-01");
  CHECK(Read(format, "America/New_York", "2026-11-01 02:00") ==
        "2026-11-01T07:00:00.000Z on 2026-11-01");
  CHECK(Read(format, "Europe/Berlin", "2026-10-25 02:59") == "ambiguous");
  CHECK(Read(format, "Europe/Berlin", "2026-10-25 03:00") ==
        "2026-10-25T02:00:00.000Z on 2026-10-25");
  // With an offset, the same hour is two instants.
  CHECK(Read("rfc3339", "Europe/Berlin", "2026-10-25T02:59:00+02:00") ==
        "2026-10-25T00:59:00.000Z on 2026-10-25");
  CHECK(Read("rfc3339", "Europe/Berlin", "2026-10-25T02:59:00+01:00") ==
        "2026-10-25T01:59:00.000Z on 2026-10-25");
}

TEST_CASE("the day of an instant is the day in the zone", "[file][unit]") {
  CHECK(Read("rfc3339", "Asia/Shanghai", "2026-06-30T16:00:00Z") ==
        "2026-06-30T16:00:00.000Z on 2026-07-01");
  CHECK(Read("rfc3339", "America/New_York", "2026-07-01T03:59:59.999Z") ==
        "2026-07-01T03:59:59.999Z on 2026-06-30");
  CHECK(Read("epoch_ms", "Asia/Shanghai", "1782777600000") ==
        "2026-06-30T00:00:00.000Z on 2026-06-30");
  CHECK(Read("epoch_ms", "UTC", "-1") == "1969-12-31T23:59:59.999Z on 1969-12-31");
}

TEST_CASE("digits beyond milliseconds are cut off", "[file][unit]") {
  CHECK(Read("rfc3339", "UTC", "2026-06-30T08:00:00.123999Z") ==
        "2026-06-30T08:00:00.123Z on 2026-06-30");
  CHECK(Read("rfc3339", "UTC", "2026-06-30T08:00:00.123456789+08:00") ==
        "2026-06-30T00:00:00.123Z on 2026-06-30");
  CHECK(Read("rfc3339", "UTC", "2026-06-30T08:00:00.1234x") == "bad time");
}

TEST_CASE("a text that does not fit the format is no time", "[file][unit]") {
  for (const char* text :
       {"", "2026-06-30", "2026-06-30 8:00", "2026-06-30 08:00 ", " 2026-06-30 08:00",
        "2026/06/30 08:00", "2026-06-31 08:00", "2025-02-29 08:00", "2026-13-01 08:00",
        "2026-00-01 08:00", "2026-06-00 08:00", "2026-06-30 24:00", "2026-06-30 08:60",
        "26-06-30 08:00", "2026-06-30 08:0x", "２026-06-30 08:00"}) {
    CAPTURE(text);
    CHECK(Read("%Y-%m-%d %H:%M", "UTC", text) == "bad time");
  }
  CHECK(Read("%Y-%m-%d %H:%M:%S", "UTC", "2026-06-30 23:59:60") == "bad time");
  for (const char* text :
       {"", "1.5", "1782777600000x", " 1", "+1", "99999999999999999999", "0x1"}) {
    CAPTURE(text);
    CHECK(Read("epoch_ms", "UTC", text) == "bad time");
  }
  CHECK(Read("rfc3339", "UTC", "2026-06-30 08:00:00Z") == "bad time");
  CHECK(Read("rfc3339", "UTC", "2026-06-30T08:00:00") == "bad time");
}

TEST_CASE("placeholders and the ends of the calendar are no times", "[file][unit]") {
  CHECK(Read("%Y-%m-%d", "UTC", "0001-01-01") == "bad time");
  CHECK(Read("%Y-%m-%d", "UTC", "1899-12-31") == "bad time");
  CHECK(Read("%Y-%m-%d", "UTC", "1900-01-01") == "1900-01-01T00:00:00.000Z on 1900-01-01");
  CHECK(Read("%Y-%m-%d", "UTC", "9998-12-31") == "9998-12-31T00:00:00.000Z on 9998-12-31");
  CHECK(Read("%Y-%m-%d", "UTC", "9999-12-31") == "bad time");
  CHECK(Read("rfc3339", "Asia/Shanghai", "9998-12-31T23:00:00Z") == "bad time");
  CHECK(Read("epoch_ms", "UTC", "9223372036854775807") == "bad time");
  CHECK(Read("epoch_ms", "UTC", "-9223372036854775808") == "bad time");
}

TEST_CASE("a field of the record may name the zone", "[file][unit]") {
  v1::WhenDefinition when;
  when.set_format("%Y-%m-%d %H:%M");
  when.set_zone_field("tz");
  const auto reader = TimeReader::Create(when).value();
  CHECK(std::get<RecordMoment>(reader.Read("2026-06-30 08:00", "Asia/Tokyo")).instant ==
        *Instant::Parse("2026-06-29T23:00:00Z"));
  for (const char* zone : {"", "Mars/Olympus", "/etc/localtime", "../../etc/passwd", "localtime",
                           "libc:localtime", "asia/tokyo?", "Asia"}) {
    CAPTURE(zone);
    CHECK(std::get<Problem>(reader.Read("2026-06-30 08:00", zone)) == Problem::kBadZone);
  }
}

TEST_CASE("a format has each part that a day needs once", "[file][unit]") {
  for (const char* format : {"%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H", "%Y-%m-%dT%H:%M:%S", "rfc3339",
                             "epoch_ms", "%%%Y%m%d"}) {
    CAPTURE(format);
    CHECK(TimeFormat::Parse(format).has_value());
  }
  for (const char* format :
       {"", "%Y-%m", "%m-%d", "%Y-%m-%d %M", "%Y-%m-%d %H:%S", "%Y-%m-%d %Y", "%Y-%m-%d %z",
        "%Y-%m-%d %", "%y-%m-%d", "RFC3339", "epoch", "%Y-%m-%d %H:%M %p"}) {
    CAPTURE(format);
    CHECK_FALSE(TimeFormat::Parse(format).has_value());
  }
}

TEST_CASE("a contract whose zone or format this system does not know is not used", "[file][unit]") {
  v1::WhenDefinition when;
  when.set_format("%Y-%m-%d");
  when.set_zone("Mars/Olympus");
  CHECK(TimeReader::Create(when).status().code() == absl::StatusCode::kFailedPrecondition);
  when.set_zone("UTC");
  CHECK(TimeReader::Create(when).ok());
  when.set_format("%q");
  CHECK(TimeReader::Create(when).status().code() == absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace assay

#include "connectors/file/record_time.h"

#include <array>
#include <charconv>

#include "engine/base/check.h"

namespace assay {
namespace {

using Problem = TimeReader::Problem;

constexpr std::string_view kParts = "YmdHMS";
constexpr size_t kZoneNameBytesMax = 64;

Day DayOfCivil(absl::CivilDay day) {
  return {static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1))};
}

bool IsInRange(Day day) {
  static const Day kFirst = DayOfCivil(absl::CivilDay(1900, 1, 1));
  static const Day kEnd = DayOfCivil(absl::CivilDay(9999, 1, 1));
  return kFirst <= day && day < kEnd;
}

Day DayIn(Instant instant, absl::TimeZone zone) {
  return DayOfCivil(absl::CivilDay(zone.At(absl::FromUnixMillis(instant.ms)).cs));
}

std::variant<RecordMoment, Problem> InZone(Instant instant, absl::TimeZone zone) {
  const Day day = DayIn(instant, zone);
  if (!IsInRange(day)) return Problem::kBadTime;
  return RecordMoment{instant, day};
}

std::variant<RecordMoment, Problem> FromLocal(absl::CivilSecond local, bool has_clock,
                                              absl::TimeZone zone) {
  const Day day = DayOfCivil(absl::CivilDay(local));
  if (!IsInRange(day)) return Problem::kBadTime;
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const bool unique = info.kind == absl::TimeZone::TimeInfo::UNIQUE;
  if (!unique && has_clock) return Problem::kAmbiguous;
  // Where the clocks change at midnight, a day begins after the gap, or at the first of two.
  const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return RecordMoment{{absl::ToUnixMillis(skipped ? info.trans : info.pre)}, day};
}

// Without the digits of a second that an instant does not keep.
std::string WithoutMicros(std::string_view text) {
  constexpr size_t kMillisDigits = 3;
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::string(text);
  const size_t end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
  if (end <= dot + 1 + kMillisDigits) return std::string(text);
  std::string cut(text.substr(0, dot + 1 + kMillisDigits));
  return cut.append(text.substr(end));
}

std::optional<Instant> ReadEpochMs(std::string_view text) {
  int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  // Beyond these the library counts days that are not there.
  constexpr int64_t kMsMax = int64_t{10'000} * 366 * 86'400'000;
  if (error != std::errc() || end != text.data() + text.size() || ms > kMsMax || ms < -kMsMax) {
    return std::nullopt;
  }
  return Instant{ms};
}

}  // namespace

std::optional<TimeFormat> TimeFormat::Parse(std::string_view text) {
  TimeFormat format;
  format.text_ = text;
  if (text == "rfc3339" || text == "epoch_ms") {
    format.kind_ = text == "rfc3339" ? Kind::kRfc3339 : Kind::kEpochMs;
    format.has_clock_ = true;
    return format;
  }
  std::array<bool, kParts.size()> seen{};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (++i == text.size()) return std::nullopt;
    if (text[i] == '%') continue;
    const size_t part = kParts.find(text[i]);
    if (part == std::string_view::npos || seen[part]) return std::nullopt;
    seen[part] = true;
  }
  const auto [year, month, day, hour, minute, second] = seen;
  if (!year || !month || !day || (minute && !hour) || (second && !minute)) return std::nullopt;
  format.has_clock_ = hour;
  return format;
}

std::optional<absl::CivilSecond> TimeFormat::ReadPattern(std::string_view text) const {
  ASSAY_REQUIRE(kind_ == Kind::kPattern, "{} is no pattern", text_);
  std::array<int, kParts.size()> values{};
  for (size_t i = 0; i < text_.size(); ++i) {
    const bool is_part = text_[i] == '%' && text_[++i] != '%';
    const size_t part = is_part ? kParts.find(text_[i]) : 0;
    const size_t size = !is_part ? 1 : part == 0 ? 4 : 2;
    if (text.size() < size) return std::nullopt;
    const std::string_view piece = text.substr(0, size);
    text.remove_prefix(size);
    if (!is_part) {
      if (piece.front() != text_[i]) return std::nullopt;
      continue;
    }
    for (const char digit : piece) {
      if (digit < '0' || digit > '9') return std::nullopt;
      values[part] = values[part] * 10 + (digit - '0');
    }
  }
  const auto [year, month, day, hour, minute, second] = values;
  const absl::CivilSecond local(year, month, day, hour, minute, second);
  // The library carries what is too large into the next unit.
  const bool exact = local.year() == year && local.month() == month && local.day() == day &&
                     local.hour() == hour && local.minute() == minute && local.second() == second;
  if (!text.empty() || !exact) return std::nullopt;
  return local;
}

std::optional<absl::TimeZone> FindZone(std::string_view name) {
  constexpr std::string_view kChars =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  if (name.empty() || name.size() > kZoneNameBytesMax || name.front() == '/' ||
      name.find_first_not_of(kChars) != std::string_view::npos || name == "localtime" ||
      name == "posixrules") {
    return std::nullopt;
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone)) return std::nullopt;
  return zone;
}

absl::StatusOr<TimeReader> TimeReader::Create(const v1::WhenDefinition& when) {
  TimeReader reader;
  auto format = TimeFormat::Parse(when.format());
  if (!format) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "no format of times: \"{}\"",
                      when.format());
  }
  reader.format_ = *std::move(format);
  if (!when.zone_field().empty()) return reader;
  reader.zone_ = FindZone(when.zone());
  if (!reader.zone_) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "time zone \"{}\" is not known here; install tzdata", when.zone());
  }
  return reader;
}

std::variant<RecordMoment, Problem> TimeReader::Read(std::string_view text,
                                                     std::string_view zone_name) const {
  const auto zone = zone_ ? zone_ : FindZone(zone_name);
  if (!zone) return Problem::kBadZone;
  if (format_.FormatKind() == TimeFormat::Kind::kPattern) {
    const auto local = format_.ReadPattern(text);
    if (!local) return Problem::kBadTime;
    return FromLocal(*local, format_.HasClock(), *zone);
  }
  const auto instant = format_.FormatKind() == TimeFormat::Kind::kEpochMs
                           ? ReadEpochMs(text)
                           : Instant::Parse(WithoutMicros(text));
  if (!instant) return Problem::kBadTime;
  return InZone(*instant, *zone);
}

RecordMoment TimeReader::At(Instant instant) const {
  return {instant, DayIn(instant, zone_.value_or(absl::UTCTimeZone()))};
}

}  // namespace assay

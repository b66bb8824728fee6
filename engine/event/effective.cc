#include "engine/event/effective.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace assay {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string Shown(std::string_view text) { return text.empty() ? "nothing" : std::string(text); }

}  // namespace

bool IsId(std::string_view text) {
  if (text.empty() || text.size() > limits::kIdBytesMax || !IsAlphanumeric(text.front())) {
    return false;
  }
  for (const char c : text) {
    if (!IsAlphanumeric(c) && std::string_view("._@:-").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool IsVersionedId(std::string_view text) { return IsId(text) && VersionOf(text) > 0; }

std::string_view NameOf(std::string_view versioned_id) {
  return versioned_id.substr(0, versioned_id.rfind('@'));
}

int VersionOf(std::string_view versioned_id) {
  const size_t at = versioned_id.rfind('@');
  if (at == std::string_view::npos || at == 0) return 0;
  const std::string_view digits = versioned_id.substr(at + 1);
  if (digits.empty() || digits.size() > 6 || digits.front() == '0') return 0;
  int version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return error == std::errc() && end == digits.data() + digits.size() ? version : 0;
}

std::optional<Rejection> CheckId(std::string_view path, std::string_view text) {
  if (IsId(text)) return std::nullopt;
  return Invalid("INVALID_ID", std::string(path), "[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}", Shown(text),
                 fmt::format("\"{}\" is no id", text));
}

std::optional<Rejection> CheckVersionedId(std::string_view path, std::string_view text) {
  if (IsVersionedId(text)) return std::nullopt;
  return Invalid("INVALID_ID", std::string(path), "name@version, as in output@1", Shown(text),
                 fmt::format("\"{}\" is no id with a version", text));
}

std::optional<Rejection> CheckDay(std::string_view path, std::string_view text) {
  if (Day::Parse(text).has_value()) return std::nullopt;
  return Invalid("INVALID_DAY", std::string(path), "a day as 2026-06-30", Shown(text),
                 fmt::format("\"{}\" is no day", text));
}

std::optional<Rejection> CheckSpan(std::string_view path, const v1::Span& span) {
  if (auto wrong = CheckDay(fmt::format("{}.from", path), span.from())) return wrong;
  if (span.to().empty()) return std::nullopt;
  if (auto wrong = CheckDay(fmt::format("{}.to", path), span.to())) return wrong;
  if (DayOf(span.from()) < DayOf(span.to())) return std::nullopt;
  return Invalid("INVALID_SPAN", std::string(path), "from before to (to is not included)",
                 fmt::format("{} to {}", span.from(), span.to()), "the span holds no day");
}

std::optional<Rejection> CheckDecimal(std::string_view path, std::string_view text) {
  auto error = Decimal::ParseError::kNone;
  if (Decimal::Parse(text, &error).has_value()) return std::nullopt;
  return Invalid("INVALID_DECIMAL", std::string(path),
                 "a decimal number with at most 12 fractional digits", Shown(text),
                 fmt::format("\"{}\" is no decimal number", text));
}

Day DayOf(std::string_view text) {
  const auto day = Day::Parse(text);
  ASSAY_INVARIANT(day.has_value(), "\"{}\" was taken for a day", text);
  return *day;
}

DaySpan SpanOf(const v1::Span& span) {
  return {span.from().empty() ? kDayMin : DayOf(span.from()),
          span.to().empty() ? kDayMax : DayOf(span.to())};
}

v1::Span SpanMessage(const DaySpan& span) {
  v1::Span message;
  if (span.from != kDayMin) message.set_from(span.from.ToString());
  if (span.to != kDayMax) message.set_to(span.to.ToString());
  return message;
}

Decimal DecimalOf(std::string_view text) {
  if (text.empty()) return {};
  const auto value = Decimal::Parse(text);
  ASSAY_INVARIANT(value.has_value(), "\"{}\" was taken for a decimal", text);
  return *value;
}

Instant InstantOf(const google::protobuf::Timestamp& timestamp) {
  // The years 1 to 9999: bytes of a log may say any number.
  constexpr int64_t kSecondsMin = -62'135'596'800;
  constexpr int64_t kSecondsMax = 253'402'300'799;
  const int64_t seconds = std::clamp(timestamp.seconds(), kSecondsMin, kSecondsMax);
  return {seconds * 1000 + timestamp.nanos() / 1'000'000};
}

google::protobuf::Timestamp TimestampOf(Instant instant) {
  google::protobuf::Timestamp timestamp;
  int64_t seconds = instant.ms / 1000;
  int64_t millis = instant.ms % 1000;
  if (millis < 0) {
    millis += 1000;
    --seconds;
  }
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(millis * 1'000'000));
  return timestamp;
}

Day UtcDayOf(Instant instant) {
  constexpr int64_t kDayMs = 86'400'000;
  int64_t days = instant.ms / kDayMs;
  if (instant.ms % kDayMs < 0) --days;
  return {static_cast<int32_t>(days)};
}

std::string ActorName(const v1::Actor& actor) {
  if (actor.has_person()) return actor.person();
  if (actor.has_client()) return fmt::format("client:{}", actor.client());
  return "";
}

std::string ShortEnumName(std::string_view full_name, std::string_view type_prefix) {
  if (full_name.starts_with(type_prefix)) full_name.remove_prefix(type_prefix.size());
  return std::string(full_name);
}

}  // namespace assay

// When a record happened: the text of its time as an instant and a local day.
//
// A local time that does not exist or exists twice (the hour of a change of clocks) is refused, not
// guessed. A day alone is that day's first instant and is never ambiguous.

#pragma once

#include <absl/time/time.h>
#include <assay/v1/source.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// How a contract writes times: "rfc3339", "epoch_ms", or a pattern of %Y %m %d %H %M %S (digits,
// padded with zeros) and other characters that stand for themselves (%% for a percent sign).
class TimeFormat {
 public:
  // Nothing unless `text` is one of those above and a pattern has the year, month and day, each
  // part once, minutes only with hours and seconds only with minutes.
  [[nodiscard]] static std::optional<TimeFormat> Parse(std::string_view text);

  enum class Kind : uint8_t { kPattern, kRfc3339, kEpochMs };
  [[nodiscard]] Kind FormatKind() const { return kind_; }
  [[nodiscard]] const std::string& Text() const { return text_; }
  // The pattern has hours.
  [[nodiscard]] bool HasClock() const { return has_clock_; }

  // The local time that `text` writes; nothing when it does not fit the pattern or no calendar has
  // it. REQUIRES: FormatKind() == kPattern
  [[nodiscard]] std::optional<absl::CivilSecond> ReadPattern(std::string_view text) const;

 private:
  std::string text_;
  Kind kind_ = Kind::kPattern;
  bool has_clock_ = false;
};

// The zone of an IANA name. Nothing for a name that is not known, and for names that mean the
// machine and not a place.
[[nodiscard]] std::optional<absl::TimeZone> FindZone(std::string_view name);

// An event's time, as it stands on the log. `day` is the day of `instant` in the zone.
struct RecordMoment {
  Instant instant;
  Day day;

  bool operator==(const RecordMoment&) const = default;
};

// Immutable; thread-safe.
class TimeReader {
 public:
  // FAILED_PRECONDITION when the format is not one or the zone is not known here.
  [[nodiscard]] static absl::StatusOr<TimeReader> Create(const v1::WhenDefinition& when);

  enum class Problem : uint8_t { kBadTime, kBadZone, kAmbiguous };
  // `zone_name` is looked at only when the contract takes the zone from a field. kBadTime also for
  // a day before 1900 or after 9998: placeholders, and the edges of what other systems can hold.
  // rfc3339 digits beyond milliseconds are cut off.
  [[nodiscard]] std::variant<RecordMoment, Problem> Read(std::string_view text,
                                                         std::string_view zone_name) const;
  // An instant that is known; in UTC where a field of the record would name the zone.
  [[nodiscard]] RecordMoment At(Instant instant) const;
  [[nodiscard]] const TimeFormat& Format() const { return format_; }

 private:
  TimeFormat format_;
  // The contract's; nothing when a field of the record names it.
  std::optional<absl::TimeZone> zone_;
};

}  // namespace assay

// Reading effective-dated lists of the state, and the texts in which days, spans and ids travel.

#pragma once

#include <assay/v1/org.pb.h>
#include <assay/v1/state.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/decimal.h"
#include "engine/base/time.h"
#include "engine/event/decision.h"

namespace assay {

// [A-Za-z0-9][A-Za-z0-9._@:-]{0,63}
[[nodiscard]] bool IsId(std::string_view text);
// "name@3": an id, "@", a version of 1 or more without leading zeros. An id without version is not.
[[nodiscard]] bool IsVersionedId(std::string_view text);
// "output" of "output@1".
[[nodiscard]] std::string_view NameOf(std::string_view versioned_id);
[[nodiscard]] int VersionOf(std::string_view versioned_id);

// INVALID_ID at `path` unless `text` is an id (IsId).
[[nodiscard]] std::optional<Rejection> CheckId(std::string_view path, std::string_view text);
[[nodiscard]] std::optional<Rejection> CheckVersionedId(std::string_view path,
                                                        std::string_view text);
// INVALID_DAY at `path` unless `text` is a day.
[[nodiscard]] std::optional<Rejection> CheckDay(std::string_view path, std::string_view text);
// INVALID_SPAN unless both ends are days (an empty `to` is open) and from < to.
[[nodiscard]] std::optional<Rejection> CheckSpan(std::string_view path, const v1::Span& span);
// INVALID_DECIMAL unless `text` is a decimal.
[[nodiscard]] std::optional<Rejection> CheckDecimal(std::string_view path, std::string_view text);

// A day or span that stands in the state and was checked before it got there.
[[nodiscard]] Day DayOf(std::string_view text);
[[nodiscard]] DaySpan SpanOf(const v1::Span& span);
[[nodiscard]] v1::Span SpanMessage(const DaySpan& span);
// A decimal that was checked; empty is zero.
[[nodiscard]] Decimal DecimalOf(std::string_view text);

// Seconds beyond the years 1 to 9999 are those of the nearer end.
[[nodiscard]] Instant InstantOf(const google::protobuf::Timestamp& timestamp);
[[nodiscard]] google::protobuf::Timestamp TimestampOf(Instant instant);
[[nodiscard]] Day UtcDayOf(Instant instant);

// The entry of a dated list that holds on `day`, or null.
template <typename Dated>
[[nodiscard]] const Dated* HoldingOn(const google::protobuf::RepeatedPtrField<Dated>& entries,
                                     Day day) {
  const Dated* holding = nullptr;
  Day holding_from = kDayMin;
  for (const Dated& entry : entries) {
    const Day from = DayOf(entry.from());
    if (from <= day && (holding == nullptr || from >= holding_from)) {
      holding = &entry;
      holding_from = from;
    }
  }
  return holding;
}

// "p-0001" or "client:erp"; empty when nobody is named.
[[nodiscard]] std::string ActorName(const v1::Actor& actor);

// Names of enumerators without their prefix: "LOWER_IS_BETTER".
[[nodiscard]] std::string ShortEnumName(std::string_view full_name, std::string_view type_prefix);

}  // namespace assay

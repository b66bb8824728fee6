// Why a value of a score is missing, and what the rules of metrics and templates make of it.

#pragma once

#include <assay/v1/metric.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/decimal.h"
#include "engine/score/curve.h"
#include "engine/score/formula.h"

namespace assay {

// Why there is no value.
enum class ScoreReason : uint8_t {
  kNone,
  kNoData,
  kDivZero,
  kOverflow,
  // The curve needs a target and the item has none, or one that contradicts it.
  kNoTarget,
  kBadTarget,
  // Attribution by the position that a record names needs the facts one by one: not supported.
  kAttribution,
  // No day of any part has an allocation.
  kNoAllocation,
  // There is no part.
  kNoAgreement,
};

enum class ScoreState : uint8_t { kOk, kNotComputable, kExcluded };

struct ScoreStatus {
  ScoreState state = ScoreState::kOk;
  ScoreReason reason = ScoreReason::kNone;

  // "OK", "NOT_COMPUTABLE(DIV_ZERO)", "EXCLUDED"
  [[nodiscard]] std::string ToString() const;
  [[nodiscard]] bool Ok() const { return state == ScoreState::kOk; }
  bool operator==(const ScoreStatus&) const = default;
};

// What a metric's formula gave, before its rules for missing data and division by zero.
struct Achieved {
  ScoreReason reason = ScoreReason::kNone;
  Decimal value;

  bool operator==(const Achieved&) const = default;
};

// "NO_DATA"; "OK" for kNone.
[[nodiscard]] std::string_view ScoreReasonName(ScoreReason reason);
[[nodiscard]] std::optional<ScoreReason> ScoreReasonFromName(std::string_view name);
[[nodiscard]] ScoreReason ReasonOf(EvalStatus status);
[[nodiscard]] ScoreReason ReasonOf(CurveStatus status);
[[nodiscard]] Achieved AchievedOf(const NumberResult& result);

// An outcome after a metric's rules: a value, or why there is none.
struct RuledValue {
  ScoreStatus status;
  std::optional<Decimal> value;
};

// The metric's rules: no data is not computable, 0 or excluded; a division by zero is not
// computable or 0. Everything else without value is not computable.
[[nodiscard]] RuledValue ApplyMetricRules(const Achieved& achieved, v1::MissingRule missing,
                                          v1::DivZeroRule div_zero);
// The template's rule: EXCLUDE_AND_STATE leaves out what has no data or divides by zero. Anything
// else stays as it is.
[[nodiscard]] ScoreStatus ApplyTemplateRule(const ScoreStatus& status, v1::MissingRule missing);
// The template's rule ZERO: an item without data, or that divides by zero, counts 0 points.
[[nodiscard]] bool CountsAsZero(const ScoreStatus& status, v1::MissingRule missing);

}  // namespace assay

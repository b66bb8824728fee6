#include "engine/score/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace assay {
namespace {

constexpr std::array<std::string_view, 9> kReasonNames = {
    "OK",         "NO_DATA",     "DIV_ZERO",      "OVERFLOW",    "NO_TARGET",
    "BAD_TARGET", "ATTRIBUTION", "NO_ALLOCATION", "NO_AGREEMENT"};

// The two reasons that rules can turn into something else; the rest are mistakes to be mended.
bool IsMissing(ScoreReason reason) {
  return reason == ScoreReason::kNoData || reason == ScoreReason::kDivZero;
}

}  // namespace

std::string ScoreStatus::ToString() const {
  switch (state) {
    case ScoreState::kOk:
      return "OK";
    case ScoreState::kExcluded:
      return "EXCLUDED";
    case ScoreState::kNotComputable:
      break;
  }
  return fmt::format("NOT_COMPUTABLE({})", ScoreReasonName(reason));
}

std::string_view ScoreReasonName(ScoreReason reason) {
  return kReasonNames[static_cast<size_t>(reason)];
}

std::optional<ScoreReason> ScoreReasonFromName(std::string_view name) {
  const auto* const found = std::ranges::find(kReasonNames, name);
  if (found == kReasonNames.end()) return std::nullopt;
  return static_cast<ScoreReason>(found - kReasonNames.begin());
}

ScoreReason ReasonOf(EvalStatus status) {
  switch (status) {
    case EvalStatus::kOk:
      return ScoreReason::kNone;
    case EvalStatus::kDivZero:
      return ScoreReason::kDivZero;
    case EvalStatus::kOverflow:
      return ScoreReason::kOverflow;
    // Only a condition meets a text that is no number.
    case EvalStatus::kNoData:
    case EvalStatus::kNotANumber:
      break;
  }
  return ScoreReason::kNoData;
}

ScoreReason ReasonOf(CurveStatus status) {
  switch (status) {
    case CurveStatus::kOk:
      return ScoreReason::kNone;
    case CurveStatus::kDivZero:
      return ScoreReason::kDivZero;
    case CurveStatus::kNoTarget:
      return ScoreReason::kNoTarget;
    case CurveStatus::kBadTarget:
      return ScoreReason::kBadTarget;
    case CurveStatus::kOverflow:
      break;
  }
  return ScoreReason::kOverflow;
}

Achieved AchievedOf(const NumberResult& result) { return {ReasonOf(result.status), result.value}; }

RuledValue ApplyMetricRules(const Achieved& achieved, v1::MissingRule missing,
                            v1::DivZeroRule div_zero) {
  if (achieved.reason == ScoreReason::kNone) return {{}, achieved.value};
  const bool is_no_data = achieved.reason == ScoreReason::kNoData;
  const bool is_div_zero = achieved.reason == ScoreReason::kDivZero;
  if ((is_no_data && missing == v1::MISSING_RULE_ZERO) ||
      (is_div_zero && div_zero == v1::DIV_ZERO_RULE_ZERO)) {
    return {{}, Decimal()};
  }
  const bool is_excluded = is_no_data && missing == v1::MISSING_RULE_EXCLUDE_AND_STATE;
  const ScoreState state = is_excluded ? ScoreState::kExcluded : ScoreState::kNotComputable;
  return {{state, achieved.reason}, std::nullopt};
}

ScoreStatus ApplyTemplateRule(const ScoreStatus& status, v1::MissingRule missing) {
  const bool is_excluded = status.state == ScoreState::kNotComputable && IsMissing(status.reason) &&
                           missing == v1::MISSING_RULE_EXCLUDE_AND_STATE;
  return is_excluded ? ScoreStatus{ScoreState::kExcluded, status.reason} : status;
}

bool CountsAsZero(const ScoreStatus& status, v1::MissingRule missing) {
  return status.state == ScoreState::kNotComputable && IsMissing(status.reason) &&
         missing == v1::MISSING_RULE_ZERO;
}

}  // namespace assay

#include "engine/score/status.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::D;

constexpr ScoreStatus kNotComputable(ScoreReason reason) {
  return {ScoreState::kNotComputable, reason};
}

TEST_CASE("a status says why", "[score][unit]") {
  CHECK(ScoreStatus().ToString() == "OK");
  CHECK(kNotComputable(ScoreReason::kDivZero).ToString() == "NOT_COMPUTABLE(DIV_ZERO)");
  CHECK(kNotComputable(ScoreReason::kNoData).ToString() == "NOT_COMPUTABLE(NO_DATA)");
  CHECK(ScoreStatus{ScoreState::kExcluded, ScoreReason::kNoData}.ToString() == "EXCLUDED");
  for (int i = 0; i <= static_cast<int>(ScoreReason::kNoAgreement); ++i) {
    const auto reason = static_cast<ScoreReason>(i);
    CHECK(ScoreReasonFromName(ScoreReasonName(reason)) == reason);
  }
  CHECK_FALSE(ScoreReasonFromName("BAD_LUCK"));
}

TEST_CASE("outcomes keep their reasons", "[score][unit]") {
  CHECK(AchievedOf({EvalStatus::kOk, D("6")}) == Achieved{ScoreReason::kNone, D("6")});
  CHECK(ReasonOf(EvalStatus::kNoData) == ScoreReason::kNoData);
  CHECK(ReasonOf(EvalStatus::kDivZero) == ScoreReason::kDivZero);
  CHECK(ReasonOf(EvalStatus::kOverflow) == ScoreReason::kOverflow);
  CHECK(ReasonOf(CurveStatus::kOk) == ScoreReason::kNone);
  CHECK(ReasonOf(CurveStatus::kDivZero) == ScoreReason::kDivZero);
  CHECK(ReasonOf(CurveStatus::kNoTarget) == ScoreReason::kNoTarget);
  CHECK(ReasonOf(CurveStatus::kBadTarget) == ScoreReason::kBadTarget);
  CHECK(ReasonOf(CurveStatus::kOverflow) == ScoreReason::kOverflow);
}

TEST_CASE("a metric's rules apply to no data and to division by zero only", "[score][unit]") {
  const auto ruled = [](ScoreReason reason, v1::MissingRule missing, v1::DivZeroRule div_zero) {
    const RuledValue value = ApplyMetricRules({reason, {}}, missing, div_zero);
    return value.status.ToString() + " " + testing::Text(value.value);
  };
  const auto no_rule = v1::DIV_ZERO_RULE_UNSPECIFIED;
  CHECK(ruled(ScoreReason::kNoData, v1::MISSING_RULE_UNSPECIFIED, no_rule) ==
        "NOT_COMPUTABLE(NO_DATA) null");
  CHECK(ruled(ScoreReason::kNoData, v1::MISSING_RULE_NOT_COMPUTABLE, no_rule) ==
        "NOT_COMPUTABLE(NO_DATA) null");
  CHECK(ruled(ScoreReason::kNoData, v1::MISSING_RULE_ZERO, no_rule) == "OK 0");
  CHECK(ruled(ScoreReason::kNoData, v1::MISSING_RULE_EXCLUDE_AND_STATE, no_rule) ==
        "EXCLUDED null");
  CHECK(ruled(ScoreReason::kDivZero, v1::MISSING_RULE_ZERO, no_rule) ==
        "NOT_COMPUTABLE(DIV_ZERO) null");
  CHECK(ruled(ScoreReason::kDivZero, v1::MISSING_RULE_UNSPECIFIED, v1::DIV_ZERO_RULE_ZERO) ==
        "OK 0");
  CHECK(ruled(ScoreReason::kOverflow, v1::MISSING_RULE_ZERO, v1::DIV_ZERO_RULE_ZERO) ==
        "NOT_COMPUTABLE(OVERFLOW) null");
}

TEST_CASE("a template's rule leaves out what is missing and hides no mistake", "[score][unit]") {
  const auto exclude = v1::MISSING_RULE_EXCLUDE_AND_STATE;
  CHECK(ApplyTemplateRule(kNotComputable(ScoreReason::kNoData), exclude).ToString() == "EXCLUDED");
  CHECK(ApplyTemplateRule(kNotComputable(ScoreReason::kDivZero), exclude).ToString() == "EXCLUDED");
  CHECK(ApplyTemplateRule(kNotComputable(ScoreReason::kNoTarget), exclude).ToString() ==
        "NOT_COMPUTABLE(NO_TARGET)");
  CHECK(ApplyTemplateRule(kNotComputable(ScoreReason::kNoData), v1::MISSING_RULE_UNSPECIFIED)
            .ToString() == "NOT_COMPUTABLE(NO_DATA)");
  CHECK(ApplyTemplateRule({}, exclude).Ok());
  CHECK(CountsAsZero(kNotComputable(ScoreReason::kNoData), v1::MISSING_RULE_ZERO));
  CHECK_FALSE(CountsAsZero(kNotComputable(ScoreReason::kOverflow), v1::MISSING_RULE_ZERO));
  CHECK_FALSE(CountsAsZero(kNotComputable(ScoreReason::kNoData), exclude));
  CHECK_FALSE(CountsAsZero({}, v1::MISSING_RULE_ZERO));
}

}  // namespace
}  // namespace assay

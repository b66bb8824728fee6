// Curves: from an achieved value to a share of an item's weight points.
//
// A published curve is total: every value has an outcome. What depends on the item's target and has
// none (a ratio to a target of zero) is a stated status, never infinity. Shares are exact
// quotients; points are rounded once.
//
//   PROPORTIONAL        clamp(actual / target, 0, cap)
//   TARGET_RATIO_LOWER  clamp(target / actual, 0, cap); an actual of zero or less has the cap
//   LINEAR_RANGE        clamp((actual - zero) / (full - zero), 0, cap); an empty full = the target
//   THRESHOLD           1 when the target is met (equal is met), else else_share
//   STEP_TABLE          the row with the greatest `from` not above the input
//   PIECEWISE           straight between knots, flat outside
//   RUBRIC              the row of the greatest level not above the actual; below the first:
//                       else_share, or when empty 0 (of a LOWER curve: the first row's)
//   IN_RANGE            1 in [low, high], straight to 0 at zero_low and zero_high
//
// The default cap of the first three is 1; the others are capped only when a cap is given.
// STEP_TABLE and PIECEWISE take actual or actual / target. Ratios need a target above zero.

#pragma once

#include <assay/v1/metric.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/event/decision.h"
#include "engine/score/ratio.h"

namespace assay {

enum class CurveStatus : uint8_t {
  kOk,
  // The target is zero where it divides, or equals the zero point of a LINEAR_RANGE.
  kDivZero,
  // The curve needs a target and the item has none.
  kNoTarget,
  // A negative target where it divides, or on the wrong side of the zero point for the direction.
  kBadTarget,
  // The points are beyond the range of Decimal.
  kOverflow,
};

// Which of its branches a curve took.
enum class CurveBranch : uint8_t {
  kFormula,  // between its limits
  kFloor,
  kCap,
  kMet,
  kMissed,
  kRow,    // `row` is its index; between knots: the left one
  kBelow,  // below the first knot or level
  kAbove,  // beyond the last knot
  kInside,
  kOutside,  // IN_RANGE: on one of the slopes
};

// Points that an item can give: weight_bp / 100, or when other items are left out weight_bp / 100
// times 10,000 / included_bp.
struct ItemWeight {
  int32_t weight_bp = 0;
  // The sum of the weights that count. REQUIRES: > 0
  int32_t included_bp = 10'000;

  [[nodiscard]] Ratio Points() const;
};

// Points have this many digits.
inline constexpr int kPointsDigits = 4;

struct CurvePoints {
  CurveStatus status = CurveStatus::kOk;
  // Rounded; 0 unless the status is kOk.
  Decimal points;
};

// The share itself, for explaining.
struct CurveShare {
  CurveStatus status = CurveStatus::kOk;
  Ratio share;
  CurveBranch branch = CurveBranch::kFormula;
  int row = -1;
  // "row 2 \"good\": from 90 %", "capped": the branch in words.
  std::string branch_text;
};

// Immutable; one object may serve any number of threads.
class Curve {
 public:
  // CURVE_NOT_TOTAL     a value without outcome: else_share or rows missing, a first step that does
  //                     not begin at minus infinity, an inconsistent range, zero == full
  // CURVE_NOT_MONOTONE  rows that are not ascending, or shares against the direction
  // INVALID_DECIMAL     a text that is no number, or a negative share
  // Paths are fields of the definition: "rows[2].share".
  [[nodiscard]] static std::variant<Curve, Rejection> Compile(
      const v1::CurveDefinition& definition);

  [[nodiscard]] const v1::CurveDefinition& Definition() const { return definition_; }

  // Whether a share exists with this target: any status but kOverflow.
  [[nodiscard]] CurveStatus CheckTarget(std::optional<Decimal> target) const;
  // weight x share, rounded once to kPointsDigits.
  [[nodiscard]] CurvePoints Points(Decimal actual, std::optional<Decimal> target,
                                   const ItemWeight& weight, Rounding rounding) const;
  [[nodiscard]] CurveShare Share(Decimal actual, std::optional<Decimal> target) const;

 private:
  friend class CurveCompiler;
  template <typename Ints>
  friend class CurveEvaluation;
  struct Row {
    Decimal from;
    Decimal share;
    bool from_minus_infinity = false;
  };

  Curve() = default;
  [[nodiscard]] bool TakesRatio() const { return definition_.input() == v1::CURVE_INPUT_RATIO; }
  [[nodiscard]] std::string BranchText(CurveBranch branch, int row) const;

  v1::CurveDefinition definition_;
  std::optional<Decimal> cap_;
  std::optional<Decimal> full_;
  std::optional<Decimal> else_share_;
  Decimal zero_;
  Decimal low_;
  Decimal high_;
  Decimal zero_low_;
  Decimal zero_high_;
  std::vector<Row> rows_;
};

// Curve::Compile for who needs only the answer.
[[nodiscard]] std::optional<Rejection> CheckCurve(const v1::CurveDefinition& definition);

// Compile and Share in one, for one value. REQUIRES: CheckCurve(definition) gives nothing.
[[nodiscard]] CurveShare EvaluateCurve(const v1::CurveDefinition& definition, Decimal actual,
                                       std::optional<Decimal> target);

// "OK", "DIV_ZERO", "NO_TARGET", "BAD_TARGET", "OVERFLOW"
[[nodiscard]] std::string_view CurveStatusName(CurveStatus status);
// "LINEAR_RANGE"
[[nodiscard]] std::string CurveKindName(v1::CurveKind kind);
// "LOWER_IS_BETTER"; empty when unspecified.
[[nodiscard]] std::string DirectionName(v1::Direction direction);

}  // namespace assay

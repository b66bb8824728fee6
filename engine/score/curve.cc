#include "engine/score/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

constexpr __int128 kOneRaw = 1'000'000'000'000;

Rejection NotTotal(std::string path, std::string expected, std::string actual) {
  std::string message = fmt::format("a value would have no outcome: {} is needed", expected);
  return Invalid("CURVE_NOT_TOTAL", std::move(path), std::move(expected), std::move(actual),
                 std::move(message), "state an outcome for every value");
}

Rejection NotMonotone(std::string path, std::string expected, std::string actual) {
  std::string message = fmt::format("the curve contradicts its direction: expected {}", expected);
  return Invalid("CURVE_NOT_MONOTONE", std::move(path), std::move(expected), std::move(actual),
                 std::move(message), "put the rows in order, or change the direction");
}

bool IsCapped(v1::CurveKind kind) {
  return kind == v1::CURVE_KIND_PROPORTIONAL || kind == v1::CURVE_KIND_LINEAR_RANGE ||
         kind == v1::CURVE_KIND_TARGET_RATIO_LOWER;
}

bool DividesByTarget(const v1::CurveDefinition& definition) {
  switch (definition.kind()) {
    case v1::CURVE_KIND_PROPORTIONAL:
    case v1::CURVE_KIND_TARGET_RATIO_LOWER:
      return true;
    case v1::CURVE_KIND_STEP_TABLE:
    case v1::CURVE_KIND_PIECEWISE:
      return definition.input() == v1::CURVE_INPUT_RATIO;
    default:
      return false;
  }
}

}  // namespace

// Reads a definition into a curve; the first thing that is wrong counts.
class CurveCompiler {
 public:
  explicit CurveCompiler(const v1::CurveDefinition& definition) { curve_.definition_ = definition; }

  std::variant<Curve, Rejection> Run() {
    const v1::CurveDefinition& definition = curve_.definition_;
    curve_.cap_ = Optional("cap", definition.cap());
    if (curve_.cap_ && curve_.cap_->IsZero()) {
      Fail(Invalid("INVALID_DECIMAL", "cap", "a share above 0", "0", "a cap of 0 gives nothing"));
    }
    if (!curve_.cap_ && IsCapped(definition.kind())) curve_.cap_ = Decimal::FromInt(1);
    curve_.else_share_ = Optional("elseShare", definition.else_share());
    ReadKind();
    if (error_) return *std::move(error_);
    return std::move(curve_);
  }

 private:
  void ReadKind() {
    switch (curve_.definition_.kind()) {
      case v1::CURVE_KIND_PROPORTIONAL:
        return RequireDirection(v1::DIRECTION_HIGHER_IS_BETTER);
      case v1::CURVE_KIND_TARGET_RATIO_LOWER:
        return RequireDirection(v1::DIRECTION_LOWER_IS_BETTER);
      case v1::CURVE_KIND_LINEAR_RANGE:
        return ReadLinearRange();
      case v1::CURVE_KIND_THRESHOLD:
        return ReadThreshold();
      case v1::CURVE_KIND_STEP_TABLE:
      case v1::CURVE_KIND_PIECEWISE:
      case v1::CURVE_KIND_RUBRIC:
        return ReadRows();
      case v1::CURVE_KIND_IN_RANGE:
        return ReadInRange();
      default:
        Fail(NotTotal("kind", "a kind of curve", "none"));
    }
  }

  void Fail(Rejection rejection) {
    if (!error_) error_ = std::move(rejection);
  }

  // A number of either sign.
  Decimal Value(std::string path, const std::string& text) {
    if (text.empty()) {
      Fail(NotTotal(std::move(path), "a number", "nothing"));
      return {};
    }
    if (std::optional<Rejection> wrong = CheckDecimal(path, text)) Fail(*std::move(wrong));
    return Decimal::Parse(text).value_or(Decimal());
  }

  Decimal Share(std::string path, const std::string& text) {
    const Decimal share = Value(path, text);
    if (share.IsNegative()) {
      Fail(Invalid("INVALID_DECIMAL", std::move(path), "a share of 0 or more", text,
                   "a share cannot be negative"));
    }
    return share;
  }

  std::optional<Decimal> Optional(std::string path, const std::string& text) {
    if (text.empty()) return std::nullopt;
    return Share(std::move(path), text);
  }

  void RequireDirection(v1::Direction only) {
    const v1::Direction direction = curve_.definition_.direction();
    if (direction != v1::DIRECTION_UNSPECIFIED && direction != only) {
      Fail(NotMonotone("direction", DirectionName(only), DirectionName(direction)));
    }
  }

  void ReadLinearRange() {
    const v1::CurveDefinition& definition = curve_.definition_;
    curve_.zero_ = Value("zero", definition.zero());
    if (definition.direction() == v1::DIRECTION_IN_RANGE) {
      Fail(NotMonotone("direction", "HIGHER_IS_BETTER or LOWER_IS_BETTER", "IN_RANGE"));
    }
    if (definition.full().empty()) return;
    curve_.full_ = Value("full", definition.full());
    if (*curve_.full_ == curve_.zero_) {
      return Fail(NotTotal("zero", "another value than full", definition.zero()));
    }
    RequireDirection(*curve_.full_ > curve_.zero_ ? v1::DIRECTION_HIGHER_IS_BETTER
                                                  : v1::DIRECTION_LOWER_IS_BETTER);
  }

  void ReadThreshold() {
    const v1::Direction direction = curve_.definition_.direction();
    if (direction != v1::DIRECTION_HIGHER_IS_BETTER && direction != v1::DIRECTION_LOWER_IS_BETTER) {
      Fail(NotTotal("direction", "HIGHER_IS_BETTER or LOWER_IS_BETTER", DirectionName(direction)));
    }
    if (!curve_.else_share_) return Fail(NotTotal("elseShare", "a share", "nothing"));
    if (*curve_.else_share_ > Decimal::FromInt(1)) {
      Fail(NotMonotone("elseShare", "at most 1", curve_.definition_.else_share()));
    }
  }

  void ReadRows() {
    const v1::CurveDefinition& definition = curve_.definition_;
    if (definition.rows().empty()) return Fail(NotTotal("rows", "at least one row", "none"));
    if (definition.rows_size() > limits::kCurveKnotsMax) {
      return Fail(Invalid("LIMIT_EXCEEDED", "rows", std::to_string(limits::kCurveKnotsMax),
                          std::to_string(definition.rows_size()), "a curve has too many rows"));
    }
    for (int i = 0; i < definition.rows_size() && !error_; ++i) ReadRow(i, definition.rows(i));
    if (!error_) CheckShares();
  }

  void ReadRow(int index, const v1::CurveRow& row) {
    const bool is_step_table = curve_.definition_.kind() == v1::CURVE_KIND_STEP_TABLE;
    const std::string path = fmt::format("rows[{}]", index);
    Curve::Row read;
    read.from_minus_infinity = is_step_table && index == 0;
    if (!read.from_minus_infinity) {
      read.from = Value(path + ".from", row.from());
    } else if (!row.from().empty()) {
      Fail(NotTotal(path + ".from", "an empty from (from minus infinity)", row.from()));
    }
    read.share = Share(path + ".share", row.share());
    if (!curve_.rows_.empty() && !curve_.rows_.back().from_minus_infinity &&
        read.from <= curve_.rows_.back().from) {
      Fail(NotMonotone(path + ".from",
                       fmt::format("more than {}", curve_.rows_.back().from.ToString()),
                       row.from()));
    }
    curve_.rows_.push_back(read);
  }

  // Shares rise, fall, or for IN_RANGE rise and then fall.
  void CheckShares() {
    const v1::Direction direction = curve_.definition_.direction();
    bool may_rise = direction != v1::DIRECTION_LOWER_IS_BETTER;
    bool may_fall = direction != v1::DIRECTION_HIGHER_IS_BETTER;
    const std::vector<Curve::Row>& rows = curve_.rows_;
    for (size_t i = 1; i < rows.size(); ++i) {
      const bool rises = rows[i].share > rows[i - 1].share;
      const bool falls = rows[i].share < rows[i - 1].share;
      if ((rises && !may_rise) || (falls && !may_fall)) {
        return Fail(NotMonotone(
            fmt::format("rows[{}].share", i),
            fmt::format("at {} {}", may_rise ? "least" : "most", rows[i - 1].share.ToString()),
            rows[i].share.ToString()));
      }
      if (falls) may_rise = false;
      // Without a direction the first step chooses one.
      if (rises && direction == v1::DIRECTION_UNSPECIFIED) may_fall = false;
    }
    if (curve_.definition_.kind() == v1::CURVE_KIND_RUBRIC) CheckBelowFirstLevel();
  }

  void CheckBelowFirstLevel() {
    if (!curve_.else_share_) return;
    const v1::Direction direction = curve_.definition_.direction();
    const Decimal first = curve_.rows_.front().share;
    if (direction == v1::DIRECTION_LOWER_IS_BETTER ? *curve_.else_share_ < first
                                                   : *curve_.else_share_ > first) {
      Fail(NotMonotone("elseShare",
                       fmt::format("the side of {} that the direction asks for", first.ToString()),
                       curve_.definition_.else_share()));
    }
  }

  void ReadInRange() {
    const v1::CurveDefinition& definition = curve_.definition_;
    RequireDirection(v1::DIRECTION_IN_RANGE);
    curve_.low_ = Value("low", definition.low());
    curve_.high_ = Value("high", definition.high());
    curve_.zero_low_ = Value("zeroLow", definition.zero_low());
    curve_.zero_high_ = Value("zeroHigh", definition.zero_high());
    if (error_) return;
    if (curve_.zero_low_ > curve_.low_) {
      Fail(NotTotal("zeroLow", "at most low", definition.zero_low()));
    } else if (curve_.low_ > curve_.high_) {
      Fail(NotTotal("high", "at least low", definition.high()));
    } else if (curve_.high_ > curve_.zero_high_) {
      Fail(NotTotal("zeroHigh", "at least high", definition.zero_high()));
    }
  }

  Curve curve_;
  std::optional<Rejection> error_;
};

// One value on one curve, with integers that may be too narrow.
template <typename Ints>
class CurveEvaluation {
 public:
  using Int = typename Ints::Int;
  struct Result {
    Fraction<Int> share;
    CurveBranch branch = CurveBranch::kFormula;
    int row = -1;
  };

  // REQUIRES: the target was checked; it is 0 when the curve needs none.
  CurveEvaluation(const Curve& curve, Decimal actual, Decimal target, Ints& ints)
      : curve_(curve), ints_(ints), actual_(ints(actual.Raw())), target_(ints(target.Raw())) {}

  Result Run() {
    Result result = Uncapped();
    if (!curve_.cap_) return result;
    const Int cap = ints_(curve_.cap_->Raw());
    if (result.share.numerator * One() > cap * result.share.denominator) {
      result.share = {cap, One()};
      result.branch = CurveBranch::kCap;
    }
    return result;
  }

 private:
  Int One() { return ints_(kOneRaw); }

  Result Uncapped() {
    switch (curve_.definition_.kind()) {
      case v1::CURVE_KIND_PROPORTIONAL:
        return Quotient(actual_, target_);
      case v1::CURVE_KIND_TARGET_RATIO_LOWER:
        if (actual_ <= ints_(0)) return Constant(*curve_.cap_, CurveBranch::kCap);
        return Quotient(target_, actual_);
      case v1::CURVE_KIND_LINEAR_RANGE:
        return LinearRange();
      case v1::CURVE_KIND_THRESHOLD:
        return Threshold();
      case v1::CURVE_KIND_IN_RANGE:
        return InRange();
      default:
        return Rows();
    }
  }

  Result Constant(Decimal share, CurveBranch branch, int row = -1) {
    return {{ints_(share.Raw()), One()}, branch, row};
  }

  // max(numerator / denominator, 0). REQUIRES: denominator > 0
  Result Quotient(Int numerator, Int denominator) {
    if (numerator <= ints_(0)) return Constant(Decimal(), CurveBranch::kFloor);
    return {{numerator, denominator}};
  }

  Result LinearRange() {
    const Int full = curve_.full_ ? ints_(curve_.full_->Raw()) : target_;
    const Int zero = ints_(curve_.zero_.Raw());
    if (full > zero) return Quotient(actual_ - zero, full - zero);
    return Quotient(zero - actual_, zero - full);
  }

  Result Threshold() {
    const bool is_met = curve_.definition_.direction() == v1::DIRECTION_LOWER_IS_BETTER
                            ? actual_ <= target_
                            : actual_ >= target_;
    return is_met ? Constant(Decimal::FromInt(1), CurveBranch::kMet)
                  : Constant(*curve_.else_share_, CurveBranch::kMissed);
  }

  Result InRange() {
    const Int low = ints_(curve_.low_.Raw());
    const Int high = ints_(curve_.high_.Raw());
    if (actual_ >= low && actual_ <= high) {
      return Constant(Decimal::FromInt(1), CurveBranch::kInside);
    }
    const bool is_below = actual_ < low;
    const Int zero = ints_(is_below ? curve_.zero_low_.Raw() : curve_.zero_high_.Raw());
    const Int rest = is_below ? Int(actual_ - zero) : Int(zero - actual_);
    if (rest <= ints_(0)) return Constant(Decimal(), CurveBranch::kFloor);
    return {{rest, is_below ? Int(low - zero) : Int(zero - high)}, CurveBranch::kOutside};
  }

  // The input, and a row's place, on one scale: over the ratio both are multiplied by the target.
  Int Input() { return curve_.TakesRatio() ? Int(actual_ * One()) : actual_; }
  Int Place(int row) {
    const Int from = ints_(curve_.rows_[static_cast<size_t>(row)].from.Raw());
    return curve_.TakesRatio() ? Int(from * target_) : from;
  }

  Result Rows() {
    const Int input = Input();
    const int count = static_cast<int>(curve_.rows_.size());
    int row = count - 1;
    while (row >= 0 && !curve_.rows_[static_cast<size_t>(row)].from_minus_infinity &&
           Place(row) > input) {
      --row;
    }
    if (row < 0) return Below();
    const bool is_last = row == count - 1;
    if (curve_.definition_.kind() != v1::CURVE_KIND_PIECEWISE || is_last) {
      const bool is_beyond = curve_.definition_.kind() == v1::CURVE_KIND_PIECEWISE;
      return Constant(curve_.rows_[static_cast<size_t>(row)].share,
                      is_beyond ? CurveBranch::kAbove : CurveBranch::kRow, row);
    }
    return Between(row, input);
  }

  Result Below() {
    const Decimal first = curve_.rows_.front().share;
    if (curve_.definition_.kind() == v1::CURVE_KIND_PIECEWISE) {
      return Constant(first, CurveBranch::kBelow);
    }
    const bool lower = curve_.definition_.direction() == v1::DIRECTION_LOWER_IS_BETTER;
    return Constant(curve_.else_share_.value_or(lower ? first : Decimal()), CurveBranch::kBelow);
  }

  Result Between(int row, Int input) {
    const Int left = ints_(curve_.rows_[static_cast<size_t>(row)].share.Raw());
    const Int right = ints_(curve_.rows_[static_cast<size_t>(row) + 1].share.Raw());
    const Int place = Place(row);
    const Int width = Place(row + 1) - place;
    return {
        {left * width + (right - left) * (input - place), width * One()}, CurveBranch::kRow, row};
  }

  const Curve& curve_;
  Ints& ints_;
  Int actual_;
  Int target_;
};

namespace {

// weight x share in units of 10^-kPointsDigits.
template <typename Ints>
typename Ints::Int PointUnits(Ints& ints, const Fraction<typename Ints::Int>& share,
                              const ItemWeight& weight, Rounding rounding) {
  // weight_bp / 100 points, 10^4 units a point.
  const auto scaled = share.numerator * ints(static_cast<__int128>(weight.weight_bp) * 100) *
                      ints(limits::kBasisPointsWhole);
  return RoundToWhole<Ints>(ints, {scaled, share.denominator * ints(weight.included_bp)}, rounding);
}

}  // namespace

std::variant<Curve, Rejection> Curve::Compile(const v1::CurveDefinition& definition) {
  return CurveCompiler(definition).Run();
}

CurveStatus Curve::CheckTarget(std::optional<Decimal> target) const {
  const v1::CurveKind kind = definition_.kind();
  const bool divides = DividesByTarget(definition_);
  const bool is_full = kind == v1::CURVE_KIND_LINEAR_RANGE && !full_;
  if (!divides && !is_full && kind != v1::CURVE_KIND_THRESHOLD) return CurveStatus::kOk;
  if (!target) return CurveStatus::kNoTarget;
  if (divides && target->IsZero()) return CurveStatus::kDivZero;
  if (divides && target->IsNegative()) return CurveStatus::kBadTarget;
  if (is_full && *target == zero_) return CurveStatus::kDivZero;
  const v1::Direction direction = definition_.direction();
  const bool contradicts = direction != v1::DIRECTION_UNSPECIFIED &&
                           (*target > zero_) != (direction == v1::DIRECTION_HIGHER_IS_BETTER);
  return is_full && contradicts ? CurveStatus::kBadTarget : CurveStatus::kOk;
}

CurvePoints Curve::Points(Decimal actual, std::optional<Decimal> target, const ItemWeight& weight,
                          Rounding rounding) const {
  const CurveStatus status = CheckTarget(target);
  if (status != CurveStatus::kOk) return {status, {}};
  const Decimal checked_target = target.value_or(Decimal());
  NarrowInts narrow;
  const auto share = CurveEvaluation(*this, actual, checked_target, narrow).Run().share;
  const CheckedInt units = PointUnits(narrow, share, weight, rounding);
  std::optional<Decimal> points = DecimalOfUnits(units, kPointsDigits);
  if (narrow.overflowed) [[unlikely]] {
    WideInts wide;
    const auto wide_share = CurveEvaluation(*this, actual, checked_target, wide).Run().share;
    points = DecimalOfUnits(PointUnits(wide, wide_share, weight, rounding), kPointsDigits);
  }
  if (!points) return {CurveStatus::kOverflow, {}};
  return {CurveStatus::kOk, *points};
}

CurveShare Curve::Share(Decimal actual, std::optional<Decimal> target) const {
  CurveShare share;
  share.status = CheckTarget(target);
  if (share.status != CurveStatus::kOk) return share;
  WideInts wide;
  const auto result = CurveEvaluation(*this, actual, target.value_or(Decimal()), wide).Run();
  share.share = Ratio(result.share.numerator, result.share.denominator);
  share.branch = result.branch;
  share.row = result.row;
  share.branch_text = BranchText(result.branch, result.row);
  return share;
}

std::string Curve::BranchText(CurveBranch branch, int row) const {
  switch (branch) {
    case CurveBranch::kFormula:
      return "between 0 and the cap";
    case CurveBranch::kFloor:
      return "floor 0";
    case CurveBranch::kCap:
      return fmt::format("cap {}", cap_->ToString());
    case CurveBranch::kMet:
      return "target met";
    case CurveBranch::kMissed:
      return "target missed";
    case CurveBranch::kBelow:
      return "below the first row";
    case CurveBranch::kAbove:
      return "beyond the last knot";
    case CurveBranch::kInside:
      return "inside the range";
    case CurveBranch::kOutside:
      return "outside the range";
    case CurveBranch::kRow:
      break;
  }
  const std::string& label = definition_.rows(row).label();
  const bool is_between = definition_.kind() == v1::CURVE_KIND_PIECEWISE;
  const std::string place = is_between ? fmt::format("between knots {} and {}", row + 1, row + 2)
                                       : fmt::format("row {}", row + 1);
  return label.empty() ? place : fmt::format("{} ({})", place, label);
}

Ratio ItemWeight::Points() const {
  return {WideInt(weight_bp) * limits::kBasisPointsWhole, WideInt(included_bp) * 100};
}

std::optional<Rejection> CheckCurve(const v1::CurveDefinition& definition) {
  std::variant<Curve, Rejection> compiled = Curve::Compile(definition);
  if (auto* const rejection = std::get_if<Rejection>(&compiled)) return std::move(*rejection);
  return std::nullopt;
}

CurveShare EvaluateCurve(const v1::CurveDefinition& definition, Decimal actual,
                         std::optional<Decimal> target) {
  const std::variant<Curve, Rejection> compiled = Curve::Compile(definition);
  ASSAY_REQUIRE(std::holds_alternative<Curve>(compiled), "the curve was not checked: {}",
                std::get<Rejection>(compiled).ToString());
  return std::get<Curve>(compiled).Share(actual, target);
}

std::string_view CurveStatusName(CurveStatus status) {
  constexpr std::array<std::string_view, 5> kNames = {"OK", "DIV_ZERO", "NO_TARGET", "BAD_TARGET",
                                                      "OVERFLOW"};
  return kNames[static_cast<size_t>(status)];
}

std::string CurveKindName(v1::CurveKind kind) {
  return ShortEnumName(v1::CurveKind_Name(kind), "CURVE_KIND_");
}

std::string DirectionName(v1::Direction direction) {
  if (direction == v1::DIRECTION_UNSPECIFIED) return {};
  return ShortEnumName(v1::Direction_Name(direction), "DIRECTION_");
}

}  // namespace assay

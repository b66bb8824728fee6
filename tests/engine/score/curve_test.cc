#include "engine/score/curve.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/limits.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::AddRow;
using testing::CurveOf;
using testing::D;
using testing::LinearRange;
using testing::Proportional;
using testing::Refusal;
using testing::Seed;
using testing::Text;
using testing::Turns;
using testing::Value;

constexpr v1::Direction kHigher = v1::DIRECTION_HIGHER_IS_BETTER;
constexpr v1::Direction kLower = v1::DIRECTION_LOWER_IS_BETTER;
constexpr v1::Direction kRange = v1::DIRECTION_IN_RANGE;

// Points of one value under a weight in points, with four digits; or the status.
std::string Points(const v1::CurveDefinition& definition, std::string_view actual,
                   std::string_view target, int weight_points,
                   Rounding rounding = Rounding::kHalfUp) {
  const std::optional<Decimal> goal = target.empty() ? std::nullopt : std::optional(D(target));
  const CurvePoints points =
      Value(Curve::Compile(definition)).Points(D(actual), goal, {weight_points * 100}, rounding);
  if (points.status != CurveStatus::kOk) return std::string(CurveStatusName(points.status));
  return points.points.ToFixed(4);
}

v1::CurveDefinition Threshold(v1::Direction direction, std::string otherwise) {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_THRESHOLD, direction);
  curve.set_else_share(std::move(otherwise));
  return curve;
}

v1::CurveDefinition Steps() {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_STEP_TABLE, kHigher);
  curve.set_input(v1::CURVE_INPUT_RATIO);
  AddRow(curve, "", "0", "poor");
  AddRow(curve, "0.9", "0.8");
  AddRow(curve, "1", "1", "full");
  return curve;
}

v1::CurveDefinition Pieces() {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_PIECEWISE, kHigher);
  for (const auto& [from, share] : std::vector<std::pair<std::string, std::string>>{
           {"80", "0.6"}, {"90", "0.8"}, {"100", "1"}, {"110", "1.2"}, {"120", "1.4"}}) {
    AddRow(curve, from, share);
  }
  return curve;
}

v1::CurveDefinition Rubric() {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_RUBRIC, kHigher);
  for (int level = 1; level <= 5; ++level) {
    AddRow(curve, std::to_string(level), Decimal::FromInt(level).DividedBy(D("5"))->ToString());
  }
  return curve;
}

v1::CurveDefinition Stock() {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_IN_RANGE, kRange);
  curve.set_low("30");
  curve.set_high("40");
  curve.set_zero_low("20");
  curve.set_zero_high("60");
  return curve;
}

// --- golden vectors ---

TEST_CASE("V1: 80 percent of a weight of 25 is 20 points", "[score][unit][MET-06]") {
  CHECK(Points(Proportional(), "0.80", "1", 25) == "20.0000");
}

TEST_CASE("V2: a fault rate under its target has all points", "[score][unit]") {
  CHECK(Points(Threshold(kLower, "0"), "2", "3", 10) == "10.0000");
}

TEST_CASE("V3: a fault rate at its target has all points", "[score][unit]") {
  CHECK(Points(Threshold(kLower, "0"), "3", "3", 10) == "10.0000");
}

TEST_CASE("V4: a fault rate falls in a line to its worst", "[score][unit]") {
  const v1::CurveDefinition line = LinearRange("3", "6");
  CHECK(Points(line, "3.01", "", 10) == "9.9667");
  CHECK(Points(line, "4.5", "", 10) == "5.0000");
  CHECK(Points(line, "6", "", 10) == "0.0000");
  CHECK(Points(line, "7", "", 10) == "0.0000");
  CHECK(Points(line, "2", "", 10) == "10.0000");
}

TEST_CASE("V18: half of the way from 200 down to 0 is 50 percent", "[score][unit]") {
  CHECK(EvaluateCurve(LinearRange("0", "200"), D("100"), std::nullopt).share == Ratio(1, 2));
}

TEST_CASE("V21: 80 of 70 is 114.29 percent and in the band from 110 to 125", "[score][unit]") {
  const CurveShare share = EvaluateCurve(Proportional("1.5"), D("80"), D("70"));
  const Decimal percent =
      *share.share.Times(Ratio(100, 1)).Rounded(Decimal::kFractionDigits, Rounding::kHalfEven);
  CHECK(percent.ToFixed(2) == "114.29");
  const auto table = testing::Bands({{"below 100", "", "100"},
                                     {"100-110", "100", "110"},
                                     {"110-125", "110", "125"},
                                     {"above 125", "125", ""}});
  CHECK(BandOf(table, percent) == "110-125");
}

TEST_CASE("a threshold has an outcome for every value", "[score][unit][MET-07]") {
  const v1::CurveDefinition step = Threshold(kLower, "0");
  CHECK(Points(step, "2.00", "3", 10) == "10.0000");
  CHECK(Points(step, "3.00", "3", 10) == "10.0000");
  CHECK(Points(step, "3.01", "3", 10) == "0.0000");
  CHECK(Points(LinearRange("3", "6"), "3.01", "3", 10) == "9.9667");
  v1::CurveDefinition gap = step;
  gap.clear_else_share();
  const auto refusal = CheckCurve(gap);
  REQUIRE(refusal);
  CHECK(refusal->code == "CURVE_NOT_TOTAL");
  CHECK(refusal->path == "elseShare");
}

// --- by hand ---

TEST_CASE("a proportional curve is capped and has a floor", "[score][unit]") {
  CHECK(Points(Proportional(), "120", "100", 10) == "10.0000");
  CHECK(Points(Proportional("1.2"), "150", "100", 10) == "12.0000");
  CHECK(Points(Proportional(), "-5", "100", 10) == "0.0000");
  CHECK(Points(Proportional(), "0", "100", 10) == "0.0000");
  CHECK(Points(Proportional(), "8", "15", 15) == "8.0000");
}

TEST_CASE("a line with an empty full point runs to the target", "[score][unit]") {
  v1::CurveDefinition line = LinearRange("", "6");
  CHECK(Points(line, "4.5", "3", 10) == "5.0000");
  CHECK(Points(line, "4.5", "6", 10) == "DIV_ZERO");
  CHECK(Points(line, "4.5", "", 10) == "NO_TARGET");
  line.set_direction(kLower);
  CHECK(Points(line, "4.5", "3", 10) == "5.0000");
  CHECK(Points(line, "4.5", "9", 10) == "BAD_TARGET");
}

TEST_CASE("a lower ratio gives the target through the actual", "[score][unit]") {
  const v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_TARGET_RATIO_LOWER, kLower);
  CHECK(Points(curve, "4", "3", 10) == "7.5000");
  CHECK(Points(curve, "3", "3", 10) == "10.0000");
  CHECK(Points(curve, "1", "3", 10) == "10.0000");
  CHECK(Points(curve, "0", "3", 10) == "10.0000");
  CHECK(Points(curve, "-1", "3", 10) == "10.0000");
}

TEST_CASE("a ratio to a target of zero is a stated status", "[score][unit]") {
  CHECK(Points(Proportional(), "5", "0", 10) == "DIV_ZERO");
  CHECK(Points(CurveOf(v1::CURVE_KIND_TARGET_RATIO_LOWER), "5", "0", 10) == "DIV_ZERO");
  CHECK(Points(Steps(), "5", "0", 10) == "DIV_ZERO");
  CHECK(Points(Proportional(), "5", "-1", 10) == "BAD_TARGET");
  CHECK(Points(Proportional(), "5", "", 10) == "NO_TARGET");
  CHECK(Points(Threshold(kHigher, "0"), "5", "", 10) == "NO_TARGET");
  CHECK(Points(Threshold(kHigher, "0.5"), "-1", "0", 10) == "5.0000");
}

TEST_CASE("a step begins at its own value", "[score][unit]") {
  CHECK(Points(Steps(), "89.999999", "100", 10) == "0.0000");
  CHECK(Points(Steps(), "90", "100", 10) == "8.0000");
  CHECK(Points(Steps(), "100", "100", 10) == "10.0000");
  // 1/3 of 3 is exactly 1, whatever 12 digits make of 1/3.
  v1::CurveDefinition thirds = Steps();
  thirds.mutable_rows(1)->set_from("0.333333333333");
  CHECK(Points(thirds, "1", "3", 10) == "8.0000");
  thirds.mutable_rows(1)->set_from("0.333333333334");
  CHECK(Points(thirds, "1", "3", 10) == "0.0000");
}

TEST_CASE("a piecewise curve is straight between its knots and flat outside", "[score][unit]") {
  CHECK(Points(Pieces(), "95", "", 100) == "90.0000");
  CHECK(Points(Pieces(), "80", "", 100) == "60.0000");
  CHECK(Points(Pieces(), "10", "", 100) == "60.0000");
  CHECK(Points(Pieces(), "115", "", 100) == "130.0000");
  CHECK(Points(Pieces(), "500", "", 100) == "140.0000");
  v1::CurveDefinition capped = Pieces();
  capped.set_cap("1");
  CHECK(Points(capped, "115", "", 100) == "100.0000");
  v1::CurveDefinition ratio = CurveOf(v1::CURVE_KIND_PIECEWISE, kHigher);
  ratio.set_input(v1::CURVE_INPUT_RATIO);
  AddRow(ratio, "0.8", "0.6");
  AddRow(ratio, "1", "1");
  CHECK(Points(ratio, "6.3", "7", 100) == "80.0000");
}

TEST_CASE("a rubric gives the share of the level that was reached", "[score][unit]") {
  CHECK(Points(Rubric(), "4", "", 15) == "12.0000");
  CHECK(Points(Rubric(), "4.9", "", 15) == "12.0000");
  CHECK(Points(Rubric(), "9", "", 15) == "15.0000");
  CHECK(Points(Rubric(), "0", "", 15) == "0.0000");
  v1::CurveDefinition stated = Rubric();
  stated.set_else_share("0.1");
  CHECK(Points(stated, "0", "", 15) == "1.5000");
}

TEST_CASE("a range has all inside and falls outside", "[score][unit]") {
  for (const auto& [actual, points] :
       std::vector<std::pair<std::string, std::string>>{{"30", "10.0000"},
                                                        {"35", "10.0000"},
                                                        {"40", "10.0000"},
                                                        {"25", "5.0000"},
                                                        {"20", "0.0000"},
                                                        {"19", "0.0000"},
                                                        {"50", "5.0000"},
                                                        {"60", "0.0000"},
                                                        {"61", "0.0000"}}) {
    INFO(actual);
    CHECK(Points(Stock(), actual, "", 10) == points);
  }
  v1::CurveDefinition cliff = Stock();
  cliff.set_zero_low("30");
  CHECK(Points(cliff, "29.999999999999", "", 10) == "0.0000");
  CHECK(Points(cliff, "30", "", 10) == "10.0000");
}

TEST_CASE("points are rounded once, by the rule that is given", "[score][unit]") {
  // 10 x 1/80000 = 0.000125 lies on no half; 10 x 1/200000 = 0.00005 does.
  CHECK(Points(Proportional(), "1", "200000", 10, Rounding::kHalfUp) == "0.0001");
  CHECK(Points(Proportional(), "1", "200000", 10, Rounding::kHalfEven) == "0.0000");
  CHECK(Points(Proportional(), "3", "200000", 10, Rounding::kHalfEven) == "0.0002");
  CHECK(Points(Proportional(), "2", "3", 10, Rounding::kDown) == "6.6666");
  // A share that 12 digits would round up to 1 is still below it.
  CHECK(Points(Proportional(), "99999999999999", "100000000000000", 10, Rounding::kDown) ==
        "9.9999");
}

TEST_CASE("items that are left out raise the weights of the others", "[score][unit]") {
  CHECK(ItemWeight{2'500, 10'000}.Points() == Ratio(25, 1));
  CHECK(ItemWeight{3'334, 6'667}.Points() == Ratio(333'400, 6'667));
  const CurvePoints points = Value(Curve::Compile(Proportional()))
                                 .Points(D("1"), D("2"), {5'000, 7'500}, Rounding::kHalfUp);
  CHECK(points.points == D("33.3333"));
}

TEST_CASE("values at the end of the range are computed and not wrapped", "[score][unit]") {
  const std::string huge = "170141183460469231731687303.715884105727";
  CHECK(Points(Proportional(), huge, huge, 10) == "10.0000");
  CHECK(Points(Proportional(), "170141183460469231731687303", huge, 10, Rounding::kDown) ==
        "9.9999");
  CHECK(Points(LinearRange(huge, "-" + huge), "0", "", 10) == "5.0000");
  CHECK(Points(Proportional(huge), huge, "0.000000000001", 10) == "OVERFLOW");
}

TEST_CASE("a share tells its branch", "[score][unit]") {
  const auto branch = [](const v1::CurveDefinition& curve, std::string_view actual) {
    return EvaluateCurve(curve, D(actual), D("100")).branch_text;
  };
  CHECK(branch(Proportional("1.2"), "150") == "cap 1.2");
  CHECK(branch(Proportional(), "50") == "between 0 and the cap");
  CHECK(branch(Proportional(), "-1") == "floor 0");
  CHECK(branch(Steps(), "90") == "row 2");
  CHECK(branch(Steps(), "100") == "row 3 (full)");
  CHECK(branch(Pieces(), "95") == "between knots 2 and 3");
  CHECK(branch(Pieces(), "1") == "below the first row");
  CHECK(branch(Pieces(), "120") == "beyond the last knot");
  CHECK(branch(Stock(), "35") == "inside the range");
  CHECK(branch(Stock(), "25") == "outside the range");
  CHECK(branch(Threshold(kHigher, "0"), "100") == "target met");
  CHECK(branch(Threshold(kHigher, "0"), "99") == "target missed");
}

// --- definitions ---

TEST_CASE("a curve with a gap or against its direction is refused", "[score][unit]") {
  const auto with = [](v1::CurveDefinition curve, const auto& change) {
    change(curve);
    return curve;
  };
  using Curve = v1::CurveDefinition&;
  const std::vector<std::tuple<v1::CurveDefinition, std::string, std::string>> cases = {
      {v1::CurveDefinition(), "CURVE_NOT_TOTAL", "kind"},
      {CurveOf(v1::CURVE_KIND_PROPORTIONAL, kLower), "CURVE_NOT_MONOTONE", "direction"},
      {CurveOf(v1::CURVE_KIND_TARGET_RATIO_LOWER, kHigher), "CURVE_NOT_MONOTONE", "direction"},
      {Proportional("much"), "INVALID_DECIMAL", "cap"},
      {Proportional("-1"), "INVALID_DECIMAL", "cap"},
      {Proportional("0"), "INVALID_DECIMAL", "cap"},
      {LinearRange("3", "3"), "CURVE_NOT_TOTAL", "zero"},
      {LinearRange("3", ""), "CURVE_NOT_TOTAL", "zero"},
      {LinearRange("3", "six"), "INVALID_DECIMAL", "zero"},
      {with(LinearRange("3", "6"), [](Curve c) { c.set_direction(kHigher); }), "CURVE_NOT_MONOTONE",
       "direction"},
      {with(LinearRange("3", "6"), [](Curve c) { c.set_direction(kRange); }), "CURVE_NOT_MONOTONE",
       "direction"},
      {Threshold(v1::DIRECTION_UNSPECIFIED, "0"), "CURVE_NOT_TOTAL", "direction"},
      {Threshold(kRange, "0"), "CURVE_NOT_TOTAL", "direction"},
      {Threshold(kLower, ""), "CURVE_NOT_TOTAL", "elseShare"},
      {Threshold(kLower, "1.1"), "CURVE_NOT_MONOTONE", "elseShare"},
      {CurveOf(v1::CURVE_KIND_STEP_TABLE), "CURVE_NOT_TOTAL", "rows"},
      {with(Steps(), [](Curve c) { c.mutable_rows(0)->set_from("0"); }), "CURVE_NOT_TOTAL",
       "rows[0].from"},
      {with(Steps(), [](Curve c) { c.mutable_rows(1)->set_from(""); }), "CURVE_NOT_TOTAL",
       "rows[1].from"},
      {with(Steps(), [](Curve c) { c.mutable_rows(2)->set_from("0.9"); }), "CURVE_NOT_MONOTONE",
       "rows[2].from"},
      {with(Steps(), [](Curve c) { c.mutable_rows(2)->set_share("0.7"); }), "CURVE_NOT_MONOTONE",
       "rows[2].share"},
      {with(Steps(), [](Curve c) { c.mutable_rows(2)->set_share("x"); }), "INVALID_DECIMAL",
       "rows[2].share"},
      {with(Steps(), [](Curve c) { c.mutable_rows(1)->set_share("-0.1"); }), "INVALID_DECIMAL",
       "rows[1].share"},
      {with(Pieces(), [](Curve c) { c.set_direction(kLower); }), "CURVE_NOT_MONOTONE",
       "rows[1].share"},
      {with(Pieces(), [](Curve c) { c.mutable_rows(0)->set_from(""); }), "CURVE_NOT_TOTAL",
       "rows[0].from"},
      {with(Rubric(), [](Curve c) { c.set_else_share("0.5"); }), "CURVE_NOT_MONOTONE", "elseShare"},
      {with(Stock(), [](Curve c) { c.set_zero_low("31"); }), "CURVE_NOT_TOTAL", "zeroLow"},
      {with(Stock(), [](Curve c) { c.set_high("29"); }), "CURVE_NOT_TOTAL", "high"},
      {with(Stock(), [](Curve c) { c.set_zero_high("39"); }), "CURVE_NOT_TOTAL", "zeroHigh"},
      {with(Stock(), [](Curve c) { c.clear_zero_high(); }), "CURVE_NOT_TOTAL", "zeroHigh"},
      {with(Stock(), [](Curve c) { c.set_direction(kHigher); }), "CURVE_NOT_MONOTONE", "direction"},
      {with(CurveOf(v1::CURVE_KIND_PIECEWISE),
            [](Curve c) {
              for (int i = 0; i <= limits::kCurveKnotsMax; ++i) AddRow(c, std::to_string(i), "1");
            }),
       "LIMIT_EXCEEDED", "rows"},
  };
  for (const auto& [curve, code, path] : cases) {
    INFO(curve.ShortDebugString());
    const auto refusal = CheckCurve(curve);
    REQUIRE(refusal);
    CHECK(refusal->code == code);
    CHECK(refusal->path == path);
  }
  for (const v1::CurveDefinition& curve :
       {Proportional(), LinearRange("3", "6"), LinearRange("", "6"), Threshold(kLower, "0"),
        Steps(), Pieces(), Rubric(), Stock()}) {
    INFO(curve.ShortDebugString());
    CHECK_FALSE(CheckCurve(curve));
  }
}

TEST_CASE("rows without direction go one way, of a range up and then down", "[score][unit]") {
  v1::CurveDefinition hill = CurveOf(v1::CURVE_KIND_PIECEWISE);
  AddRow(hill, "0", "0");
  AddRow(hill, "1", "1");
  AddRow(hill, "2", "0");
  CHECK(CheckCurve(hill)->code == "CURVE_NOT_MONOTONE");
  hill.set_direction(kRange);
  CHECK_FALSE(CheckCurve(hill));
  AddRow(hill, "3", "1");
  CHECK(CheckCurve(hill)->path == "rows[3].share");
}

// --- any curve ---

class RandomCurves {
 public:
  explicit RandomCurves(uint64_t seed) : random_(seed) {}

  uint64_t Roll(uint64_t sides) { return random_() % sides; }

  std::string Number(int spread) {
    const auto units =
        static_cast<int64_t>(Roll(static_cast<uint64_t>(spread) * 2'000)) - int64_t{spread} * 1'000;
    return Decimal::FromInt(units).DividedBy(Decimal::FromInt(1'000))->ToString();
  }
  std::string Share() {
    return Decimal::FromInt(static_cast<int64_t>(Roll(1'500)))
        .DividedBy(Decimal::FromInt(1'000))
        ->ToString();
  }

  v1::CurveDefinition Next() {
    constexpr std::array<v1::Direction, 4> kDirections = {v1::DIRECTION_UNSPECIFIED, kHigher,
                                                          kLower, kRange};
    v1::CurveDefinition curve =
        CurveOf(static_cast<v1::CurveKind>(1 + Roll(8)), kDirections[Roll(4)]);
    if (Roll(3) == 0) curve.set_cap(Share());
    if (Roll(4) != 0) curve.set_full(Number(50));
    curve.set_zero(Number(50));
    if (Roll(4) != 0) curve.set_else_share(Share());
    curve.set_input(static_cast<v1::CurveInput>(Roll(3)));
    std::vector<Decimal> places;
    for (uint64_t i = Roll(6); i > 0; --i) places.push_back(D(Number(50)));
    std::ranges::sort(places);
    std::vector<Decimal> shares;
    for (size_t i = 0; i < places.size(); ++i) shares.push_back(D(Share()));
    std::ranges::sort(shares);
    if (curve.direction() == kLower) std::ranges::reverse(shares);
    for (size_t i = 0; i < places.size(); ++i) {
      const bool is_open = i == 0 && curve.kind() == v1::CURVE_KIND_STEP_TABLE;
      AddRow(curve, is_open ? "" : places[i].ToString(), shares[i].ToString());
    }
    std::vector<Decimal> range;
    for (int i = 0; i < 4; ++i) range.push_back(D(Number(50)));
    std::ranges::sort(range);
    curve.set_zero_low(range[0].ToString());
    curve.set_low(range[1].ToString());
    curve.set_high(range[2].ToString());
    curve.set_zero_high(range[3].ToString());
    return curve;
  }

 private:
  std::mt19937_64 random_;
};

// The way in which a compiled curve must go.
v1::Direction WayOf(const v1::CurveDefinition& curve, Decimal target) {
  switch (curve.kind()) {
    case v1::CURVE_KIND_PROPORTIONAL:
      return kHigher;
    case v1::CURVE_KIND_TARGET_RATIO_LOWER:
      return kLower;
    case v1::CURVE_KIND_LINEAR_RANGE:
      return (curve.full().empty() ? target : D(curve.full())) > D(curve.zero()) ? kHigher : kLower;
    case v1::CURVE_KIND_IN_RANGE:
      return kRange;
    default:
      // The random rows rise unless they are made to fall.
      return curve.direction() == kLower ? kLower : kHigher;
  }
}

TEST_CASE("a campaign of published curves is total and goes the way of its direction",
          "[score][campaign]") {
  RandomCurves curves(Seed());
  std::map<v1::CurveKind, int> published;
  for (int turn = Turns("ASSAY_CURVES", 20'000); turn > 0; --turn) {
    const v1::CurveDefinition definition = curves.Next();
    const auto compiled = Curve::Compile(definition);
    if (!std::holds_alternative<Curve>(compiled)) continue;
    const Curve& curve = std::get<Curve>(compiled);
    ++published[definition.kind()];
    const Decimal target = D(curves.Number(20));
    if (curve.CheckTarget(target) != CurveStatus::kOk) continue;
    const v1::Direction way = WayOf(definition, target);
    std::vector<Decimal> actuals = {D("-1000000"), D("1000000")};
    for (int i = 0; i < 6; ++i) actuals.push_back(D(curves.Number(60)));
    std::ranges::sort(actuals);
    std::vector<Decimal> points;
    for (const Decimal actual : actuals) {
      const CurvePoints result = curve.Points(actual, target, {10'000}, Rounding::kHalfUp);
      const CurveShare share = curve.Share(actual, target);
      INFO(definition.ShortDebugString() << " at " << actual.ToString());
      // Total, exact in either way of computing, and never negative.
      REQUIRE(result.status == CurveStatus::kOk);
      REQUIRE(share.status == CurveStatus::kOk);
      REQUIRE(result.points == share.share.Times(Ratio(100, 1)).Rounded(4, Rounding::kHalfUp));
      REQUIRE_FALSE(result.points.IsNegative());
      points.push_back(result.points);
    }
    INFO(definition.ShortDebugString() << " target " << target.ToString());
    if (way == kHigher) REQUIRE(std::ranges::is_sorted(points));
    if (way == kLower) REQUIRE(std::ranges::is_sorted(points, std::ranges::greater()));
    if (way == kRange) {
      const auto top = std::ranges::max_element(points);
      REQUIRE(std::is_sorted(points.begin(), top));
      REQUIRE(std::is_sorted(top, points.end(), std::ranges::greater()));
    }
  }
  CHECK(published.size() == 8);
}

}  // namespace
}  // namespace assay

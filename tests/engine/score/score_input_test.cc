#include "engine/score/score_input.h"

#include <catch2/catch.hpp>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Refusal;
using testing::Value;

TEST_CASE("definitions compile with their ids or say what is wrong", "[score][unit]") {
  v1::MetricDefinition metric;
  metric.set_formula("sum(erp.output)");
  CHECK(Value(ScoringMetric::Compile("output@1", metric)).id == "output@1");
  metric.set_formula("sum(");
  CHECK(Refusal(ScoringMetric::Compile("output@1", metric)).path == "formula");

  CHECK(Value(ScoringCurve::Compile("line@1", testing::LinearRange("3", "6"))).id == "line@1");
  CHECK(Refusal(ScoringCurve::Compile("line@1", testing::LinearRange("3", "3"))).code ==
        "CURVE_NOT_TOTAL");

  CHECK(Value(ScoringBands::Compile("bands@1", testing::UsualBands())).table.Rows().size() == 3);
  CHECK(Refusal(ScoringBands::Compile("bands@1", {})).code == "BANDS_NOT_TOTAL");
}

TEST_CASE("a total is capped at 100 unless told otherwise", "[score][unit]") {
  CHECK(ScorecardInput().total_cap == Decimal::FromInt(100));
}

}  // namespace
}  // namespace assay

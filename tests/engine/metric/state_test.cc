#include "engine/metric/state.h"

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using testing::FromText;

TEST_CASE("the content hash tells definitions apart", "[metric][unit]") {
  const auto definition = FromText<v1::MetricDefinition>(R"(name: "output" unit: "pcs")");
  auto other = definition;
  CHECK(metric::ContentHashOf(definition) == metric::ContentHashOf(other));
  other.set_unit("kg");
  CHECK(metric::ContentHashOf(definition) != metric::ContentHashOf(other));
  // name (field 1) and unit (field 6) as protobuf writes them: what is signed stands on the log.
  CHECK(metric::ContentHashOf(definition) == Sha256(std::string("\x0a\x06output\x32\x03pcs")));
}

TEST_CASE("events of other domains change no definition", "[metric][unit]") {
  testing::MemoryState state;
  EvolveIn(testing::MetricTable(),
           FromText<v1::Event>(R"(stream: "cycle/c-1" cycle_opened { cycle: "c-1" })"), {}, state);
  CHECK(state.rows.empty());
}

TEST_CASE("a definition is one row of its own stream", "[metric][unit]") {
  testing::MemoryState state;
  EvolveIn(testing::MetricTable(), FromText<v1::Event>(R"(stream: "metric/output@1" metric_drafted {
                     metric: "output@1" definition { name: "output" } })"),
           {}, state);
  EvolveIn(testing::MetricTable(), FromText<v1::Event>(R"(stream: "curve/c@1" curve_published {
                     curve: "c@1" definition { kind: CURVE_KIND_RUBRIC } })"),
           {}, state);
  REQUIRE(state.rows.size() == 2);
  CHECK(state.Find<v1::MetricState>("metric/output@1")->stage() == v1::METRIC_STAGE_DRAFT);
  CHECK(state.Find<v1::CurveState>("curve/c@1")->definition().kind() == v1::CURVE_KIND_RUBRIC);
}

}  // namespace
}  // namespace assay

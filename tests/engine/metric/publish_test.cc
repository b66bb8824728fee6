#include "engine/metric/publish.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "tests/engine/metric/fixture.h"

namespace assay {
namespace {

using testing::DomainSpec;
using testing::MetricSpec;
using testing::PublishMetric;

constexpr std::string_view kPublishCurve =
    R"(publish_curve { curve: "proportional@1" definition { kind: CURVE_KIND_PROPORTIONAL } })";
constexpr std::string_view kPublishBands = R"(publish_band_table { table: "bands@1" definition {
    bands { name: "待改进" to: "70" } bands { name: "合格" from: "70" to: "90" }
    bands { name: "优秀" from: "90" } guideline_bp: 2000 guideline_bp: 5500 guideline_bp: 2500 } })";

// With a published metric output@1, curve proportional@1 and bands bands@1.
DomainSpec TemplateSpec() {
  DomainSpec spec = MetricSpec();
  PublishMetric(spec, "output@1", "产量");
  spec.Given("p-hr", kPublishCurve).Given("p-hr", kPublishBands);
  return spec;
}

// A template "t@1" with one item per weight.
std::string TemplateOf(const std::vector<int>& weights, std::string_view more = "") {
  std::string items;
  for (size_t i = 0; i < weights.size(); ++i) {
    items += fmt::format(
        R"( items {{ item: "i{}" metric: "output@1" curve: "proportional@1" weight_bp: {} }})", i,
        weights[i]);
  }
  return fmt::format(
      R"(publish_template {{ template: "t@1" definition {{ name: "worker" {} {} }} }})", items,
      more);
}

TEST_CASE("the weights of a template total exactly 100 %", "[metric][unit][TPL-01][V17]") {
  DomainSpec spec = TemplateSpec();
  spec.When("p-hr", TemplateOf({3000, 2500, 2000, 1000, 1000}))
      .ThenRejected("WEIGHT_SUM_NOT_100", "publishTemplate.definition.items");
  CHECK(std::get<Rejection>(spec.Outcome()).expected == "100.00 %");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "95.00 %");
  spec.When("p-hr", TemplateOf({3333, 3333, 3333})).ThenRejected("WEIGHT_SUM_NOT_100");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "99.99 %");
  CHECK(IsAccepted(TemplateSpec()
                       .When("p-hr", TemplateOf({3000, 2500, 2000, 1000, 1500}))
                       .ThenAccepted()
                       .Outcome()));
  CHECK(IsAccepted(
      TemplateSpec().When("p-hr", TemplateOf({3334, 3333, 3333})).ThenAccepted().Outcome()));
}

TEST_CASE("a template is kept as it was published", "[metric][unit]") {
  DomainSpec spec = TemplateSpec();
  spec.When("p-hr", TemplateOf({6000, 4000}, R"(band_table: "bands@1" total_cap: "120")"))
      .ThenAccepted();
  const auto row = spec.Row<v1::TemplateState>("template/t@1");
  CHECK(row.definition().items_size() == 2);
  CHECK(row.definition().items(1).weight_bp() == 4000);
  CHECK(row.definition().band_table() == "bands@1");
  CHECK(row.definition().total_cap() == "120");
}

TEST_CASE("a block weighs the sum of its items", "[metric][unit]") {
  constexpr std::string_view kItems = R"(
      items { item: "a" metric: "output@1" curve: "proportional@1" weight_bp: 7000
              block: "result" }
      items { item: "b" metric: "output@1" curve: "proportional@1" weight_bp: 3000
              block: "conduct" })";
  const auto command = [&](std::string_view blocks) {
    return fmt::format(R"(publish_template {{ template: "t@1" definition {{ name: "w" {} {} }} }})",
                       kItems, blocks);
  };
  DomainSpec spec = TemplateSpec();
  spec.When("p-hr", command(R"(blocks { block: "result" weight_bp: 6000 }
                               blocks { block: "conduct" weight_bp: 4000 })"))
      .ThenRejected("BLOCK_WEIGHT_MISMATCH", "publishTemplate.definition.blocks[0].weightBp")
      .When("p-hr", command(R"(blocks { block: "result" weight_bp: 7000 })"))
      .ThenRejected("UNKNOWN_BLOCK", "publishTemplate.definition.items[1].block")
      .When("p-hr", command(R"(blocks { block: "result" weight_bp: 7000 }
                               blocks { block: "result" weight_bp: 7000 })"))
      .ThenRejected("DUPLICATE_ITEM", "publishTemplate.definition.blocks[1].block")
      .When("p-hr", command(R"(blocks { block: "result" weight_bp: 7000 }
                               blocks { block: "conduct" weight_bp: 3000 })"))
      .ThenAccepted();
}

TEST_CASE("a template is refused for the first thing that is wrong with it", "[metric][unit]") {
  constexpr std::string_view kWhole =
      R"(metric: "output@1" curve: "proportional@1" weight_bp: 10000)";
  struct Row {
    std::string definition;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {"", "INVALID_TEXT", ".name"},
      {R"(name: "w")", "INVALID_COUNT", ".items"},
      {R"(name: "w" items { item: "" })", "INVALID_ID", ".items[0].item"},
      {R"(name: "w" items { item: "a" metric: "output" })", "INVALID_ID", ".items[0].metric"},
      {R"(name: "w" items { item: "a" metric: "output@1" curve: "c" })", "INVALID_ID",
       ".items[0].curve"},
      {R"(name: "w" items { item: "a" metric: "output@1" curve: "proportional@1" })",
       "INVALID_WEIGHT", ".items[0].weightBp"},
      {fmt::format(R"(name: "w" items {{ item: "a" metric: "output@1" curve: "proportional@1"
                      weight_bp: {} }})",
                   limits::kBasisPointsWhole + 1),
       "INVALID_WEIGHT", ".items[0].weightBp"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} target: "much" }})", kWhole),
       "INVALID_DECIMAL", ".items[0].target"},
      {fmt::format(R"(name: "w" items {{ item: "a" {0} }} items {{ item: "a" {0} }})", kWhole),
       "DUPLICATE_ITEM", ".items[1].item"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} }} band_table: "b")", kWhole), "INVALID_ID",
       ".bandTable"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} }} total_cap: "0")", kWhole),
       "VALUE_OUT_OF_RANGE", ".totalCap"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} }} band_table: "b@1")", kWhole), "NOT_FOUND",
       ".bandTable"},
      {R"(name: "w" items { item: "a" metric: "other@1" curve: "c@1" weight_bp: 10000 })",
       "NOT_FOUND", ".items[0].metric"},
      {R"(name: "w" items { item: "a" metric: "output@1" curve: "c@1" weight_bp: 10000 })",
       "NOT_FOUND", ".items[0].curve"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} target: "5" unit: "kg" }})", kWhole),
       "UNIT_MISMATCH", ".items[0].unit"},
      {fmt::format(R"(name: "w" items {{ item: "a" {} }} score_unsigned: true)", kWhole),
       "TARGET_REQUIRED", ".items[0].target"},
  };
  for (const Row& row : rows) {
    INFO(row.definition);
    TemplateSpec()
        .When("p-hr", fmt::format(R"(publish_template {{ template: "t@1" definition {{ {} }} }})",
                                  row.definition))
        .ThenRejected(row.code, fmt::format("publishTemplate.definition{}", row.path));
  }
}

TEST_CASE("a template names published metrics alone", "[metric][unit]") {
  MetricSpec()
      .Given("p-hr", kPublishCurve)
      .Given("p-hr", testing::DraftCommand("output@1", testing::Definition("output")))
      .When("p-hr", TemplateOf({10000}))
      .ThenRejected("METRIC_NOT_PUBLISHED", "publishTemplate.definition.items[0].metric");
}

TEST_CASE("a template that scores without an agreement has targets of its own", "[metric][unit]") {
  TemplateSpec()
      .When("p-hr", R"(publish_template { template: "t@1" definition { name: "w"
          score_unsigned: true items { item: "a" metric: "output@1" curve: "proportional@1"
          weight_bp: 10000 target: "1000" unit: "pcs" } } })")
      .ThenAccepted();
}

TEST_CASE("a curve with a gap is not published", "[metric][unit]") {
  MetricSpec()
      .When("p-hr", R"(publish_curve { curve: "step@1" definition { } })")
      .ThenRejected("CURVE_NOT_TOTAL", "publishCurve.definition.kind");
}

TEST_CASE("curves and band tables are immutable and leave no version out", "[metric][unit]") {
  DomainSpec spec = TemplateSpec();
  CHECK(spec.Row<v1::CurveState>("curve/proportional@1").definition().kind() ==
        v1::CURVE_KIND_PROPORTIONAL);
  CHECK(spec.Row<v1::BandTableState>("bands/bands@1").definition().bands_size() == 3);
  spec.When("p-hr", kPublishCurve)
      .ThenRejected("VERSION_IMMUTABLE", "publishCurve.curve")
      .When("p-hr", kPublishBands)
      .ThenRejected("VERSION_IMMUTABLE", "publishBandTable.table")
      .Given("p-hr", TemplateOf({10000}))
      .When("p-hr", TemplateOf({10000}))
      .ThenRejected("VERSION_IMMUTABLE", "publishTemplate.template")
      .When("p-hr", R"(publish_curve { curve: "proportional@3"
                       definition { kind: CURVE_KIND_PROPORTIONAL } })")
      .ThenRejected("VERSION_GAP", "publishCurve.curve")
      .When("p-hr", R"(publish_curve { curve: "proportional@2"
                       definition { kind: CURVE_KIND_PROPORTIONAL } })")
      .ThenAccepted();
}

TEST_CASE("a band table needs bands, and a guideline shares of the whole", "[metric][unit]") {
  const auto command = [](std::string_view guideline) {
    return fmt::format(R"(publish_band_table {{ table: "bands@1" definition {{
        bands {{ name: "low" to: "70" }} bands {{ name: "high" from: "70" }} {} }} }})",
                       guideline);
  };
  const std::string path = "publishBandTable.definition.guidelineBp";
  DomainSpec spec = MetricSpec();
  spec.When("p-hr", R"(publish_band_table { table: "bands" definition { } })")
      .ThenRejected("INVALID_ID", "publishBandTable.table")
      .When("p-hr", R"(publish_band_table { table: "bands@1" definition { } })")
      .ThenRejected("BANDS_NOT_TOTAL")
      .When("p-hr", command("guideline_bp: 10000"))
      .ThenRejected("INVALID_COUNT", path)
      .When("p-hr", command("guideline_bp: 12000 guideline_bp: -2000"))
      .ThenRejected("INVALID_WEIGHT", path)
      .When("p-hr", command("guideline_bp: 5000 guideline_bp: 4000"))
      .ThenRejected("WEIGHT_SUM_NOT_100", path);
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "90.00 %");
  spec.When("p-hr", command("")).ThenAccepted();
}

TEST_CASE("the version before a first one is none", "[metric][unit]") {
  CHECK(metric::FormerVersion("output@1").empty());
  CHECK(metric::FormerVersion("output@10") == "output@9");
  CHECK(metric::FormerVersion("a@b@2") == "a@b@1");
  CHECK_FALSE(metric::CheckVersionFollows("p", "output@1", false).has_value());
  CHECK_FALSE(metric::CheckVersionFollows("p", "output@2", true).has_value());
  CHECK(metric::CheckVersionFollows("p", "output@2", false).value().expected ==
        "output@1 before it");
}

}  // namespace
}  // namespace assay

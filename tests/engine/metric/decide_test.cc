#include "engine/metric/decide.h"

#include <catch2/catch.hpp>

#include "engine/metric/state.h"
#include "tests/engine/metric/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::Definition;
using testing::DomainSpec;
using testing::DraftCommand;
using testing::MetricSpec;
using testing::PublishMetric;

const Rejection& RefusalOf(const DomainSpec& spec) { return std::get<Rejection>(spec.Outcome()); }

TEST_CASE("a metric walks from draft to published, signed by two owners", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("产量")));
  spec.When("p-hr", R"(submit_metric { metric: "output@1" })").ThenAccepted();
  auto row = spec.Row<v1::MetricState>("metric/output@1");
  CHECK(row.stage() == v1::METRIC_STAGE_IN_REVIEW);
  CHECK(row.content_hash() == metric::ContentHashOf(row.definition()).View());

  spec.When("p-biz", R"(sign_definition { metric: "output@1" })").ThenAccepted();
  CHECK(spec.Row<v1::MetricState>("metric/output@1").stage() == v1::METRIC_STAGE_IN_REVIEW);
  spec.When("p-fin", R"(sign_source { metric: "output@1" })").ThenAccepted();
  row = spec.Row<v1::MetricState>("metric/output@1");
  CHECK(row.stage() == v1::METRIC_STAGE_SIGNED);
  CHECK(row.definition_signed_by() == "p-biz");
  CHECK(row.source_signed_by() == "p-fin");

  spec.When("p-hr", R"(publish_metric { metric: "output@1" from: "2026-07-01" })").ThenAccepted();
  row = spec.Row<v1::MetricState>("metric/output@1");
  CHECK(row.stage() == v1::METRIC_STAGE_PUBLISHED);
  CHECK(row.from() == "2026-07-01");
}

TEST_CASE("a metric takes effect on the day of publishing unless a day is given",
          "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.At("2026-06-05T23:30:00Z")
      .Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .Given("p-fin", R"(sign_source { metric: "output@1" })")
      .When("p-hr", R"(publish_metric { metric: "output@1" })")
      .ThenAccepted();
  CHECK(spec.Row<v1::MetricState>("metric/output@1").from() == "2026-06-05");
  const auto& events = std::get<Accepted>(spec.Outcome()).events;
  CHECK(events.front().effective() == "2026-06-05");
}

TEST_CASE("a quantitative metric needs a source, a qualitative one a rater class",
          "[metric][unit][MET-08]") {
  DomainSpec spec = MetricSpec();
  PublishMetric(spec, "efficiency@1", "生产效率");
  CHECK(spec.Row<v1::MetricState>("metric/efficiency@1").stage() == v1::METRIC_STAGE_PUBLISHED);

  spec.Given("p-hr", R"(draft_metric { metric: "scrap@1" definition { name: "次品率"
          owner_unit: "u-1" kind: METRIC_KIND_QUANTITATIVE formula: "erp.output" unit: "pcs"
          grain: GRAIN_MONTH direction: DIRECTION_LOWER_IS_BETTER } })")
      .When("p-hr", R"(submit_metric { metric: "scrap@1" })")
      .ThenRejected("SOURCE_REQUIRED", "submitMetric.definition.sources");

  spec.Given("p-hr", R"(draft_metric { metric: "teamwork@1" definition { name: "团队协作"
          owner_unit: "u-1" kind: METRIC_KIND_QUALITATIVE grain: GRAIN_MONTH } })")
      .When("p-hr", R"(submit_metric { metric: "teamwork@1" })")
      .ThenRejected("RATER_CLASS_REQUIRED", "submitMetric.definition.raterClass");
  spec.Given("p-hr", R"(edit_metric_draft { metric: "teamwork@1" definition { name: "团队协作"
          owner_unit: "u-1" kind: METRIC_KIND_QUALITATIVE grain: GRAIN_MONTH
          rater_class: "PEER" } })")
      .When("p-hr", R"(submit_metric { metric: "teamwork@1" })")
      .ThenAccepted();
}

TEST_CASE("a name cannot hide two meanings", "[metric][unit][MET-10]") {
  DomainSpec spec = MetricSpec();
  PublishMetric(spec, "amount@1", "业务达标率");
  spec.When("p-hr", DraftCommand("orders@1", Definition("业务达标率")))
      .ThenRejected("DUPLICATE_METRIC_NAME", "draftMetric.definition.name");
  CHECK(RefusalOf(spec).actual == "amount@1");
  // Another version of the same metric has the same meaning to its readers.
  spec.When("p-hr", DraftCommand("amount@2", Definition("业务达标率"))).ThenAccepted();
  // A rename may not take the name either, and gives its former name free.
  spec.Given("p-hr", DraftCommand("orders@1", Definition("订单达标率")))
      .When("p-hr", fmt::format(R"(edit_metric_draft {{ metric: "orders@1" {} }})",
                                Definition("业务达标率")))
      .ThenRejected("DUPLICATE_METRIC_NAME", "editMetricDraft.definition.name");
  spec.Given("p-hr", fmt::format(R"(edit_metric_draft {{ metric: "orders@1" {} }})",
                                 Definition("订单量达标率")))
      .When("p-hr", DraftCommand("count@1", Definition("订单达标率")))
      .ThenAccepted();
}

TEST_CASE("two who draft one name at once conflict, since each read the set of that name",
          "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.When("p-hr", DraftCommand("output@1", Definition("产量"))).ThenAccepted();
  CHECK(spec.state.reads.contains("name/metric/产量"));
}

TEST_CASE("a metric is published only when definition and source are signed",
          "[metric][unit][MET-11]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("target-rate@1", Definition("业务达标率")))
      .Given("p-hr", R"(submit_metric { metric: "target-rate@1" })")
      .Given("p-biz", R"(sign_definition { metric: "target-rate@1" })")
      .When("p-hr", R"(publish_metric { metric: "target-rate@1" from: "2026-07-01" })")
      .ThenRejected("PUBLISH_BLOCKED", "publishMetric.metric");
  CHECK(RefusalOf(spec).actual == "missing: source (finance)");
  spec.Given("p-fin", R"(sign_source { metric: "target-rate@1" })")
      .When("p-hr", R"(publish_metric { metric: "target-rate@1" from: "2026-07-01" })")
      .ThenAccepted();
  CHECK(spec.Row<v1::MetricState>("metric/target-rate@1").from() == "2026-07-01");
}

TEST_CASE("a draft that nobody signed lists both signatures", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .When("p-hr", R"(publish_metric { metric: "output@1" })")
      .ThenRejected("PUBLISH_BLOCKED");
  CHECK(RefusalOf(spec).actual == "missing: definition (business), source (finance)");
}

TEST_CASE("content that is not what was signed is not published", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .Given("p-fin", R"(sign_source { metric: "output@1" })");
  auto row = spec.Row<v1::MetricState>("metric/output@1");
  row.mutable_definition()->set_unit("kg");
  spec.GivenRow("metric/output@1", row)
      .When("p-hr", R"(publish_metric { metric: "output@1" })")
      .ThenRejected("PUBLISH_BLOCKED");
  CHECK(RefusalOf(spec).actual == "the content changed after signing");
}

TEST_CASE("an edit in review makes the signatures void", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .Given("p-hr",
             fmt::format(R"(edit_metric_draft {{ metric: "output@1" {} }})", Definition("output")));
  const auto row = spec.Row<v1::MetricState>("metric/output@1");
  CHECK(row.stage() == v1::METRIC_STAGE_DRAFT);
  CHECK(row.definition_signed_by().empty());
  CHECK(row.content_hash().empty());
  spec.When("p-biz", R"(sign_definition { metric: "output@1" })")
      .ThenRejected("METRIC_NOT_IN_REVIEW", "signDefinition.metric");
}

TEST_CASE("who signs an edited draft names the edit that was read", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  const std::string edit =
      fmt::format(R"(edit_metric_draft {{ metric: "output@1" {} }})", Definition("output"));
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", edit)
      .Given("p-hr", edit)
      .Given("p-hr", R"(submit_metric { metric: "output@1" })");
  CHECK(spec.Row<v1::MetricState>("metric/output@1").revision() == 2);
  spec.When("p-biz", R"(sign_definition { metric: "output@1" })")
      .ThenRejected("VERSION_REQUIRED", "signDefinition.revision");
  CHECK(RefusalOf(spec).expected == "2");
  CHECK(RefusalOf(spec).message ==
        "output@1 was edited; revision 2 says: output = erp.output [pcs]");
  spec.When("p-fin", R"(sign_source { metric: "output@1" revision: 1 })")
      .ThenRejected("VERSION_STALE", "signSource.revision")
      .Given("p-fin", R"(sign_source { metric: "output@1" revision: 2 })")
      .When("p-biz", R"(sign_definition { metric: "output@1" revision: 2 })")
      .ThenAccepted();
}

TEST_CASE("one person, or a delegate, cannot give both signatures", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .When("p-biz", R"(sign_source { metric: "output@1" })")
      .ThenRejected("SIGNER_CONFLICT", "signSource.metric")
      .When("p-aide", R"(actor { person: "p-aide" on_behalf_of: "p-biz" }
                         sign_source { metric: "output@1" })")
      .ThenRejected("SIGNER_CONFLICT")
      .When("p-other", R"(sign_definition { metric: "output@1" })")
      .ThenRejected("ALREADY_SIGNED", "signDefinition.metric");
}

TEST_CASE("a published version never changes", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  PublishMetric(spec, "output@1", "output");
  const std::string edit =
      fmt::format(R"(edit_metric_draft {{ metric: "output@1" {} }})", Definition("output"));
  for (const std::string& command : {DraftCommand("output@1", Definition("output")), edit,
                                     std::string(R"(submit_metric { metric: "output@1" })"),
                                     std::string(R"(sign_definition { metric: "output@1" })"),
                                     std::string(R"(sign_source { metric: "output@1" })"),
                                     std::string(R"(publish_metric { metric: "output@1" })")}) {
    INFO(command);
    spec.When("p-x", command).ThenRejected("VERSION_IMMUTABLE");
  }
}

TEST_CASE("what was submitted and what is signed walks on or becomes the next version",
          "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .When("p-hr", DraftCommand("output@1", Definition("output")))
      .ThenRejected("ALREADY_EXISTS", "draftMetric.metric")
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .When("p-hr", R"(submit_metric { metric: "output@1" })")
      .ThenRejected("METRIC_NOT_DRAFT", "submitMetric.metric")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .Given("p-fin", R"(sign_source { metric: "output@1" })")
      .When("p-hr",
            fmt::format(R"(edit_metric_draft {{ metric: "output@1" {} }})", Definition("output")))
      .ThenRejected("METRIC_NOT_DRAFT", "editMetricDraft.metric");
}

TEST_CASE("versions of a metric leave none out", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.When("p-hr", DraftCommand("output@2", Definition("output")))
      .ThenRejected("VERSION_GAP", "draftMetric.metric")
      .Given("p-hr", DraftCommand("output@1", Definition("output")))
      .When("p-hr", DraftCommand("output@3", Definition("output")))
      .ThenRejected("VERSION_GAP")
      .When("p-hr", DraftCommand("output@2", Definition("output")))
      .ThenAccepted();
}

TEST_CASE("a draft is refused for the first thing that is wrong with its shape", "[metric][unit]") {
  struct Row {
    std::string_view command;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(draft_metric { metric: "output" definition { name: "" } })", "INVALID_ID",
       "draftMetric.metric"},
      {R"(draft_metric { metric: "output@1" definition { name: "" owner_unit: " " } })",
       "INVALID_TEXT", "draftMetric.definition.name"},
      {R"(draft_metric { metric: "output@1" definition { name: "output " } })", "INVALID_TEXT", ""},
      {R"(draft_metric { metric: "output@1" definition { name: "out\nput" } })", "INVALID_TEXT",
       ""},
      {R"(draft_metric { metric: "output@1" definition { name: "x" owner_unit: " " } })",
       "INVALID_ID", "draftMetric.definition.ownerUnit"},
      {R"(draft_metric { metric: "output@1" definition { name: "x" sources: "erp" sources: "" } })",
       "INVALID_ID", "draftMetric.definition.sources[1]"},
      {R"(draft_metric { metric: "output@1"
          definition { name: "x" sources: "erp" sources: "erp" } })",
       "DUPLICATE_ITEM", "draftMetric.definition.sources[1]"},
      {R"(edit_metric_draft { metric: "nothing@1" definition { name: "x" } })", "NOT_FOUND",
       "editMetricDraft.metric"},
      {R"(submit_metric { metric: "nothing@1" })", "NOT_FOUND", "submitMetric.metric"},
      {R"(sign_definition { metric: "nothing@1" })", "NOT_FOUND", "signDefinition.metric"},
      {R"(sign_source { metric: "nothing@1" })", "NOT_FOUND", "signSource.metric"},
      {R"(publish_metric { metric: "nothing@1" from: "soon" })", "INVALID_DAY",
       "publishMetric.from"},
      {R"(publish_metric { metric: "nothing@1" })", "NOT_FOUND", "publishMetric.metric"},
  };
  for (const Row& row : rows) {
    INFO(row.command);
    MetricSpec().When("p-hr", row.command).ThenRejected(row.code, row.path);
  }
}

TEST_CASE("an incomplete draft cannot be submitted", "[metric][unit]") {
  struct Row {
    std::string_view definition;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {"", "FIELD_REQUIRED", "submitMetric.definition.ownerUnit"},
      {R"(owner_unit: "u-9")", "INVALID_ENUM", "submitMetric.definition.grain"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH)", "INVALID_ENUM", "submitMetric.definition.kind"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE)", "SOURCE_REQUIRED",
       "submitMetric.definition.sources"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "crm")",
       "FIELD_REQUIRED", "submitMetric.definition.formula"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "crm"
          formula: "crm.x")",
       "FIELD_REQUIRED", "submitMetric.definition.unit"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "crm"
          formula: "crm.x" unit: "pcs")",
       "INVALID_ENUM", "submitMetric.definition.direction"},
      {R"(owner_unit: "u-9" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "crm"
          formula: "crm.x" unit: "pcs" direction: DIRECTION_HIGHER_IS_BETTER)",
       "NOT_FOUND", "submitMetric.definition.ownerUnit"},
      {R"(owner_unit: "u-1" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "crm"
          formula: "crm.x" unit: "pcs" direction: DIRECTION_HIGHER_IS_BETTER)",
       "NOT_FOUND", "submitMetric.definition.sources[0]"},
      {R"(owner_unit: "u-1" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "erp"
          formula: "erp.x" unit: "pcs" direction: DIRECTION_HIGHER_IS_BETTER)",
       "FORMULA_ERROR", "submitMetric.definition.formula"},
      {R"(owner_unit: "u-1" grain: GRAIN_MONTH kind: METRIC_KIND_QUANTITATIVE sources: "erp"
          formula: "erp.amount" unit: "pcs" direction: DIRECTION_HIGHER_IS_BETTER)",
       "UNIT_MISMATCH", "submitMetric.definition.formula"},
  };
  for (const Row& row : rows) {
    INFO(row.definition);
    MetricSpec()
        .Given("p-hr", DraftCommand("output@1", fmt::format(R"(definition {{ name: "x" {} }})",
                                                            row.definition)))
        .When("p-hr", R"(submit_metric { metric: "output@1" })")
        .ThenRejected(row.code, row.path);
  }
}

TEST_CASE("a formula whose measure has gone from the contract is not published", "[metric][unit]") {
  DomainSpec spec = MetricSpec();
  spec.Given("p-hr", DraftCommand("output@1", Definition("output")))
      .Given("p-hr", R"(submit_metric { metric: "output@1" })")
      .Given("p-biz", R"(sign_definition { metric: "output@1" })")
      .Given("p-fin", R"(sign_source { metric: "output@1" })")
      .GivenRow("source/erp", testing::FromText<v1::SourceState>(R"(
          source: "erp" contract { measures { name: "pieces" unit: "pcs" } })"))
      .When("p-hr", R"(publish_metric { metric: "output@1" })")
      .ThenRejected("FORMULA_ERROR", "publishMetric.definition.formula");
}

TEST_CASE("a command of another domain is the caller's fault", "[metric][unit]") {
  CHECK(testing::Aborts([] { MetricSpec().When("p-hr", R"(open_cycle { cycle: "c-1" })"); }));
}

}  // namespace
}  // namespace assay

#include <fmt/core.h>

#include "connectors/file/contract_file.h"
#include "engine/base/check.h"
#include "tools/assay/demo_chapters.h"

namespace assay::demo {
namespace {

constexpr std::string_view kErp = R"(# Orders that a cell has finished, from the ERP.
source: erp
origin: SYSTEM
owner: {person: p-fin-01}
input: {format: csv}
record:
  key: [order_no, line]
  version: rev
  when: {field: posted_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
  retract: 'op == "D"'
entity: {type: employee, key: emp_no}
raw: keep
attributes: {product: sku}
measures:
  - name: output
    value: qty
    unit: pcs
    unit_field: uom
    if: 'status == "DONE"'
    range: ["0", "5000"]
)";

constexpr std::string_view kMes = R"(# Working hours and run time of the machines, from the MES.
source: mes
origin: MACHINE
owner: {person: p-ex-03}
input: {format: ndjson}
record:
  key: [run]
  version: seq
  when: {field: ended_at, format: rfc3339, zone: Asia/Shanghai}
entity: {type: employee, key: emp_no}
personal: {plain: [machine]}
measures:
  - {name: hours, value: hours, unit: h, range: ["0", "24"]}
  - name: run_time
    value: run_hours
    unit: h
    range: ["0", "24"]
    entity: {type: machine, key: machine_no}
)";

constexpr std::string_view kQms = R"(# Inspections, from the QMS.
source: qms
origin: SYSTEM
owner: {person: p-ex-03}
input: {format: csv, delimiter: ";", decimal: ","}
record:
  key: [inspection]
  version: {field: revision, type: decimal}
  when: {field: checked_at, format: "%Y/%m/%d %H:%M:%S", zone: Asia/Shanghai}
entity: {type: employee, key: emp_no}
measures:
  - {name: inspected, value: inspected, unit: pcs, range: ["0", "5000"]}
  - {name: defects, value: defects, unit: pcs, range: ["0", "5000"]}
  - {name: scrap, value: scrap_kg, unit: kg, range: ["0", null]}
)";

constexpr std::string_view kCrm = R"(# Contracts that customers have signed, from the CRM.
source: crm
origin: SYSTEM
owner: {person: p-fin-01}
input: {format: csv, encoding: gbk}
record:
  key: [合同号]
  version: {field: 版本时间, type: instant}
  when: {field: 成交时间, format: "%Y年%m月%d日 %H:%M", zone: Asia/Shanghai}
  retract: '`操作` == "撤销"'
entity: {type: employee, key: 工号}
raw: keep
attributes: {product: 产品线}
measures:
  - {name: amount, value: 金额, unit: CNY, unit_field: 币种, range: ["0", "10000000"]}
  - {name: contracts, value: 1, unit: pcs}
)";

constexpr std::string_view kAttendance =
    R"(# One record a person and planned day, from the clocks at the gate.
source: attendance
origin: MACHINE
owner: {person: p-hr-01}
input: {format: csv}
record:
  key: [emp_no, work_date]
  when: {field: punched_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
entity: {type: employee, key: emp_no}
measures:
  - {name: planned, value: 1, unit: d}
  - {name: present, value: 1, unit: d, if: 'status in ["PRESENT", "LATE"]'}
)";

constexpr std::string_view kReview = R"(# Ratings by colleagues, typed by hand.
source: review
origin: MANUAL
owner: {person: p-hr-01}
input: {format: csv}
record:
  key: [form_no]
  version: rev
  when: {field: rated_on, format: "%Y-%m-%d", zone: Asia/Shanghai}
entity: {type: employee, key: emp_no}
raw: keep
ignore: [comment]
measures:
  - {name: rating, value: rating, unit: pt, range: ["1", "5"]}
)";

struct MetricText {
  const char* id;
  const char* name;
  std::vector<const char*> sources;
  const char* formula;
  const char* unit;
  v1::Direction direction;
  v1::Attribution attribution;
  const char* curve;
  const char* target;
  int32_t weight_bp;
};

const std::array<MetricText, 5>& Metrics() {
  static const std::array<MetricText, 5> kMetrics = {{
      {"output",
       "生产效率",
       {"erp", "mes"},
       "sum(erp.output) / sum(mes.hours)",
       "pcs/h",
       v1::DIRECTION_HIGHER_IS_BETTER,
       v1::ATTRIBUTION_SPLIT,
       "proportional@1",
       "11",
       3'000},
      {"quality",
       "产品质量",
       {"qms"},
       "sum(qms.defects) / sum(qms.inspected)",
       "1",
       v1::DIRECTION_LOWER_IS_BETTER,
       v1::ATTRIBUTION_SPLIT,
       "defect-share@1",
       "0.03",
       2'500},
      {"sales",
       "销售业绩",
       {"crm"},
       "sum(crm.amount)",
       "CNY",
       v1::DIRECTION_HIGHER_IS_BETTER,
       v1::ATTRIBUTION_SPLIT,
       "sales-ratio@1",
       "80000",
       2'000},
      {"attendance",
       "考勤",
       {"attendance"},
       "sum(attendance.present) / sum(attendance.planned)",
       "1",
       v1::DIRECTION_HIGHER_IS_BETTER,
       v1::ATTRIBUTION_WHOLE,
       "attendance-steps@1",
       "1",
       1'000},
      {"teamwork",
       "团队协作",
       {"review"},
       "mean(review.rating)",
       "pt",
       v1::DIRECTION_HIGHER_IS_BETTER,
       v1::ATTRIBUTION_WHOLE,
       "rating-met@1",
       "4",
       1'500},
  }};
  return kMetrics;
}

// Drafted and published by HR, signed by the owner of the definition and by finance.
void PublishMetric(const MetricText& text, Script& script) {
  const std::string id = fmt::format("{}@1", text.id);
  v1::DraftMetric& draft = *script.By(kHr).mutable_draft_metric();
  draft.set_metric(id);
  v1::MetricDefinition& definition = *draft.mutable_definition();
  definition.set_name(text.name);
  definition.set_owner_unit("u-demo");
  definition.set_kind(v1::METRIC_KIND_QUANTITATIVE);
  for (const char* source : text.sources) definition.add_sources(source);
  definition.set_formula(text.formula);
  definition.set_unit(text.unit);
  definition.set_grain(v1::GRAIN_MONTH);
  definition.set_direction(text.direction);
  definition.set_attribution(text.attribution);
  definition.set_missing(v1::MISSING_RULE_EXCLUDE_AND_STATE);
  definition.set_div_zero(v1::DIV_ZERO_RULE_NOT_COMPUTABLE);
  definition.set_rounding(v1::ROUNDING_MODE_HALF_UP);
  script.By(kHr).mutable_submit_metric()->set_metric(id);
  script.By(kSupervisor).mutable_sign_definition()->set_metric(id);
  script.By(kFinance).mutable_sign_source()->set_metric(id);
  v1::PublishMetric& publish = *script.By(kHr).mutable_publish_metric();
  publish.set_metric(id);
  publish.set_from("2026-06-01");
}

v1::CurveDefinition& PublishCurve(const char* id, v1::CurveKind kind, v1::Direction direction,
                                  Script& script) {
  v1::PublishCurve& publish = *script.By(kHr).mutable_publish_curve();
  publish.set_curve(id);
  publish.mutable_definition()->set_kind(kind);
  publish.mutable_definition()->set_direction(direction);
  return *publish.mutable_definition();
}

void AddRow(const char* from, const char* share, v1::CurveDefinition& curve) {
  v1::CurveRow& row = *curve.add_rows();
  row.set_from(from);
  row.set_share(share);
}

void PublishCurves(Script& script) {
  const auto higher = v1::DIRECTION_HIGHER_IS_BETTER;
  PublishCurve("proportional@1", v1::CURVE_KIND_PROPORTIONAL, higher, script).set_cap("1.2");
  // Full points at the target, none at twice the usual target.
  PublishCurve("defect-share@1", v1::CURVE_KIND_LINEAR_RANGE, v1::DIRECTION_LOWER_IS_BETTER, script)
      .set_zero("0.06");
  v1::CurveDefinition& sales =
      PublishCurve("sales-ratio@1", v1::CURVE_KIND_PIECEWISE, higher, script);
  sales.set_input(v1::CURVE_INPUT_RATIO);
  AddRow("0", "0", sales);
  AddRow("0.8", "0.6", sales);
  AddRow("1", "1", sales);
  AddRow("1.2", "1.2", sales);
  v1::CurveDefinition& attendance =
      PublishCurve("attendance-steps@1", v1::CURVE_KIND_STEP_TABLE, higher, script);
  attendance.set_input(v1::CURVE_INPUT_RATIO);
  AddRow("", "0", attendance);
  AddRow("0.8", "0.5", attendance);
  AddRow("0.9", "0.8", attendance);
  AddRow("1", "1", attendance);
  PublishCurve("rating-met@1", v1::CURVE_KIND_THRESHOLD, higher, script).set_else_share("0.6");
}

void AddBand(const char* name, const char* from, const char* to, v1::BandTableDefinition& table) {
  v1::Band& band = *table.add_bands();
  band.set_name(name);
  band.set_from(from);
  band.set_to(to);
}

void PublishBands(Script& script) {
  v1::PublishBandTable& publish = *script.By(kHr).mutable_publish_band_table();
  publish.set_table("bands@1");
  AddBand("待改进", "", "70", *publish.mutable_definition());
  AddBand("合格", "70", "90", *publish.mutable_definition());
  AddBand("优秀", "90", "", *publish.mutable_definition());
}

void PublishTemplate(const char* id, bool score_unsigned, Script& script) {
  v1::PublishTemplate& publish = *script.By(kHr).mutable_publish_template();
  publish.set_template_(id);
  v1::TemplateDefinition& definition = *publish.mutable_definition();
  definition.set_name("五项指标 Five Metrics");
  for (const MetricText& metric : Metrics()) {
    v1::TemplateItem& item = *definition.add_items();
    item.set_item(metric.id);
    item.set_metric(fmt::format("{}@1", metric.id));
    item.set_curve(metric.curve);
    item.set_weight_bp(metric.weight_bp);
    item.set_target(metric.target);
    item.set_unit(metric.unit);
  }
  definition.set_band_table("bands@1");
  definition.set_total_cap("100");
  definition.set_missing(v1::MISSING_RULE_EXCLUDE_AND_STATE);
  definition.set_score_unsigned(score_unsigned);
}

void OpenCycle(const char* cycle, const char* from, const char* to, const char* used,
               Script& script) {
  v1::PlanCycle& plan = *script.By(kHr).mutable_plan_cycle();
  plan.set_cycle(cycle);
  plan.mutable_period()->set_from(from);
  plan.mutable_period()->set_to(to);
  plan.set_grain(v1::GRAIN_MONTH);
  plan.set_template_(used);
  plan.set_two_approvers_above("5");
  script.By(kHr).mutable_open_cycle()->set_cycle(cycle);
}

}  // namespace

const std::array<SourceText, 6>& SourceTexts() {
  static constexpr std::array<SourceText, 6> kSources = {{{"erp", kErp},
                                                          {"mes", kMes},
                                                          {"qms", kQms},
                                                          {"crm", kCrm},
                                                          {"attendance", kAttendance},
                                                          {"review", kReview}}};
  return kSources;
}

void RegisterSources(Script& script) {
  for (const SourceText& source : SourceTexts()) {
    auto contract = ParseContract(source.text);
    const auto* wrong = std::get_if<Rejection>(&contract);
    ASSAY_INVARIANT(wrong == nullptr, "the demo's contract of {}: {}", source.source,
                    wrong->ToString());
    v1::RegisterSource& add = *script.By(kFinance).mutable_register_source();
    add.set_text(std::string(source.text));
    *add.mutable_contract() = std::get<v1::SourceContract>(std::move(contract));
  }
}

void PublishDefinitions(Script& script) {
  for (const MetricText& metric : Metrics()) PublishMetric(metric, script);
  PublishCurves(script);
  PublishBands(script);
  PublishTemplate("standard@1", false, script);
}

void OpenJune(Script& script) {
  OpenCycle("2026-06", "2026-06-01", "2026-07-01", "standard@1", script);
}

void OpenJuly(Script& script) {
  PublishTemplate("standard@2", true, script);
  OpenCycle("2026-07", "2026-07-01", "2026-08-01", "standard@2", script);
}

}  // namespace assay::demo

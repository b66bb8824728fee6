#include "engine/score/explain_nodes.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "engine/score/total.h"

namespace assay {
namespace {

void AddDecimal(ExplainNode& node, std::string name, const std::optional<Decimal>& value) {
  if (value) node.AddInput(std::move(name), value->ToString());
}

void AddText(ExplainNode& node, std::string name, const std::string& value) {
  if (!value.empty()) node.AddInput(std::move(name), value);
}

// Reads inputs of one node; Ok() tells whether all were there and readable.
class InputReader {
 public:
  explicit InputReader(const ExplainNode& node) : node_(node) {}

  Decimal Number(std::string_view name) { return Get<Decimal>(name, Decimal::Parse); }
  Day DayOf(std::string_view name) { return Get<Day>(name, Day::Parse); }
  int64_t Ms(std::string_view name) { return Get<Instant>(name, Instant::Parse).ms; }

  [[nodiscard]] bool Ok() const { return ok_; }

 private:
  template <typename T, typename Parse>
  T Get(std::string_view name, const Parse& parse) {
    const std::string* const text = node_.Input(name);
    const std::optional<T> value = text ? Call(parse, *text) : std::nullopt;
    ok_ &= value.has_value();
    return value.value_or(T());
  }

  static std::optional<Decimal> Call(std::optional<Decimal> (*parse)(std::string_view,
                                                                     Decimal::ParseError*),
                                     const std::string& text) {
    return parse(text, nullptr);
  }
  template <typename T>
  static std::optional<T> Call(std::optional<T> (*parse)(std::string_view),
                               const std::string& text) {
    return parse(text);
  }

  const ExplainNode& node_;
  bool ok_ = true;
};

// The scalar fields of a curve definition, as they are called in a node.
using CurveField = std::string* (v1::CurveDefinition::*)();
constexpr std::array<std::pair<std::string_view, CurveField>, 8> kCurveFields = {{
    {"cap", &v1::CurveDefinition::mutable_cap},
    {"full", &v1::CurveDefinition::mutable_full},
    {"zero", &v1::CurveDefinition::mutable_zero},
    {"elseShare", &v1::CurveDefinition::mutable_else_share},
    {"low", &v1::CurveDefinition::mutable_low},
    {"high", &v1::CurveDefinition::mutable_high},
    {"zeroLow", &v1::CurveDefinition::mutable_zero_low},
    {"zeroHigh", &v1::CurveDefinition::mutable_zero_high},
}};

void AddDefinition(ExplainNode& node, v1::CurveDefinition definition) {
  AddText(node, "direction", DirectionName(definition.direction()));
  if (definition.input() != v1::CURVE_INPUT_UNSPECIFIED) {
    node.AddInput("input", ShortEnumName(v1::CurveInput_Name(definition.input()), "CURVE_INPUT_"));
  }
  for (const auto& [name, field] : kCurveFields) {
    AddText(node, std::string(name), *(definition.*field)());
  }
  for (int i = 0; i < definition.rows_size(); ++i) {
    const v1::CurveRow& row = definition.rows(i);
    AddText(node, fmt::format("row.{}.from", i + 1), row.from());
    node.AddInput(fmt::format("row.{}.share", i + 1), row.share());
    AddText(node, fmt::format("row.{}.label", i + 1), row.label());
  }
}

}  // namespace

std::string InputOr(const ExplainNode& node, std::string_view name) {
  const std::string* const text = node.Input(name);
  return text ? *text : std::string();
}

ExplainNode FactNode(const FactLeaf& fact) {
  ExplainNode node{.kind = ExplainKind::kFact,
                   .label = fmt::format("{}", fmt::join(fact.origin.record, "/")),
                   .value = fact.value.ToString(),
                   .unit = fact.unit,
                   .fact = fact.origin};
  node.digest = DigestOf(node);
  return node;
}

std::string FactsHash(std::span<const ExplainNode> facts) {
  std::string bytes;
  for (const ExplainNode& fact : facts) AppendPrefixed(bytes, fact.digest);
  return Sha256(bytes).Hex();
}

ExplainNode DayNode(const DayTotals& day, std::vector<ExplainNode> facts,
                    const ExplainOptions& options) {
  const MeasureTotals& totals = day.totals;
  ExplainNode node{
      .kind = ExplainKind::kDay, .label = day.day.ToString(), .value = totals.sum.ToString()};
  node.AddInput("sum", totals.sum.ToString());
  node.AddInput("count", std::to_string(totals.count));
  node.AddInput("min", totals.min.ToString());
  node.AddInput("max", totals.max.ToString());
  node.AddInput("last", totals.last.ToString());
  node.AddInput("lastAt", Instant{totals.last_time_ms}.ToString());
  if (options.all || facts.size() <= static_cast<size_t>(options.day_facts_max)) {
    node.children = std::move(facts);
  } else {
    node.AddInput("factsHash", FactsHash(facts));
  }
  return node;
}

std::optional<DayTotals> ReadDay(const ExplainNode& node) {
  const std::optional<Day> day = Day::Parse(node.label);
  InputReader inputs(node);
  DayTotals read{.totals = {.sum = inputs.Number("sum"),
                            .min = inputs.Number("min"),
                            .max = inputs.Number("max"),
                            .last = inputs.Number("last"),
                            .last_time_ms = inputs.Ms("lastAt")}};
  const Decimal count = inputs.Number("count");
  // Below the range in which a count can be added to others.
  const bool is_count = count > Decimal() && count <= Decimal::FromInt(100'000'000'000'000) &&
                        count.Rounded(0, Rounding::kDown) == count;
  if (!day || !inputs.Ok() || !is_count) return std::nullopt;
  read.day = *day;
  read.totals.count = static_cast<int64_t>(count.Raw() / Decimal::FromInt(1).Raw());
  return read;
}

ExplainNode AttributionNode(const ScoreEntity& entity, v1::Attribution rule,
                            const AllocationRun& run) {
  ExplainNode node{
      .kind = ExplainKind::kAttribution, .label = entity.Name(), .rule = AttributionName(rule)};
  node.AddInput("from", run.days.from.ToString());
  node.AddInput("to", run.days.to.ToString());
  node.AddInput("partBp", std::to_string(run.part_bp));
  node.AddInput("totalBp", std::to_string(run.total_bp));
  return node;
}

void SetTotals(ExplainNode& node, const AttributedTotals& totals) {
  if (totals.overflowed) {
    node.status = ScoreReasonName(ScoreReason::kOverflow);
  } else {
    node.value = totals.sum.ToString();
    node.AddInput("sum", totals.sum.ToString());
    node.AddInput("count", totals.count.ToString());
  }
  if (totals.empty) return;
  node.AddInput("min", totals.min.ToString());
  node.AddInput("max", totals.max.ToString());
  node.AddInput("last", totals.last.ToString());
  node.AddInput("lastDay", totals.last_day.ToString());
  node.AddInput("lastAt", Instant{totals.last_time_ms}.ToString());
}

std::optional<AttributedTotals> ReadTotals(const ExplainNode& node) {
  InputReader inputs(node);
  AttributedTotals totals;
  totals.overflowed = node.Input("sum") == nullptr;
  if (!totals.overflowed) {
    totals.sum = inputs.Number("sum");
    totals.count = inputs.Number("count");
  }
  totals.empty = node.Input("last") == nullptr;
  if (!totals.empty) {
    totals.min = inputs.Number("min");
    totals.max = inputs.Number("max");
    totals.last = inputs.Number("last");
    totals.last_day = inputs.DayOf("lastDay");
    totals.last_time_ms = inputs.Ms("lastAt");
  }
  if (!inputs.Ok()) return std::nullopt;
  return totals;
}

ExplainNode MeasureNode(const MeasureUse& use, const AttributedTotals& totals) {
  ExplainNode node{.kind = ExplainKind::kMeasure,
                   .label = ToString(use),
                   .rule = std::string(AggregateName(use.aggregate))};
  SetTotals(node, totals);
  const NumberResult value = totals.Value(use.aggregate);
  node.status.clear();
  node.value.reset();
  if (value.Ok()) {
    node.value = value.value.ToString();
  } else {
    node.status = EvalStatusName(value.status);
  }
  return node;
}

ExplainNode NodeOfFormula(const ScoringMetric& metric) {
  const v1::MetricDefinition& definition = metric.definition;
  ExplainNode node{.kind = ExplainKind::kFormula,
                   .label = metric.id,
                   .unit = definition.unit(),
                   .rule = metric.formula.Text()};
  node.AddInput("attribution", AttributionName(definition.attribution()));
  node.AddInput("missing", MissingRuleName(definition.missing()));
  node.AddInput("divZero", DivZeroRuleName(definition.div_zero()));
  return node;
}

void AddSteps(ExplainNode& node, const std::vector<FormulaStep>& steps) {
  int number = 0;
  for (const FormulaStep& step : steps) {
    node.AddInput(fmt::format("step.{}", ++number), step.ToString());
  }
}

std::vector<std::string> ReadSteps(const ExplainNode& node) {
  std::vector<std::string> steps;
  for (const NamedText& input : node.inputs) {
    if (input.name.starts_with("step.")) steps.push_back(input.value);
  }
  return steps;
}

std::string OutcomeText(const Achieved& achieved) {
  return achieved.reason == ScoreReason::kNone ? achieved.value.ToString()
                                               : std::string(ScoreReasonName(achieved.reason));
}

void SetOutcome(ExplainNode& node, const Achieved& achieved, const RuledValue& ruled) {
  node.AddInput("outcome", OutcomeText(achieved));
  SetValue(node, ruled.status, ruled.value);
}

void SetValue(ExplainNode& node, const ScoreStatus& status, const std::optional<Decimal>& value) {
  node.value.reset();
  if (value) node.value = value->ToString();
  node.status = status.Ok() ? std::string() : status.ToString();
}

ExplainNode CurveNode(const ScoringCurve& curve, std::optional<Decimal> actual,
                      std::optional<Decimal> target) {
  ExplainNode node{.kind = ExplainKind::kCurve,
                   .label = curve.id,
                   .rule = CurveKindName(curve.curve.Definition().kind())};
  AddDecimal(node, "actual", actual);
  AddDecimal(node, "target", target);
  AddDefinition(node, curve.curve.Definition());
  if (!actual) return node;
  const CurveShare share = curve.curve.Share(*actual, target);
  if (share.status != CurveStatus::kOk) {
    node.status = CurveStatusName(share.status);
    return node;
  }
  node.AddInput("branch", share.branch_text);
  node.AddInput("exact", share.share.ToString());
  const std::optional<Decimal> shown =
      share.share.Rounded(Decimal::kFractionDigits, Rounding::kHalfEven);
  if (shown) node.value = shown->ToString();
  return node;
}

std::optional<v1::CurveDefinition> ReadCurve(const ExplainNode& node) {
  v1::CurveDefinition definition;
  v1::CurveKind kind{};
  v1::Direction direction{};
  v1::CurveInput input{};
  const std::string* const direction_text = node.Input("direction");
  const std::string* const input_text = node.Input("input");
  if (!v1::CurveKind_Parse("CURVE_KIND_" + node.rule, &kind) ||
      (direction_text && !v1::Direction_Parse("DIRECTION_" + *direction_text, &direction)) ||
      (input_text && !v1::CurveInput_Parse("CURVE_INPUT_" + *input_text, &input))) {
    return std::nullopt;
  }
  definition.set_kind(kind);
  definition.set_direction(direction);
  definition.set_input(input);
  for (const auto& [name, field] : kCurveFields) {
    *(definition.*field)() = InputOr(node, name);
  }
  for (int i = 1; node.Input(fmt::format("row.{}.share", i)) != nullptr; ++i) {
    v1::CurveRow* const row = definition.add_rows();
    row->set_from(InputOr(node, fmt::format("row.{}.from", i)));
    row->set_share(InputOr(node, fmt::format("row.{}.share", i)));
    row->set_label(InputOr(node, fmt::format("row.{}.label", i)));
  }
  return definition;
}

ExplainNode RoundingNode(const Ratio& exact, int digits, Rounding mode,
                         std::optional<Decimal> rounded) {
  ExplainNode node{
      .kind = ExplainKind::kRounding, .label = "rounding", .rule = std::string(RoundingName(mode))};
  node.AddInput("exact", exact.ToString());
  node.AddInput("digits", std::to_string(digits));
  if (rounded) {
    node.value = rounded->ToString();
  } else {
    node.status = ScoreReasonName(ScoreReason::kOverflow);
  }
  return node;
}

ExplainNode AdjustmentNode(const ScoreAdjustment& adjustment) {
  const std::string delta = adjustment.delta.ToString();
  return {.kind = ExplainKind::kAdjustment,
          .label = adjustment.item.empty() ? "total" : adjustment.item,
          .value = delta,
          .adjustment = AdjustmentOrigin{.id = adjustment.id,
                                         .delta = delta,
                                         .reason_code = adjustment.reason_code,
                                         .remark = adjustment.remark,
                                         .requested_by = adjustment.requested_by,
                                         .approved_by = adjustment.approved_by,
                                         .at = adjustment.at}};
}

ExplainNode CapNode(Decimal sum, Decimal cap) {
  ExplainNode node{.kind = ExplainKind::kCap,
                   .label = "cap",
                   .value = OverflowOf(sum, cap).ToString(),
                   .rule = "what stands above the cap, or below 0"};
  node.AddInput("sum", sum.ToString());
  node.AddInput("cap", cap.ToString());
  return node;
}

void AddBands(ExplainNode& node, const ScoringBands& bands) {
  node.AddInput("bandTable", bands.id);
  int number = 0;
  for (const BandTable::Row& row : bands.table.Rows()) {
    node.AddInput(fmt::format("band.{}.name", ++number), row.name);
    AddDecimal(node, fmt::format("band.{}.from", number), row.from);
  }
}

v1::BandTableDefinition ReadBands(const ExplainNode& node) {
  v1::BandTableDefinition definition;
  for (int i = 1; node.Input(fmt::format("band.{}.name", i)) != nullptr; ++i) {
    const std::string from = InputOr(node, fmt::format("band.{}.from", i));
    if (i > 1) definition.mutable_bands(i - 2)->set_to(from);
    v1::Band* const band = definition.add_bands();
    band->set_name(InputOr(node, fmt::format("band.{}.name", i)));
    band->set_from(from);
  }
  return definition;
}

std::string AttributionName(v1::Attribution attribution) {
  if (attribution == v1::ATTRIBUTION_UNSPECIFIED) attribution = v1::ATTRIBUTION_SPLIT;
  return ShortEnumName(v1::Attribution_Name(attribution), "ATTRIBUTION_");
}

std::string MissingRuleName(v1::MissingRule rule) {
  if (rule == v1::MISSING_RULE_UNSPECIFIED) rule = v1::MISSING_RULE_NOT_COMPUTABLE;
  return ShortEnumName(v1::MissingRule_Name(rule), "MISSING_RULE_");
}

std::string DivZeroRuleName(v1::DivZeroRule rule) {
  if (rule == v1::DIV_ZERO_RULE_UNSPECIFIED) rule = v1::DIV_ZERO_RULE_NOT_COMPUTABLE;
  return ShortEnumName(v1::DivZeroRule_Name(rule), "DIV_ZERO_RULE_");
}

v1::MissingRule MissingRuleFromName(const std::string& name) {
  v1::MissingRule rule{};
  return v1::MissingRule_Parse("MISSING_RULE_" + name, &rule) ? rule : v1::MISSING_RULE_UNSPECIFIED;
}

v1::DivZeroRule DivZeroRuleFromName(const std::string& name) {
  v1::DivZeroRule rule{};
  return v1::DivZeroRule_Parse("DIV_ZERO_RULE_" + name, &rule) ? rule
                                                               : v1::DIV_ZERO_RULE_UNSPECIFIED;
}

Rounding RoundingOf(v1::RoundingMode mode) {
  switch (mode) {
    case v1::ROUNDING_MODE_HALF_EVEN:
      return Rounding::kHalfEven;
    case v1::ROUNDING_MODE_DOWN:
      return Rounding::kDown;
    default:
      return Rounding::kHalfUp;
  }
}

}  // namespace assay

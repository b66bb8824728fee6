#include "engine/score/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/score/attribution.h"
#include "engine/score/bands.h"
#include "engine/score/curve.h"
#include "engine/score/explain_nodes.h"
#include "engine/score/formula.h"
#include "engine/score/ratio.h"
#include "engine/score/status.h"
#include "engine/score/total.h"

namespace assay {
namespace {

// What is wrong with a node; nothing when it is right.
using Fault = std::optional<std::string>;

const std::string kExcluded = ScoreStatus{ScoreState::kExcluded}.ToString();

std::string Show(const std::optional<std::string>& value) { return value ? *value : "no value"; }

// The value must be `expected`, to the letter.
Fault ValueIs(const ExplainNode& node, const std::optional<std::string>& expected) {
  if (node.value == expected) return std::nullopt;
  return fmt::format("the value is {} and should be {}", Show(node.value), Show(expected));
}

Fault ValueIs(const ExplainNode& node, Decimal expected) {
  return ValueIs(node, std::optional(expected.ToString()));
}

Fault StatusIs(const ExplainNode& node, std::string_view expected) {
  if (node.status == expected) return std::nullopt;
  return fmt::format("the status is '{}' and should be '{}'", node.status, expected);
}

// An input must be `expected`; an empty text stands for one that is left out.
Fault InputIs(const ExplainNode& node, std::string_view name, std::string_view expected) {
  const std::string* const text = node.Input(name);
  if ((text ? std::string_view(*text) : std::string_view()) == expected) return std::nullopt;
  return fmt::format("{} is '{}' and should be '{}'", name, text ? *text : "", expected);
}

std::optional<Decimal> ValueOf(const ExplainNode& node) {
  return node.value ? Decimal::Parse(*node.value) : std::nullopt;
}

std::optional<int64_t> WholeInput(const ExplainNode& node, std::string_view name) {
  const std::string* const text = node.Input(name);
  int64_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

// An int32 in [low, high].
std::optional<int32_t> BasisPoints(const ExplainNode& node, std::string_view name, int32_t low,
                                   int32_t high) {
  const std::optional<int64_t> value = WholeInput(node, name);
  if (!value || *value < low || *value > high) return std::nullopt;
  return static_cast<int32_t>(*value);
}

Fault ChildrenAre(const ExplainNode& node, ExplainKind kind) {
  const bool all = std::ranges::all_of(
      node.children, [kind](const ExplainNode& child) { return child.kind == kind; });
  if (all) return std::nullopt;
  return fmt::format("a child is no {}", ExplainKindName(kind));
}

// --- facts to measures ---

Fault CheckFact(const ExplainNode& node) {
  if (!node.fact) return "it tells no record";
  if (!ValueOf(node)) return "the value is no number";
  if (!Instant::Parse(node.fact->at) || !Day::Parse(node.fact->effective)) {
    return "its time cannot be read";
  }
  return std::nullopt;
}

Fault CheckFactsOf(const ExplainNode& node, const DayTotals& day) {
  if (static_cast<int64_t>(node.children.size()) != day.totals.count) {
    return fmt::format("count is {} and there are {} facts", day.totals.count,
                       node.children.size());
  }
  AttributedTotals again;
  int64_t before_ms = std::numeric_limits<int64_t>::min();
  for (const ExplainNode& fact : node.children) {
    const int64_t ms = Instant::Parse(fact.fact->at)->ms;
    if (ms < before_ms) return "the facts are not in the order of their time";
    before_ms = ms;
    if (fact.fact->effective != node.label) return "a fact is of another day";
    const Decimal value = *ValueOf(fact);
    again.Add({day.day, {value, 1, value, value, value, ms}}, {});
  }
  AttributedTotals told;
  told.Add(day, {});
  if (again.overflowed != told.overflowed || (!told.overflowed && again.sum != told.sum)) {
    return fmt::format("the facts add up to {}", again.sum.ToString());
  }
  const bool same = again.min == day.totals.min && again.max == day.totals.max &&
                    again.last == day.totals.last && again.last_time_ms == day.totals.last_time_ms;
  return same ? Fault() : "min, max or last is not that of the facts";
}

Fault CheckDay(const ExplainNode& node) {
  const std::optional<DayTotals> day = ReadDay(node);
  if (!day) return "its totals cannot be read";
  if (Fault fault = ValueIs(node, day->totals.sum)) return fault;
  if (Fault fault = ChildrenAre(node, ExplainKind::kFact)) return fault;
  if (!node.Input("factsHash")) return CheckFactsOf(node, *day);
  return node.children.empty() ? Fault() : "it has a hash and facts";
}

// Without what is meaningless after an overflow.
AttributedTotals Comparable(AttributedTotals totals) {
  if (totals.overflowed) totals.sum = totals.count = Decimal();
  return totals;
}

Fault TotalsAre(const ExplainNode& node, const AttributedTotals& expected) {
  const std::optional<AttributedTotals> totals = ReadTotals(node);
  if (!totals) return "its totals cannot be read";
  if (Comparable(*totals) == Comparable(expected)) return std::nullopt;
  return fmt::format("its totals do not follow from its children, whose sum is {}",
                     expected.sum.ToString());
}

Fault CheckAttribution(const ExplainNode& node) {
  if (Fault fault = ChildrenAre(node, ExplainKind::kDay)) return fault;
  const std::optional<int32_t> total_bp =
      BasisPoints(node, "totalBp", 1, std::numeric_limits<int32_t>::max());
  const std::optional<int32_t> part_bp =
      total_bp ? BasisPoints(node, "partBp", 1, *total_bp) : std::nullopt;
  const std::optional<Day> from = Day::Parse(InputOr(node, "from"));
  const std::optional<Day> to = Day::Parse(InputOr(node, "to"));
  const bool is_whole = node.rule == AttributionName(v1::ATTRIBUTION_WHOLE);
  const bool is_split = node.rule == AttributionName(v1::ATTRIBUTION_SPLIT);
  if (!part_bp || !from || !to || is_whole == is_split) return "its share cannot be read";
  AttributedTotals again;
  for (const ExplainNode& child : node.children) {
    const DayTotals day = *ReadDay(child);
    if (!DaySpan{*from, *to}.Contains(day.day)) return "a day is outside of its span";
    if (!again.empty && day.day <= again.last_day) return "its days are not in order";
    again.Add(day, is_whole ? AllocationShare{} : AllocationShare{*part_bp, *total_bp});
  }
  if (Fault fault = TotalsAre(node, again)) return fault;
  if (again.overflowed) return ValueIs(node, std::nullopt);
  return ValueIs(node, again.sum);
}

// "sum(mes.good)"
std::optional<MeasureUse> UseOf(const ExplainNode& node) {
  const size_t open = node.label.find('(');
  const std::optional<Aggregate> aggregate = AggregateFromName(node.label.substr(0, open));
  if (!aggregate || open == std::string::npos || !node.label.ends_with(')')) return std::nullopt;
  return MeasureUse{node.label.substr(open + 1, node.label.size() - open - 2), *aggregate};
}

Fault CheckMeasure(const ExplainNode& node) {
  const std::optional<MeasureUse> use = UseOf(node);
  if (!use || node.rule != AggregateName(use->aggregate)) return "its aggregate cannot be read";
  if (Fault fault = ChildrenAre(node, ExplainKind::kAttribution)) return fault;
  AttributedTotals again;
  for (const ExplainNode& child : node.children) again.Merge(*ReadTotals(child));
  if (Fault fault = TotalsAre(node, again)) return fault;
  const NumberResult value = again.Value(use->aggregate);
  if (Fault fault = StatusIs(node, value.Ok() ? "" : EvalStatusName(value.status))) return fault;
  return value.Ok() ? ValueIs(node, value.value) : ValueIs(node, std::nullopt);
}

// --- measures to points ---

// The values that the measure nodes of a formula carry; they were checked.
class NodeValues : public MeasureValues {
 public:
  explicit NodeValues(const std::vector<ExplainNode>& nodes) : nodes_(nodes) {}

  NumberResult Value(size_t index, const MeasureUse& /*use*/) override {
    const ExplainNode& node = nodes_[index];
    const std::optional<Decimal> value = ValueOf(node);
    if (value) return {EvalStatus::kOk, *value};
    return {EvalStatusFromName(node.status).value_or(EvalStatus::kNoData), {}};
  }

 private:
  const std::vector<ExplainNode>& nodes_;
};

Fault OutcomeIs(const ExplainNode& node, const Achieved& achieved) {
  if (Fault fault = InputIs(node, "outcome", OutcomeText(achieved))) return fault;
  const RuledValue ruled = ApplyMetricRules(achieved, MissingRuleFromName(InputOr(node, "missing")),
                                            DivZeroRuleFromName(InputOr(node, "divZero")));
  if (Fault fault = StatusIs(node, ruled.status.Ok() ? "" : ruled.status.ToString())) return fault;
  return ruled.value ? ValueIs(node, *ruled.value) : ValueIs(node, std::nullopt);
}

Fault CheckFormula(const ExplainNode& node) {
  const std::variant<Formula, Rejection> parsed = Formula::Parse(node.rule, "rule");
  const Formula* const formula = std::get_if<Formula>(&parsed);
  if (!formula) return std::get<Rejection>(parsed).message;
  const std::string attribution = InputOr(node, "attribution");
  if (attribution == AttributionName(v1::ATTRIBUTION_POSITION)) {
    if (!node.children.empty()) return "it has measures that it could not attribute";
    return OutcomeIs(node, {ScoreReason::kAttribution, {}});
  }
  if (node.children.size() != formula->Uses().size()) return "its measures are not the formula's";
  for (size_t i = 0; i < node.children.size(); ++i) {
    const ExplainNode& measure = node.children[i];
    if (measure.kind != ExplainKind::kMeasure || measure.label != ToString(formula->Uses()[i])) {
      return "its measures are not the formula's";
    }
    for (const ExplainNode& share : measure.children) {
      if (share.rule != attribution) return "a measure was attributed by another rule";
    }
  }
  NodeValues values(node.children);
  std::vector<FormulaStep> steps;
  const Achieved achieved = AchievedOf(formula->Evaluate(values, &steps));
  std::vector<std::string> texts;
  std::ranges::transform(steps, std::back_inserter(texts), &FormulaStep::ToString);
  if (ReadSteps(node) != texts) return "its steps are not those of the formula";
  return OutcomeIs(node, achieved);
}

Fault CheckCurveNode(const ExplainNode& node) {
  if (node.children.size() != 1 || node.children.front().kind != ExplainKind::kFormula) {
    return "it has no formula";
  }
  const std::optional<v1::CurveDefinition> definition = ReadCurve(node);
  if (!definition) return "its definition cannot be read";
  const std::variant<Curve, Rejection> compiled = Curve::Compile(*definition);
  const Curve* const curve = std::get_if<Curve>(&compiled);
  if (!curve) return std::get<Rejection>(compiled).message;
  const ExplainNode& formula = node.children.front();
  if (Fault fault = InputIs(node, "actual", formula.value.value_or(""))) return fault;
  const std::optional<Decimal> actual = ValueOf(formula);
  if (!actual) {
    if (Fault fault = StatusIs(node, formula.status)) return fault;
    return ValueIs(node, std::nullopt);
  }
  const CurveShare share = curve->Share(*actual, Decimal::Parse(InputOr(node, "target")));
  const bool is_ok = share.status == CurveStatus::kOk;
  if (Fault fault = StatusIs(node, is_ok ? "" : CurveStatusName(share.status))) return fault;
  if (!is_ok) return ValueIs(node, std::nullopt);
  if (Fault fault = InputIs(node, "branch", share.branch_text)) return fault;
  if (Fault fault = InputIs(node, "exact", share.share.ToString())) return fault;
  const std::optional<Decimal> shown =
      share.share.Rounded(Decimal::kFractionDigits, Rounding::kHalfEven);
  return shown ? ValueIs(node, *shown) : ValueIs(node, std::nullopt);
}

Fault CheckRounding(const ExplainNode& node) {
  const std::optional<Ratio> exact = Ratio::Parse(InputOr(node, "exact"));
  const std::optional<Rounding> mode = RoundingFromName(node.rule);
  const std::optional<int32_t> digits = BasisPoints(node, "digits", 0, Decimal::kFractionDigits);
  if (!exact || !mode || !digits) return "what is rounded cannot be read";
  const std::optional<Decimal> rounded = exact->Rounded(*digits, *mode);
  return rounded ? ValueIs(node, *rounded) : ValueIs(node, std::nullopt);
}

// An item that has points from its curve.
Fault CheckScoredItem(const ExplainNode& node) {
  const ExplainNode& curve = node.children.front();
  const ExplainNode& rounding = node.children.back();
  const std::optional<int32_t> weight_bp =
      BasisPoints(node, "weightBp", 0, limits::kBasisPointsWhole);
  const std::optional<int32_t> included_bp =
      node.Input("includedBp") ? BasisPoints(node, "includedBp", 1, limits::kBasisPointsWhole)
                               : limits::kBasisPointsWhole;
  if (!weight_bp || !included_bp) return "its weight cannot be read";
  const Ratio weight = ItemWeight{*weight_bp, *included_bp}.Points();
  if (Fault fault = InputIs(node, "weight", weight.ToString())) return fault;
  const std::optional<Ratio> share = Ratio::Parse(InputOr(curve, "exact"));
  if (!share) return "its curve gives no share";
  const std::string exact = weight.Times(*share).ToString();
  if (exact != InputOr(rounding, "exact")) {
    return fmt::format("weight x share is {} and {} was rounded", exact,
                       InputOr(rounding, "exact"));
  }
  if (Fault fault = StatusIs(node, "")) return fault;
  return ValueIs(node, rounding.value);
}

Fault CheckItem(const ExplainNode& node) {
  if (node.children.empty() || node.children.front().kind != ExplainKind::kCurve) {
    return "it has no curve";
  }
  const ExplainNode& curve = node.children.front();
  const ExplainNode& formula = curve.children.front();
  if (Fault fault = InputIs(node, "metric", formula.label)) return fault;
  if (Fault fault = InputIs(node, "achieved", formula.value.value_or(""))) return fault;
  if (Fault fault = InputIs(node, "target", InputOr(curve, "target"))) return fault;
  const bool is_scored =
      node.children.size() == 2 && node.children.back().kind == ExplainKind::kRounding;
  if (is_scored) return CheckScoredItem(node);
  if (node.children.size() != 1) return "it has more than a curve and a rounding";
  if (node.status.empty() || (curve.status.empty() && formula.status.empty())) {
    return "it could be computed";
  }
  // Nothing, or the 0 that a template's rule gives; the part knows the rule.
  if (!node.value || *node.value == "0") return std::nullopt;
  return ValueIs(node, std::nullopt);
}

// --- points to the total ---

// The sum of those that count; nothing when one of them has no value.
std::optional<Decimal> SumOf(const std::vector<const ExplainNode*>& nodes) {
  std::optional<Decimal> sum = Decimal();
  for (const ExplainNode* node : nodes) {
    if (node->status == kExcluded) continue;
    const std::optional<Decimal> value = ValueOf(*node);
    sum = value ? sum->Plus(*value) : std::nullopt;
    if (!sum) break;
  }
  return sum;
}

Fault SumIs(const ExplainNode& node, const std::optional<Decimal>& sum) {
  if (sum) {
    if (Fault fault = StatusIs(node, "")) return fault;
    return ValueIs(node, *sum);
  }
  if (node.status.empty()) return "it has no value and no status";
  return ValueIs(node, std::nullopt);
}

std::vector<const ExplainNode*> ItemsOf(const ExplainNode& node) {
  std::vector<const ExplainNode*> items;
  for (const ExplainNode& child : node.children) {
    if (child.kind == ExplainKind::kItem) items.push_back(&child);
    if (child.kind != ExplainKind::kBlock) continue;
    for (const ExplainNode& item : child.children) items.push_back(&item);
  }
  return items;
}

Fault CheckBlock(const ExplainNode& node) {
  if (Fault fault = ChildrenAre(node, ExplainKind::kItem)) return fault;
  return SumIs(node, SumOf(ItemsOf(node)));
}

// Which weights count, and that every item was scored with them.
Fault CheckWeights(const ExplainNode& part, const std::vector<const ExplainNode*>& items) {
  int64_t included = 0;
  bool is_excluding = false;
  for (const ExplainNode* item : items) {
    const std::optional<int32_t> weight_bp =
        BasisPoints(*item, "weightBp", 0, limits::kBasisPointsWhole);
    if (!weight_bp) return "a weight cannot be read";
    is_excluding |= item->status == kExcluded;
    if (item->status != kExcluded) included += *weight_bp;
  }
  const std::string expected =
      is_excluding && included != limits::kBasisPointsWhole ? std::to_string(included) : "";
  if (Fault fault = InputIs(part, "includedBp", expected)) return fault;
  for (const ExplainNode* item : items) {
    if (!item->status.empty()) continue;
    if (InputIs(*item, "includedBp", expected)) {
      return fmt::format("item {} was scored with other weights", item->label);
    }
  }
  return std::nullopt;
}

Fault CheckPart(const ExplainNode& node) {
  const std::vector<const ExplainNode*> items = ItemsOf(node);
  const bool is_only_items = std::ranges::all_of(node.children, [](const ExplainNode& child) {
    return child.kind == ExplainKind::kItem || child.kind == ExplainKind::kBlock;
  });
  if (!is_only_items) return "a child is no item and no block";
  if (Fault fault = CheckWeights(node, items)) return fault;
  const v1::MissingRule missing = MissingRuleFromName(InputOr(node, "missing"));
  for (const ExplainNode* item : items) {
    if (!item->status.empty() && item->value && missing != v1::MISSING_RULE_ZERO) {
      return fmt::format("item {} counts without a value", item->label);
    }
  }
  const bool is_empty =
      std::ranges::all_of(items, [](const ExplainNode* item) { return item->status == kExcluded; });
  return SumIs(node, is_empty ? std::nullopt : SumOf(items));
}

Fault CheckAdjustment(const ExplainNode& node) {
  if (!node.adjustment) return "it tells no adjustment";
  if (!ValueOf(node)) return "the value is no number";
  return ValueIs(node, std::optional(node.adjustment->delta));
}

Fault CheckCap(const ExplainNode& node) {
  const std::optional<Decimal> sum = Decimal::Parse(InputOr(node, "sum"));
  const std::optional<Decimal> cap = Decimal::Parse(InputOr(node, "cap"));
  if (!sum || !cap || cap->IsNegative()) return "its sum or cap cannot be read";
  return ValueIs(node, OverflowOf(*sum, *cap));
}

// The children of a total by kind.
struct TotalChildren {
  std::vector<const ExplainNode*> parts;
  std::vector<const ExplainNode*> adjustments;
  const ExplainNode* rounding = nullptr;
  const ExplainNode* cap = nullptr;
};

std::optional<TotalChildren> ChildrenOf(const ExplainNode& node) {
  TotalChildren children;
  for (const ExplainNode& child : node.children) {
    if (child.kind == ExplainKind::kPart) {
      children.parts.push_back(&child);
    } else if (child.kind == ExplainKind::kAdjustment) {
      children.adjustments.push_back(&child);
    } else if (child.kind == ExplainKind::kRounding && !children.rounding) {
      children.rounding = &child;
    } else if (child.kind == ExplainKind::kCap && !children.cap) {
      children.cap = &child;
    } else {
      return std::nullopt;
    }
  }
  return children;
}

// What the parts give together.
struct PartsSum {
  std::optional<Decimal> computed;
  Fault fault;
};

PartsSum CheckShownWeights(const std::vector<const ExplainNode*>& parts,
                           const std::vector<int64_t>& days) {
  const std::vector<int32_t> weights = PartWeights(days);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (InputIs(*parts[i], "weightBp", std::to_string(weights[i]))) {
      return {{}, fmt::format("part {} should weigh {}", parts[i]->label, weights[i])};
    }
  }
  return {};
}

PartsSum SumParts(const TotalChildren& children) {
  // Beyond every person's days; larger ones would overflow.
  constexpr int64_t kAllocationDaysMax = 1'000'000'000'000;
  std::vector<int64_t> days;
  std::vector<WeightedPart> weighted;
  bool is_complete = true;
  for (const ExplainNode* part : children.parts) {
    const std::optional<int64_t> part_days = WholeInput(*part, "allocationDays");
    if (!part_days || *part_days < 0 || *part_days > kAllocationDaysMax) {
      return {{}, fmt::format("the allocation of part {} cannot be read", part->label)};
    }
    days.push_back(*part_days);
    if (children.parts.size() > 1 && *part_days == 0) continue;
    const std::optional<Decimal> computed = ValueOf(*part);
    is_complete &= computed.has_value();
    weighted.push_back({computed.value_or(Decimal()), *part_days});
  }
  if (weighted.empty()) return {};
  if (PartsSum shown = CheckShownWeights(children.parts, days); shown.fault) return shown;
  if (!is_complete) return {};
  const std::optional<Decimal> computed = ComputedOf(weighted);
  const bool needs_rounding = computed && children.parts.size() > 1;
  if (needs_rounding != (children.rounding != nullptr)) return {{}, "its rounding is missing"};
  if (needs_rounding &&
      (InputOr(*children.rounding, "exact") != ComputedRatio(weighted).ToString() ||
       ValueOf(*children.rounding) != computed)) {
    return {{}, "the mean of the parts is not what was rounded"};
  }
  return {computed, {}};
}

Fault CheckBand(const ExplainNode& node, Decimal total) {
  const v1::BandTableDefinition definition = ReadBands(node);
  if (definition.bands().empty()) return InputIs(node, "band", "");
  const std::variant<BandTable, Rejection> compiled = BandTable::Compile(definition);
  const BandTable* const table = std::get_if<BandTable>(&compiled);
  if (!table) return std::get<Rejection>(compiled).message;
  return InputIs(node, "band", table->Of(total));
}

Fault CheckTotal(const ExplainNode& node) {
  const std::optional<TotalChildren> children = ChildrenOf(node);
  if (!children) return "a child has no place in a total";
  const PartsSum parts = SumParts(*children);
  if (parts.fault) return parts.fault;
  const std::string computed = parts.computed ? parts.computed->ToString() : "";
  if (Fault fault = InputIs(node, "computed", computed)) return fault;
  const std::optional<Decimal> adjusted = SumOf(children->adjustments);
  const Decimal adjustments = adjusted.value_or(Decimal());
  if (Fault fault = InputIs(node, "adjustments", adjustments.ToString())) return fault;
  const std::optional<Decimal> sum =
      parts.computed && adjusted ? parts.computed->Plus(adjustments) : std::nullopt;
  if (!sum) return SumIs(node, std::nullopt);
  if (!children->cap) return "its cap is missing";
  if (InputIs(*children->cap, "sum", sum->ToString())) return "another sum was capped";
  const Decimal overflow = *ValueOf(*children->cap);
  if (Fault fault = InputIs(node, "overflow", overflow.ToString())) return fault;
  const Decimal total = *sum->Minus(overflow);
  if (Fault fault = SumIs(node, total)) return fault;
  return CheckBand(node, total);
}

Fault CheckArithmetic(const ExplainNode& node) {
  switch (node.kind) {
    case ExplainKind::kTotal:
      return CheckTotal(node);
    case ExplainKind::kPart:
      return CheckPart(node);
    case ExplainKind::kBlock:
      return CheckBlock(node);
    case ExplainKind::kItem:
      return CheckItem(node);
    case ExplainKind::kCurve:
      return CheckCurveNode(node);
    case ExplainKind::kFormula:
      return CheckFormula(node);
    case ExplainKind::kMeasure:
      return CheckMeasure(node);
    case ExplainKind::kAttribution:
      return CheckAttribution(node);
    case ExplainKind::kDay:
      return CheckDay(node);
    case ExplainKind::kFact:
      return CheckFact(node);
    case ExplainKind::kAdjustment:
      return CheckAdjustment(node);
    case ExplainKind::kCap:
      return CheckCap(node);
    case ExplainKind::kRounding:
      return CheckRounding(node);
  }
  return "a node of no kind";
}

Fault CheckDigest(const ExplainNode& node) {
  if (node.digest == DigestOf(node)) return std::nullopt;
  return "one of its fields was changed: they do not have its digest";
}

// The first fault, children before parents; `path` is the way to it.
template <typename Check>
Fault FirstFault(const ExplainNode& node, const Check& check, std::vector<int>& path) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    path.push_back(static_cast<int>(i));
    if (Fault fault = FirstFault(node.children[i], check, path)) return fault;
    path.pop_back();
  }
  return check(node);
}

// Nodes that the parser of the tree let through may nest only as deep as trees do.
bool IsTooDeep(const ExplainNode& node, int depth_left) {
  if (depth_left == 0) return true;
  return std::ranges::any_of(node.children, [depth_left](const ExplainNode& child) {
    return IsTooDeep(child, depth_left - 1);
  });
}

CheckResult Failed(const ExplainNode& root, std::vector<int> path, std::string reason) {
  NodePlace place = PlaceOf(root, std::move(path));
  return {.path = std::move(place.path),
          .pointer = std::move(place.pointer),
          .place = std::move(place.words),
          .reason = std::move(reason)};
}

// What the changed field does to the values, which may tell which field it is.
std::string ConsequenceOf(const ExplainNode& root, const std::vector<int>& path) {
  std::vector<int> way;
  const Fault fault = FirstFault(root, CheckArithmetic, way);
  if (!fault) return "; no value contradicts it";
  if (way == path) return "; " + *fault;
  return fmt::format("; at {}, {}", PlaceOf(root, std::move(way)).words, *fault);
}

}  // namespace

CheckResult CheckExplain(const ExplainNode& root) {
  // total, part, block, item, curve, formula, measure, attribution, day, fact
  constexpr int kDepthMax = 10;
  if (IsTooDeep(root, kDepthMax)) return Failed(root, {}, "the tree is too deep");
  std::vector<int> path;
  if (const Fault fault = FirstFault(root, CheckDigest, path)) {
    std::string reason = *fault + ConsequenceOf(root, path);
    return Failed(root, std::move(path), std::move(reason));
  }
  if (Fault fault = FirstFault(root, CheckArithmetic, path)) {
    return Failed(root, std::move(path), *std::move(fault));
  }
  return {.ok = true, .total = root.value};
}

}  // namespace assay

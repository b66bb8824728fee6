// Facts in memory and scorecards in few lines: what the tests of engine/score share.

#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/score/explain_scorecard.h"
#include "engine/score/scorecard.h"
#include "tests/support/environment.h"
#include "tests/support/printing.h"

namespace assay::testing {

inline Decimal D(std::string_view text) {
  const std::optional<Decimal> value = Decimal::Parse(text);
  INFO(text);
  REQUIRE(value);
  return *value;
}

inline Day DayAt(std::string_view text) {
  const std::optional<Day> day = Day::Parse(text);
  INFO(text);
  REQUIRE(day);
  return *day;
}

// ASSAY_SEED, or the same default every day.
inline uint64_t Seed() { return static_cast<uint64_t>(NumberFrom("ASSAY_SEED", 20260630)); }

// How often a campaign turns: the variable, or `standard`.
inline int Turns(const char* variable, int standard) {
  return static_cast<int>(NumberFrom(variable, standard));
}

// The value, or a failed test that shows the rejection.
template <typename T>
T Value(std::variant<T, Rejection> result) {
  if (const auto* rejection = std::get_if<Rejection>(&result)) FAIL(rejection->ToString());
  return std::get<T>(std::move(result));
}

template <typename T>
Rejection Refusal(const std::variant<T, Rejection>& result) {
  REQUIRE(std::holds_alternative<Rejection>(result));
  return std::get<Rejection>(result);
}

inline v1::CurveDefinition CurveOf(v1::CurveKind kind,
                                   v1::Direction direction = v1::DIRECTION_UNSPECIFIED) {
  v1::CurveDefinition curve;
  curve.set_kind(kind);
  curve.set_direction(direction);
  return curve;
}

inline v1::CurveDefinition Proportional(std::string cap = "") {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_PROPORTIONAL);
  curve.set_cap(std::move(cap));
  return curve;
}

inline v1::CurveDefinition LinearRange(std::string full, std::string zero) {
  v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_LINEAR_RANGE);
  curve.set_full(std::move(full));
  curve.set_zero(std::move(zero));
  return curve;
}

inline void AddRow(v1::CurveDefinition& curve, std::string from, std::string share,
                   std::string label = "") {
  v1::CurveRow* const row = curve.add_rows();
  row->set_from(std::move(from));
  row->set_share(std::move(share));
  row->set_label(std::move(label));
}

// Name, from, to.
inline v1::BandTableDefinition Bands(
    const std::vector<std::tuple<std::string, std::string, std::string>>& rows) {
  v1::BandTableDefinition table;
  for (const auto& [name, from, to] : rows) {
    v1::Band* const band = table.add_bands();
    band->set_name(name);
    band->set_from(from);
    band->set_to(to);
  }
  return table;
}

// 优秀 from 90, 合格 [70, 90), 待改进 below 70.
inline v1::BandTableDefinition UsualBands() {
  return Bands({{"优秀", "90", ""}, {"合格", "70", "90"}, {"待改进", "", "70"}});
}

// Facts by hand. They are summed here, on their own, so that a test compares two programs.
class MemoryFacts : public FactReader {
 public:
  struct Fact {
    std::string entity;
    std::string measure;
    Day day;
    Decimal value;
    int64_t at_ms = 0;
    std::string record;
    std::string version = "1";
    std::string unit;
  };

  // Facts of one day take place one second after another.
  Fact& Add(std::string entity, std::string measure, std::string_view day, std::string_view value) {
    const auto number = static_cast<int64_t>(facts.size());
    facts.push_back({.entity = std::move(entity),
                     .measure = std::move(measure),
                     .day = DayAt(day),
                     .value = D(value),
                     .record = "r-" + std::to_string(number)});
    facts.back().at_ms = int64_t{facts.back().day.number} * 86'400'000 + number * 1'000;
    return facts.back();
  }

  void Totals(const ScoreEntity& entity, std::string_view measure, DaySpan days,
              std::vector<DayTotals>& out) override {
    ++reads;
    std::map<Day, std::vector<const Fact*>> by_day;
    for (const Fact* fact : Sorted(entity, measure)) {
      if (days.Contains(fact->day)) by_day[fact->day].push_back(fact);
    }
    for (const auto& [day, of_day] : by_day) {
      MeasureTotals totals{.count = static_cast<int64_t>(of_day.size()),
                           .min = of_day.front()->value,
                           .max = of_day.front()->value,
                           .last = of_day.back()->value,
                           .last_time_ms = of_day.back()->at_ms};
      for (const Fact* fact : of_day) {
        totals.sum = Decimal::FromRaw(totals.sum.Raw() + fact->value.Raw());
        totals.min = std::min(totals.min, fact->value);
        totals.max = std::max(totals.max, fact->value);
      }
      out.push_back({day, totals});
    }
  }

  std::vector<FactLeaf> Facts(const ScoreEntity& entity, std::string_view measure,
                              Day day) override {
    std::vector<FactLeaf> leaves;
    for (const Fact* fact : Sorted(entity, measure)) {
      if (fact->day == day) leaves.push_back(Leaf(*fact));
    }
    return leaves;
  }

  std::deque<Fact> facts;
  int reads = 0;

 private:
  static FactLeaf Leaf(const Fact& fact) {
    return {.value = fact.value,
            .unit = fact.unit,
            .origin = {.source = std::string(SourceOfMeasure(fact.measure)),
                       .entity = fact.entity,
                       .record = {fact.record},
                       .version = fact.version,
                       .effective = fact.day.ToString(),
                       .at = Instant{fact.at_ms}.ToString(),
                       .src = {.log = "cluster-1/erp.orders/1",
                               .topic = "erp.orders",
                               .partition = 3,
                               .offset = 1'000 + fact.at_ms % 1'000'003,
                               .hash = std::string(64, 'a')}}};
  }

  std::vector<const Fact*> Sorted(const ScoreEntity& entity, std::string_view measure) const {
    std::vector<const Fact*> found;
    for (const Fact& fact : facts) {
      if (fact.entity == entity.Name() && fact.measure == measure) found.push_back(&fact);
    }
    std::ranges::stable_sort(found, {}, &Fact::at_ms);
    return found;
  }
};

// An item as a test writes it.
struct ItemSpec {
  std::string item;
  std::string formula = "sum(erp.output)";
  v1::CurveDefinition curve = Proportional();
  std::string target = "100";
  int32_t weight_bp = 10'000;
  std::string block = {};
  std::string unit = "pcs";
  v1::MissingRule missing = v1::MISSING_RULE_UNSPECIFIED;
  v1::DivZeroRule div_zero = v1::DIV_ZERO_RULE_UNSPECIFIED;
  v1::Attribution attribution = v1::ATTRIBUTION_UNSPECIFIED;
  v1::RoundingMode rounding = v1::ROUNDING_MODE_UNSPECIFIED;
};

// The one entity of a Card.
inline constexpr const char* kEmployee = "employee/e-1";

// One scorecard of June 2026 with everything it points at.
class Card {
 public:
  Card() {
    input.cycle = "2026-06";
    input.person = "p-0001";
    input.period = {DayAt("2026-06-01"), DayAt("2026-07-01")};
    input.entities = {{"employee", "e-1", {}}};
  }
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  // A part held all month with a whole allocation, unless its runs are changed.
  ScorePartInput& Part(const std::string& agreement, const std::vector<ItemSpec>& items,
                       int32_t part_bp = 10'000, int32_t total_bp = 10'000) {
    ScorePartInput& part = input.parts.emplace_back();
    part.agreement = agreement;
    part.position = "pos-" + agreement;
    part.allocation = {{input.period, part_bp, total_bp}};
    for (const ItemSpec& spec : items) part.items.push_back(Item(spec));
    return part;
  }

  void UseBands(const v1::BandTableDefinition& definition) {
    bands_.push_back(Value(ScoringBands::Compile("bands@1", definition)));
    input.bands = &bands_.back();
  }

  void Adjust(const std::string& id, std::string_view delta, const std::string& item = "") {
    input.adjustments.push_back({.id = id,
                                 .item = item,
                                 .delta = D(delta),
                                 .reason_code = "BUSINESS_IMPACT",
                                 .requested_by = "p-0900",
                                 .approved_by = {"p-0901"},
                                 .at = "2026-07-02T10:00:00.000Z",
                                 .remark = "saved the \"June\" order"});
  }

  Scorecard Evaluate() { return EvaluateScorecard(input, facts); }
  ExplainedScorecard Explain(const ExplainOptions& options = {}) {
    return ExplainScorecard(input, facts, options);
  }

  ScorecardInput input;
  MemoryFacts facts;

 private:
  ScoreItemInput Item(const ItemSpec& spec) {
    v1::MetricDefinition metric;
    metric.set_formula(spec.formula);
    metric.set_unit(spec.unit);
    metric.set_missing(spec.missing);
    metric.set_div_zero(spec.div_zero);
    metric.set_attribution(spec.attribution);
    metric.set_rounding(spec.rounding);
    metrics_.push_back(Value(ScoringMetric::Compile(spec.item + "-metric@1", metric)));
    curves_.push_back(Value(ScoringCurve::Compile(spec.item + "-curve@1", spec.curve)));
    return {.item = spec.item,
            .block = spec.block,
            .metric = &metrics_.back(),
            .curve = &curves_.back(),
            .target = spec.target.empty() ? std::nullopt : std::optional(D(spec.target)),
            .unit = spec.unit,
            .weight_bp = spec.weight_bp};
  }

  // Deques, so that pointers into them stay.
  std::deque<ScoringMetric> metrics_;
  std::deque<ScoringCurve> curves_;
  std::deque<ScoringBands> bands_;
};

inline std::string Text(const std::optional<Decimal>& value) {
  return value ? value->ToString() : "null";
}

}  // namespace assay::testing

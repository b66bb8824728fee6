// What the nodes of an explain tree hold, written and read back in one place.
//
// node         label             value           rule               inputs
// total        person            total           how it adds up     cycle, computed, adjustments,
//                                                                   overflow, bandTable, band,
//                                                                   band.N.name, band.N.from
// part         agreement         computed        items left out     position, allocationDays,
//                                                                   weightBp, missing, includedBp
// block        block             sum of items
// item         item              points          weight x share     metric, weightBp, includedBp,
//                                                                   weight, achieved, target, unit
// rounding     "rounding"        rounded         mode               exact, digits
// curve        curve             share, 12       kind               actual, target, the fields of
//                                digits                             the definition, branch, exact
// formula      metric            achieved        text               attribution, missing, divZero,
//                                                                   outcome, step.N
// measure      sum(mes.good)     value           aggregate          sum, count, min, max, last,
//                                                                   lastDay, lastAt
// attribution  entity            sum             SPLIT or WHOLE     from, to, partBp, totalBp, and
//                                                                   as measure
// day          day               sum                                count, min, max, last, lastAt,
//                                                                   factsHash when shortened
// fact         record            value
// adjustment   item or "total"   delta
// cap          "cap"             overflow        how                sum, cap
//
// Inputs without a value are left out.

#pragma once

#include <assay/v1/metric.pb.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/score/attribution.h"
#include "engine/score/curve.h"
#include "engine/score/explain.h"
#include "engine/score/measure_items.h"
#include "engine/score/score_input.h"
#include "engine/score/status.h"

namespace assay {

[[nodiscard]] ExplainNode FactNode(const FactLeaf& fact);

// SHA-256 of the digests of the fact nodes, each length-prefixed: the hash of a shortened day.
[[nodiscard]] std::string FactsHash(std::span<const ExplainNode> facts);

[[nodiscard]] ExplainNode DayNode(const DayTotals& day, std::vector<ExplainNode> facts,
                                  const ExplainOptions& options);

// The input called `name`, or an empty text.
[[nodiscard]] std::string InputOr(const ExplainNode& node, std::string_view name);

// Nothing when a text of the node cannot be read; so all Read functions here.
[[nodiscard]] std::optional<DayTotals> ReadDay(const ExplainNode& node);

// Without children yet; `totals` are known when they are.
[[nodiscard]] ExplainNode AttributionNode(const ScoreEntity& entity, v1::Attribution rule,
                                          const AllocationRun& run);
void SetTotals(ExplainNode& node, const AttributedTotals& totals);
// What SetTotals wrote. On overflow there is no sum and no count.
[[nodiscard]] std::optional<AttributedTotals> ReadTotals(const ExplainNode& node);

[[nodiscard]] ExplainNode MeasureNode(const MeasureUse& use, const AttributedTotals& totals);

// Without steps, children and outcome yet.
[[nodiscard]] ExplainNode NodeOfFormula(const ScoringMetric& metric);
void AddSteps(ExplainNode& node, const std::vector<FormulaStep>& steps);
// The texts of AddSteps.
[[nodiscard]] std::vector<std::string> ReadSteps(const ExplainNode& node);
void SetOutcome(ExplainNode& node, const Achieved& achieved, const RuledValue& ruled);
// A value, or the name of a reason: the input "outcome".
[[nodiscard]] std::string OutcomeText(const Achieved& achieved);

[[nodiscard]] ExplainNode CurveNode(const ScoringCurve& curve, std::optional<Decimal> actual,
                                    std::optional<Decimal> target);
[[nodiscard]] std::optional<v1::CurveDefinition> ReadCurve(const ExplainNode& node);

[[nodiscard]] ExplainNode RoundingNode(const Ratio& exact, int digits, Rounding mode,
                                       std::optional<Decimal> rounded);

[[nodiscard]] ExplainNode AdjustmentNode(const ScoreAdjustment& adjustment);
[[nodiscard]] ExplainNode CapNode(Decimal sum, Decimal cap);

void AddBands(ExplainNode& node, const ScoringBands& bands);
// The band rows that AddBands wrote; none when there were none.
[[nodiscard]] v1::BandTableDefinition ReadBands(const ExplainNode& node);

// "SPLIT", "EXCLUDE_AND_STATE", "ZERO": what unspecified stands for is written out.
[[nodiscard]] std::string AttributionName(v1::Attribution attribution);
[[nodiscard]] std::string MissingRuleName(v1::MissingRule rule);
[[nodiscard]] std::string DivZeroRuleName(v1::DivZeroRule rule);
// The reverse; unspecified for an unknown name.
[[nodiscard]] v1::MissingRule MissingRuleFromName(const std::string& name);
[[nodiscard]] v1::DivZeroRule DivZeroRuleFromName(const std::string& name);

// Sets value and status, which is empty for OK.
void SetValue(ExplainNode& node, const ScoreStatus& status, const std::optional<Decimal>& value);

// HALF_UP for unspecified.
[[nodiscard]] Rounding RoundingOf(v1::RoundingMode mode);

}  // namespace assay

#include "engine/score/explain_scorecard.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/score/explain_nodes.h"
#include "engine/score/total.h"

namespace assay {
namespace {

constexpr int32_t kWhole = limits::kBasisPointsWhole;
constexpr std::string_view kPoints = "points";

// Puts the nodes of formulas under those of a scorecard that was computed from them.
class TreeBuilder {
 public:
  TreeBuilder(const ScorecardInput& input, const Scorecard& card, std::vector<ExplainNode> formulas)
      : input_(input), card_(card), formulas_(std::move(formulas)) {}

  ExplainNode Total() {
    ExplainNode node{.kind = ExplainKind::kTotal,
                     .label = input_.person,
                     .unit = std::string(kPoints),
                     .rule = "computed + adjustments - overflow"};
    SetValue(node, card_.status, card_.total);
    node.AddInput("cycle", input_.cycle);
    if (card_.computed) node.AddInput("computed", card_.computed->ToString());
    node.AddInput("adjustments", card_.adjustments.ToString());
    if (card_.overflow) node.AddInput("overflow", card_.overflow->ToString());
    if (input_.bands) AddBands(node, *input_.bands);
    if (!card_.band.empty()) node.AddInput("band", std::string(card_.band));
    for (size_t i = 0; i < input_.parts.size(); ++i) {
      node.children.push_back(Part(input_.parts[i], card_.parts[i]));
    }
    if (card_.computed && card_.parts.size() > 1) node.children.push_back(Mean());
    for (const ScoreAdjustment& adjustment : input_.adjustments) {
      node.children.push_back(AdjustmentNode(adjustment));
    }
    if (card_.total) {
      const Decimal sum = card_.computed->Plus(card_.adjustments).value_or(Decimal());
      node.children.push_back(CapNode(sum, input_.total_cap));
    }
    return node;
  }

 private:
  ExplainNode Mean() const {
    std::vector<WeightedPart> parts;
    for (const PartScore& part : card_.parts) {
      if (part.allocation_days > 0) parts.push_back({*part.computed, part.allocation_days});
    }
    return RoundingNode(ComputedRatio(parts), kPointsDigits, Rounding::kHalfUp, card_.computed);
  }

  ExplainNode Part(const ScorePartInput& part, const PartScore& score) {
    ExplainNode node{.kind = ExplainKind::kPart,
                     .label = part.agreement,
                     .unit = std::string(kPoints),
                     .rule = PartRule(part, score)};
    SetValue(node, score.status, score.computed);
    node.AddInput("position", part.position);
    node.AddInput("allocationDays", std::to_string(score.allocation_days));
    node.AddInput("weightBp", std::to_string(score.weight_bp));
    node.AddInput("missing", MissingRuleName(part.missing));
    if (score.included_bp != kWhole) {
      node.AddInput("includedBp", std::to_string(score.included_bp));
    }
    for (size_t i = 0; i < part.items.size(); ++i) {
      ExplainNode item = Item(part.items[i], score.items[i], score.included_bp);
      PlaceFor(part.items[i].block, node).push_back(std::move(item));
    }
    for (ExplainNode& child : node.children) {
      if (child.kind == ExplainKind::kBlock) SumBlock(child);
    }
    return node;
  }

  static std::string PartRule(const ScorePartInput& part, const PartScore& score) {
    std::vector<std::string_view> excluded;
    for (size_t i = 0; i < part.items.size(); ++i) {
      if (score.items[i].status.state == ScoreState::kExcluded) {
        excluded.push_back(part.items[i].item);
      }
    }
    if (excluded.empty()) return "sum of points";
    return fmt::format("sum of points without {}; the other weights count times {}/{}",
                       fmt::join(excluded, ", "), kWhole, score.included_bp);
  }

  // The children of the block's node, which is made when it is not there yet.
  static std::vector<ExplainNode>& PlaceFor(const std::string& block, ExplainNode& part) {
    if (block.empty()) return part.children;
    const auto found = std::ranges::find_if(part.children, [&](const ExplainNode& child) {
      return child.kind == ExplainKind::kBlock && child.label == block;
    });
    if (found != part.children.end()) return found->children;
    part.children.push_back({.kind = ExplainKind::kBlock,
                             .label = block,
                             .unit = std::string(kPoints),
                             .rule = "sum of points"});
    return part.children.back().children;
  }

  static void SumBlock(ExplainNode& block) {
    Decimal sum;
    for (const ExplainNode& item : block.children) {
      if (item.status == ScoreStatus{ScoreState::kExcluded}.ToString()) continue;
      const std::optional<Decimal> points = item.value ? Decimal::Parse(*item.value) : std::nullopt;
      const std::optional<Decimal> added = points ? sum.Plus(*points) : std::nullopt;
      if (!added) {
        block.status = item.status;
        return;
      }
      sum = *added;
    }
    block.value = sum.ToString();
  }

  ExplainNode Item(const ScoreItemInput& item, const ItemScore& score, int32_t included_bp) {
    const ItemWeight weight{item.weight_bp, std::max(included_bp, 1)};
    ExplainNode node{.kind = ExplainKind::kItem,
                     .label = item.item,
                     .unit = std::string(kPoints),
                     .rule = "weight x share, rounded once"};
    SetValue(node, score.status, score.points);
    node.AddInput("metric", item.metric->id);
    node.AddInput("weightBp", std::to_string(item.weight_bp));
    if (score.status.Ok()) {
      if (included_bp != kWhole) node.AddInput("includedBp", std::to_string(included_bp));
      node.AddInput("weight", weight.Points().ToString());
    }
    if (score.achieved) node.AddInput("achieved", score.achieved->ToString());
    if (item.target) node.AddInput("target", item.target->ToString());
    if (!item.unit.empty()) node.AddInput("unit", item.unit);
    node.children.push_back(CurveOf(item, score));
    if (score.status.Ok()) node.children.push_back(RoundingOfItem(item, score, weight));
    return node;
  }

  ExplainNode CurveOf(const ScoreItemInput& item, const ItemScore& score) {
    ExplainNode node = CurveNode(*item.curve, score.achieved, item.target);
    ExplainNode& formula = formulas_[next_formula_++];
    if (!score.achieved) node.status = formula.status;
    node.children.push_back(std::move(formula));
    return node;
  }

  static ExplainNode RoundingOfItem(const ScoreItemInput& item, const ItemScore& score,
                                    const ItemWeight& weight) {
    const Ratio share = item.curve->curve.Share(*score.achieved, item.target).share;
    return RoundingNode(weight.Points().Times(share), kPointsDigits,
                        RoundingOf(item.metric->definition.rounding()), score.points);
  }

  const ScorecardInput& input_;
  const Scorecard& card_;
  std::vector<ExplainNode> formulas_;
  size_t next_formula_ = 0;
};

}  // namespace

ExplainedScorecard ExplainScorecard(const ScorecardInput& input, FactReader& facts,
                                    const ExplainOptions& options) {
  ItemMeasurer measurer(input, facts);
  std::vector<Achieved> achieved;
  std::vector<ExplainNode> formulas;
  for (const ScorePartInput& part : input.parts) {
    for (const ScoreItemInput& item : part.items) {
      achieved.push_back(measurer.Explain(part, item, options, formulas.emplace_back()));
    }
  }
  ExplainedScorecard explained{.scorecard = ScoreAchieved(input, achieved)};
  explained.tree = TreeBuilder(input, explained.scorecard, std::move(formulas)).Total();
  SealDigests(explained.tree);
  return explained;
}

}  // namespace assay

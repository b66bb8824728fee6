#include "engine/agreement/terms.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/wire.h"
#include "engine/event/definitions.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::agreement {
namespace {

// "95.00 %"
std::string Percent(int64_t basis_points) {
  return fmt::format("{}.{:02} %", basis_points / 100, basis_points % 100);
}

std::string GrainName(v1::Grain grain) { return ShortEnumName(v1::Grain_Name(grain), "GRAIN_"); }

std::optional<Rejection> CheckDifficulty(const std::string& path, const std::string& difficulty) {
  if (difficulty.empty()) return std::nullopt;
  if (auto wrong = CheckDecimal(path, difficulty)) return wrong;
  if (DecimalOf(difficulty) > Decimal()) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", path, "more than 0", difficulty,
                 fmt::format("{} is no difficulty", difficulty), "1 is the usual one");
}

std::optional<Rejection> CheckItem(const std::string& path, const v1::TermsItem& item) {
  if (auto wrong = CheckId(path + ".item", item.item())) return wrong;
  if (auto wrong = CheckVersionedId(path + ".metric", item.metric())) return wrong;
  if (auto wrong = CheckVersionedId(path + ".curve", item.curve())) return wrong;
  if (item.weight_bp() <= 0 || item.weight_bp() > limits::kBasisPointsWhole) {
    return Invalid("INVALID_WEIGHT", path + ".weightBp", "1 to 10000 basis points",
                   std::to_string(item.weight_bp()),
                   fmt::format("{} is no weight", item.weight_bp()));
  }
  if (!item.block().empty()) {
    if (auto wrong = CheckId(path + ".block", item.block())) return wrong;
  }
  if (!item.target().empty()) {
    if (auto wrong = CheckDecimal(path + ".target", item.target())) return wrong;
  }
  return CheckDifficulty(path + ".difficulty", item.difficulty());
}

// A quantitative goal without number and unit is no goal that anybody could agree to.
std::optional<Rejection> CheckTarget(const std::string& path, const v1::TermsItem& item,
                                     const v1::MetricDefinition& metric) {
  const bool quantitative = metric.kind() == v1::METRIC_KIND_QUANTITATIVE;
  if (quantitative && (item.target().empty() || item.unit().empty())) {
    return Invalid(
        "TARGET_REQUIRED", path + (item.target().empty() ? ".target" : ".unit"),
        item.target().empty() ? "a number" : metric.unit(), "none",
        fmt::format("item {} is quantitative: it needs a number and a unit", item.item()),
        fmt::format("state the target in {}", metric.unit()));
  }
  if (item.target().empty()) return std::nullopt;
  return CheckTargetUnit(path, item.metric(), metric, item.unit());
}

std::optional<Rejection> CheckDefinition(const std::string& path, const v1::TermsItem& item,
                                         v1::Grain grain, StateReader& state) {
  const auto metric = state.Find<v1::MetricState>(streams::Metric(item.metric()));
  if (!metric) return NotVisible(path + ".metric", "metric", item.metric());
  const auto curve = state.Find<v1::CurveState>(streams::Curve(item.curve()));
  if (!curve) return NotVisible(path + ".curve", "curve", item.curve());
  if (auto wrong = CheckTarget(path, item, metric->definition())) return wrong;
  if (metric->stage() != v1::METRIC_STAGE_PUBLISHED) {
    return Rejection{
        .code = "METRIC_NOT_PUBLISHED",
        .rejection_class = RejectionClass::kState,
        .path = path + ".metric",
        .expected = "PUBLISHED",
        .actual = ShortEnumName(v1::MetricStage_Name(metric->stage()), "METRIC_STAGE_"),
        .message = fmt::format("{} is not published", item.metric()),
        .hint = "name a published version"};
  }
  if (auto wrong = CheckDirections(path, item.metric(), metric->definition(), item.curve(),
                                   curve->definition())) {
    return wrong;
  }
  return CheckGrain(path + ".metric", item.metric(), metric->definition(), grain);
}

}  // namespace

std::string SideName(v1::Side side) { return ShortEnumName(v1::Side_Name(side), "SIDE_"); }

const v1::TermsItem* FindItem(const TermsItems& items, std::string_view item) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const v1::TermsItem& candidate) {
    return candidate.item() == item;
  });
  return found == items.end() ? nullptr : &*found;
}

bool SameItem(const v1::TermsItem& a, const v1::TermsItem& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

bool SameTerms(const TermsItems& a, const TermsItems& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const v1::TermsItem& item) {
           const v1::TermsItem* other = FindItem(b, item.item());
           return other != nullptr && SameItem(item, *other);
         });
}

Hash32 ContentHashOf(std::string_view agreement, const v1::AgreementVersion& version) {
  std::string bytes;
  AppendPrefixed(bytes, agreement);
  AppendPrefixed(bytes, std::to_string(version.version()));
  // No map fields: the bytes of an item are the same wherever they are made.
  for (const v1::TermsItem& item : version.items()) AppendPrefixed(bytes, item.SerializeAsString());
  return Sha256(bytes);
}

std::optional<Rejection> CheckTerms(std::string_view path, const TermsItems& items) {
  const std::string items_path = fmt::format("{}.items", path);
  if (items.empty()) {
    return Invalid("INCOMPLETE_TERMS", items_path, "at least one item", "none",
                   "the terms have no items");
  }
  if (items.size() > limits::kItemsMax) {
    return Invalid("INVALID_COUNT", items_path, fmt::format("1 to {} items", limits::kItemsMax),
                   std::to_string(items.size()), "the terms have too many items");
  }
  std::set<std::string_view> seen;
  int64_t sum_bp = 0;
  for (int i = 0; i < items.size(); ++i) {
    const std::string item_path = fmt::format("{}[{}]", items_path, i);
    if (auto wrong = CheckItem(item_path, items[i])) return wrong;
    if (!seen.insert(items[i].item()).second) {
      return Invalid("DUPLICATE_ITEM", item_path + ".item", "each item once", items[i].item(),
                     fmt::format("item {} stands here twice", items[i].item()));
    }
    sum_bp += items[i].weight_bp();
  }
  if (sum_bp == limits::kBasisPointsWhole) return std::nullopt;
  return Invalid("WEIGHT_SUM_NOT_100", items_path, "100.00 %", Percent(sum_bp),
                 fmt::format("the weights add up to {}, not to 100.00 %", Percent(sum_bp)),
                 "change the weights together so that they add up to 10,000 basis points");
}

std::optional<Rejection> CheckDefinitions(std::string_view path, const TermsItems& items,
                                          v1::Grain grain, StateReader& state) {
  for (int i = 0; i < items.size(); ++i) {
    if (auto wrong =
            CheckDefinition(fmt::format("{}.items[{}]", path, i), items[i], grain, state)) {
      return wrong;
    }
  }
  return std::nullopt;
}

std::optional<Rejection> CheckGrain(std::string_view path, std::string_view metric,
                                    const v1::MetricDefinition& definition, v1::Grain grain) {
  if (definition.grain() == grain || !definition.grain_rule().empty()) return std::nullopt;
  return RefusedPolicy(
      "GRAIN_MISMATCH", std::string(path), fmt::format("{}, or a grain rule", GrainName(grain)),
      GrainName(definition.grain()),
      fmt::format("{} is of grain {} and the cycle of grain {}", metric,
                  GrainName(definition.grain()), GrainName(grain)),
      "publish a version of the metric that says how it serves the cycle (LAST_CLOSED_QUARTER)");
}

}  // namespace assay::agreement

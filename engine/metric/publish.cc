#include "engine/metric/publish.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/event/definitions.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::metric {
namespace {

// "95.00 %"
std::string Percent(int64_t basis_points) {
  return fmt::format("{}.{:02} %", basis_points / 100, basis_points % 100);
}

Rejection Immutable(std::string path, std::string_view id) {
  return {.code = "VERSION_IMMUTABLE",
          .rejection_class = RejectionClass::kState,
          .path = std::move(path),
          .expected = "a version that is not there yet",
          .actual = std::string(id),
          .message = fmt::format("{} is published and never changes", id),
          .hint = "publish the next version"};
}

// Version rules of everything that is published in one step; `stream_of` names the stream of an id.
template <typename State>
std::optional<Rejection> CheckNewVersion(const std::string& path, const std::string& id,
                                         std::string (*stream_of)(std::string_view),
                                         StateReader& state) {
  if (state.Find<State>(stream_of(id))) return Immutable(path, id);
  const std::string former = FormerVersion(id);
  const bool former_exists = !former.empty() && state.Find<State>(stream_of(former)).has_value();
  return CheckVersionFollows(path, id, former_exists);
}

Rejection WeightSum(std::string path, int64_t sum_bp, std::string_view what) {
  return Invalid("WEIGHT_SUM_NOT_100", std::move(path), "100.00 %", Percent(sum_bp),
                 fmt::format("{} add up to {}, not to 100.00 %", what, Percent(sum_bp)),
                 "change the weights together so that they add up to 10,000 basis points");
}

std::optional<Rejection> CheckWeight(const std::string& path, int32_t weight_bp) {
  if (weight_bp > 0 && weight_bp <= limits::kBasisPointsWhole) return std::nullopt;
  return Invalid("INVALID_WEIGHT", path, "1 to 10000 basis points", std::to_string(weight_bp),
                 fmt::format("{} is no weight", weight_bp));
}

std::optional<Rejection> CheckUnique(std::string path, const std::string& id,
                                     std::set<std::string>& seen) {
  if (seen.insert(id).second) return std::nullopt;
  return Invalid("DUPLICATE_ITEM", std::move(path), "each id once", id,
                 fmt::format("\"{}\" stands here twice", id));
}

// --- templates ---

std::optional<Rejection> CheckItemShape(const std::string& path, const v1::TemplateItem& item) {
  if (auto wrong = CheckId(path + ".item", item.item())) return wrong;
  if (auto wrong = CheckVersionedId(path + ".metric", item.metric())) return wrong;
  if (auto wrong = CheckVersionedId(path + ".curve", item.curve())) return wrong;
  if (auto wrong = CheckWeight(path + ".weightBp", item.weight_bp())) return wrong;
  if (!item.block().empty()) {
    if (auto wrong = CheckId(path + ".block", item.block())) return wrong;
  }
  if (item.target().empty()) return std::nullopt;
  return CheckDecimal(path + ".target", item.target());
}

std::optional<Rejection> CheckItems(const std::string& path,
                                    const v1::TemplateDefinition& definition) {
  if (definition.items().empty() || definition.items_size() > limits::kItemsMax) {
    return Invalid("INVALID_COUNT", path, fmt::format("1 to {} items", limits::kItemsMax),
                   std::to_string(definition.items_size()), "the template has too few or too many");
  }
  std::set<std::string> seen;
  int64_t sum_bp = 0;
  for (int i = 0; i < definition.items_size(); ++i) {
    const std::string item_path = fmt::format("{}[{}]", path, i);
    const v1::TemplateItem& item = definition.items(i);
    if (auto wrong = CheckItemShape(item_path, item)) return wrong;
    if (auto wrong = CheckUnique(item_path + ".item", item.item(), seen)) return wrong;
    sum_bp += item.weight_bp();
  }
  if (sum_bp != limits::kBasisPointsWhole) return WeightSum(path, sum_bp, "the weights");
  return std::nullopt;
}

int64_t SumOfBlock(const v1::TemplateDefinition& definition, const std::string& block) {
  int64_t sum_bp = 0;
  for (const v1::TemplateItem& item : definition.items()) {
    if (item.block() == block) sum_bp += item.weight_bp();
  }
  return sum_bp;
}

// Blocks are optional; once given, they hold every item and weigh what their items weigh.
std::optional<Rejection> CheckBlocks(const std::string& path,
                                     const v1::TemplateDefinition& definition) {
  if (definition.blocks().empty()) return std::nullopt;
  std::set<std::string> blocks;
  for (int i = 0; i < definition.blocks_size(); ++i) {
    const v1::TemplateBlock& block = definition.blocks(i);
    const std::string block_path = fmt::format("{}.blocks[{}]", path, i);
    if (auto wrong = CheckId(block_path + ".block", block.block())) return wrong;
    if (auto wrong = CheckUnique(block_path + ".block", block.block(), blocks)) return wrong;
    const int64_t sum_bp = SumOfBlock(definition, block.block());
    if (sum_bp != block.weight_bp()) {
      return Invalid("BLOCK_WEIGHT_MISMATCH", block_path + ".weightBp", Percent(sum_bp),
                     std::to_string(block.weight_bp()),
                     fmt::format("the items of block {} weigh {}", block.block(), Percent(sum_bp)),
                     "a block weighs the sum of its items");
    }
  }
  for (int i = 0; i < definition.items_size(); ++i) {
    const std::string& block = definition.items(i).block();
    if (blocks.contains(block)) continue;
    return Invalid("UNKNOWN_BLOCK", fmt::format("{}.items[{}].block", path, i),
                   "one of the template's blocks", block,
                   fmt::format("item {} is in no block", definition.items(i).item()),
                   "name a block for every item, or none at all");
  }
  return std::nullopt;
}

std::optional<Rejection> CheckTemplateShape(const std::string& path,
                                            const v1::TemplateDefinition& definition) {
  if (definition.name().empty() || definition.name().size() > limits::kTitleBytesMax) {
    return Invalid("INVALID_TEXT", path + ".name", "a name of 1 to 256 bytes", definition.name(),
                   "the template has no usable name");
  }
  if (auto wrong = CheckItems(path + ".items", definition)) return wrong;
  if (auto wrong = CheckBlocks(path, definition)) return wrong;
  if (!definition.band_table().empty()) {
    if (auto wrong = CheckVersionedId(path + ".bandTable", definition.band_table())) return wrong;
  }
  if (definition.total_cap().empty()) return std::nullopt;
  if (auto wrong = CheckDecimal(path + ".totalCap", definition.total_cap())) return wrong;
  if (DecimalOf(definition.total_cap()) > Decimal()) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", path + ".totalCap", "more than 0", definition.total_cap(),
                 "a total that is capped at nothing is no total");
}

std::optional<Rejection> CheckItemTarget(const std::string& path, const v1::TemplateItem& item,
                                         const v1::MetricDefinition& metric, bool required) {
  const bool quantitative = metric.kind() == v1::METRIC_KIND_QUANTITATIVE;
  if (required && quantitative && item.target().empty()) {
    return Invalid("TARGET_REQUIRED", path + ".target", "a number", "none",
                   fmt::format("item {} is scored by the template and has no target", item.item()),
                   "state target and unit, or do not score without a signed agreement");
  }
  if (item.target().empty()) return std::nullopt;
  return CheckTargetUnit(path, item.metric(), metric, item.unit());
}

std::optional<Rejection> CheckItemReferences(const std::string& path, const v1::TemplateItem& item,
                                             bool target_required, StateReader& state) {
  const auto metric = state.Find<v1::MetricState>(streams::Metric(item.metric()));
  if (!metric) return NotVisible(path + ".metric", "metric", item.metric());
  const auto curve = state.Find<v1::CurveState>(streams::Curve(item.curve()));
  if (!curve) return NotVisible(path + ".curve", "curve", item.curve());
  if (metric->stage() != v1::METRIC_STAGE_PUBLISHED) {
    return Rejection{
        .code = "METRIC_NOT_PUBLISHED",
        .rejection_class = RejectionClass::kState,
        .path = path + ".metric",
        .expected = "PUBLISHED",
        .actual = ShortEnumName(v1::MetricStage_Name(metric->stage()), "METRIC_STAGE_"),
        .message = fmt::format("{} is not published", item.metric()),
        .hint = "publish the metric first"};
  }
  if (auto wrong = CheckDirections(path, item.metric(), metric->definition(), item.curve(),
                                   curve->definition())) {
    return wrong;
  }
  return CheckItemTarget(path, item, metric->definition(), target_required);
}

// --- band tables ---

// A guideline says how people are expected to spread over the bands, or is not there.
std::optional<Rejection> CheckGuideline(const std::string& path,
                                        const v1::BandTableDefinition& definition) {
  if (definition.guideline_bp().empty()) return std::nullopt;
  if (definition.guideline_bp_size() != definition.bands_size()) {
    return Invalid("INVALID_COUNT", path, fmt::format("{} shares", definition.bands_size()),
                   std::to_string(definition.guideline_bp_size()),
                   "a guideline gives one share per band");
  }
  int64_t sum_bp = 0;
  for (const int32_t share_bp : definition.guideline_bp()) {
    if (share_bp < 0) {
      return Invalid("INVALID_WEIGHT", path, "shares of 0 or more", std::to_string(share_bp),
                     "a share is negative");
    }
    sum_bp += share_bp;
  }
  if (sum_bp != limits::kBasisPointsWhole) return WeightSum(path, sum_bp, "the shares");
  return std::nullopt;
}

}  // namespace

std::string FormerVersion(std::string_view id) {
  const int version = VersionOf(id);
  return version > 1 ? fmt::format("{}@{}", NameOf(id), version - 1) : "";
}

std::optional<Rejection> CheckVersionFollows(std::string_view path, std::string_view id,
                                             bool former_exists) {
  if (former_exists || VersionOf(id) == 1) return std::nullopt;
  return Rejection{
      .code = "VERSION_GAP",
      .rejection_class = RejectionClass::kState,
      .path = std::string(path),
      .expected = fmt::format("{} before it", FormerVersion(id)),
      .actual = std::string(id),
      .message = fmt::format("{} is not there, so {} cannot follow it", FormerVersion(id), id),
      .hint = "versions start at 1 and leave none out"};
}

Decision DecidePublishCurve(const v1::PublishCurve& command, StateReader& state,
                            const DefinitionChecker& checker) {
  const std::string path = "publishCurve.curve";
  if (auto wrong = CheckVersionedId(path, command.curve())) return *wrong;
  if (auto wrong = checker.CheckCurve("publishCurve.definition", command.definition())) {
    return *wrong;
  }
  if (auto wrong = CheckNewVersion<v1::CurveState>(path, command.curve(), &streams::Curve, state)) {
    return *wrong;
  }
  v1::Event event;
  event.set_stream(streams::Curve(command.curve()));
  event.mutable_curve_published()->set_curve(command.curve());
  *event.mutable_curve_published()->mutable_definition() = command.definition();
  return Accepted{{std::move(event)}};
}

Decision DecidePublishTemplate(const v1::PublishTemplate& command, StateReader& state) {
  const std::string path = "publishTemplate.template";
  const std::string definition_path = "publishTemplate.definition";
  const v1::TemplateDefinition& definition = command.definition();
  if (auto wrong = CheckVersionedId(path, command.template_())) return *wrong;
  if (auto wrong = CheckTemplateShape(definition_path, definition)) return *wrong;
  if (!definition.band_table().empty() &&
      !state.Find<v1::BandTableState>(streams::BandTable(definition.band_table()))) {
    return NotVisible(definition_path + ".bandTable", "band table", definition.band_table());
  }
  for (int i = 0; i < definition.items_size(); ++i) {
    if (auto wrong = CheckItemReferences(fmt::format("{}.items[{}]", definition_path, i),
                                         definition.items(i), definition.score_unsigned(), state)) {
      return *wrong;
    }
  }
  if (auto wrong = CheckNewVersion<v1::TemplateState>(path, command.template_(), &streams::Template,
                                                      state)) {
    return *wrong;
  }
  v1::Event event;
  event.set_stream(streams::Template(command.template_()));
  event.mutable_template_published()->set_template_(command.template_());
  *event.mutable_template_published()->mutable_definition() = definition;
  return Accepted{{std::move(event)}};
}

Decision DecidePublishBandTable(const v1::PublishBandTable& command, StateReader& state,
                                const DefinitionChecker& checker) {
  const std::string path = "publishBandTable.table";
  if (auto wrong = CheckVersionedId(path, command.table())) return *wrong;
  if (auto wrong = checker.CheckBands("publishBandTable.definition", command.definition())) {
    return *wrong;
  }
  if (auto wrong =
          CheckGuideline("publishBandTable.definition.guidelineBp", command.definition())) {
    return *wrong;
  }
  if (auto wrong =
          CheckNewVersion<v1::BandTableState>(path, command.table(), &streams::BandTable, state)) {
    return *wrong;
  }
  v1::Event event;
  event.set_stream(streams::BandTable(command.table()));
  event.mutable_band_table_published()->set_table(command.table());
  *event.mutable_band_table_published()->mutable_definition() = command.definition();
  return Accepted{{std::move(event)}};
}

}  // namespace assay::metric

#include "tools/assay/explain_leaves.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/hash.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

constexpr std::string_view kFactsTopic = "facts/";

template <typename Number>
bool TakeNumber(std::string_view& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || out < 0) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

struct Coordinates {
  int32_t partition = 0;
  int64_t position = 0;
};

// Of "facts/3@17"; nothing when they lie outside of the log.
std::optional<Coordinates> CoordinatesOf(std::string_view topic, const Moment& end) {
  Coordinates at;
  if (!topic.starts_with(kFactsTopic)) return std::nullopt;
  topic.remove_prefix(kFactsTopic.size());
  if (!TakeNumber(topic, at.partition) || !topic.starts_with('@')) return std::nullopt;
  topic.remove_prefix(1);
  if (!TakeNumber(topic, at.position) || !topic.empty()) return std::nullopt;
  const auto partition = static_cast<size_t>(at.partition);
  const bool is_inside = partition < end.facts.size() && at.position <= end.facts[partition];
  return is_inside ? std::optional(at) : std::nullopt;
}

// Walks the tree and stops at the first leaf that differs.
class Comparison {
 public:
  Comparison(const Moment& end, const score_table::IntakeSource& intake_at)
      : end_(end), intake_at_(intake_at) {}

  absl::Status Visit(const ExplainNode& node, const std::string& place) {
    if (node.kind == ExplainKind::kMeasure) measure_ = MeasureOf(node.label);
    if (node.kind == ExplainKind::kFact) return Compare(node, place);
    if (node.kind == ExplainKind::kDay && node.children.empty()) ++result_.shortened_days;
    for (size_t i = 0; i < node.children.size() && !result_.difference.has_value(); ++i) {
      ASSAY_RETURN_IF_ERROR(Visit(node.children[i], fmt::format("{}/children/{}", place, i)));
    }
    return absl::OkStatus();
  }

  LeafComparison Take() { return std::move(result_); }

 private:
  // "mes.good" of "sum(mes.good)".
  static std::string MeasureOf(std::string_view label) {
    const size_t open = label.find('(');
    if (open == label.npos || !label.ends_with(')')) return "";
    return std::string(label.substr(open + 1, label.size() - open - 2));
  }

  absl::Status Compare(const ExplainNode& node, const std::string& place) {
    if (!node.fact.has_value()) {
      Differs(place, "a record", "nothing");
      return absl::OkStatus();
    }
    const FactOrigin& fact = *node.fact;
    const auto at = CoordinatesOf(fact.src.topic, end_);
    if (!at.has_value()) {
      Differs(place + "/src/topic",
              fmt::format("a place before the end of the log, {}", end_.ToString()),
              fact.src.topic);
      return absl::OkStatus();
    }
    const auto intake = intake_at_(at->partition, at->position);
    if (!intake.ok()) return Annotate(intake.status(), place);
    CompareOrigin(fact, *intake, place);
    CompareValue(node, *intake, place);
    ++result_.compared;
    return absl::OkStatus();
  }

  void CompareOrigin(const FactOrigin& fact, const v1::Intake& intake, const std::string& place) {
    const v1::Src& src = intake.src();
    Same(place + "/source", intake.source(), fact.source);
    if (!std::ranges::equal(intake.record_key(), fact.record)) {
      Differs(place + "/record", fmt::format("{}", fmt::join(intake.record_key(), ", ")),
              fmt::format("{}", fmt::join(fact.record, ", ")));
    }
    Same(place + "/version", intake.version(), fact.version);
    Same(place + "/effective", intake.day(), fact.effective);
    Same(place + "/at", InstantOf(intake.event_time()).ToString(), fact.at);
    Same(place + "/src/log", src.input_log(), fact.src.log);
    Same(place + "/src/partition", std::to_string(src.partition()),
         std::to_string(fact.src.partition));
    Same(place + "/src/offset", std::to_string(src.offset()), std::to_string(fact.src.offset));
    Same(place + "/src/hash", ToHex(src.hash()), fact.src.hash);
  }

  // One record may credit an entity with several measures: one of them must be this one.
  void CompareValue(const ExplainNode& node, const v1::Intake& intake, const std::string& place) {
    std::string stated;
    for (const v1::Contribution& contribution : intake.facts().contributions()) {
      const std::string entity =
          fmt::format("{}/{}", contribution.entity_type(), contribution.entity_key());
      const std::string measure = fmt::format("{}.{}", intake.source(), contribution.measure());
      if (entity != node.fact->entity || (!measure_.empty() && measure != measure_)) continue;
      if (contribution.value() == node.value && contribution.unit() == node.unit) return;
      stated = fmt::format("{} {}", contribution.value(), contribution.unit());
    }
    if (stated.empty()) {
      Differs(place + "/entity", fmt::format("an entity that the record credits with {}", measure_),
              node.fact->entity);
    } else {
      Differs(place + "/value", stated, fmt::format("{} {}", node.value.value_or(""), node.unit));
    }
  }

  void Same(const std::string& place, const std::string& journal, const std::string& tree) {
    if (journal != tree) Differs(place, journal, tree);
  }

  // The first difference stays.
  void Differs(std::string place, std::string expected, std::string actual) {
    if (result_.difference.has_value()) return;
    result_.difference =
        Rejection{.code = "LEAF_DIFFERS",
                  .rejection_class = RejectionClass::kIntegrity,
                  .path = std::move(place),
                  .expected = std::move(expected),
                  .actual = std::move(actual),
                  .message = "the fact is not what the journal holds at its coordinates",
                  .hint = "the file was changed, or it is of another company"};
  }

  const Moment& end_;
  const score_table::IntakeSource& intake_at_;
  // Of the measure node above.
  std::string measure_;
  LeafComparison result_;
};

}  // namespace

absl::StatusOr<LeafComparison> CompareLeaves(const ExplainNode& root, const Moment& end,
                                             const score_table::IntakeSource& intake_at) {
  Comparison comparison(end, intake_at);
  ASSAY_RETURN_IF_ERROR(comparison.Visit(root, ""));
  return comparison.Take();
}

}  // namespace assay

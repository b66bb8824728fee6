#include "engine/score/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace assay {
namespace {

// What tells a node from its neighbours.
std::string NameOf(const ExplainNode& node) {
  const std::string kind(ExplainKindName(node.kind));
  if (node.adjustment) return kind + " " + node.adjustment->id;
  if (node.fact) return fmt::format("{} {} at {}", kind, node.label, node.fact->src.topic);
  return kind + " " + node.label;
}

std::string NameAt(const std::vector<ExplainNode>& nodes, size_t index) {
  return index < nodes.size() ? NameOf(nodes[index]) : std::string();
}

// "p-1, p-2"
std::string Listed(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

class Comparison {
 public:
  Comparison(const ExplainNode& root, std::string_view unreadable)
      : root_(root), unreadable_(unreadable) {}

  bool Same(const ExplainNode& found, const ExplainNode& expected) {
    if (found.kind != expected.kind) return Differs("kind", NameOf(found), NameOf(expected));
    if (found.children.size() != expected.children.size()) return Miscounted(found, expected);
    for (size_t i = 0; i < found.children.size(); ++i) {
      path_.push_back(static_cast<int>(i));
      if (!Same(found.children[i], expected.children[i])) return false;
      path_.pop_back();
    }
    return SameText("label", found.label, expected.label) &&
           SameValue(found.value, expected.value) &&
           SameText("status", found.status, expected.status) &&
           SameText("unit", found.unit, expected.unit) &&
           SameText("rule", found.rule, expected.rule) && SameInputs(found, expected) &&
           SameFact(found.fact.value_or(FactOrigin()), expected.fact.value_or(FactOrigin())) &&
           SameAdjustment(found.adjustment.value_or(AdjustmentOrigin()),
                          expected.adjustment.value_or(AdjustmentOrigin()));
  }

  std::optional<ExplainDifference> Take() { return std::move(difference_); }

 private:
  bool Differs(std::string field, std::string found, std::string expected) {
    difference_ = ExplainDifference{.place = PlaceOf(root_, path_),
                                    .field = std::move(field),
                                    .found = std::move(found),
                                    .expected = std::move(expected)};
    return false;
  }

  // The first child that is another one than expected, or is missing; then the node is its parent.
  bool Miscounted(const ExplainNode& found, const ExplainNode& expected) {
    size_t first = 0;
    while (first < found.children.size() && first < expected.children.size() &&
           NameOf(found.children[first]) == NameOf(expected.children[first])) {
      ++first;
    }
    return Differs(fmt::format("children/{}", first), NameAt(found.children, first),
                   NameAt(expected.children, first));
  }

  bool SameText(std::string_view field, const std::string& found, const std::string& expected) {
    return found == expected || Differs(std::string(field), found, expected);
  }

  bool SameValue(const std::optional<std::string>& found,
                 const std::optional<std::string>& expected) {
    return found == expected || Differs("value", found.value_or("null"), expected.value_or("null"));
  }

  // Their order counts.
  bool SameInputs(const ExplainNode& found, const ExplainNode& expected) {
    for (const NamedText& input : expected.inputs) {
      const std::string* const text = found.Input(input.name);
      if (text == nullptr) return Differs("inputs/" + input.name, "", input.value);
      if (!SameText("inputs/" + input.name, *text, input.value)) return false;
    }
    for (const NamedText& input : found.inputs) {
      if (expected.Input(input.name) == nullptr) {
        return Differs("inputs/" + input.name, input.value, "");
      }
    }
    if (found.inputs == expected.inputs) return true;
    return Differs("inputs", "another order", "inputs in the order of the kind");
  }

  bool SameFact(const FactOrigin& found, const FactOrigin& expected) {
    return SameText("source", found.source, expected.source) &&
           SameText("entity", found.entity, expected.entity) &&
           SameTexts("record", found.record, expected.record) &&
           SameText("version", found.version, expected.version) &&
           SameText("effective", found.effective, expected.effective) &&
           SameText("at", found.at, expected.at) &&
           SameText("src/log", found.src.log, expected.src.log) &&
           SameText("src/topic", found.src.topic, expected.src.topic) &&
           SameText("src/partition", std::to_string(found.src.partition),
                    std::to_string(expected.src.partition)) &&
           SameText("src/offset", std::to_string(found.src.offset),
                    std::to_string(expected.src.offset)) &&
           SameText("src/hash", found.src.hash, expected.src.hash);
  }

  bool SameAdjustment(const AdjustmentOrigin& found, const AdjustmentOrigin& expected) {
    const bool is_unreadable = !unreadable_.empty() && expected.remark == unreadable_;
    return SameText("id", found.id, expected.id) &&
           SameText("delta", found.delta, expected.delta) &&
           SameText("reasonCode", found.reason_code, expected.reason_code) &&
           (is_unreadable || SameText("remark", found.remark, expected.remark)) &&
           SameText("requestedBy", found.requested_by, expected.requested_by) &&
           SameTexts("approvedBy", found.approved_by, expected.approved_by) &&
           SameText("at", found.at, expected.at);
  }

  bool SameTexts(std::string_view field, const std::vector<std::string>& found,
                 const std::vector<std::string>& expected) {
    return found == expected || Differs(std::string(field), Listed(found), Listed(expected));
  }

  const ExplainNode& root_;
  std::string_view unreadable_;
  std::vector<int> path_;
  std::optional<ExplainDifference> difference_;
};

}  // namespace

std::optional<ExplainDifference> CompareExplain(const ExplainNode& found,
                                                const ExplainNode& expected,
                                                std::string_view unreadable) {
  Comparison comparison(found, unreadable);
  static_cast<void>(comparison.Same(found, expected));
  return comparison.Take();
}

}  // namespace assay

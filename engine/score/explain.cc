#include "engine/score/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/shown_text.h"
#include "engine/base/wire.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 13> kKindNames = {
    "total",       "part", "block", "item",       "curve", "formula", "measure",
    "attribution", "day",  "fact",  "adjustment", "cap",   "rounding"};

void AppendTexts(std::string& out, const std::vector<std::string>& texts) {
  AppendUvarint(out, texts.size());
  for (const std::string& text : texts) AppendPrefixed(out, text);
}

void AppendFact(std::string& out, const FactOrigin& fact) {
  AppendPrefixed(out, fact.source);
  AppendPrefixed(out, fact.entity);
  AppendTexts(out, fact.record);
  for (const std::string* text :
       {&fact.version, &fact.effective, &fact.at, &fact.src.log, &fact.src.topic}) {
    AppendPrefixed(out, *text);
  }
  AppendBig32(out, static_cast<uint32_t>(fact.src.partition));
  AppendBig64(out, static_cast<uint64_t>(fact.src.offset));
  AppendPrefixed(out, fact.src.hash);
}

void AppendAdjustment(std::string& out, const AdjustmentOrigin& adjustment) {
  for (const std::string* text : {&adjustment.id, &adjustment.delta, &adjustment.reason_code,
                                  &adjustment.remark, &adjustment.requested_by}) {
    AppendPrefixed(out, *text);
  }
  AppendTexts(out, adjustment.approved_by);
  AppendPrefixed(out, adjustment.at);
}

void AppendScope(std::string& out, const ExplainScope& scope) {
  for (const std::string* text : {&scope.company, &scope.log, &scope.cycle, &scope.person,
                                  &scope.item, &scope.agreement, &scope.moment}) {
    AppendPrefixed(out, *text);
  }
}

class JsonWriter {
 public:
  std::string Take() { return std::move(out_); }

  void Node(const ExplainNode& node) {
    out_ += '{';
    Member("kind", ExplainKindName(node.kind));
    Member("label", node.label);
    if (node.value) {
      Member("value", *node.value);
    } else {
      Name("value");
      out_ += "null";
    }
    if (!node.status.empty()) Member("status", node.status);
    if (!node.unit.empty()) Member("unit", node.unit);
    if (!node.rule.empty()) Member("rule", node.rule);
    if (!node.inputs.empty()) Inputs(node.inputs);
    if (node.fact) Fact(*node.fact);
    if (node.adjustment) Adjustment(*node.adjustment);
    if (node.of) Scope(*node.of);
    Name("children");
    Open('[');
    for (const ExplainNode& child : node.children) {
      Separate();
      Node(child);
    }
    Close(']');
    Member("digest", node.digest);
    out_ += '}';
  }

 private:
  void Inputs(const std::vector<NamedText>& inputs) {
    Name("inputs");
    Open('{');
    for (const NamedText& input : inputs) Member(input.name, input.value);
    Close('}');
  }

  void Fact(const FactOrigin& fact) {
    Member("source", fact.source);
    Member("entity", fact.entity);
    Member("record", fact.record);
    Member("version", fact.version);
    Member("effective", fact.effective);
    Member("at", fact.at);
    Name("src");
    Open('{');
    Member("log", fact.src.log);
    Member("topic", fact.src.topic);
    Name("partition");
    out_ += std::to_string(fact.src.partition);
    Name("offset");
    out_ += std::to_string(fact.src.offset);
    Member("hash", fact.src.hash);
    Close('}');
  }

  void Adjustment(const AdjustmentOrigin& adjustment) {
    Member("id", adjustment.id);
    Member("delta", adjustment.delta);
    Member("reasonCode", adjustment.reason_code);
    Member("remark", adjustment.remark);
    Member("requestedBy", adjustment.requested_by);
    Member("approvedBy", adjustment.approved_by);
    Member("at", adjustment.at);
  }

  void Scope(const ExplainScope& scope) {
    Name("of");
    Open('{');
    Member("company", scope.company);
    Member("log", scope.log);
    Member("cycle", scope.cycle);
    Member("person", scope.person);
    if (!scope.item.empty()) {
      Member("item", scope.item);
      Member("agreement", scope.agreement);
    }
    Member("moment", scope.moment);
    Close('}');
  }

  void Open(char bracket) { out_ += bracket; }
  void Close(char bracket) { out_ += bracket; }

  // A comma unless this is the first of its kind.
  void Separate() {
    if (out_.back() != '{' && out_.back() != '[') out_ += ',';
  }

  void Name(std::string_view name) {
    Separate();
    Text(name);
    out_ += ':';
  }

  void Member(std::string_view name, std::string_view value) {
    Name(name);
    Text(value);
  }

  void Member(std::string_view name, const std::vector<std::string>& values) {
    Name(name);
    Open('[');
    for (const std::string& value : values) {
      Separate();
      Text(value);
    }
    Close(']');
  }

  void Text(std::string_view text) {
    out_ += '"';
    out_ += JsonText(text);
    out_ += '"';
  }

  std::string out_;
};

}  // namespace

std::string_view ExplainKindName(ExplainKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::optional<ExplainKind> ExplainKindFromName(std::string_view name) {
  const auto* const found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<ExplainKind>(found - kKindNames.begin());
}

const std::string* ExplainNode::Input(std::string_view name) const {
  const auto found = std::ranges::find(inputs, name, &NamedText::name);
  return found == inputs.end() ? nullptr : &found->value;
}

void ExplainNode::AddInput(std::string name, std::string value) {
  inputs.push_back({std::move(name), std::move(value)});
}

std::string DigestOf(const ExplainNode& node) {
  std::string bytes;
  AppendPrefixed(bytes, ExplainKindName(node.kind));
  AppendPrefixed(bytes, node.label);
  bytes += node.value ? '\1' : '\0';
  AppendPrefixed(bytes, node.value.value_or(""));
  for (const std::string* text : {&node.status, &node.unit, &node.rule}) {
    AppendPrefixed(bytes, *text);
  }
  AppendUvarint(bytes, node.inputs.size());
  for (const NamedText& input : node.inputs) {
    AppendPrefixed(bytes, input.name);
    AppendPrefixed(bytes, input.value);
  }
  bytes += node.fact ? '\1' : '\0';
  if (node.fact) AppendFact(bytes, *node.fact);
  bytes += node.adjustment ? '\1' : '\0';
  if (node.adjustment) AppendAdjustment(bytes, *node.adjustment);
  AppendUvarint(bytes, node.children.size());
  for (const ExplainNode& child : node.children) AppendPrefixed(bytes, child.digest);
  if (node.of) AppendScope(bytes, *node.of);
  return Sha256(bytes).Hex();
}

void SealDigests(ExplainNode& node) {
  for (ExplainNode& child : node.children) SealDigests(child);
  node.digest = DigestOf(node);
}

const ExplainNode* FindItem(const ExplainNode& root, std::string_view item) {
  if (root.kind == ExplainKind::kItem) return root.label == item ? &root : nullptr;
  for (const ExplainNode& child : root.children) {
    if (const ExplainNode* found = FindItem(child, item)) return found;
  }
  return nullptr;
}

std::vector<PartItem> ItemsCalled(const ExplainNode& total, std::string_view item) {
  std::vector<PartItem> found;
  for (const ExplainNode& part : total.children) {
    if (part.kind != ExplainKind::kPart) continue;
    if (const ExplainNode* node = FindItem(part, item)) found.push_back({&part, node});
  }
  return found;
}

NodePlace PlaceOf(const ExplainNode& root, std::vector<int> path) {
  NodePlace place{.path = std::move(path)};
  const ExplainNode* node = &root;
  place.words = fmt::format("{} {}", ExplainKindName(node->kind), node->label);
  for (const int child : place.path) {
    node = &node->children[static_cast<size_t>(child)];
    place.pointer += fmt::format("/children/{}", child);
    place.words += fmt::format(" > {} {}", ExplainKindName(node->kind), node->label);
  }
  return place;
}

std::string ExplainJson(const ExplainNode& root) {
  JsonWriter writer;
  writer.Node(root);
  return writer.Take();
}

}  // namespace assay

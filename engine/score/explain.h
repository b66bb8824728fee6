// The derivation of a score as a tree, from the total down to source records.
//
// Every node carries all constants that its value follows from, so that the tree alone is enough to
// evaluate it again (engine/score/check.h), and a digest over its own fields and its children's
// digests. What each kind holds stands in engine/score/explain_nodes.h.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class ExplainKind : uint8_t {
  kTotal,
  kPart,
  kBlock,
  kItem,
  kCurve,
  kFormula,
  kMeasure,
  kAttribution,
  kDay,
  kFact,
  kAdjustment,
  kCap,
  kRounding,
};

// "total"
[[nodiscard]] std::string_view ExplainKindName(ExplainKind kind);
[[nodiscard]] std::optional<ExplainKind> ExplainKindFromName(std::string_view name);

struct NamedText {
  std::string name;
  std::string value;

  bool operator==(const NamedText&) const = default;
};

// Where a record stands in its input.
struct SourcePlace {
  std::string log;
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  // Of the raw record, hexadecimal.
  std::string hash;

  bool operator==(const SourcePlace&) const = default;
};

// What a node of kind fact tells besides its value.
struct FactOrigin {
  std::string source;
  // "type/key"
  std::string entity;
  // The key fields of the record, in the order of the contract.
  std::vector<std::string> record;
  std::string version;
  // Day and instant of the event.
  std::string effective;
  std::string at;
  SourcePlace src;

  bool operator==(const FactOrigin&) const = default;
};

// What a node of kind adjustment tells besides its value, which is the delta.
struct AdjustmentOrigin {
  std::string id;
  std::string delta;
  std::string reason_code;
  std::string remark;
  std::string requested_by;
  std::vector<std::string> approved_by;
  std::string at;

  bool operator==(const AdjustmentOrigin&) const = default;
};

// What a printed tree explains, so that it can be computed anew: whose score, and when. Of the
// root.
struct ExplainScope {
  std::string company;
  std::string log;
  std::string cycle;
  std::string person;
  // Of a tree whose root is an item, with the agreement of its part; else empty.
  std::string item;
  std::string agreement;
  // The full vector.
  std::string moment;

  bool operator==(const ExplainScope&) const = default;
};

struct ExplainNode {
  ExplainKind kind = ExplainKind::kTotal;
  std::string label;
  // A canonical decimal; nothing when it cannot be computed, then `status` tells why.
  std::optional<std::string> value;
  // Empty = OK.
  std::string status;
  std::string unit;
  std::string rule;
  // Ordered; each name once.
  std::vector<NamedText> inputs;
  std::optional<FactOrigin> fact;
  std::optional<AdjustmentOrigin> adjustment;
  std::optional<ExplainScope> of;
  std::vector<ExplainNode> children;
  // 64 hexadecimal digits.
  std::string digest;

  // The input called `name`, or null.
  [[nodiscard]] const std::string* Input(std::string_view name) const;
  void AddInput(std::string name, std::string value);

  bool operator==(const ExplainNode&) const = default;
};

// SHA-256 of the node's own fields, each length-prefixed, and the digests that its children carry.
[[nodiscard]] std::string DigestOf(const ExplainNode& node);
// Sets the digest of every node, children first.
void SealDigests(ExplainNode& node);

// The item node called `item` (of the first part that has one), or null.
[[nodiscard]] const ExplainNode* FindItem(const ExplainNode& root, std::string_view item);

// An item in the part that it belongs to; both lie in the tree.
struct PartItem {
  const ExplainNode* part = nullptr;
  const ExplainNode* item = nullptr;
};
// The items called `item`, one of every part of the total that has one.
[[nodiscard]] std::vector<PartItem> ItemsCalled(const ExplainNode& total, std::string_view item);

// A node by the places of the children on the way to it, also as a JSON pointer and in words.
struct NodePlace {
  std::vector<int> path;
  // "/children/1"
  std::string pointer;
  // "total p-1 > adjustment total"
  std::string words;
};
// REQUIRES: `path` leads to a node.
[[nodiscard]] NodePlace PlaceOf(const ExplainNode& root, std::vector<int> path);

// The tree as one line of JSON, always the same bytes for the same tree:
//   {"kind","label","value"[,"status"][,"unit"][,"rule"][,"inputs":{..}], of a fact "source",
//    "entity","record","version","effective","at","src":{"log","topic","partition","offset",
//    "hash"}, of an adjustment "id","delta","reasonCode","remark","requestedBy","approvedBy","at",
//    of the root "of":{"company","log","cycle","person"[,"item","agreement"],"moment"},
//    "children","digest"}
// `inputs` is an object whose order counts. A reader must put all of it back into ExplainNode.
[[nodiscard]] std::string ExplainJson(const ExplainNode& root);

}  // namespace assay

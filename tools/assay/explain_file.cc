#include "tools/assay/explain_file.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/shown_text.h"

namespace assay {
namespace {

namespace dom = simdjson::dom;

// A tree has ten levels.
constexpr int kDepthMax = 32;
// Of a node: what a formula can name is far less.
constexpr size_t kInputsMax = 1'000;
// Of a place or a text in a message.
constexpr size_t kShownMax = 200;

// Reads nodes until the first thing that is wrong, which is kept in `fault`.
class TreeReader {
 public:
  std::optional<Rejection> fault;

  bool Node(const dom::element& element, const std::string& place, int depth, ExplainNode& node) {
    dom::object object;
    if (depth > kDepthMax) return Wrong(place, "a tree of ten levels", "more levels");
    if (!Object(element, place, object)) return false;
    std::string kind;
    if (!Text(object, place, "kind", kind)) return false;
    const auto known = ExplainKindFromName(kind);
    if (!known.has_value()) return Wrong(place + "/kind", "a kind of node", kind);
    node.kind = *known;
    return Keys(object, place, node.kind, depth == 0) && Text(object, place, "label", node.label) &&
           Value(object, place, node.value) && OptionalText(object, place, "status", node.status) &&
           OptionalText(object, place, "unit", node.unit) &&
           OptionalText(object, place, "rule", node.rule) && Inputs(object, place, node) &&
           Origin(object, place, node) && Scope(object, place, node) &&
           Children(object, place, depth, node) && Text(object, place, "digest", node.digest);
  }

 private:
  bool Wrong(std::string place, std::string expected, std::string actual) {
    fault = Rejection{.code = "EXPLAIN_UNREADABLE",
                      .rejection_class = RejectionClass::kIntegrity,
                      .path = ShownText(place, kShownMax),
                      .expected = std::move(expected),
                      .actual = ShownText(actual, kShownMax),
                      .message = "this is not a derivation as `assay score explain` writes it",
                      .hint = "ask for the derivation again: assay -o json score explain"};
    return false;
  }

  bool Object(const dom::element& element, const std::string& place, dom::object& out) {
    if (element.get(out) == simdjson::SUCCESS) return true;
    return Wrong(place, "an object", "another type");
  }

  // Each key known and once.
  bool Keys(const dom::object& object, const std::string& place, ExplainKind kind, bool is_root) {
    std::vector<std::string_view> known = {"kind", "label",  "value",    "status", "unit",
                                           "rule", "inputs", "children", "digest"};
    if (kind == ExplainKind::kFact) {
      known.insert(known.end(),
                   {"source", "entity", "record", "version", "effective", "at", "src"});
    } else if (kind == ExplainKind::kAdjustment) {
      known.insert(known.end(),
                   {"id", "delta", "reasonCode", "remark", "requestedBy", "approvedBy", "at"});
    }
    if (is_root) known.emplace_back("of");
    return KeysAmong(object, place, std::move(known));
  }

  bool KeysAmong(const dom::object& object, const std::string& place,
                 std::vector<std::string_view> known) {
    for (const dom::key_value_pair field : object) {
      const auto found = std::find(known.begin(), known.end(), field.key);
      if (found == known.end()) {
        return Wrong(fmt::format("{}/{}", place, field.key), "a known key, once",
                     std::string(field.key));
      }
      known.erase(found);
    }
    return true;
  }

  bool Text(const dom::object& object, const std::string& place, std::string_view key,
            std::string& out) {
    std::string_view text;
    const auto error = object.at_key(key).get(text);
    if (error == simdjson::SUCCESS) {
      out = text;
      return true;
    }
    return Wrong(fmt::format("{}/{}", place, key), "a text",
                 error == simdjson::NO_SUCH_FIELD ? "nothing" : "another type");
  }

  // An empty text is left out and nothing else.
  bool OptionalText(const dom::object& object, const std::string& place, std::string_view key,
                    std::string& out) {
    if (object.at_key(key).error() == simdjson::NO_SUCH_FIELD) return true;
    if (!Text(object, place, key, out)) return false;
    return !out.empty() || Wrong(fmt::format("{}/{}", place, key), "a text", "an empty text");
  }

  bool Value(const dom::object& object, const std::string& place, std::optional<std::string>& out) {
    dom::element value;
    if (object.at_key("value").get(value) == simdjson::SUCCESS && value.is_null()) return true;
    return Text(object, place, "value", out.emplace());
  }

  bool Texts(const dom::object& object, const std::string& place, std::string_view key,
             std::vector<std::string>& out) {
    const std::string here = fmt::format("{}/{}", place, key);
    dom::array array;
    if (object.at_key(key).get(array) != simdjson::SUCCESS) {
      return Wrong(here, "an array of texts", "nothing of that kind");
    }
    for (const dom::element entry : array) {
      std::string_view text;
      if (entry.get(text) != simdjson::SUCCESS) {
        return Wrong(here, "an array of texts", "an entry of another type");
      }
      out.emplace_back(text);
    }
    return true;
  }

  bool Number(const dom::object& object, const std::string& place, std::string_view key,
              int64_t max, int64_t& out) {
    if (object.at_key(key).get(out) == simdjson::SUCCESS && out >= 0 && out <= max) return true;
    return Wrong(fmt::format("{}/{}", place, key), "a whole number", "something else");
  }

  bool Inputs(const dom::object& object, const std::string& place, ExplainNode& node) {
    dom::element element;
    if (object.at_key("inputs").get(element) != simdjson::SUCCESS) return true;
    const std::string here = place + "/inputs";
    dom::object inputs;
    if (!Object(element, here, inputs)) return false;
    for (const dom::key_value_pair field : inputs) {
      std::string_view text;
      const std::string name(field.key);
      if (node.Input(name) != nullptr) return Wrong(here + "/" + name, "each name once", name);
      if (field.value.get(text) != simdjson::SUCCESS) {
        return Wrong(here + "/" + name, "a text", "another type");
      }
      if (node.inputs.size() >= kInputsMax) {
        return Wrong(here, fmt::format("at most {} inputs", kInputsMax), "more");
      }
      node.AddInput(name, std::string(text));
    }
    return !node.inputs.empty() || Wrong(here, "inputs", "an empty object");
  }

  bool Origin(const dom::object& object, const std::string& place, ExplainNode& node) {
    if (node.kind == ExplainKind::kFact) return Fact(object, place, node.fact.emplace());
    if (node.kind != ExplainKind::kAdjustment) return true;
    AdjustmentOrigin& origin = node.adjustment.emplace();
    return Text(object, place, "id", origin.id) && Text(object, place, "delta", origin.delta) &&
           Text(object, place, "reasonCode", origin.reason_code) &&
           Text(object, place, "remark", origin.remark) &&
           Text(object, place, "requestedBy", origin.requested_by) &&
           Texts(object, place, "approvedBy", origin.approved_by) &&
           Text(object, place, "at", origin.at);
  }

  bool Fact(const dom::object& object, const std::string& place, FactOrigin& fact) {
    if (!Text(object, place, "source", fact.source) ||
        !Text(object, place, "entity", fact.entity) ||
        !Texts(object, place, "record", fact.record) ||
        !Text(object, place, "version", fact.version) ||
        !Text(object, place, "effective", fact.effective) || !Text(object, place, "at", fact.at)) {
      return false;
    }
    const std::string here = place + "/src";
    dom::element element;
    dom::object src;
    int64_t partition = 0;
    if (object.at_key("src").get(element) != simdjson::SUCCESS) {
      return Wrong(here, "an object", "nothing");
    }
    if (!Object(element, here, src) ||
        !KeysAmong(src, here, {"log", "topic", "partition", "offset", "hash"}) ||
        !Text(src, here, "log", fact.src.log) || !Text(src, here, "topic", fact.src.topic) ||
        !Number(src, here, "partition", std::numeric_limits<int32_t>::max(), partition) ||
        !Number(src, here, "offset", std::numeric_limits<int64_t>::max(), fact.src.offset)) {
      return false;
    }
    fact.src.partition = static_cast<int32_t>(partition);
    return Text(src, here, "hash", fact.src.hash);
  }

  // Files of before there was one have none.
  bool Scope(const dom::object& object, const std::string& place, ExplainNode& node) {
    dom::element element;
    if (object.at_key("of").get(element) != simdjson::SUCCESS) return true;
    const std::string here = place + "/of";
    dom::object of;
    ExplainScope& scope = node.of.emplace();
    return Object(element, here, of) &&
           KeysAmong(of, here,
                     {"company", "log", "cycle", "person", "item", "agreement", "moment"}) &&
           Text(of, here, "company", scope.company) && Text(of, here, "log", scope.log) &&
           Text(of, here, "cycle", scope.cycle) && Text(of, here, "person", scope.person) &&
           OptionalText(of, here, "item", scope.item) &&
           (scope.item.empty() || Text(of, here, "agreement", scope.agreement)) &&
           Text(of, here, "moment", scope.moment);
  }

  bool Children(const dom::object& object, const std::string& place, int depth, ExplainNode& node) {
    dom::array children;
    if (object.at_key("children").get(children) != simdjson::SUCCESS) {
      return Wrong(place + "/children", "an array", "nothing of that kind");
    }
    for (const dom::element child : children) {
      const std::string here = fmt::format("{}/children/{}", place, node.children.size());
      if (!Node(child, here, depth + 1, node.children.emplace_back())) return false;
    }
    return true;
  }
};

}  // namespace

std::variant<ExplainNode, Rejection> ParseExplain(std::string_view json) {
  dom::parser parser;
  dom::element element;
  TreeReader reader;
  if (const auto error = parser.parse(simdjson::padded_string(json)).get(element)) {
    return Rejection{.code = "EXPLAIN_UNREADABLE",
                     .rejection_class = RejectionClass::kIntegrity,
                     .expected = "one JSON object",
                     .actual = simdjson::error_message(error),
                     .message = "the file is not JSON",
                     .hint = "ask for the derivation again: assay -o json score explain"};
  }
  ExplainNode root;
  if (!reader.Node(element, "", 0, root)) return *std::move(reader.fault);
  return root;
}

std::variant<std::vector<ExplainNode>, Rejection> ParseExplains(std::string_view json) {
  dom::parser parser;
  dom::array array;
  std::vector<ExplainNode> trees;
  std::optional<Rejection> refused;
  const auto take = [&](std::string_view text, bool is_alone) {
    auto parsed = ParseExplain(text);
    if (auto* tree = std::get_if<ExplainNode>(&parsed)) {
      trees.push_back(std::move(*tree));
      return;
    }
    refused = std::get<Rejection>(std::move(parsed));
    if (!is_alone) refused->path = fmt::format("/{}{}", trees.size(), refused->path);
  };
  if (parser.parse(simdjson::padded_string(json)).get(array) == simdjson::SUCCESS) {
    const bool is_alone = array.size() == 1;
    for (const dom::element entry : array) {
      if (!refused.has_value()) take(simdjson::minify(entry), is_alone);
    }
  } else {
    // Lines only where the first of them is a tree of its own.
    const size_t end = std::min(json.find('\n'), json.size());
    dom::object first;
    const bool is_lines =
        parser.parse(simdjson::padded_string(json.substr(0, end))).get(first) == simdjson::SUCCESS;
    const bool is_alone = json.find_first_not_of('\n', end) == json.npos;
    for (size_t at = 0; is_lines && at < json.size() && !refused.has_value();) {
      const size_t line_end = std::min(json.find('\n', at), json.size());
      if (line_end > at) take(json.substr(at, line_end - at), is_alone);
      at = line_end + 1;
    }
  }
  if (trees.empty() && !refused.has_value()) take(json, /*is_alone=*/true);
  if (refused.has_value()) return *std::move(refused);
  return trees;
}

}  // namespace assay

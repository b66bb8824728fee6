#include "tools/assay/document.h"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <sstream>

#include "engine/base/limits.h"

namespace assay {
namespace {

// Refuses what would say one thing in two places, or how to read another: names for nodes (a few
// lines of them can stand for more text than fits into memory), and types.
class PlainYaml final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, "", anchor); }
  // Refers to an anchor, which was refused before it.
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string&) override {
    Check(mark, tag, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
  }
  void OnMapEnd() override {}

 private:
  static void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) throw YAML::ParserException(mark, "expected no anchor, found one (&name)");
    // "?" and "!" are what the parser calls plain and quoted texts.
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw YAML::ParserException(mark, fmt::format("expected no tag, found {}", tag));
  }
};

absl::StatusOr<Document> FromYaml(const YAML::Node& node, int depth) {
  Document document;
  document.line = node.Mark().line + 1;
  if (depth > limits::kRecordDepthMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: deeper than {} levels",
                      document.line, limits::kRecordDepthMax);
  }
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return document;
    case YAML::NodeType::Scalar:
      document.kind = Document::Kind::kScalar;
      document.text = node.Scalar();
      return document;
    case YAML::NodeType::Sequence:
      document.kind = Document::Kind::kList;
      for (const YAML::Node& entry : node) {
        ASSAY_ASSIGN_OR_RETURN(Document child, FromYaml(entry, depth + 1));
        document.list.push_back(std::move(child));
      }
      return document;
    case YAML::NodeType::Map:
      break;
  }
  document.kind = Document::Kind::kMap;
  std::set<std::string> keys;
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    if (!keys.insert(key).second) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: the key \"{}\" stands twice",
                        entry.first.Mark().line + 1, key);
    }
    ASSAY_ASSIGN_OR_RETURN(Document child, FromYaml(entry.second, depth + 1));
    if (child.line <= 0) child.line = entry.first.Mark().line + 1;
    document.map.push_back({key, std::move(child)});
  }
  return document;
}

absl::StatusOr<Document> FromJson(const simdjson::dom::element& element, int line, int depth) {
  Document document;
  document.line = line;
  if (depth > limits::kRecordDepthMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: deeper than {} levels", line,
                      limits::kRecordDepthMax);
  }
  switch (element.type()) {
    case simdjson::dom::element_type::NULL_VALUE:
      return document;
    case simdjson::dom::element_type::ARRAY:
      document.kind = Document::Kind::kList;
      for (const simdjson::dom::element child : simdjson::dom::array(element)) {
        ASSAY_ASSIGN_OR_RETURN(Document parsed, FromJson(child, line, depth + 1));
        document.list.push_back(std::move(parsed));
      }
      return document;
    case simdjson::dom::element_type::OBJECT: {
      document.kind = Document::Kind::kMap;
      for (const auto& field : simdjson::dom::object(element)) {
        const std::string key(field.key);
        if (document.Find(key) != nullptr) {
          return MakeStatus(absl::StatusCode::kInvalidArgument,
                            "line {}: the key \"{}\" stands twice", line, key);
        }
        ASSAY_ASSIGN_OR_RETURN(Document parsed, FromJson(field.value, line, depth + 1));
        document.map.push_back({key, std::move(parsed)});
      }
      return document;
    }
    case simdjson::dom::element_type::STRING:
      document.kind = Document::Kind::kScalar;
      document.text = std::string(std::string_view(element));
      return document;
    default:
      document.kind = Document::Kind::kScalar;
      document.text = simdjson::minify(element);
      return document;
  }
}

}  // namespace

const Document* Document::Find(std::string_view key) const {
  for (const auto& [name, child] : map) {
    if (name == key) return &child;
  }
  return nullptr;
}

absl::StatusOr<std::vector<Document>> ParseYaml(const std::string& text) {
  std::vector<Document> documents;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    PlainYaml plain;
    while (parser.HandleNextDocument(plain)) {
    }
    for (const YAML::Node& node : YAML::LoadAll(text)) {
      if (node.IsNull()) continue;
      ASSAY_ASSIGN_OR_RETURN(Document document, FromYaml(node, 0));
      documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: {}", error.mark.line + 1,
                      error.msg);
  }
  return documents;
}

absl::StatusOr<std::vector<Document>> ParseNdjson(const std::string& text) {
  std::vector<Document> documents;
  simdjson::dom::parser parser;
  int line = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    const std::string row = text.substr(begin, end - begin);
    begin = end + 1;
    ++line;
    if (row.find_first_not_of(" \t\r") == std::string::npos) continue;
    simdjson::dom::element element;
    if (const auto error = parser.parse(simdjson::padded_string(row)).get(element)) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: not JSON: {}", line,
                        simdjson::error_message(error));
    }
    ASSAY_ASSIGN_OR_RETURN(Document document, FromJson(element, line, 0));
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace assay

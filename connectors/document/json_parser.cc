#include "connectors/document/json_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <set>

namespace assay {
namespace {

namespace dom = simdjson::dom;

class JsonReader {
 public:
  JsonReader(int line, const DocumentLimits& limits, DocumentWatch& watch)
      : line_(line), limits_(limits), watch_(watch) {}

  std::optional<DocumentProblem> problem;

  void Read(const dom::element& element, int depth, Document& document) {
    document.line = line_;
    if ((problem = watch_.Look(line_))) return;
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        return;
      case dom::element_type::ARRAY:
        return ReadList(dom::array(element), depth + 1, document);
      case dom::element_type::OBJECT:
        return ReadMap(dom::object(element), depth + 1, document);
      case dom::element_type::STRING:
        document.kind = Document::Kind::kScalar;
        document.text = std::string(std::string_view(element));
        return;
      default:
        document.kind = Document::Kind::kScalar;
        document.text = simdjson::minify(element);
    }
  }

 private:
  bool IsTooDeep(int depth) {
    if (depth <= limits_.depth) return false;
    Refuse("", fmt::format("at most {} levels of lists and maps", limits_.depth), "more");
    return true;
  }

  void Refuse(std::string path, std::string expected, std::string found, std::string hint = "") {
    problem = DocumentProblem{.line = line_,
                              .path = std::move(path),
                              .expected = std::move(expected),
                              .found = std::move(found),
                              .hint = std::move(hint)};
  }

  void ReadList(const dom::array& array, int depth, Document& document) {
    document.kind = Document::Kind::kList;
    if (IsTooDeep(depth)) return;
    for (const dom::element child : array) {
      place_.Enter(document.list.size());
      Read(child, depth, document.list.emplace_back());
      if (problem.has_value()) return;
      place_.Leave();
    }
  }

  void ReadMap(const dom::object& object, int depth, Document& document) {
    document.kind = Document::Kind::kMap;
    if (IsTooDeep(depth)) return;
    // Ordered, so that no choice of names makes it slow.
    std::set<std::string_view> names;
    for (const dom::key_value_pair field : object) {
      if (++keys_ > limits_.keys) {
        return Refuse(place_.ToString(), fmt::format("at most {} names", limits_.keys), "more",
                      "divide it into several documents");
      }
      if (!names.insert(field.key).second) {
        return Refuse(place_.ToString(field.key), "each name once", Quoted(field.key) + " again",
                      "take one of the two away");
      }
      place_.Enter(field.key);
      document.map.push_back({.name = std::string(field.key), .value = {}, .line = line_});
      Read(field.value, depth, document.map.back().value);
      if (problem.has_value()) return;
      place_.Leave();
    }
  }

  const int line_;
  const DocumentLimits& limits_;
  DocumentWatch& watch_;
  DocumentPlace place_;
  int keys_ = 0;
};

}  // namespace

std::optional<DocumentProblem> ParseJsonDocument(std::string_view text, int line,
                                                 const DocumentLimits& limits, DocumentWatch& watch,
                                                 dom::parser& parser,
                                                 std::optional<Document>& document) {
  dom::element element;
  const auto error = parser.parse(simdjson::padded_string(text)).get(element);
  if (error == simdjson::DEPTH_ERROR) {
    return DocumentProblem{
        .line = line,
        .expected = fmt::format("at most {} levels of lists and maps", limits.depth),
        .found = "more"};
  }
  if (error != simdjson::SUCCESS) {
    return DocumentProblem{.line = line,
                           .expected = "JSON",
                           .found = simdjson::error_message(error),
                           .is_of_form = true};
  }
  JsonReader reader(line, limits, watch);
  Document read;
  reader.Read(element, 0, read);
  if (!reader.problem.has_value()) document = std::move(read);
  return std::move(reader.problem);
}

}  // namespace assay

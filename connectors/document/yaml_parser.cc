#include "connectors/document/yaml_parser.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>
#include <vector>

namespace assay {
namespace {

class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t* operator->() { return &event_; }
  yaml_event_t& operator*() { return event_; }

 private:
  yaml_event_t event_{};
};

std::string TextOf(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

bool IsNull(const yaml_event_t& event) {
  if (event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
  const std::string_view text(reinterpret_cast<const char*>(event.data.scalar.value),
                              event.data.scalar.length);
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

class YamlReader {
 public:
  YamlReader(std::string_view text, int line, const DocumentLimits& limits, DocumentWatch& watch)
      : text_(text), line_(line), limits_(limits), watch_(watch) {
    is_ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!is_ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(text.data()),
                                 text.size());
  }
  ~YamlReader() {
    if (is_ready_) yaml_parser_delete(&parser_);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  void Read() {
    bool ended = false;
    while (!ended && !problem_.has_value()) {
      Event event;
      if (!is_ready_ || yaml_parser_parse(&parser_, &*event) == 0) return TakeFault();
      ended = event->type == YAML_STREAM_END_EVENT;
      Take(*event);
    }
  }

  std::optional<DocumentProblem>& Problem() { return problem_; }
  std::optional<Document>& Root() { return root_; }

 private:
  // A list or map that is not closed yet.
  struct Level {
    Document node;
    // Of a map: the name whose value comes next, and all of them with their lines.
    std::optional<std::string> name;
    int name_line = 0;
    std::map<std::string, int, std::less<>> names;
  };

  int LineOf(const yaml_mark_t& mark) const { return line_ + static_cast<int>(mark.line); }

  // The end of a text counts as a line more.
  [[nodiscard]] int FaultLine(const yaml_mark_t& mark) const {
    const std::string_view lines = text_.substr(0, text_.find_last_not_of('\n') + 1);
    return std::min(LineOf(mark),
                    line_ + static_cast<int>(std::count(lines.begin(), lines.end(), '\n')));
  }

  void Refuse(int line, std::string path, std::string expected, std::string found,
              std::string hint = "") {
    problem_ = DocumentProblem{.line = line,
                               .path = std::move(path),
                               .expected = std::move(expected),
                               .found = std::move(found),
                               .hint = std::move(hint)};
  }

  // What libyaml says.
  void TakeFault() {
    if (!is_ready_ || parser_.error == YAML_MEMORY_ERROR) {
      problem_ = DocumentProblem{.code = absl::StatusCode::kResourceExhausted,
                                 .line = line_,
                                 .expected = "memory to read the document",
                                 .found = "none"};
      return;
    }
    if (parser_.error == YAML_READER_ERROR) {
      const size_t end = std::min(parser_.problem_offset, text_.size());
      const auto lines = std::count(text_.begin(), text_.begin() + static_cast<long>(end), '\n');
      return Refuse(line_ + static_cast<int>(lines), "", "text without control characters",
                    fmt::format("the character {:#04x}", parser_.problem_value));
    }
    std::string found = parser_.problem == nullptr ? "something else" : parser_.problem;
    if (parser_.context != nullptr) {
      found += fmt::format(", {} that begins in line {}", parser_.context,
                           FaultLine(parser_.context_mark));
    }
    Refuse(FaultLine(parser_.problem_mark), "", "YAML", std::move(found));
    problem_->is_of_form = true;
  }

  void Take(const yaml_event_t& event) {
    const int line = LineOf(event.start_mark);
    if ((problem_ = watch_.Look(line))) return;
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (has_begun_) {
          Refuse(line, "", "line feeds as ends of lines before the next document",
                 "another end of a line");
        }
        has_begun_ = true;
        return;
      case YAML_ALIAS_EVENT:
        return Refuse(line, Place(), "no alias", Quoted("*" + TextOf(event.data.alias.anchor)));
      case YAML_SCALAR_EVENT:
        return TakeScalar(event, line);
      case YAML_SEQUENCE_START_EVENT:
        if (!IsPlain(line, event.data.sequence_start.anchor, event.data.sequence_start.tag)) return;
        return Open(Document::Kind::kList, line);
      case YAML_MAPPING_START_EVENT:
        if (!IsPlain(line, event.data.mapping_start.anchor, event.data.mapping_start.tag)) return;
        return Open(Document::Kind::kMap, line);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return Close();
      default:
        return;
    }
  }

  // Names for nodes (a few lines of them can stand for more text than fits into memory), and types.
  bool IsPlain(int line, const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) {
      Refuse(line, Place(), "no anchor", Quoted("&" + TextOf(anchor)));
    } else if (tag != nullptr) {
      Refuse(line, Place(), "no tag", Quoted(TextOf(tag)));
    }
    return !problem_.has_value();
  }

  [[nodiscard]] bool AwaitsName() const {
    return !levels_.empty() && levels_.back().node.kind == Document::Kind::kMap &&
           !levels_.back().name.has_value();
  }

  // Of the value that comes next.
  [[nodiscard]] std::string Place(std::string_view below = "") const {
    DocumentPlace place;
    for (const Level& level : levels_) {
      if (level.node.kind == Document::Kind::kList) {
        place.Enter(level.node.list.size());
      } else if (level.name.has_value()) {
        place.Enter(*level.name);
      }
    }
    return place.ToString(below);
  }

  void TakeScalar(const yaml_event_t& event, int line) {
    const auto& scalar = event.data.scalar;
    if (!IsPlain(line, scalar.anchor, scalar.tag)) return;
    std::string text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (AwaitsName()) return TakeName(std::move(text), line);
    Document document{.line = line};
    if (!IsNull(event)) {
      document.kind = Document::Kind::kScalar;
      document.text = std::move(text);
    }
    Put(std::move(document));
  }

  void TakeName(std::string name, int line) {
    Level& level = levels_.back();
    if (++keys_ > limits_.keys) {
      return Refuse(line, Place(), fmt::format("at most {} names", limits_.keys), "more",
                    "divide it into several documents");
    }
    const auto [former, is_new] = level.names.try_emplace(name, line);
    if (!is_new) {
      return Refuse(line, Place(name), "each name once",
                    fmt::format("{} again (it stands in line {})", Quoted(name), former->second),
                    "take one of the two away");
    }
    level.name = std::move(name);
    level.name_line = line;
  }

  void Open(Document::Kind kind, int line) {
    if (AwaitsName()) {
      return Refuse(line, Place(), "a name before the colon",
                    kind == Document::Kind::kList ? "a list" : "a mapping");
    }
    if (static_cast<int>(levels_.size()) >= limits_.depth) {
      return Refuse(line, "", fmt::format("at most {} levels of lists and maps", limits_.depth),
                    "more");
    }
    levels_.push_back({.node = {.kind = kind, .line = line}});
  }

  void Close() {
    Document node = std::move(levels_.back().node);
    levels_.pop_back();
    Put(std::move(node));
  }

  void Put(Document document) {
    if (levels_.empty()) {
      if (document.kind != Document::Kind::kNull) root_ = std::move(document);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == Document::Kind::kList) {
      level.node.list.push_back(std::move(document));
      return;
    }
    level.node.map.push_back({*std::move(level.name), std::move(document), level.name_line});
    level.name.reset();
  }

  const std::string_view text_;
  const int line_;
  const DocumentLimits& limits_;
  DocumentWatch& watch_;
  yaml_parser_t parser_{};
  bool is_ready_ = false;
  bool has_begun_ = false;
  int keys_ = 0;
  std::vector<Level> levels_;
  std::optional<Document> root_;
  std::optional<DocumentProblem> problem_;
};

}  // namespace

std::optional<DocumentProblem> ParseYamlDocument(std::string_view text, int line,
                                                 const DocumentLimits& limits, DocumentWatch& watch,
                                                 std::optional<Document>& document) {
  YamlReader reader(text, line, limits, watch);
  reader.Read();
  if (!reader.Problem().has_value()) document = std::move(reader.Root());
  return std::move(reader.Problem());
}

}  // namespace assay

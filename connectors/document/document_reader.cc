#include "connectors/document/document_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "connectors/document/json_parser.h"
#include "connectors/document/yaml_parser.h"

namespace assay {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// "---" or "..." alone at the beginning of a line.
bool IsMarker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == marker.size() || kBlank.find(line[marker.size()]) != kBlank.npos);
}

// A comment, a blank line, or a marker with nothing but that after it.
bool SaysNothing(std::string_view line) {
  if (IsMarker(line, "---") || IsMarker(line, "...")) line.remove_prefix(3);
  const size_t first = line.find_first_not_of(kBlank);
  return first == line.npos || line[first] == '#';
}

}  // namespace

class DocumentReader::Json {
 public:
  simdjson::dom::parser parser;
};

absl::Status CheckUtf8(std::string_view text) {
  if (simdjson::validate_utf8(text)) return absl::OkStatus();
  int line = 0;
  for (size_t begin = 0; begin < text.size();) {
    ++line;
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (!simdjson::validate_utf8(text.substr(begin, end - begin))) break;
    begin = end + 1;
  }
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "line {}: expected UTF-8 text, found other bytes", line);
}

DocumentReader::DocumentReader(std::string_view text, DocumentForm form, DocumentWatch watch,
                               DocumentLimits limits)
    : text_(text),
      form_(form),
      limits_(limits),
      watch_(std::move(watch)),
      json_(std::make_unique<Json>()) {}

DocumentReader::~DocumentReader() = default;

std::optional<Document> DocumentReader::Next() {
  while (!problem_.has_value()) {
    const std::optional<Part> part = NextPart();
    if (!part.has_value() || !Admit(*part)) return std::nullopt;
    std::optional<Document> document;
    problem_ =
        form_ == DocumentForm::kYaml
            ? ParseYamlDocument(part->text, part->line, limits_, watch_, document)
            : ParseJsonDocument(part->text, part->line, limits_, watch_, json_->parser, document);
    if (!problem_.has_value() && document.has_value()) return document;
  }
  return std::nullopt;
}

std::optional<DocumentReader::Part> DocumentReader::NextPart() {
  return form_ == DocumentForm::kYaml ? NextYamlPart() : NextLine();
}

std::optional<DocumentReader::Part> DocumentReader::NextLine() {
  while (at_ < text_.size() && !problem_.has_value()) {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    const Part part{text_.substr(at_, end - at_), line_++};
    at_ = end + 1;
    if (part.text.find_first_not_of(kBlank) != part.text.npos) return part;
    problem_ = watch_.Look(part.line);
  }
  return std::nullopt;
}

// Markers at the beginning of a line divide a text wherever they stand, also within quotes, which
// is an error there. What stands before a first "---" is a document of its own if it says anything.
std::optional<DocumentReader::Part> DocumentReader::NextYamlPart() {
  Part part{.line = line_};
  size_t begin = at_;
  bool says_something = false;
  while (at_ < text_.size() && !problem_.has_value()) {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    const bool begins = IsMarker(line, "---");
    if (begins && says_something) break;
    if (begins || !says_something) {
      begin = at_;
      part.line = line_;
    }
    if (!says_something && line.starts_with('%')) {
      problem_ =
          DocumentProblem{.line = line_, .expected = "no directive (%NAME)", .found = Quoted(line)};
    }
    says_something = says_something || !SaysNothing(line);
    at_ = std::min(end + 1, text_.size());
    ++line_;
    if (IsMarker(line, "...") && says_something) break;
    if (!says_something) problem_ = problem_.has_value() ? problem_ : watch_.Look(part.line);
  }
  if (!says_something || problem_.has_value()) return std::nullopt;
  part.text = text_.substr(begin, at_ - begin);
  return part;
}

bool DocumentReader::Admit(const Part& part) {
  if (part.text.size() > limits_.bytes) {
    problem_ =
        DocumentProblem{.line = part.line,
                        .expected = fmt::format("at most {} bytes a document", limits_.bytes),
                        .found = fmt::format("{} bytes", part.text.size()),
                        .hint = "divide it into several documents"};
  } else if (++documents_ > limits_.documents) {
    problem_ =
        DocumentProblem{.line = part.line,
                        .expected = fmt::format("at most {} documents a file", limits_.documents),
                        .found = "more",
                        .hint = "divide it into several files"};
  } else {
    problem_ = watch_.Look(part.line);
  }
  return !problem_.has_value();
}

}  // namespace assay

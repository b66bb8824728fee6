#include "connectors/file/yaml_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/document/document_reader.h"
#include "engine/base/shown_text.h"

namespace assay {
namespace {

constexpr std::string_view kMapping = "a mapping (name: value)";

// Of a value or a name in a message.
constexpr size_t kShownMax = 120;

std::string Shown(const Document& node) {
  switch (node.kind) {
    case Document::Kind::kScalar:
      return node.text;
    case Document::Kind::kList:
      return "a list";
    case Document::Kind::kMap:
      return "a mapping";
    default:
      return "nothing";
  }
}

std::string Join(std::string_view path, std::string_view key) {
  if (path.empty()) return std::string(key);
  return key.empty() ? std::string(path) : fmt::format("{}.{}", path, key);
}

// Levenshtein.
size_t EditsBetween(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view NearestName(std::string_view name, const YamlMap::Known& known) {
  std::string_view nearest;
  if (name.size() > kShownMax) return nearest;
  // Further than a third of its letters it is another word.
  size_t edits_max = std::max<size_t>(1, name.size() / 3);
  for (const std::string_view candidate : known) {
    const size_t edits = EditsBetween(name, candidate);
    if (edits > edits_max || (edits == edits_max && !nearest.empty())) continue;
    nearest = candidate;
    edits_max = edits;
  }
  return nearest;
}

void YamlProblems::Add(int line, std::string path, std::string expected, std::string actual,
                       std::string hint) {
  if (first_) return;
  path = ShownText(path, kShownMax);
  actual = ShownText(actual, kShownMax);
  // What is quoted already is not quoted again.
  const std::string_view quote = actual.starts_with('"') ? "" : "\"";
  std::string message =
      fmt::format("line {}: expected {}, got {}{}{}", line, expected, quote, actual, quote);
  first_ = Invalid(code_, std::move(path), std::move(expected), std::move(actual),
                   std::move(message), std::move(hint));
}

YamlMap YamlMap::Parse(std::string_view text, const Known& known, DocumentWatch watch,
                       YamlProblems& problems) {
  DocumentReader reader(text, DocumentForm::kYaml, std::move(watch));
  auto root = std::make_shared<Document>();
  size_t documents = 0;
  while (auto document = reader.Next()) {
    if (++documents == 1) *root = *std::move(document);
  }
  if (const auto& problem = reader.Problem()) {
    problems.Add(problem->line, problem->path, problem->expected, problem->found, problem->hint);
  } else if (documents != 1) {
    problems.Add(1, "", "one document", fmt::format("{} documents", documents));
  }
  const Document* const node = root.get();
  return {std::move(root), node, "", known, problems};
}

YamlMap::YamlMap(std::shared_ptr<const Document> root, const Document* node, std::string path,
                 const Known& known, YamlProblems& problems)
    : root_(std::move(root)),
      path_(std::move(path)),
      line_(node == nullptr ? 0 : node->line),
      problems_(&problems) {
  if (node == nullptr || node->kind != Document::Kind::kMap) {
    problems_->Add(line_, path_, std::string(kMapping), node == nullptr ? "nothing" : Shown(*node));
    return;
  }
  node_ = node;
  for (const DocumentField& field : node->map) {
    if (std::find(known.begin(), known.end(), field.name) != known.end()) continue;
    const std::string_view nearest = NearestName(field.name, known);
    problems_->Add(field.line, PathOf(field.name), fmt::format("one of {}", fmt::join(known, ", ")),
                   field.name, nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest));
  }
}

const Document* YamlMap::Find(std::string_view key) const {
  return node_ == nullptr ? nullptr : node_->Find(key);
}

std::string YamlMap::PathOf(std::string_view key) const { return Join(path_, key); }

void YamlMap::Fail(std::string_view key, std::string expected, std::string actual,
                   std::string hint) const {
  const Document* node = Find(key);
  problems_->Add(node == nullptr ? line_ : node->line, PathOf(key), std::move(expected),
                 std::move(actual), std::move(hint));
}

bool YamlMap::IsScalar(std::string_view key) const {
  const Document* node = Find(key);
  return node != nullptr && node->kind == Document::Kind::kScalar;
}

std::string YamlMap::ScalarOf(const Document& node, std::string_view path) const {
  const bool is_scalar = node.kind == Document::Kind::kScalar;
  if (is_scalar && !node.text.empty()) return node.text;
  problems_->Add(node.line, std::string(path), "a text", is_scalar ? "an empty text" : Shown(node));
  return "";
}

std::string YamlMap::Text(std::string_view key) const {
  if (const Document* node = Find(key)) return ScalarOf(*node, PathOf(key));
  Fail(key, fmt::format("a value for \"{}\"", key), "nothing");
  return "";
}

std::string YamlMap::Text(std::string_view key, std::string_view otherwise) const {
  return Has(key) ? Text(key) : std::string(otherwise);
}

bool YamlMap::Truth(std::string_view key, bool otherwise) const {
  return OneOf(key, {"false", "true"}, otherwise ? "true" : "false") == 1;
}

std::vector<std::string> YamlMap::Texts(std::string_view key, bool nulls) const {
  const Document* node = Find(key);
  if (node == nullptr) return {};
  if (node->kind != Document::Kind::kList) return {ScalarOf(*node, PathOf(key))};
  std::vector<std::string> texts;
  for (const Document& item : node->list) {
    const std::string path = fmt::format("{}[{}]", PathOf(key), texts.size());
    texts.push_back(nulls && item.kind == Document::Kind::kNull ? "" : ScalarOf(item, path));
  }
  return texts;
}

size_t YamlMap::OneOf(std::string_view key, const Known& names) const {
  const std::string text = Text(key);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  const std::string_view nearest = NearestName(text, names);
  Fail(key, fmt::format("one of {}", fmt::join(names, ", ")), text,
       nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest));
  return 0;
}

size_t YamlMap::OneOf(std::string_view key, const Known& names, std::string_view otherwise) const {
  if (Has(key)) return OneOf(key, names);
  return static_cast<size_t>(std::find(names.begin(), names.end(), otherwise) - names.begin());
}

YamlMap YamlMap::Map(std::string_view key, const Known& known) const {
  const Document* node = Find(key);
  if (node == nullptr) Fail(key, std::string(kMapping), "nothing");
  return {root_, node, PathOf(key), known, *problems_};
}

std::vector<YamlMap> YamlMap::Maps(std::string_view key, const Known& known) const {
  const Document* node = Find(key);
  std::vector<YamlMap> maps;
  if (node == nullptr || node->kind != Document::Kind::kList) {
    Fail(key, "a list", node == nullptr ? "nothing" : Shown(*node));
    return maps;
  }
  for (const Document& item : node->list) {
    maps.push_back(
        {root_, &item, fmt::format("{}[{}]", PathOf(key), maps.size()), known, *problems_});
  }
  return maps;
}

std::vector<std::pair<std::string, std::string>> YamlMap::Pairs(std::string_view key) const {
  const Document* node = Find(key);
  std::vector<std::pair<std::string, std::string>> pairs;
  if (node == nullptr) return pairs;
  if (node->kind != Document::Kind::kMap) {
    Fail(key, std::string(kMapping), Shown(*node));
    return pairs;
  }
  for (const DocumentField& field : node->map) {
    const std::string path = Join(PathOf(key), field.name);
    pairs.emplace_back(field.name, ScalarOf(field.value, path));
  }
  return pairs;
}

}  // namespace assay

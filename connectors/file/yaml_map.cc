#include "connectors/file/yaml_map.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kMapping = "a mapping (name: value)";

int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

std::string Shown(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return node.Scalar();
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
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
  std::string message = fmt::format("line {}: expected {}, got \"{}\"", line, expected, actual);
  first_ = Invalid(code_, std::move(path), std::move(expected), std::move(actual),
                   std::move(message), std::move(hint));
}

YamlMap YamlMap::Parse(const std::string& text, const Known& known, YamlProblems& problems) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    problems.Add(error.mark.line + 1, "", "YAML", error.msg);
  }
  if (documents.size() != 1) {
    problems.Add(1, "", "one document", fmt::format("{} documents", documents.size()));
  }
  return {documents.size() == 1 ? documents.front() : YAML::Node(), "", known, problems};
}

YamlMap::YamlMap(const YAML::Node& node, std::string path, const Known& known,
                 YamlProblems& problems)
    : path_(std::move(path)), line_(LineOf(node)), problems_(&problems) {
  if (!node.IsMap()) {
    problems_->Add(line_, path_, std::string(kMapping), Shown(node));
    return;
  }
  ReadEntries(node);
  for (const auto& [key, value] : entries_) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string_view nearest = NearestName(key, known);
    problems_->Add(LineOf(value), PathOf(key), fmt::format("one of {}", fmt::join(known, ", ")),
                   key, nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest));
  }
}

void YamlMap::ReadEntries(const YAML::Node& node) {
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    if (!key.IsScalar()) {
      problems_->Add(LineOf(key), path_, "a name before the colon", Shown(key));
      continue;
    }
    if (Has(key.Scalar())) {
      problems_->Add(LineOf(key), PathOf(key.Scalar()), "each name once", key.Scalar(),
                     "take one of the two away");
    }
    entries_.emplace_back(key.Scalar(), entry.second);
  }
}

const YAML::Node* YamlMap::Find(std::string_view key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  return found == entries_.end() ? nullptr : &found->second;
}

std::string YamlMap::PathOf(std::string_view key) const { return Join(path_, key); }

void YamlMap::Fail(std::string_view key, std::string expected, std::string actual,
                   std::string hint) const {
  const YAML::Node* node = Find(key);
  problems_->Add(node == nullptr ? line_ : LineOf(*node), PathOf(key), std::move(expected),
                 std::move(actual), std::move(hint));
}

bool YamlMap::IsScalar(std::string_view key) const {
  const YAML::Node* node = Find(key);
  return node != nullptr && node->IsScalar();
}

std::string YamlMap::ScalarOf(const YAML::Node& node, std::string_view path) const {
  if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
  problems_->Add(LineOf(node), std::string(path), "a text",
                 node.IsScalar() ? "an empty text" : Shown(node));
  return "";
}

std::string YamlMap::Text(std::string_view key) const {
  if (const YAML::Node* node = Find(key)) return ScalarOf(*node, PathOf(key));
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
  const YAML::Node* node = Find(key);
  if (node == nullptr) return {};
  if (!node->IsSequence()) return {ScalarOf(*node, PathOf(key))};
  std::vector<std::string> texts;
  for (const YAML::Node& item : *node) {
    const std::string path = fmt::format("{}[{}]", PathOf(key), texts.size());
    texts.push_back(nulls && item.IsNull() ? "" : ScalarOf(item, path));
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
  const YAML::Node* node = Find(key);
  if (node == nullptr) Fail(key, std::string(kMapping), "nothing");
  return {node == nullptr ? YAML::Node() : *node, PathOf(key), known, *problems_};
}

std::vector<YamlMap> YamlMap::Maps(std::string_view key, const Known& known) const {
  const YAML::Node* node = Find(key);
  std::vector<YamlMap> maps;
  if (node == nullptr || !node->IsSequence()) {
    Fail(key, "a list", node == nullptr ? "nothing" : Shown(*node));
    return maps;
  }
  for (const YAML::Node& item : *node) {
    maps.emplace_back(item, fmt::format("{}[{}]", PathOf(key), maps.size()), known, *problems_);
  }
  return maps;
}

std::vector<std::pair<std::string, std::string>> YamlMap::Pairs(std::string_view key) const {
  const YAML::Node* node = Find(key);
  std::vector<std::pair<std::string, std::string>> pairs;
  if (node == nullptr) return pairs;
  if (!node->IsMap()) {
    Fail(key, std::string(kMapping), Shown(*node));
    return pairs;
  }
  Known names;
  for (const auto& entry : *node) {
    if (entry.first.IsScalar()) names.push_back(entry.first.Scalar());
  }
  const YamlMap map(*node, PathOf(key), names, *problems_);
  for (const auto& [name, value] : map.entries_) {
    pairs.emplace_back(name, map.ScalarOf(value, map.PathOf(name)));
  }
  return pairs;
}

}  // namespace assay

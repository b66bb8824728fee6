#include "tools/assay/settings.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "tools/assay/command_file.h"
#include "tools/assay/document.h"

namespace assay {
namespace {

struct Key {
  std::string_view name;
  std::string HomeSettings::*value;
  std::vector<std::string> takes;
};

const std::vector<Key>& Keys() {
  static const std::vector<Key> kKeys = {
      {"journal", &HomeSettings::journal, {std::string(kEmbeddedJournal)}},
      {"lang", &HomeSettings::lang, {"en", "zh-CN"}}};
  return kKeys;
}

std::string Shown(const Document& value) {
  if (value.kind == Document::Kind::kScalar) return fmt::format("\"{}\"", value.text);
  return value.kind == Document::Kind::kNull ? "nothing" : "more than a single value";
}

absl::Status Take(const DocumentField& field, HomeSettings& settings) {
  const auto key = std::find_if(Keys().begin(), Keys().end(),
                                [&](const Key& known) { return known.name == field.name; });
  if (key == Keys().end()) {
    std::vector<std::string> names;
    for (const Key& known : Keys()) names.emplace_back(known.name);
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: {}: expected one of the keys {}, found \"{}\" with {}",
                      field.value.line, field.name, fmt::join(names, ", "), field.name,
                      Shown(field.value));
  }
  const bool is_known =
      field.value.kind == Document::Kind::kScalar &&
      std::find(key->takes.begin(), key->takes.end(), field.value.text) != key->takes.end();
  if (!is_known) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: {}: expected {}, found {}",
                      field.value.line, field.name, fmt::join(key->takes, " or "),
                      Shown(field.value));
  }
  settings.*(key->value) = field.value.text;
  return absl::OkStatus();
}

absl::StatusOr<HomeSettings> Parse(const std::string& text) {
  ASSAY_RETURN_IF_ERROR(CheckUtf8(text));
  ASSAY_ASSIGN_OR_RETURN(const auto documents, ParseYaml(text));
  HomeSettings settings;
  if (documents.empty()) return settings;
  if (documents.size() > 1 || documents.front().kind != Document::Kind::kMap) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: expected one map of settings, found something else",
                      documents.back().line);
  }
  for (const DocumentField& field : documents.front().map) {
    ASSAY_RETURN_IF_ERROR(Take(field, settings));
  }
  return settings;
}

}  // namespace

absl::StatusOr<HomeSettings> ReadSettings(const std::string& home) {
  const std::string path = home + "/assay.yaml";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return HomeSettings();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return MakeStatus(absl::StatusCode::kUnavailable, "cannot read {}", path);
  auto settings = Parse(text.str());
  if (!settings.ok()) return Annotate(settings.status(), path);
  return settings;
}

}  // namespace assay

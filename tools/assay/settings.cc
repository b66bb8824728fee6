#include "tools/assay/settings.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "connectors/document/document_reader.h"
#include "connectors/kafka/topics.h"
#include "tools/assay/text_file.h"

namespace assay {
namespace {

struct Key {
  // "log.level" stands below "log".
  std::string_view name;
  std::string HomeSettings::*value;
  // What it takes, for a message; and the test.
  std::string_view takes;
  bool (*fits)(const std::string& value);
};

const std::vector<Key>& Keys() {
  static const std::vector<Key> kKeys = {
      {"journal", &HomeSettings::journal, kExpectedJournal, IsJournal},
      {"lang", &HomeSettings::lang, "en or zh-CN",
       [](const std::string& value) { return value == "en" || value == "zh-CN"; }},
      {"keys", &HomeSettings::keys, "a folder",
       [](const std::string& value) { return !value.empty(); }},
      {"publish", &HomeSettings::publish, "kafka or none",
       [](const std::string& value) { return value == "kafka" || value == "none"; }},
      {"log.level", &HomeSettings::log_level, "debug or info or warn or error",
       [](const std::string& value) {
         return value == "debug" || value == "info" || value == "warn" || value == "error";
       }},
      {"heads.file", &HomeSettings::heads_file, "a whole path (/...) of a file outside of the home",
       [](const std::string& value) { return value.starts_with('/'); }},
      {"check", &HomeSettings::check, "decisions or none",
       [](const std::string& value) { return value == "decisions" || value == "none"; }}};
  return kKeys;
}

// Of the cluster's settings those that say how to reach it. Where `is_secret`, the value is the
// name of a file that holds it, so that no password stands in a configuration or an environment.
struct KafkaKey {
  std::string_view name;
  std::string_view setting;
  bool is_secret = false;
};

constexpr KafkaKey kKafkaKeys[] = {
    {"security.protocol", "security.protocol"},
    {"ssl.ca.location", "ssl.ca.location"},
    {"ssl.certificate.location", "ssl.certificate.location"},
    {"ssl.key.location", "ssl.key.location"},
    {"ssl.key.password.file", "ssl.key.password", true},
    {"ssl.endpoint.identification.algorithm", "ssl.endpoint.identification.algorithm"},
    {"sasl.mechanism", "sasl.mechanism"},
    {"sasl.username", "sasl.username"},
    {"sasl.password.file", "sasl.password", true},
};

absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  constexpr size_t kSecretBytesMax = 64 * 1024;
  auto text = ReadFile(path, path, kSecretBytesMax);
  if (!text.ok() && !absl::IsNotFound(text.status())) return text.status();
  std::string line = text.ok() ? text->substr(0, text->find('\n')) : "";
  if (!line.empty()) return line;
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "expected a file with a password in its first line, found {}", path);
}

absl::Status TakeKafka(std::string_view name, const std::string& value, KafkaSecurity& security) {
  const auto* const key = std::find_if(std::begin(kKafkaKeys), std::end(kKafkaKeys),
                                       [&](const KafkaKey& known) { return known.name == name; });
  if (key == std::end(kKafkaKeys)) {
    std::vector<std::string_view> names;
    for (const KafkaKey& known : kKafkaKeys) names.push_back(known.name);
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "kafka: expected one of the keys {}, found {}", fmt::join(names, ", "),
                      Quoted(name));
  }
  std::string text = value;
  if (key->is_secret) {
    auto secret = ReadSecret(value);
    if (!secret.ok()) return Annotate(secret.status(), fmt::format("kafka: {}", name));
    text = *std::move(secret);
  }
  std::erase_if(security, [&](const auto& pair) { return pair.first == key->setting; });
  security.emplace_back(key->setting, text);
  return absl::OkStatus();
}

// Empty = not set.
std::string EnvironmentValue(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

// "ASSAY_KAFKA_SASL_USERNAME"
std::string EnvironmentName(std::string_view prefix, std::string_view key) {
  std::string name = fmt::format("{}_{}", prefix, key);
  for (char& c : name) c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

absl::Status TakeEnvironment(std::string_view prefix, KafkaSecurity& security) {
  for (const KafkaKey& key : kKafkaKeys) {
    const std::string value = EnvironmentValue(EnvironmentName(prefix, key.name));
    if (!value.empty()) ASSAY_RETURN_IF_ERROR(TakeKafka(key.name, value, security));
  }
  return absl::OkStatus();
}

std::string Shown(const Document& value) {
  if (value.kind == Document::Kind::kScalar) return Quoted(value.text);
  return value.kind == Document::Kind::kNull ? "nothing" : "more than a single value";
}

absl::Status TakeKafkaMap(const Document& map, KafkaSecurity& security) {
  if (map.kind != Document::Kind::kMap) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: kafka: expected a map of settings, found {}", map.line, Shown(map));
  }
  for (const DocumentField& field : map.map) {
    if (field.value.kind != Document::Kind::kScalar) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "line {}: kafka: {}: expected a text, found {}", field.value.line,
                        field.name, Shown(field.value));
    }
    const absl::Status taken = TakeKafka(field.name, field.value.text, security);
    if (!taken.ok()) return Annotate(taken, fmt::format("line {}", field.value.line));
  }
  return absl::OkStatus();
}

constexpr std::string_view kBrokersTaken = "host:port[,host:port...]";

absl::Status TakeSource(const DocumentField& source, HomeSettings& settings) {
  const auto refuse = [&](int line, std::string_view expected, const std::string& found) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: sources: {}: expected {}, found {}", line, source.name, expected,
                      found);
  };
  if (source.value.kind != Document::Kind::kMap) {
    return refuse(source.value.line, "brokers and perhaps kafka", Shown(source.value));
  }
  SourceCluster& place = settings.sources[source.name];
  for (const DocumentField& field : source.value.map) {
    if (field.name == "brokers") {
      const bool fits = field.value.kind == Document::Kind::kScalar &&
                        KafkaAddress::Parse("kafka://" + field.value.text).ok();
      if (!fits) return refuse(field.value.line, kBrokersTaken, Shown(field.value));
      place.brokers = field.value.text;
    } else if (field.name == "kafka") {
      const absl::Status taken = TakeKafkaMap(field.value, place.kafka);
      if (!taken.ok()) return Annotate(taken, fmt::format("sources: {}", source.name));
    } else {
      return refuse(field.value.line, "one of the keys brokers, kafka", Quoted(field.name));
    }
  }
  if (!place.brokers.empty()) return absl::OkStatus();
  return refuse(source.value.line, fmt::format("brokers: {}", kBrokersTaken), "none");
}

absl::Status TakeSources(const Document& map, HomeSettings& settings) {
  if (map.kind != Document::Kind::kMap) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: sources: expected a map of sources, found {}", map.line,
                      Shown(map));
  }
  for (const DocumentField& field : map.map) {
    ASSAY_RETURN_IF_ERROR(TakeSource(field, settings));
  }
  return absl::OkStatus();
}

bool IsTopicFormat(const std::string& text) { return text == "protobuf" || text == "json"; }

absl::Status TakeTopicsOfEnvironment(HomeSettings& settings) {
  for (const TopicSpec& spec : PublishedTopics()) {
    const std::string name = EnvironmentName("ASSAY_TOPICS", spec.name);
    const std::string format = EnvironmentValue(name);
    if (format.empty()) continue;
    if (!IsTopicFormat(format)) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "{}: expected protobuf or json, found \"{}\"", name, format);
    }
    settings.topics[spec.name] = format;
  }
  return absl::OkStatus();
}

absl::Status TakeTopics(const Document& map, HomeSettings& settings) {
  if (map.kind != Document::Kind::kMap) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: topics: expected a map of topics, found {}", map.line, Shown(map));
  }
  std::vector<std::string> known;
  for (const TopicSpec& spec : PublishedTopics()) known.push_back(spec.name);
  for (const DocumentField& field : map.map) {
    if (std::find(known.begin(), known.end(), field.name) == known.end()) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "line {}: topics: expected one of {}, found {}", field.value.line,
                        fmt::join(known, ", "), Quoted(field.name));
    }
    const std::string& format = field.value.text;
    if (field.value.kind != Document::Kind::kScalar || !IsTopicFormat(format)) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "line {}: topics: {}: expected protobuf or json, found {}",
                        field.value.line, field.name, Shown(field.value));
    }
    settings.topics[field.name] = format;
  }
  return absl::OkStatus();
}

bool IsGroup(const std::string& name) {
  return std::ranges::any_of(Keys(),
                             [&](const Key& known) { return known.name.starts_with(name + "."); });
}

// `group` is "" or the key above with its point, "log.".
absl::Status Take(const std::string& group, const DocumentField& field, HomeSettings& settings) {
  const std::string name = group + field.name;
  if (IsGroup(name) && field.value.kind == Document::Kind::kMap) {
    for (const DocumentField& below : field.value.map) {
      ASSAY_RETURN_IF_ERROR(Take(name + ".", below, settings));
    }
    return absl::OkStatus();
  }
  if (name == "kafka") return TakeKafkaMap(field.value, settings.kafka);
  if (name == "sources") return TakeSources(field.value, settings);
  if (name == "topics") return TakeTopics(field.value, settings);
  const auto key = std::find_if(Keys().begin(), Keys().end(),
                                [&](const Key& known) { return known.name == name; });
  if (key == Keys().end()) {
    std::vector<std::string> names;
    for (const Key& known : Keys()) names.emplace_back(known.name);
    names.emplace_back("kafka");
    names.emplace_back("sources");
    names.emplace_back("topics");
    DocumentPlace place;
    place.Enter(group.substr(0, group.size() - (group.empty() ? 0 : 1)));
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: {}: expected one of the keys {}, found {} with {}",
                      field.value.line, place.ToString(field.name), fmt::join(names, ", "),
                      Quoted(name), Shown(field.value));
  }
  const bool is_known = field.value.kind == Document::Kind::kScalar && key->fits(field.value.text);
  if (!is_known) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: {}: expected {}, found {}",
                      field.value.line, name, key->takes, Shown(field.value));
  }
  settings.*(key->value) = field.value.text;
  return absl::OkStatus();
}

absl::StatusOr<HomeSettings> Parse(const std::string& text) {
  ASSAY_RETURN_IF_ERROR(CheckUtf8(text));
  DocumentReader reader(text, DocumentForm::kYaml);
  const auto document = reader.Next();
  const auto second = reader.Next();
  if (reader.Problem().has_value()) return reader.Problem()->ToStatus();
  HomeSettings settings;
  if (!document.has_value()) return settings;
  if (second.has_value() || document->kind != Document::Kind::kMap) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: expected one map of settings, found something else",
                      second.has_value() ? second->line : document->line);
  }
  for (const DocumentField& field : document->map) {
    ASSAY_RETURN_IF_ERROR(Take("", field, settings));
  }
  return settings;
}

// A file in the home would be put back with it.
bool IsWithin(const std::string& home, const std::string& file) {
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(home, error);
  const auto path = std::filesystem::weakly_canonical(file, error);
  const auto [end, unused] = std::ranges::mismatch(folder, path);
  return end == folder.end();
}

}  // namespace

bool IsJournal(const std::string& url) {
  return url == kEmbeddedJournal || KafkaAddress::Parse(url).ok();
}

absl::StatusOr<HomeSettings> ReadSettings(const std::string& home) {
  const std::string path = home + "/assay.yaml";
  std::error_code error;
  HomeSettings settings;
  if (std::filesystem::exists(path, error)) {
    auto text = ReadFile(path, path, DocumentLimits().bytes);
    if (!text.ok()) return Annotate(text.status(), "cannot read the settings");
    auto parsed = Parse(*text);
    if (!parsed.ok()) return Annotate(parsed.status(), path);
    settings = *std::move(parsed);
  }
  if (!settings.heads_file.empty() && IsWithin(home, settings.heads_file)) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "{}: heads.file: expected a file outside of the home, found \"{}\"", path,
                      settings.heads_file);
  }
  ASSAY_RETURN_IF_ERROR(TakeEnvironment("ASSAY_KAFKA", settings.kafka));
  ASSAY_RETURN_IF_ERROR(TakeTopicsOfEnvironment(settings));
  SourceCluster place = settings.sources["default"];
  if (const auto brokers = EnvironmentValue("ASSAY_SOURCES_BROKERS"); !brokers.empty()) {
    if (!KafkaAddress::Parse("kafka://" + brokers).ok()) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "ASSAY_SOURCES_BROKERS: expected {}, found \"{}\"", kBrokersTaken, brokers);
    }
    place.brokers = brokers;
  }
  ASSAY_RETURN_IF_ERROR(TakeEnvironment("ASSAY_SOURCES_KAFKA", place.kafka));
  if (place.brokers.empty()) {
    settings.sources.erase("default");
  } else {
    settings.sources["default"] = std::move(place);
  }
  return settings;
}

absl::StatusOr<KafkaSecurity> SecurityOfEnvironment() {
  KafkaSecurity security;
  ASSAY_RETURN_IF_ERROR(TakeEnvironment("ASSAY_KAFKA", security));
  return security;
}

std::optional<SourceCluster> SourceClusterOf(const HomeSettings& settings,
                                             const std::string& source) {
  for (const std::string& name : {source, std::string("default")}) {
    const auto named = settings.sources.find(name);
    if (named != settings.sources.end()) return named->second;
  }
  if (!KafkaAddress::IsOne(settings.journal)) return std::nullopt;
  const auto journal = KafkaAddress::Parse(settings.journal);
  if (!journal.ok()) return std::nullopt;
  return SourceCluster{journal->brokers, settings.kafka};
}

}  // namespace assay

#include "connectors/file/contract_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "connectors/file/record_time.h"
#include "connectors/file/yaml_map.h"
#include "engine/base/decimal.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/score/formula.h"
#include "engine/score/units.h"

namespace assay {
namespace {

// A contract that a person signed fits a few pages.

std::string IdOf(const YamlMap& map, std::string_view key) {
  std::string text = map.Text(key);
  if (!IsId(text)) map.Fail(key, "an id ([A-Za-z0-9][A-Za-z0-9._@:-]{0,63})", text);
  return text;
}

// What formulas can name: "source.measure" ends at its last point, backquotes enclose odd names.
bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= limits::kIdBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) > ' ' && c != '.' && c != '`'; });
}

constexpr std::string_view kNameExpected = "1 to 64 bytes without blanks, points and backquotes";

void CheckCondition(const YamlMap& map, std::string_view key, std::string_view text) {
  const auto condition = Condition::Parse(text, map.PathOf(key));
  if (const auto* rejection = std::get_if<Rejection>(&condition)) {
    map.Fail(key, fmt::format("a condition ({})", rejection->message), std::string(text));
  }
}

std::string ConditionOf(const YamlMap& map, std::string_view key) {
  if (!map.Has(key)) return "";
  std::string text = map.Text(key);
  CheckCondition(map, key, text);
  return text;
}

// --- input ---

v1::InputFormat FormatOf(const YamlMap& input) {
  const bool has_topic = input.Has("kafka") || input.Has("topic");
  if (!has_topic) {
    return input.OneOf("format", {"csv", "ndjson"}) == 0 ? v1::INPUT_FORMAT_CSV
                                                         : v1::INPUT_FORMAT_NDJSON;
  }
  if (input.Has("kafka") && (input.Has("topic") || input.Has("format"))) {
    input.Fail("kafka", "topic and format in one place", "kafka beside them");
  }
  return v1::INPUT_FORMAT_KAFKA_JSON;
}

void ReadTopic(const YamlMap& topic, v1::InputDefinition& input) {
  (void)topic.OneOf("format", {"json"});
  input.set_topic(topic.Text("topic"));
  const std::string generation = topic.Text("generation", "1");
  const auto number = Decimal::Parse(generation);
  const bool digits = generation.find_first_not_of("0123456789") == std::string::npos;
  constexpr size_t kDigitsMax = 6;
  if (!number || !digits || generation.size() > kDigitsMax || number->IsZero()) {
    topic.Fail("generation", "a number from 1", generation);
    return;
  }
  input.set_generation(std::stoi(generation));
}

v1::InputDefinition ReadInput(const YamlMap& root) {
  const YamlMap map = root.Map(
      "input", {"format", "encoding", "delimiter", "decimal", "kafka", "topic", "generation"});
  v1::InputDefinition input;
  input.set_format(FormatOf(map));
  if (map.Has("kafka")) {
    ReadTopic(map.Map("kafka", {"topic", "format", "generation"}), input);
  } else if (map.Has("topic")) {
    ReadTopic(map, input);
  } else if (map.Has("generation")) {
    map.Fail("generation", "a topic beside it", "none");
  }
  const YamlMap::Known encodings = {"utf-8", "gbk"};
  input.set_encoding(std::string(encodings[map.OneOf("encoding", encodings, "utf-8")]));
  const YamlMap::Known marks = {".", ","};
  input.set_decimal_mark(std::string(marks[map.OneOf("decimal", marks, ".")]));
  if (input.format() == v1::INPUT_FORMAT_CSV) {
    input.set_delimiter(map.Text("delimiter", ","));
    const bool is_known = std::string_view(",;|\t").find(input.delimiter()) != std::string::npos;
    if (input.delimiter().size() != 1 || !is_known) {
      map.Fail("delimiter", "a comma, a semicolon, a bar or a tab", input.delimiter());
    }
  } else if (map.Has("delimiter")) {
    map.Fail("delimiter", "csv, if there is a delimiter", "another format");
  }
  return input;
}

// --- record ---

void ReadKey(const YamlMap& record, v1::SourceContract& contract) {
  const std::vector<std::string> fields = record.Texts("key");
  const std::set<std::string> different(fields.begin(), fields.end());
  if (fields.empty() || fields.size() > limits::kRecordKeyFieldsMax) {
    record.Fail("key", fmt::format("1 to {} fields", limits::kRecordKeyFieldsMax),
                fmt::format("{}", fields.size()));
  } else if (different.size() != fields.size()) {
    record.Fail("key", "each field once", fmt::format("{}", fmt::join(fields, ", ")));
  }
  contract.mutable_key()->Assign(fields.begin(), fields.end());
}

void ReadVersion(const YamlMap& record, v1::SourceContract& contract) {
  if (!record.Has("version")) return;
  contract.set_version_type(v1::VERSION_TYPE_INTEGER);
  if (record.IsScalar("version")) {
    contract.set_version_field(record.Text("version"));
    return;
  }
  const YamlMap version = record.Map("version", {"field", "type"});
  contract.set_version_field(version.Text("field"));
  constexpr v1::VersionType kTypes[] = {v1::VERSION_TYPE_INTEGER, v1::VERSION_TYPE_DECIMAL,
                                        v1::VERSION_TYPE_INSTANT};
  contract.set_version_type(
      kTypes[version.OneOf("type", {"integer", "decimal", "instant"}, "integer")]);
}

v1::WhenDefinition ReadWhen(const YamlMap& record) {
  const YamlMap map = record.Map("when", {"field", "format", "zone"});
  v1::WhenDefinition when;
  when.set_field(map.Text("field"));
  when.set_format(map.Text("format"));
  if (!TimeFormat::Parse(when.format())) {
    map.Fail("format", "rfc3339, epoch_ms, or a pattern with %Y %m %d and perhaps %H %M %S",
             when.format());
  }
  if (map.Has("zone") && !map.IsScalar("zone")) {
    when.set_zone_field(map.Map("zone", {"field"}).Text("field"));
    return when;
  }
  when.set_zone(map.Text("zone"));
  if (!FindZone(when.zone())) {
    map.Fail("zone", "a time zone of the IANA database", when.zone(),
             "as in Asia/Shanghai; a country's zones are in the package tzdata");
  }
  return when;
}

void ReadRecord(const YamlMap& root, v1::SourceContract& contract) {
  const YamlMap record = root.Map("record", {"key", "version", "when", "retract", "tombstone"});
  ReadKey(record, contract);
  ReadVersion(record, contract);
  *contract.mutable_when() = ReadWhen(record);
  contract.set_retract(ConditionOf(record, "retract"));
  contract.set_tombstones_retract(record.OneOf("tombstone", {"refuse", "retract"}, "refuse") == 1);
}

void ReadRefusals(const YamlMap& root, v1::SourceContract& contract) {
  if (!root.Has("refusals")) return;
  const YamlMap map = root.Map("refusals", {"share", "of"});
  v1::RefusalLimit& limit = *contract.mutable_refusal_limit();
  limit.set_share(map.Text("share", limits::kRefusalShareDefault));
  const std::string records = map.Text("of", std::to_string(limits::kRefusalRecordsDefault));
  const char* const end = records.data() + records.size();
  int32_t count = 0;
  const auto read = std::from_chars(records.data(), end, count);
  if (read.ec != std::errc() || read.ptr != end) map.Fail("of", "a number of records", records);
  limit.set_records(count);
}

// --- entities ---

// Which entity keys stand in clear on the log.
struct Personal {
  bool all_plain = false;
  std::vector<std::string> plain_types;
};

Personal ReadPersonal(const YamlMap& root) {
  if (!root.Has("personal")) return {};
  const YamlMap map = root.Map("personal", {"key", "plain"});
  return {map.OneOf("key", {"pseudonymise", "plain"}, "pseudonymise") == 1, map.Texts("plain")};
}

v1::EntityDefinition ReadEntity(const YamlMap& owner, const Personal& personal) {
  const YamlMap map = owner.Map("entity", {"type", "key", "personal"});
  v1::EntityDefinition entity;
  entity.set_type(IdOf(map, "type"));
  entity.set_key(map.Text("key"));
  const auto& types = personal.plain_types;
  const bool plain =
      personal.all_plain || std::find(types.begin(), types.end(), entity.type()) != types.end();
  entity.set_plain(!map.Truth("personal", !plain));
  return entity;
}

// One field or type with two rules would stand on the log both ways.
void CheckSameRule(const YamlMap& root, const v1::SourceContract& contract) {
  std::vector<const v1::EntityDefinition*> entities;
  if (contract.has_entity()) entities.push_back(&contract.entity());
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    if (measure.has_entity()) entities.push_back(&measure.entity());
  }
  for (const auto* a : entities) {
    if (!a->plain() && a->key() == contract.version_field()) {
      root.Fail("record", "a version that is not the key of a person", a->key());
    }
    for (const auto* b : entities) {
      if (a->plain() == b->plain() || (a->type() != b->type() && a->key() != b->key())) continue;
      root.Fail("personal", fmt::format("one rule for the keys of {} in {}", a->type(), a->key()),
                "pseudonymised here and plain there");
    }
  }
}

// --- measures ---

void ReadRange(const YamlMap& map, v1::MeasureDefinition& measure) {
  if (!map.Has("range")) return;
  std::vector<std::string> ends = map.Texts("range", /*nulls=*/true);
  std::vector<Decimal> numbers;
  for (std::string& end : ends) {
    if (end.empty()) continue;
    const auto number = Decimal::Parse(end);
    if (!number) {
      map.Fail("range", "two decimal numbers, or null for an open end", end);
      return;
    }
    numbers.push_back(*number);
    end = number->ToString();
  }
  if (ends.size() != 2 || (numbers.size() == 2 && numbers[1] < numbers[0])) {
    map.Fail("range", "the least and the greatest value", fmt::format("{}", fmt::join(ends, ", ")));
    return;
  }
  measure.set_range_min(ends[0]);
  measure.set_range_max(ends[1]);
}

v1::MeasureDefinition ReadMeasure(const YamlMap& map, const Personal& personal) {
  v1::MeasureDefinition measure;
  measure.set_name(map.Text("name"));
  if (!IsName(measure.name())) map.Fail("name", std::string(kNameExpected), measure.name());
  measure.set_value(map.Text("value"));
  measure.set_unit(map.Text("unit"));
  if (!Unit::Parse(measure.unit())) {
    map.Fail("unit", "a unit, as in pcs or pcs/h", measure.unit());
  }
  measure.set_condition(ConditionOf(map, "if"));
  ReadRange(map, measure);
  if (map.Has("entity")) *measure.mutable_entity() = ReadEntity(map, personal);
  measure.set_unit_field(map.Text("unit_field", ""));
  return measure;
}

void ReadMeasures(const YamlMap& root, const Personal& personal, v1::SourceContract& contract) {
  const std::vector<YamlMap> maps =
      root.Maps("measures", {"name", "value", "unit", "if", "range", "entity", "unit_field"});
  if (maps.empty() || maps.size() > limits::kMeasuresMax) {
    root.Fail("measures", fmt::format("1 to {} measures", limits::kMeasuresMax),
              fmt::format("{}", maps.size()));
    return;
  }
  std::set<std::string> seen;
  for (const YamlMap& map : maps) {
    v1::MeasureDefinition measure = ReadMeasure(map, personal);
    if (!measure.has_entity() && !contract.has_entity()) {
      map.Fail("entity", "an entity here or for the whole record", "nothing");
    }
    if (!seen.insert(measure.name()).second) map.Fail("name", "each name once", measure.name());
    *contract.add_measures() = std::move(measure);
  }
}

void ReadAttributes(const YamlMap& root, v1::SourceContract& contract) {
  const auto pairs = root.Pairs("attributes");
  if (pairs.size() > limits::kAttributesMax) {
    root.Fail("attributes", fmt::format("at most {}", limits::kAttributesMax),
              fmt::format("{}", pairs.size()));
  }
  for (const auto& [name, field] : pairs) {
    if (!IsName(name)) root.Fail("attributes", std::string(kNameExpected), name);
    v1::AttributeDefinition& attribute = *contract.add_attributes();
    attribute.set_name(name);
    attribute.set_field(field);
  }
}

v1::SourceContract ReadContract(const YamlMap& root) {
  v1::SourceContract contract;
  contract.set_source(IdOf(root, "source"));
  constexpr v1::Origin kOrigins[] = {v1::ORIGIN_MACHINE, v1::ORIGIN_SYSTEM, v1::ORIGIN_MANUAL};
  contract.set_origin(kOrigins[root.OneOf("origin", {"MACHINE", "SYSTEM", "MANUAL"})]);
  contract.set_owner(IdOf(root.Map("owner", {"person"}), "person"));
  *contract.mutable_input() = ReadInput(root);
  contract.set_strict(root.Truth("strict", true));
  ReadRecord(root, contract);
  ReadRefusals(root, contract);
  const Personal personal = ReadPersonal(root);
  if (root.Has("entity")) *contract.mutable_entity() = ReadEntity(root, personal);
  contract.set_raw(root.OneOf("raw", {"hash", "keep"}, "hash") == 0 ? v1::RAW_RULE_HASH
                                                                    : v1::RAW_RULE_KEEP);
  ReadAttributes(root, contract);
  ReadMeasures(root, personal, contract);
  for (const std::string& field : root.Texts("ignore")) contract.add_ignore(field);
  CheckSameRule(root, contract);
  return contract;
}

}  // namespace

std::variant<v1::SourceContract, Rejection> ParseContract(std::string_view text,
                                                          DocumentWatch watch) {
  YamlProblems problems("CONTRACT_INVALID");
  if (text.size() > limits::kContractTextBytesMax) {
    problems.Add(1, "", fmt::format("at most {} bytes", limits::kContractTextBytesMax),
                 fmt::format("{} bytes", text.size()));
    return *problems.First();
  }
  const YamlMap root =
      YamlMap::Parse(text,
                     {"source", "origin", "owner", "input", "strict", "record", "refusals",
                      "entity", "raw", "personal", "attributes", "measures", "ignore"},
                     std::move(watch), problems);
  v1::SourceContract contract = ReadContract(root);
  if (problems.First()) return *problems.First();
  return contract;
}

}  // namespace assay

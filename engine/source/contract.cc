#include "engine/source/contract.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/event/effective.h"

namespace assay::source {
namespace {

using Refused = std::optional<Rejection>;

Rejection Required(std::string path, std::string expected) {
  const std::string message = fmt::format("{} is missing", expected);
  return Invalid("FIELD_REQUIRED", std::move(path), std::move(expected), "nothing", message);
}

Rejection NotChosen(std::string path, std::string allowed, int value) {
  return Invalid("INVALID_ENUM", std::move(path), std::move(allowed),
                 value == 0 ? "nothing" : std::to_string(value), "a value must be chosen");
}

Refused CheckCount(const std::string& path, int count, int least, int most) {
  if (count >= least && count <= most) return std::nullopt;
  return Invalid("INVALID_COUNT", path, fmt::format("{} to {}", least, most), std::to_string(count),
                 "there are too few or too many of them");
}

Refused CheckOneOf(const std::string& path, std::string_view value,
                   std::initializer_list<std::string_view> allowed) {
  std::string expected;
  for (const std::string_view one : allowed) {
    if (value == one) return std::nullopt;
    if (!one.empty()) expected += fmt::format("{}\"{}\"", expected.empty() ? "" : " or ", one);
  }
  return Invalid("INVALID_VALUE", path, expected, std::string(value),
                 fmt::format("\"{}\" is not allowed here", value));
}

// The name of a field of a record: in the words of the source, so any text that stays on one line.
Refused CheckField(const std::string& path, std::string_view field) {
  bool usable = !field.empty() && field.size() <= limits::kTitleBytesMax;
  for (const char c : field) usable = usable && static_cast<unsigned char>(c) >= 0x20;
  if (usable) return std::nullopt;
  return Invalid("INVALID_TEXT", path, "the name of a field, 1 to 256 bytes", std::string(field),
                 "this names no field of a record");
}

// What formulas name: "source.measure" ends at the last dot, and backquotes enclose odd names.
Refused CheckName(const std::string& path, std::string_view name) {
  bool usable = !name.empty() && name.size() <= limits::kIdBytesMax;
  for (const char c : name) {
    usable = usable && static_cast<unsigned char>(c) > 0x20 && c != '.' && c != '`';
  }
  if (usable) return std::nullopt;
  return Invalid("INVALID_TEXT", path, "1 to 64 bytes without blanks, dots and backquotes",
                 std::string(name), "formulas could not name this");
}

Refused CheckUnique(const std::string& path, const std::string& name, std::set<std::string>& seen) {
  if (seen.insert(name).second) return std::nullopt;
  return Invalid("DUPLICATE_ITEM", path, "each name once", name,
                 fmt::format("\"{}\" stands here twice", name));
}

// A single ASCII character that cannot be part of a quoted field's frame.
Refused CheckDelimiter(const std::string& path, std::string_view delimiter) {
  if (delimiter.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(delimiter.front());
  const bool usable = delimiter.size() == 1 && (first == '\t' || (first >= 0x20 && first < 0x7f)) &&
                      first != '"' && first != '.';
  if (usable) return std::nullopt;
  return Invalid("INVALID_VALUE", path, "one character, as , or ; or a tab", std::string(delimiter),
                 "this cannot separate fields");
}

Refused CheckInput(const std::string& path, const v1::InputDefinition& input) {
  if (input.format() == v1::INPUT_FORMAT_UNSPECIFIED || !v1::InputFormat_IsValid(input.format())) {
    return NotChosen(path + ".format", "CSV, NDJSON or KAFKA_JSON", input.format());
  }
  if (auto wrong = CheckOneOf(path + ".encoding", input.encoding(), {"", "utf-8", "gbk"})) {
    return wrong;
  }
  if (auto wrong = CheckDelimiter(path + ".delimiter", input.delimiter())) return wrong;
  if (auto wrong = CheckOneOf(path + ".decimalMark", input.decimal_mark(), {"", ".", ","})) {
    return wrong;
  }
  if (input.format() == v1::INPUT_FORMAT_KAFKA_JSON && input.topic().empty()) {
    return Required(path + ".topic", "the topic to read");
  }
  if (input.generation() >= 0) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", path + ".generation", "0 or more",
                 std::to_string(input.generation()), "lives of an input are counted from 1");
}

Refused CheckKey(const std::string& path, const v1::SourceContract& contract) {
  if (auto wrong = CheckCount(path, contract.key_size(), 1, limits::kRecordKeyFieldsMax)) {
    return wrong;
  }
  std::set<std::string> seen;
  for (int i = 0; i < contract.key_size(); ++i) {
    const std::string field_path = fmt::format("{}[{}]", path, i);
    if (auto wrong = CheckField(field_path, contract.key(i))) return wrong;
    if (auto wrong = CheckUnique(field_path, contract.key(i), seen)) return wrong;
  }
  return std::nullopt;
}

// A local time is an instant only together with a zone.
Refused CheckWhen(const std::string& path, const v1::WhenDefinition& when) {
  if (auto wrong = CheckField(path + ".field", when.field())) return wrong;
  if (when.format().empty()) return Required(path + ".format", "the format of the time");
  if (when.format() == "rfc3339" || when.format() == "epoch_ms") return std::nullopt;
  if (when.format().find('%') == std::string::npos) {
    return Invalid("INVALID_VALUE", path + ".format", "%Y-%m-%d %H:%M, \"rfc3339\" or \"epoch_ms\"",
                   when.format(), "this is no format of a time");
  }
  if (!when.zone().empty() || !when.zone_field().empty()) return std::nullopt;
  return Required(path + ".zone", "the zone of the local time");
}

Refused CheckEntity(const std::string& path, const v1::EntityDefinition& entity) {
  if (auto wrong = CheckId(path + ".type", entity.type())) return wrong;
  return CheckField(path + ".key", entity.key());
}

Refused CheckAttributes(const std::string& path, const v1::SourceContract& contract) {
  if (auto wrong = CheckCount(path, contract.attributes_size(), 0, limits::kAttributesMax)) {
    return wrong;
  }
  std::set<std::string> seen;
  for (int i = 0; i < contract.attributes_size(); ++i) {
    const v1::AttributeDefinition& attribute = contract.attributes(i);
    const std::string at = fmt::format("{}[{}]", path, i);
    if (auto wrong = CheckName(at + ".name", attribute.name())) return wrong;
    if (auto wrong = CheckUnique(at + ".name", attribute.name(), seen)) return wrong;
    if (auto wrong = CheckField(at + ".field", attribute.field())) return wrong;
  }
  return std::nullopt;
}

Refused CheckRange(const std::string& path, const v1::MeasureDefinition& measure) {
  const bool has_min = !measure.range_min().empty();
  const bool has_max = !measure.range_max().empty();
  if (has_min) {
    if (auto wrong = CheckDecimal(path + ".rangeMin", measure.range_min())) return wrong;
  }
  if (has_max) {
    if (auto wrong = CheckDecimal(path + ".rangeMax", measure.range_max())) return wrong;
  }
  if (!has_min || !has_max) return std::nullopt;
  if (DecimalOf(measure.range_min()) <= DecimalOf(measure.range_max())) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", path + ".rangeMax",
                 fmt::format("{} or more", measure.range_min()), measure.range_max(),
                 "no value lies in this range");
}

Refused CheckMeasure(const std::string& path, const v1::SourceContract& contract,
                     const v1::MeasureDefinition& measure, const ConditionChecker& checker) {
  if (auto wrong = CheckField(path + ".value", measure.value())) return wrong;
  if (measure.unit().empty()) return Required(path + ".unit", "the unit of the measure");
  if (auto wrong = CheckRange(path, measure)) return wrong;
  if (measure.has_entity()) {
    if (auto wrong = CheckEntity(path + ".entity", measure.entity())) return wrong;
  } else if (!contract.has_entity()) {
    return Required(path + ".entity", "whom the measure credits");
  }
  if (measure.condition().empty()) return std::nullopt;
  return checker.Check(path + ".condition", measure.condition());
}

Refused CheckMeasures(const std::string& path, const v1::SourceContract& contract,
                      const ConditionChecker& checker) {
  if (auto wrong = CheckCount(path, contract.measures_size(), 1, limits::kMeasuresMax)) {
    return wrong;
  }
  std::set<std::string> seen;
  for (int i = 0; i < contract.measures_size(); ++i) {
    const v1::MeasureDefinition& measure = contract.measures(i);
    const std::string at = fmt::format("{}[{}]", path, i);
    if (auto wrong = CheckName(at + ".name", measure.name())) return wrong;
    if (auto wrong = CheckUnique(at + ".name", measure.name(), seen)) return wrong;
    if (auto wrong = CheckMeasure(at, contract, measure, checker)) return wrong;
  }
  return std::nullopt;
}

Refused CheckOriginAndOwner(const std::string& path, const v1::SourceContract& contract) {
  if (contract.origin() == v1::ORIGIN_UNSPECIFIED || !v1::Origin_IsValid(contract.origin())) {
    return NotChosen(path + ".origin", "MACHINE, SYSTEM or MANUAL", contract.origin());
  }
  if (contract.owner().empty()) return std::nullopt;
  return CheckId(path + ".owner", contract.owner());
}

Refused CheckIgnored(const std::string& path, const v1::SourceContract& contract) {
  for (int i = 0; i < contract.ignore_size(); ++i) {
    if (auto wrong = CheckField(fmt::format("{}[{}]", path, i), contract.ignore(i))) return wrong;
  }
  return std::nullopt;
}

// --- what a topic says beside a value ---

bool IsKafkaField(std::string_view field) {
  if (field == kKafkaKey || field == kKafkaTimestamp || field == kKafkaOffset) return true;
  for (const std::string_view group : {std::string(kKafkaKey) + ".", std::string(kKafkaHeader)}) {
    if (field.starts_with(group) && field.size() > group.size()) return true;
  }
  return false;
}

Refused CheckOfInput(const std::string& path, std::string_view field,
                     const v1::InputDefinition& input) {
  if (!field.starts_with(kKafkaPrefix)) return std::nullopt;
  if (input.format() != v1::INPUT_FORMAT_KAFKA_JSON) {
    return Invalid("INVALID_VALUE", path, "a field of the record", std::string(field),
                   "only records of a topic have this");
  }
  if (IsKafkaField(field)) return std::nullopt;
  return Invalid("INVALID_VALUE", path,
                 "kafka:key, kafka:key.PATH, kafka:header.NAME, kafka:timestamp or kafka:offset",
                 std::string(field), "a topic does not say this of a record");
}

Refused CheckFieldsOfInput(const std::string& at, const v1::SourceContract& contract) {
  std::vector<std::pair<std::string, std::string_view>> fields = {
      {at + ".versionField", contract.version_field()},
      {at + ".when.field", contract.when().field()},
      {at + ".when.zoneField", contract.when().zone_field()},
      {at + ".entity.key", contract.entity().key()}};
  for (const std::string& field : contract.key()) fields.emplace_back(at + ".key", field);
  for (const auto& each : contract.attributes())
    fields.emplace_back(at + ".attributes", each.field());
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    const std::string path = fmt::format("{}.measures.{}", at, measure.name());
    fields.emplace_back(path + ".value", measure.value());
    fields.emplace_back(path + ".unitField", measure.unit_field());
    fields.emplace_back(path + ".entity.key", measure.entity().key());
  }
  for (const auto& [path, field] : fields) {
    if (auto wrong = CheckOfInput(path, field, contract.input())) return wrong;
  }
  return std::nullopt;
}

// A tombstone is a key and nothing else, so the record's key and version must stand beside a value.
Refused CheckTombstones(const std::string& at, const v1::SourceContract& contract) {
  if (!contract.tombstones_retract()) return std::nullopt;
  const auto beside = [&](const std::string& path, std::string_view field) -> Refused {
    if (IsKafkaField(field)) return std::nullopt;
    return Invalid("INVALID_VALUE", path, "a field as kafka:key, which a tombstone has",
                   std::string(field), "a record without a value does not have this field");
  };
  for (const std::string& field : contract.key()) {
    if (auto wrong = beside(at + ".key", field)) return wrong;
  }
  // Without one, records are ordered by their own times, and a tombstone has none.
  if (contract.version_field().empty()) {
    return Required(at + ".versionField", "the version of a record whose tombstones retract");
  }
  return beside(at + ".versionField", contract.version_field());
}

// A part of the key that is personal is in the whole key as well, which would stand in clear.
Refused CheckPersonalKeys(const std::string& at, const v1::SourceContract& contract) {
  const std::string parts = std::string(kKafkaKey) + ".";
  bool has_personal_part = !contract.entity().plain() && contract.entity().key().starts_with(parts);
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    has_personal_part = has_personal_part ||
                        (!measure.entity().plain() && measure.entity().key().starts_with(parts));
  }
  if (!has_personal_part) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string& field : contract.key()) fields.emplace_back(at + ".key", field);
  for (const auto& each : contract.attributes()) {
    fields.emplace_back(at + ".attributes", each.field());
  }
  for (const auto& [path, field] : fields) {
    if (field != kKafkaKey) continue;
    return Invalid("INVALID_VALUE", path, "the parts of the key, as kafka:key.no", field,
                   "a part of this key is the key of a person, and would stand in clear");
  }
  return std::nullopt;
}

Refused CheckRefusalLimit(const std::string& at, const v1::SourceContract& contract) {
  if (!contract.has_refusal_limit()) return std::nullopt;
  const v1::RefusalLimit& limit = contract.refusal_limit();
  const auto share = Decimal::Parse(limit.share());
  if (!share || *share <= Decimal() || *share > Decimal::FromInt(1)) {
    return Invalid("VALUE_OUT_OF_RANGE", at + ".refusalLimit.share", "above 0 and up to 1",
                   limit.share(), "this is no share of refusals");
  }
  if (limit.records() >= 1 && limit.records() <= limits::kRefusalRecordsMax) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", at + ".refusalLimit.records",
                 fmt::format("1 to {}", limits::kRefusalRecordsMax),
                 std::to_string(limit.records()), "the share is taken of so many records");
}

}  // namespace

std::optional<Rejection> CheckContract(std::string_view path, const v1::SourceContract& contract,
                                       const ConditionChecker& checker) {
  const std::string at(path);
  if (auto wrong = CheckId(at + ".source", contract.source())) return wrong;
  if (auto wrong = CheckOriginAndOwner(at, contract)) return wrong;
  if (auto wrong = CheckInput(at + ".input", contract.input())) return wrong;
  if (auto wrong = CheckKey(at + ".key", contract)) return wrong;
  if (!contract.version_field().empty()) {
    if (auto wrong = CheckField(at + ".versionField", contract.version_field())) return wrong;
  }
  if (auto wrong = CheckWhen(at + ".when", contract.when())) return wrong;
  if (!contract.retract().empty()) {
    if (auto wrong = checker.Check(at + ".retract", contract.retract())) return wrong;
  }
  if (contract.has_entity()) {
    if (auto wrong = CheckEntity(at + ".entity", contract.entity())) return wrong;
  }
  if (auto wrong = CheckAttributes(at + ".attributes", contract)) return wrong;
  if (auto wrong = CheckMeasures(at + ".measures", contract, checker)) return wrong;
  if (auto wrong = CheckIgnored(at + ".ignore", contract)) return wrong;
  if (auto wrong = CheckFieldsOfInput(at, contract)) return wrong;
  if (auto wrong = CheckTombstones(at, contract)) return wrong;
  if (auto wrong = CheckPersonalKeys(at, contract)) return wrong;
  return CheckRefusalLimit(at, contract);
}

}  // namespace assay::source

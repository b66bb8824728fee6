#include "connectors/file/mapper.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <unordered_map>
#include <utility>

#include "connectors/file/field_lookup.h"
#include "connectors/file/record_time.h"
#include "engine/base/decimal.h"
#include "engine/base/limits.h"
#include "engine/base/shown_text.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/sealing.h"
#include "engine/score/formula.h"
#include "engine/source/contract.h"

namespace assay {
namespace {

using Slot = FieldLookup::Slot;
using Fault = std::optional<RecordFault>;

// As many people as a large plant has; then the memory starts anew.
constexpr size_t kPseudonymsMax = 100'000;
// A field name of the input on the log: long enough to be found.
constexpr size_t kPathBytesMax = 256;

struct EntityPlan {
  std::string type;
  Slot key = 0;
  bool plain = false;
};

struct ConditionPlan {
  std::string path;
  Condition condition;
  std::vector<Slot> fields;
};

struct MeasurePlan {
  std::string name;
  std::string unit;
  // The field that holds the value, or the value itself.
  std::optional<Slot> value;
  std::string constant;
  std::optional<ConditionPlan> condition;
  std::optional<Decimal> least;
  std::optional<Decimal> greatest;
  std::optional<Slot> unit_field;
  EntityPlan entity;
};

std::string RangeText(const MeasurePlan& measure) {
  if (!measure.greatest) return fmt::format("at least {}", measure.least->ToString());
  if (!measure.least) return fmt::format("at most {}", measure.greatest->ToString());
  return fmt::format("{} to {}", measure.least->ToString(), measure.greatest->ToString());
}

// "1,5" as "1.5"; nothing for a text with a point, which would stand between thousands.
std::optional<std::string> WithPoint(std::string_view text) {
  if (text.find('.') != std::string_view::npos) return std::nullopt;
  std::string with_point(text);
  const size_t comma = text.find(',');
  if (comma != std::string_view::npos) with_point[comma] = '.';
  return with_point;
}

// The fields of the record, as a condition sees them.
class ConditionFields : public FieldValues {
 public:
  ConditionFields(const FieldLookup& lookup, const std::vector<Slot>& slots, bool decimal_comma)
      : lookup_(lookup), slots_(slots), decimal_comma_(decimal_comma) {
    if (decimal_comma) converted_.resize(slots.size());
  }

  std::optional<std::string_view> Value(size_t index, std::string_view) override {
    const FieldValue& value = lookup_.Get(slots_[index]);
    if (!decimal_comma_ || value.kind != FieldKind::kText) return value.text;
    auto number = WithPoint(value.text);
    if (!number || !Decimal::Parse(*number)) return value.text;
    converted_[index] = *std::move(number);
    return converted_[index];
  }

 private:
  const FieldLookup& lookup_;
  const std::vector<Slot>& slots_;
  const bool decimal_comma_;
  std::vector<std::string> converted_;
};

// The canonical text of a version, or nothing.
std::optional<std::string> CanonicalVersion(std::string_view text, v1::VersionType type) {
  if (type == v1::VERSION_TYPE_INSTANT) {
    const auto instant = Instant::Parse(text);
    if (!instant) return std::nullopt;
    return instant->ToString();
  }
  if (type == v1::VERSION_TYPE_DECIMAL) {
    const auto number = Decimal::Parse(text);
    if (!number) return std::nullopt;
    return number->ToString();
  }
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return fmt::to_string(number);
}

std::string_view VersionText(v1::VersionType type) {
  if (type == v1::VERSION_TYPE_INSTANT) return "an instant (RFC 3339, to the millisecond)";
  return type == v1::VERSION_TYPE_DECIMAL ? "a decimal number" : "an integer of 64 bits";
}

}  // namespace

// The contract, made ready: names are slots, texts are parsed.
class Mapper::Plan {
 public:
  absl::Status Prepare(const v1::SourceContract& contract, SourceSecrets secrets);
  absl::StatusOr<v1::Intake> Map(const SourceRecord& record, Instant received_at);
  [[nodiscard]] const std::vector<std::string>& FieldNames() const { return lookup_.Names(); }

 private:
  absl::StatusOr<std::optional<ConditionPlan>> PlanCondition(std::string path,
                                                             const std::string& text);
  absl::StatusOr<MeasurePlan> PlanMeasure(const v1::MeasureDefinition& definition);
  EntityPlan PlanEntity(const v1::EntityDefinition& definition);

  Fault MapFields(const SourceRecord& record, Instant received_at, v1::Intake& intake);
  Fault MapTombstone(Instant gone_at, Instant received_at, v1::Intake& intake);
  Fault MapKey(v1::Intake& intake);
  Fault MapUnknown() const;
  Fault MapTime(Instant received_at, v1::Intake& intake);
  Fault MapVersion(v1::Intake& intake) const;
  Fault MapAttributes(v1::Intake& intake);
  Fault MapMeasures(v1::Intake& intake);
  Fault MapMeasure(const MeasurePlan& measure, v1::Contributions& facts);
  Fault CheckUnitField(const MeasurePlan& measure) const;
  Fault CheckKey(std::string_view text, Slot slot) const;

  // The value of a measure as a canonical text; left empty when there is none.
  Fault ReadValue(const MeasurePlan& measure, std::string& value) const;
  Fault Holds(const ConditionPlan& plan, bool& holds) const;
  Fault AddContribution(const MeasurePlan& measure, std::string value, v1::Contributions& facts);

  absl::Status Refuse(const SourceRecord& record, RecordFault fault, Instant received_at,
                      v1::Intake& intake) const;
  absl::Status KeepRaw(const SourceRecord& record, Instant received_at, v1::Intake& intake);

  [[nodiscard]] RecordFault FaultAt(std::string_view code, Slot slot, std::string expected) const {
    return {std::string(code), lookup_.Names()[slot], std::move(expected)};
  }
  // As it may stand on the log: the pseudonym where the field is a personal key.
  std::string OnLog(Slot slot);
  const std::string& PseudonymOf(const std::string& type, const std::string& key);

  v1::SourceContract contract_;
  SourceSecrets secrets_;
  std::optional<TimeReader> times_;
  FieldLookup lookup_;
  bool decimal_comma_ = false;
  std::vector<Slot> key_;
  Slot when_ = 0;
  std::optional<Slot> zone_;
  std::optional<Slot> version_;
  std::optional<ConditionPlan> retract_;
  std::optional<EntityPlan> entity_;
  std::vector<std::pair<std::string, Slot>> attributes_;
  std::vector<MeasurePlan> measures_;
  // Entity types by the slot of their personal key.
  std::unordered_map<Slot, std::string> personal_;
  std::unordered_map<std::string, std::string> pseudonyms_;
  // Whom the record being mapped credits first; raw bytes are kept under that key.
  const EntityPlan* first_credited_ = nullptr;
};

// --- making ready ---

EntityPlan Mapper::Plan::PlanEntity(const v1::EntityDefinition& definition) {
  EntityPlan plan{definition.type(), lookup_.Add(definition.key()), definition.plain()};
  // Where one field is the key of two types, the first one gives the pseudonym.
  if (!plan.plain) personal_.emplace(plan.key, plan.type);
  return plan;
}

absl::StatusOr<std::optional<ConditionPlan>> Mapper::Plan::PlanCondition(std::string path,
                                                                         const std::string& text) {
  if (text.empty()) return std::optional<ConditionPlan>();
  auto parsed = Condition::Parse(text, path);
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "{}", rejection->ToString());
  }
  ConditionPlan plan{std::move(path), std::get<Condition>(std::move(parsed)), {}};
  for (const std::string& field : plan.condition.Fields()) {
    plan.fields.push_back(lookup_.Add(field));
  }
  return std::optional<ConditionPlan>(std::move(plan));
}

absl::StatusOr<MeasurePlan> Mapper::Plan::PlanMeasure(const v1::MeasureDefinition& definition) {
  MeasurePlan plan;
  plan.name = definition.name();
  plan.unit = definition.unit();
  if (const auto constant = Decimal::Parse(definition.value())) {
    plan.constant = constant->ToString();
  } else {
    plan.value = lookup_.Add(definition.value());
  }
  ASSAY_ASSIGN_OR_RETURN(plan.condition, PlanCondition(fmt::format("measures.{}.if", plan.name),
                                                       definition.condition()));
  if (!definition.range_min().empty()) plan.least = Decimal::Parse(definition.range_min());
  if (!definition.range_max().empty()) plan.greatest = Decimal::Parse(definition.range_max());
  if (!definition.unit_field().empty()) plan.unit_field = lookup_.Add(definition.unit_field());
  if (!definition.has_entity() && !entity_) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "measure {} credits no entity",
                      plan.name);
  }
  plan.entity = definition.has_entity() ? PlanEntity(definition.entity()) : *entity_;
  return plan;
}

absl::Status Mapper::Plan::Prepare(const v1::SourceContract& contract, SourceSecrets secrets) {
  contract_ = contract;
  secrets_ = std::move(secrets);
  decimal_comma_ = contract.input().decimal_mark() == ",";
  for (const std::string& field : contract.key()) key_.push_back(lookup_.Add(field));
  ASSAY_ASSIGN_OR_RETURN(times_, TimeReader::Create(contract.when()));
  when_ = lookup_.Add(contract.when().field());
  if (!contract.when().zone_field().empty()) zone_ = lookup_.Add(contract.when().zone_field());
  if (!contract.version_field().empty()) version_ = lookup_.Add(contract.version_field());
  ASSAY_ASSIGN_OR_RETURN(retract_, PlanCondition("record.retract", contract.retract()));
  if (contract.has_entity()) entity_ = PlanEntity(contract.entity());
  for (const v1::AttributeDefinition& attribute : contract.attributes()) {
    attributes_.emplace_back(attribute.name(), lookup_.Add(attribute.field()));
  }
  for (const v1::MeasureDefinition& definition : contract.measures()) {
    ASSAY_ASSIGN_OR_RETURN(MeasurePlan plan, PlanMeasure(definition));
    measures_.push_back(std::move(plan));
  }
  for (const std::string& field : contract.ignore()) lookup_.Add(field);
  return absl::OkStatus();
}

// --- fields ---

const std::string& Mapper::Plan::PseudonymOf(const std::string& type, const std::string& key) {
  if (pseudonyms_.size() >= kPseudonymsMax) pseudonyms_.clear();
  const auto [entry, is_new] = pseudonyms_.try_emplace(fmt::format("{}/{}", type, key));
  if (is_new) entry->second = secrets_.pseudonym(type, key);
  return entry->second;
}

std::string Mapper::Plan::OnLog(Slot slot) {
  const std::string& text = lookup_.Get(slot).text;
  const auto personal = personal_.find(slot);
  return personal == personal_.end() ? text : PseudonymOf(personal->second, text);
}

Fault Mapper::Plan::CheckKey(std::string_view text, Slot slot) const {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  if (text.size() > limits::kKeyTextBytesMax) {
    return FaultAt("MALFORMED", slot, fmt::format("at most {} bytes", limits::kKeyTextBytesMax));
  }
  if (kSpaces.find(text.front()) != std::string_view::npos ||
      kSpaces.find(text.back()) != std::string_view::npos) {
    return FaultAt("MALFORMED", slot, "no space before or behind a key");
  }
  return std::nullopt;
}

Fault Mapper::Plan::MapKey(v1::Intake& intake) {
  for (const Slot slot : key_) {
    const FieldValue& value = lookup_.Get(slot);
    if (value.Empty()) return FaultAt("MISSING_KEY", slot, "a value");
    if (auto fault = CheckKey(value.text, slot)) return fault;
  }
  for (const Slot slot : key_) intake.add_record_key(OnLog(slot));
  return std::nullopt;
}

Fault Mapper::Plan::MapUnknown() const {
  const Field* unknown = contract_.strict() ? lookup_.Unknown() : nullptr;
  if (unknown == nullptr) return std::nullopt;
  return RecordFault{"SCHEMA_REJECTED", unknown->name, "a field of the contract"};
}

Fault Mapper::Plan::MapTime(Instant received_at, v1::Intake& intake) {
  const FieldValue& value = lookup_.Get(when_);
  if (value.Empty()) return FaultAt("MISSING_TIME", when_, "a value");
  const std::string_view zone_name = zone_ ? lookup_.Get(*zone_).text : std::string_view();
  const auto read = times_->Read(value.text, zone_name);
  if (const auto* problem = std::get_if<TimeReader::Problem>(&read)) {
    switch (*problem) {
      case TimeReader::Problem::kBadZone:
        return FaultAt("BAD_TIME", *zone_, "a time zone of the IANA database");
      case TimeReader::Problem::kAmbiguous:
        return FaultAt("AMBIGUOUS_TIME", when_, "a local time that the zone has, and has once");
      case TimeReader::Problem::kBadTime:
        return FaultAt("BAD_TIME", when_, fmt::format("{}, from 1900 on", times_->Format().Text()));
    }
  }
  const auto& moment = std::get<RecordMoment>(read);
  if (moment.instant > received_at) {
    return FaultAt("FUTURE_DATED", when_, "a time not after its receipt");
  }
  *intake.mutable_event_time() = TimestampOf(moment.instant);
  intake.set_day(moment.day.ToString());
  return std::nullopt;
}

Fault Mapper::Plan::MapVersion(v1::Intake& intake) const {
  if (!version_) return std::nullopt;
  auto version = CanonicalVersion(lookup_.Get(*version_).text, contract_.version_type());
  if (!version) {
    return FaultAt("BAD_VERSION", *version_, std::string(VersionText(contract_.version_type())));
  }
  intake.set_version(*std::move(version));
  return std::nullopt;
}

Fault Mapper::Plan::MapAttributes(v1::Intake& intake) {
  for (const auto& [name, slot] : attributes_) {
    const std::string& text = lookup_.Get(slot).text;
    if (text.empty()) continue;
    if (text.size() > limits::kKeyTextBytesMax) {
      return FaultAt("MALFORMED", slot, fmt::format("at most {} bytes", limits::kKeyTextBytesMax));
    }
    v1::Attribute& attribute = *intake.add_attributes();
    attribute.set_name(name);
    attribute.set_value(OnLog(slot));
  }
  return std::nullopt;
}

// --- measures ---

Fault Mapper::Plan::Holds(const ConditionPlan& plan, bool& holds) const {
  ConditionFields fields(lookup_, plan.fields, decimal_comma_);
  const TruthResult result = plan.condition.Evaluate(fields);
  holds = result.value;
  if (result.Ok()) return std::nullopt;
  const bool not_a_number = result.status == EvalStatus::kNotANumber;
  return RecordFault{not_a_number ? "NOT_A_NUMBER" : "VALUE_OUT_OF_RANGE", plan.path,
                     fmt::format("fields of which {} can be told", plan.condition.Text())};
}

Fault Mapper::Plan::CheckUnitField(const MeasurePlan& measure) const {
  if (!measure.unit_field || lookup_.Get(*measure.unit_field).text == measure.unit) {
    return std::nullopt;
  }
  return FaultAt("UNIT_MISMATCH", *measure.unit_field, measure.unit);
}

Fault Mapper::Plan::ReadValue(const MeasurePlan& measure, std::string& value) const {
  if (!measure.value) {
    value = measure.constant;
    return std::nullopt;
  }
  const FieldValue& field = lookup_.Get(*measure.value);
  if (field.Empty()) return std::nullopt;
  const bool comma = decimal_comma_ && field.kind == FieldKind::kText;
  const std::optional<std::string> text = comma ? WithPoint(field.text) : field.text;
  auto error = Decimal::ParseError::kNotANumber;
  const auto number = text ? Decimal::Parse(*text, &error) : std::nullopt;
  if (number) {
    if ((measure.least && *number < *measure.least) ||
        (measure.greatest && *number > *measure.greatest)) {
      return FaultAt("VALUE_OUT_OF_RANGE", *measure.value, RangeText(measure));
    }
    value = number->ToString();
    return std::nullopt;
  }
  switch (error) {
    case Decimal::ParseError::kTooPrecise:
      return FaultAt("PRECISION", *measure.value,
                     fmt::format("at most {} fractional digits", Decimal::kFractionDigits));
    case Decimal::ParseError::kOutOfRange:
      return FaultAt("VALUE_OUT_OF_RANGE", *measure.value, "a number below 1.7e26");
    default:
      return FaultAt(
          "NOT_A_NUMBER", *measure.value,
          fmt::format("a number with \"{}\" before its fraction", decimal_comma_ ? ',' : '.'));
  }
}

Fault Mapper::Plan::AddContribution(const MeasurePlan& measure, std::string value,
                                    v1::Contributions& facts) {
  const EntityPlan& entity = measure.entity;
  const std::string& key = lookup_.Get(entity.key).text;
  if (key.empty()) return FaultAt("MISSING_ENTITY", entity.key, "a value");
  if (auto fault = CheckKey(key, entity.key)) return fault;
  if (facts.contributions_size() >= limits::kMeasuresMax) {
    return RecordFault{"TOO_MANY_MEASURES", "", fmt::format("at most {}", limits::kMeasuresMax)};
  }
  if (first_credited_ == nullptr) first_credited_ = &entity;
  v1::Contribution& contribution = *facts.add_contributions();
  contribution.set_entity_type(entity.type);
  contribution.set_entity_key(entity.plain ? key : PseudonymOf(entity.type, key));
  contribution.set_measure(measure.name);
  contribution.set_value(std::move(value));
  contribution.set_unit(measure.unit);
  return std::nullopt;
}

Fault Mapper::Plan::MapMeasure(const MeasurePlan& measure, v1::Contributions& facts) {
  if (measure.condition) {
    bool holds = false;
    if (auto fault = Holds(*measure.condition, holds)) return fault;
    if (!holds) return std::nullopt;
  }
  std::string value;
  if (auto fault = ReadValue(measure, value)) return fault;
  if (value.empty()) return std::nullopt;
  if (auto fault = CheckUnitField(measure)) return fault;
  return AddContribution(measure, std::move(value), facts);
}

Fault Mapper::Plan::MapMeasures(v1::Intake& intake) {
  v1::Contributions& facts = *intake.mutable_facts();
  for (const MeasurePlan& measure : measures_) {
    if (auto fault = MapMeasure(measure, facts)) return fault;
  }
  return std::nullopt;
}

// --- the whole record ---

// It has no time of its own: the record was gone when the input says so, in the contract's zone.
Fault Mapper::Plan::MapTombstone(Instant gone_at, Instant received_at, v1::Intake& intake) {
  if (!contract_.tombstones_retract()) {
    return RecordFault{"MALFORMED", "", "a value, or `tombstone: retract` in the contract"};
  }
  if (gone_at > received_at) {
    return RecordFault{"FUTURE_DATED", std::string(source::kKafkaTimestamp),
                       "a time not after its receipt"};
  }
  *intake.mutable_event_time() = TimestampOf(gone_at);
  intake.set_day(times_->At(gone_at).day.ToString());
  if (auto fault = MapVersion(intake)) return fault;
  intake.mutable_retraction();
  return std::nullopt;
}

Fault Mapper::Plan::MapFields(const SourceRecord& record, Instant received_at, v1::Intake& intake) {
  if (record.fault) return record.fault;
  lookup_.Bind(record.fields);
  // Known before anything else, so that a refusal stands under the record that it is about.
  Fault key_fault = MapKey(intake);
  if (auto fault = MapUnknown()) return fault;
  if (key_fault) return key_fault;
  if (record.gone_at) return MapTombstone(*record.gone_at, received_at, intake);
  if (auto fault = MapTime(received_at, intake)) return fault;
  if (auto fault = MapVersion(intake)) return fault;
  bool retracted = false;
  if (retract_) {
    if (auto fault = Holds(*retract_, retracted)) return fault;
  }
  if (auto fault = MapAttributes(intake)) return fault;
  if (!retracted) return MapMeasures(intake);
  intake.mutable_retraction();
  return std::nullopt;
}

absl::Status Mapper::Plan::Refuse(const SourceRecord& record, RecordFault fault,
                                  Instant received_at, v1::Intake& intake) const {
  intake.clear_version();
  intake.clear_event_time();
  intake.clear_day();
  intake.clear_attributes();
  v1::Refusal& refusal = *intake.mutable_refusal();
  refusal.set_code(std::move(fault.code));
  refusal.set_path(std::string(TextBeginning(fault.path, kPathBytesMax)));
  refusal.set_expected(std::move(fault.expected));
  if (record.length > static_cast<int64_t>(record.raw.size())) {
    refusal.set_original_length(record.length);
  }
  if (record.raw.empty()) return absl::OkStatus();
  const v1::Src& src = intake.src();
  ASSAY_ASSIGN_OR_RETURN(
      *refusal.mutable_original(),
      secrets_.seal(QuarantineKeyId(received_at),
                    fmt::format("{}/{}/{}", src.input_log(), src.partition(), src.offset()),
                    "refusal.original", record.raw));
  return absl::OkStatus();
}

absl::Status Mapper::Plan::KeepRaw(const SourceRecord& record, Instant received_at,
                                   v1::Intake& intake) {
  if (contract_.raw() != v1::RAW_RULE_KEEP || record.raw.empty()) return absl::OkStatus();
  const bool has_entity = entity_ && !lookup_.Get(entity_->key).Empty();
  const EntityPlan* owner = has_entity ? &*entity_ : first_credited_;
  const std::string key_id =
      owner == nullptr
          ? QuarantineKeyId(received_at)
          : EntityKeyId(owner->type, PseudonymOf(owner->type, lookup_.Get(owner->key).text));
  const v1::Src& src = intake.src();
  ASSAY_ASSIGN_OR_RETURN(
      *intake.mutable_raw(),
      secrets_.seal(key_id, fmt::format("{}/{}/{}", src.input_log(), src.partition(), src.offset()),
                    "raw", record.raw));
  return absl::OkStatus();
}

absl::StatusOr<v1::Intake> Mapper::Plan::Map(const SourceRecord& record, Instant received_at) {
  v1::Intake intake;
  first_credited_ = nullptr;
  intake.set_source(contract_.source());
  intake.set_contract_version(contract_.version());
  v1::Src& src = *intake.mutable_src();
  src.set_input_log(record.input_log);
  src.set_partition(record.partition);
  src.set_offset(record.offset);
  src.set_hash(record.hash.bytes.data(), record.hash.bytes.size());
  *intake.mutable_received_at() = TimestampOf(received_at);
  if (Fault fault = MapFields(record, received_at, intake)) {
    ASSAY_RETURN_IF_ERROR(Refuse(record, *std::move(fault), received_at, intake));
    return intake;
  }
  ASSAY_RETURN_IF_ERROR(KeepRaw(record, received_at, intake));
  const Hash32 content = ContentHash(intake);
  intake.set_content_hash(content.bytes.data(), content.bytes.size());
  return intake;
}

Mapper::Mapper(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
Mapper::Mapper(Mapper&&) noexcept = default;
Mapper& Mapper::operator=(Mapper&&) noexcept = default;
Mapper::~Mapper() = default;

absl::StatusOr<Mapper> Mapper::Create(const v1::SourceContract& contract, SourceSecrets secrets) {
  auto plan = std::make_unique<Plan>();
  if (absl::Status status = plan->Prepare(contract, std::move(secrets)); !status.ok()) {
    return Annotate(status, contract.source());
  }
  return Mapper(std::move(plan));
}

absl::StatusOr<v1::Intake> Mapper::Map(const SourceRecord& record, Instant received_at) {
  return plan_->Map(record, received_at);
}

const std::vector<std::string>& Mapper::FieldNames() const { return plan_->FieldNames(); }

}  // namespace assay

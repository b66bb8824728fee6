#include "tools/assay/verify_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "connectors/file/byte_source.h"
#include "connectors/file/csv_fields.h"
#include "connectors/file/encoding.h"
#include "connectors/file/mapper.h"
#include "connectors/file/record_reader.h"
#include "connectors/file/record_splitter.h"
#include "connectors/file/record_time.h"
#include "engine/base/decimal.h"
#include "engine/base/limits.h"
#include "engine/commit/stated_heads.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "engine/source/contract.h"
#include "projections/decisions/query.h"
#include "tools/assay/heads.h"

namespace assay {
namespace {

// As many as a large plant has people; then the memory starts anew.
constexpr size_t kRememberedMax = 100'000;

struct Place {
  int32_t partition = 0;
  int64_t position = 0;
};

absl::Status Differs(Place place, std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "facts {} position {} {}", place.partition,
                    place.position, what);
}

// Where a part of the records of one input may stand: of each column, in how many originals it
// holds that part, and the first one where it does not.
struct Part {
  int64_t records = 0;
  std::vector<int64_t> matches;
  std::vector<std::optional<Place>> misses;

  void See(const std::vector<bool>& holds, Place place) {
    ++records;
    matches.resize(std::max(matches.size(), holds.size()));
    misses.resize(matches.size());
    for (size_t i = 0; i < matches.size(); ++i) {
      if (i < holds.size() && holds[i]) {
        ++matches[i];
      } else if (!misses[i].has_value()) {
        misses[i] = place;
      }
    }
  }
};

bool UsesWhatStandsBeside(const v1::SourceContract& contract, const Mapper& mapper) {
  const auto& names = mapper.FieldNames();
  return contract.tombstones_retract() ||
         std::any_of(names.begin(), names.end(), [](const std::string& name) {
           return name.starts_with(source::kKafkaPrefix);
         });
}

// A contract with what is needed to read records again.
struct Reading {
  v1::SourceContract contract;
  std::unique_ptr<Mapper> mapper;
  std::unique_ptr<TextDecoder> decoder;
  std::optional<TimeReader> times;
  bool is_table = false;
  bool is_whole = false;
};

class Originals {
 public:
  Originals(Home& home, Runner& views, CheckedFacts& checked)
      : home_(home), state_(views.Rows(), decisions::kNewest), checked_(checked) {}

  absl::Status Check(Place place, const v1::Intake& intake);
  // Whether the tables were tables.
  absl::Status Finish();

 private:
  using Input = std::tuple<std::string, int32_t, std::string>;

  absl::StatusOr<Reading*> ReadingOf(Place place, const v1::Intake& intake);
  absl::StatusOr<std::string> KeyOf(const std::string& id);
  const std::string& PseudonymOf(std::string_view type, const std::string& key);
  absl::Status MapAgain(Place place, const v1::Intake& intake, const std::string& original,
                        Reading& reading);
  absl::Status SeeRow(Place place, const v1::Intake& intake, const std::string& original,
                      Reading& reading);
  absl::Status SeeFacts(Place place, const v1::Intake& intake, const Reading& reading,
                        const std::vector<std::string>& texts, std::map<std::string, Part>& parts);
  // Whether `on_log` is the key `text` of an entity, or another text of the record.
  bool IsOnLog(const Reading& reading, const std::string& text, const std::string& on_log);

  Home& home_;
  decisions::StateAt state_;
  CheckedFacts& checked_;
  std::string pseudonym_key_;
  std::unordered_map<std::string, std::string> keys_;
  std::unordered_map<std::string, std::string> pseudonyms_;
  std::map<std::pair<std::string, int32_t>, Reading> readings_;
  std::map<Input, std::map<std::string, Part>> inputs_;
};

absl::StatusOr<std::string> Originals::KeyOf(const std::string& id) {
  if (const auto known = keys_.find(id); known != keys_.end()) return known->second;
  if (!IsKeyId(id)) return MakeStatus(absl::StatusCode::kNotFound, "there can be no such key");
  ASSAY_ASSIGN_OR_RETURN(std::string key, home_.Keys().Key(id, /*create=*/false));
  if (keys_.size() >= kRememberedMax) keys_.clear();
  return keys_[id] = std::move(key);
}

const std::string& Originals::PseudonymOf(std::string_view type, const std::string& key) {
  if (pseudonyms_.size() >= kRememberedMax) pseudonyms_.clear();
  const auto [entry, is_new] = pseudonyms_.try_emplace(fmt::format("{}/{}", type, key));
  if (is_new) entry->second = Pseudonym(pseudonym_key_, type, key);
  return entry->second;
}

absl::StatusOr<Reading*> Originals::ReadingOf(Place place, const v1::Intake& intake) {
  const auto [entry, is_new] =
      readings_.try_emplace({intake.source(), intake.contract_version()}, Reading{});
  Reading& reading = entry->second;
  if (!is_new) return &reading;
  const auto source = state_.Find<v1::SourceState>(streams::Source(intake.source()));
  ASSAY_RETURN_IF_ERROR(state_.status());
  bool is_known = false;
  for (const v1::SourceContract& version :
       source.has_value() ? source->versions()
                          : google::protobuf::RepeatedPtrField<v1::SourceContract>()) {
    if (version.version() != intake.contract_version()) continue;
    reading.contract = version;
    is_known = true;
  }
  if (!is_known) {
    readings_.erase(entry);
    return Differs(place, fmt::format("names version {} of the contract of {}, which nobody "
                                      "registered",
                                      intake.contract_version(), intake.source()));
  }
  SourceSecrets secrets;
  secrets.pseudonym = [this](std::string_view type, std::string_view key) {
    return PseudonymOf(type, std::string(key));
  };
  // What would be sealed is there already.
  secrets.seal = [](std::string_view, std::string_view, std::string_view,
                    std::string_view) -> absl::StatusOr<v1::Sealed> { return v1::Sealed(); };
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(reading.contract, std::move(secrets)));
  ASSAY_ASSIGN_OR_RETURN(reading.decoder, MakeDecoder(reading.contract.input().encoding()));
  ASSAY_ASSIGN_OR_RETURN(reading.times, TimeReader::Create(reading.contract.when()));
  reading.is_table = reading.contract.input().format() == v1::INPUT_FORMAT_CSV;
  reading.is_whole = !UsesWhatStandsBeside(reading.contract, mapper);
  reading.mapper = std::make_unique<Mapper>(std::move(mapper));
  return &reading;
}

absl::Status Originals::Check(Place place, const v1::Intake& intake) {
  const bool is_refused = intake.has_refusal();
  const v1::Sealed& sealed = is_refused ? intake.refusal().original() : intake.raw();
  if (sealed.bytes().empty()) return absl::OkStatus();
  // Without the key of the pseudonyms nothing can be mapped.
  auto key = KeyOf(std::string(kPseudonymKeyId));
  if (key.ok()) {
    pseudonym_key_ = *key;
    key = KeyOf(sealed.key_id());
  }
  if (absl::IsNotFound(key.status())) {
    ++checked_.originals_gone;
    return absl::OkStatus();
  }
  ASSAY_RETURN_IF_ERROR(key.status());
  const auto original = OpenSealed(*key, sealed);
  if (!original.ok()) {
    return Differs(place,
                   fmt::format("keeps an original that the key {} does not open", sealed.key_id()));
  }
  ASSAY_ASSIGN_OR_RETURN(Reading* const reading, ReadingOf(place, intake));
  // Only the beginning is kept of what is too large, and of a message without value the key.
  const bool is_cut =
      is_refused && intake.refusal().original_length() > static_cast<int64_t>(original->size());
  const bool is_key =
      !reading->contract.input().topic().empty() && intake.src().hash() == Sha256("").ToString();
  if (!is_cut && !is_key && Sha256(*original).ToString() != intake.src().hash()) {
    return Differs(place, "keeps an original that has another hash than the record states");
  }
  if (is_refused || is_key || !reading->is_whole) {
    ++checked_.originals_hashed;
    return absl::OkStatus();
  }
  ++checked_.originals;
  return reading->is_table ? SeeRow(place, intake, *original, *reading)
                           : MapAgain(place, intake, *original, *reading);
}

absl::Status Originals::MapAgain(Place place, const v1::Intake& intake, const std::string& original,
                                 Reading& reading) {
  ASSAY_ASSIGN_OR_RETURN(const auto reader,
                         ReadRecords(reading.contract.input(), BytesOf(original)));
  ASSAY_ASSIGN_OR_RETURN(auto record, reader->Next());
  if (!record.has_value()) return Differs(place, "keeps an original that is no record");
  record->input_log = intake.src().input_log();
  record->partition = intake.src().partition();
  record->offset = intake.src().offset();
  ASSAY_ASSIGN_OR_RETURN(v1::Intake again,
                         reading.mapper->Map(*record, InstantOf(intake.received_at())));
  again.clear_raw();
  v1::Intake stored = intake;
  stored.clear_raw();
  if (again.SerializeAsString() == stored.SerializeAsString()) return absl::OkStatus();
  return Differs(place, fmt::format("is not what version {} of the contract of {} makes of the "
                                    "original that it keeps",
                                    intake.contract_version(), intake.source()));
}

bool Originals::IsOnLog(const Reading& reading, const std::string& text,
                        const std::string& on_log) {
  if (text == on_log) return true;
  if (text.empty()) return false;
  const v1::SourceContract& contract = reading.contract;
  if (contract.has_entity() && PseudonymOf(contract.entity().type(), text) == on_log) return true;
  return std::any_of(contract.measures().begin(), contract.measures().end(),
                     [&](const v1::MeasureDefinition& measure) {
                       return measure.has_entity() &&
                              PseudonymOf(measure.entity().type(), text) == on_log;
                     });
}

// A number as it is written in the table, as the log has it.
std::optional<std::string> NumberOf(std::string text, const v1::SourceContract& contract) {
  if (contract.input().decimal_mark() == ",") {
    if (text.find('.') != std::string::npos) return std::nullopt;
    if (const size_t comma = text.find(','); comma != std::string::npos) text[comma] = '.';
  }
  const auto number = Decimal::Parse(text);
  return number.has_value() ? std::optional(number->ToString()) : std::nullopt;
}

bool IsVersion(const std::string& text, const std::string& version, v1::VersionType type) {
  if (type == v1::VERSION_TYPE_INSTANT) {
    const auto instant = Instant::Parse(text);
    return instant.has_value() && instant->ToString() == version;
  }
  const auto number = Decimal::Parse(text);
  return number.has_value() && number->ToString() == version;
}

bool IsTime(const std::string& text, const v1::Intake& intake, const TimeReader& times) {
  const auto read = times.Read(text, "");
  const auto* const moment = std::get_if<RecordMoment>(&read);
  return moment != nullptr && moment->instant == InstantOf(intake.event_time()) &&
         moment->day.ToString() == intake.day();
}

template <typename Holds>
void See(std::map<std::string, Part>& parts, std::string name,
         const std::vector<std::string>& texts, Place place, const Holds& holds) {
  std::vector<bool> columns;
  columns.reserve(texts.size());
  for (const std::string& text : texts) columns.push_back(holds(text));
  parts[std::move(name)].See(columns, place);
}

absl::Status Originals::SeeRow(Place place, const v1::Intake& intake, const std::string& original,
                               Reading& reading) {
  const v1::SourceContract& contract = reading.contract;
  const std::string padded = original + std::string(kRecordPaddingBytes, '\0');
  const auto text = reading.decoder->Decode(std::string_view(padded).substr(0, original.size()));
  std::vector<std::string> texts;
  const char delimiter =
      contract.input().delimiter().empty() ? ',' : contract.input().delimiter().front();
  if (!text.has_value() || SplitCsv(*text, delimiter, texts).has_value()) {
    return Differs(place, "keeps an original that is no row of a table");
  }
  std::map<std::string, Part>& parts =
      inputs_[{intake.source(), intake.contract_version(), intake.src().input_log()}];
  if (intake.record_key_size() != contract.key_size()) {
    return Differs(place, "has another number of keys than its contract");
  }
  for (int i = 0; i < contract.key_size(); ++i) {
    See(parts, fmt::format("key {}", contract.key(i)), texts, place,
        [&](const std::string& cell) { return IsOnLog(reading, cell, intake.record_key(i)); });
  }
  if (contract.when().zone_field().empty()) {
    See(parts, "time", texts, place,
        [&](const std::string& cell) { return IsTime(cell, intake, *reading.times); });
  }
  if (!contract.version_field().empty()) {
    See(parts, "version", texts, place, [&](const std::string& cell) {
      return IsVersion(cell, intake.version(), contract.version_type());
    });
  }
  for (const v1::Attribute& attribute : intake.attributes()) {
    See(parts, fmt::format("attribute {}", attribute.name()), texts, place,
        [&](const std::string& cell) { return IsOnLog(reading, cell, attribute.value()); });
  }
  if (intake.has_retraction() && contract.retract().empty()) {
    return Differs(place, "is a retraction, which its contract does not know");
  }
  return intake.has_retraction() ? absl::OkStatus()
                                 : SeeFacts(place, intake, reading, texts, parts);
}

absl::Status Originals::SeeFacts(Place place, const v1::Intake& intake, const Reading& reading,
                                 const std::vector<std::string>& texts,
                                 std::map<std::string, Part>& parts) {
  const v1::SourceContract& contract = reading.contract;
  int found = 0;
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    const v1::Contribution* stated = nullptr;
    for (const v1::Contribution& contribution : intake.facts().contributions()) {
      if (contribution.measure() == measure.name()) stated = &contribution;
    }
    const auto constant = Decimal::Parse(measure.value());
    if (stated == nullptr) {
      // It contributes nothing where its cell is empty.
      if (measure.condition().empty() && !constant.has_value()) {
        See(parts, fmt::format("value {}", measure.name()), texts, place,
            [](const std::string& cell) { return cell.empty(); });
      }
      continue;
    }
    ++found;
    const v1::EntityDefinition& entity =
        measure.has_entity() ? measure.entity() : contract.entity();
    if (stated->unit() != measure.unit() || stated->entity_type() != entity.type() ||
        (constant.has_value() && stated->value() != constant->ToString())) {
      return Differs(place, fmt::format("states {} otherwise than its contract", measure.name()));
    }
    See(parts, fmt::format("entity {}", entity.key()), texts, place, [&](const std::string& cell) {
      return entity.plain()
                 ? cell == stated->entity_key()
                 : !cell.empty() && PseudonymOf(entity.type(), cell) == stated->entity_key();
    });
    if (constant.has_value()) continue;
    See(parts, fmt::format("value {}", measure.name()), texts, place,
        [&](const std::string& cell) { return NumberOf(cell, contract) == stated->value(); });
  }
  if (found == intake.facts().contributions_size()) return absl::OkStatus();
  return Differs(place, "states measures that its contract does not have, or one twice");
}

absl::Status Originals::Finish() {
  for (const auto& [input, parts] : inputs_) {
    for (const auto& [name, part] : parts) {
      const auto best = std::max_element(part.matches.begin(), part.matches.end());
      if (best != part.matches.end() && *best == part.records) continue;
      const auto index = static_cast<size_t>(best - part.matches.begin());
      const Place place =
          index < part.misses.size() ? part.misses[index].value_or(Place{}) : Place{};
      return Differs(place, fmt::format("states the {} of its record of {} otherwise than the "
                                        "original that it keeps",
                                        name, std::get<0>(input)));
    }
  }
  return absl::OkStatus();
}

// What a record says of itself.
absl::Status CheckSelf(Place place, const v1::Intake& intake, int32_t partitions) {
  const int32_t partition = PartitionOfIntake(intake, partitions);
  if (partition != place.partition) {
    return Differs(place, fmt::format("is of a record that belongs to partition {}", partition));
  }
  if (intake.has_refusal() ? intake.content_hash().empty()
                           : ContentHash(intake).ToString() == intake.content_hash()) {
    return absl::OkStatus();
  }
  return Differs(place, "states other content than its content hash says");
}

absl::Status CheckPartition(Home& home, Runner& views, int32_t partition, Originals* originals,
                            CheckedFacts& checked) {
  constexpr int32_t kRecords = 2'000;
  const int64_t end = views.Facts()[static_cast<size_t>(partition)].next.position;
  facts::PartitionHead head;
  while (head.next.position < end) {
    const auto count = static_cast<int32_t>(std::min<int64_t>(kRecords, end - head.next.position));
    ASSAY_ASSIGN_OR_RETURN(const auto records,
                           home.Log().Read(FactsPartition(partition), head.next, count, 8 << 20));
    if (records.empty()) return Differs({partition, head.next.position}, "cannot be read again");
    for (const StoredRecord& stored : records) {
      ASSAY_ASSIGN_OR_RETURN(
          const Verdict verdict,
          facts::Chain(partition, stored, views.Identity(), home.KnownLogKeys(), head));
      v1::Record record;
      if (verdict != Verdict::kNotACommit || !record.ParseFromString(stored.value) ||
          !record.has_intake()) {
        continue;
      }
      const Place place{partition, stored.position};
      ASSAY_RETURN_IF_ERROR(CheckSelf(place, record.intake(), views.Identity().facts_partitions));
      ++checked.records;
      if (originals != nullptr) {
        ASSAY_RETURN_IF_ERROR(originals->Check(place, record.intake()));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFacts(Home& home, Runner& views, bool with_originals, CheckedFacts& checked) {
  std::optional<Originals> originals;
  if (with_originals) originals.emplace(home, views, checked);
  for (int32_t i = 0; i < views.Identity().facts_partitions; ++i) {
    ASSAY_RETURN_IF_ERROR(
        CheckPartition(home, views, i, with_originals ? &*originals : nullptr, checked));
  }
  return with_originals ? originals->Finish() : absl::OkStatus();
}

absl::Status CheckStatedRoots(const v1::Commit& commit, int64_t position, Runner& views,
                              CheckedFacts& checked) {
  for (const v1::Event& event : commit.events()) {
    for (const StatedHead& head : StatedHeads(event, views.Identity().facts_partitions)) {
      ++checked.roots;
      ASSAY_ASSIGN_OR_RETURN(const Hash32 root, RootAt(views, head.partition, head.position));
      if (root.ToString() != head.root) {
        return ContradictsStated(head.partition, head.position, position);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace assay

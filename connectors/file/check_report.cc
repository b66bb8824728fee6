#include "connectors/file/check_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "connectors/file/mapper.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/record_version.h"
#include "engine/score/formula.h"

namespace assay {
namespace {

// More dropped fields than this say the same thing.
constexpr size_t kDroppedFieldsMax = 20;

// So many texts of one field are counted; a marker for nothing is among the first of them.
constexpr size_t kTextsMax = 1'000;
constexpr size_t kMarkerBytesMax = 40;

// Refusals of one code, path and expectation.
using Reason = std::tuple<std::string, std::string, std::string>;
struct Reasons {
  int64_t records = 0;
  int64_t first = 0;
  int64_t first_lines = 1;
  std::string field;
  std::map<std::string, int64_t> texts;
};

// The version of a record that holds, and the number of the record that stated it.
struct Held {
  v1::FactVersion version;
  int64_t record = 0;
};

// What the warnings are about.
struct Seen {
  std::map<std::string, Held> held;
  std::map<Reason, Reasons> reasons;
  std::set<std::string> fields;
  std::unordered_set<std::string> keys;
};

void Count(const v1::Intake& intake, Seen& seen, CheckReport& report) {
  ++report.records;
  if (intake.has_refusal()) {
    ++report.refusals;
    ++report.refusals_by_code[intake.refusal().code()];
  } else if (intake.has_retraction()) {
    ++report.retractions;
  } else if (intake.facts().contributions_size() > 0) {
    ++report.with_facts;
  } else {
    ++report.without_facts;
  }
  if (intake.record_key_size() > 0 && !seen.keys.insert(IdentityOf(intake)).second) {
    ++report.repeated_keys;
  }
}

// The refusal that the fold makes of the second content of one version.
void RefuseConflict(const v1::SourceContract& contract, const SourceRecord& record,
                    const Held& held, v1::Intake& intake) {
  v1::Refusal refusal;
  refusal.set_code("VERSION_CONTENT_CONFLICT");
  refusal.set_path(contract.version_field());
  refusal.set_expected(
      fmt::format("a higher version for other content than that of record {}", held.record));
  refusal.mutable_original()->set_bytes(record.raw);
  intake.clear_facts();
  *intake.mutable_refusal() = std::move(refusal);
}

// Compares a record with the earlier ones that have its key, by the rules of the fold.
CheckedFate Compare(const v1::SourceContract& contract, const SourceRecord& record,
                    v1::Intake& intake, Seen& seen) {
  if (intake.has_refusal() || intake.record_key().empty()) return {};
  Held now{.record = record.offset + 1};
  now.version.set_version(intake.version());
  now.version.set_content_hash(intake.content_hash());
  now.version.set_event_time_ms(InstantOf(intake.event_time()).ms);
  now.version.set_contract_version(intake.contract_version());
  const auto [entry, is_new] = seen.held.try_emplace(IdentityOf(intake), now);
  if (is_new) return {};
  Held& held = entry->second;
  switch (JudgeVersion(intake, held.version)) {
    case VersionOutcome::kDuplicate:
      return {CheckedFate::Kind::kDuplicate, held.record};
    case VersionOutcome::kStale:
      return {CheckedFate::Kind::kStale, held.record};
    case VersionOutcome::kConflict:
      RefuseConflict(contract, record, held, intake);
      return {};
    case VersionOutcome::kReplaces:
      break;
  }
  const CheckedFate fate{CheckedFate::Kind::kReplaces, held.record};
  now.version.mutable_earlier_hashes()->Swap(held.version.mutable_earlier_hashes());
  now.version.add_earlier_hashes(held.version.content_hash());
  held = std::move(now);
  return fate;
}

std::string FirstFieldOf(const std::string& condition, const std::string& path) {
  const auto parsed = Condition::Parse(condition, path);
  if (!std::holds_alternative<Condition>(parsed)) return "";
  const auto& fields = std::get<Condition>(parsed).Fields();
  return fields.empty() ? "" : fields.front();
}

// The field that a refusal at `path` is about: `path` itself, or what its condition reads first.
std::string FieldAt(const v1::SourceContract& contract, const std::string& path) {
  if (path == "record.retract") return FirstFieldOf(contract.retract(), path);
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    if (path != fmt::format("measures.{}.if", measure.name())) continue;
    return FirstFieldOf(measure.condition(), path);
  }
  return path;
}

// Short, and safe to show.
bool CanBeMarker(std::string_view text) {
  return text.size() <= kMarkerBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20;
         });
}

// The ending of the last line begins no other one.
int64_t LinesOf(std::string_view raw) {
  while (raw.ends_with('\n') || raw.ends_with('\r')) raw.remove_suffix(1);
  return std::count(raw.begin(), raw.end(), '\n') + 1;
}

void CountReason(const v1::SourceContract& contract, const SourceRecord& record,
                 const v1::Refusal& refusal, Seen& seen) {
  const auto [entry, is_new] =
      seen.reasons.try_emplace(Reason(refusal.code(), refusal.path(), refusal.expected()));
  Reasons& reasons = entry->second;
  if (is_new) {
    reasons.first = record.offset + 1;
    if (refusal.code() == "MALFORMED") reasons.first_lines = LinesOf(record.raw);
    // Where the field itself is unknown, its text says nothing.
    if (refusal.code() != "SCHEMA_REJECTED") reasons.field = FieldAt(contract, refusal.path());
  }
  ++reasons.records;
  for (const Field& field : record.fields) {
    if (field.name != reasons.field || !CanBeMarker(field.value.text)) continue;
    const bool is_known = reasons.texts.contains(field.value.text);
    if (is_known || reasons.texts.size() < kTextsMax) ++reasons.texts[field.value.text];
  }
}

std::vector<RefusedRecords> RefusedOf(const Seen& seen) {
  std::vector<RefusedRecords> refused;
  for (const auto& [reason, reasons] : seen.reasons) {
    RefusedRecords one{.code = std::get<0>(reason),
                       .path = std::get<1>(reason),
                       .expected = std::get<2>(reason),
                       .records = reasons.records,
                       .first = reasons.first,
                       .first_lines = reasons.first_lines,
                       .field = reasons.texts.empty() ? "" : reasons.field};
    for (const auto& [text, records] : reasons.texts) {
      if (records > one.text_records)
        std::tie(one.text, one.text_records) = std::tie(text, records);
    }
    refused.push_back(std::move(one));
  }
  std::stable_sort(refused.begin(), refused.end(),
                   [](const auto& a, const auto& b) { return a.records > b.records; });
  return refused;
}

// Fields of the input that the contract does not name, at most kDroppedFieldsMax.
std::vector<std::string> UnnamedFields(const std::vector<std::string>& named, const Seen& seen) {
  std::vector<std::string> unnamed;
  for (const std::string& field : seen.fields) {
    if (std::find(named.begin(), named.end(), field) != named.end()) continue;
    if (unnamed.size() < kDroppedFieldsMax) unnamed.push_back(field);
  }
  return unnamed;
}

void WarnOfFields(const v1::SourceContract& contract, const std::vector<std::string>& named,
                  const Seen& seen, std::vector<std::string>& warnings) {
  for (const std::string& name : named) {
    const auto& ignored = contract.ignore();
    if (seen.fields.contains(name) ||
        std::find(ignored.begin(), ignored.end(), name) != ignored.end()) {
      continue;
    }
    warnings.push_back(fmt::format("no record has the field \"{}\" that the contract names", name));
  }
  const std::vector<std::string> unnamed = UnnamedFields(named, seen);
  if (contract.strict() && !unnamed.empty()) {
    warnings.push_back(fmt::format(
        "the contract is strict and does not name the fields {}: every record that has one is "
        "refused until it is used or stands in \"ignore\"",
        fmt::join(unnamed, ", ")));
    return;
  }
  for (const std::string& field : unnamed) {
    warnings.push_back(fmt::format(
        "the field \"{}\" is dropped: the contract does not name it and is not strict", field));
  }
}

void Warn(const v1::SourceContract& contract, const std::vector<std::string>& named,
          const Seen& seen, CheckReport& report) {
  if (contract.version_field().empty()) {
    report.warnings.push_back(
        "no version is declared: of two versions of a record the one with the later event time "
        "holds, then the one that arrived later");
    if (report.repeated_keys > 0) {
      report.warnings.push_back(
          fmt::format("{} records have the key of an earlier one", report.repeated_keys));
    }
  }
  if (report.records == 0) {
    report.warnings.push_back("the input has no records");
  } else if (report.with_facts == 0) {
    report.warnings.push_back("no record gives a fact");
  }
  if (report.records > 0) WarnOfFields(contract, named, seen, report.warnings);
}

}  // namespace

absl::StatusOr<CheckReport> CheckRecords(const v1::SourceContract& contract, RecordReader& reader,
                                         CheckOptions options) {
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(contract, std::move(options.secrets)));
  CheckReport report;
  Seen seen;
  for (std::string& column : reader.Columns()) seen.fields.insert(std::move(column));
  while (true) {
    ASSAY_ASSIGN_OR_RETURN(const std::optional<SourceRecord> record, reader.Next());
    if (!record) break;
    for (const Field& field : record->fields) {
      if (seen.fields.size() < kRecordFieldsMax) seen.fields.insert(field.name);
    }
    ASSAY_ASSIGN_OR_RETURN(v1::Intake intake, mapper.Map(*record, options.received_at));
    const CheckedFate fate = Compare(contract, *record, intake, seen);
    if (fate.kind == CheckedFate::Kind::kDuplicate) ++report.duplicates;
    if (fate.kind == CheckedFate::Kind::kStale) ++report.stale;
    Count(intake, seen, report);
    if (intake.has_refusal()) CountReason(contract, *record, intake.refusal(), seen);
    if (report.intakes.size() >= options.intakes_max) continue;
    report.intakes.push_back(std::move(intake));
    report.fates.push_back(fate);
  }
  report.refused = RefusedOf(seen);
  Warn(contract, mapper.FieldNames(), seen, report);
  return report;
}

}  // namespace assay

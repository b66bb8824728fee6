#include "connectors/file/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "connectors/file/mapper.h"
#include "engine/event/intake.h"

namespace assay {
namespace {

// More dropped fields than this say the same thing.
constexpr size_t kDroppedFieldsMax = 20;

// What the warnings are about.
struct Seen {
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
  if (contract.strict()) return;
  size_t dropped = 0;
  for (const std::string& field : seen.fields) {
    if (std::find(named.begin(), named.end(), field) != named.end()) continue;
    if (++dropped > kDroppedFieldsMax) break;
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
    Count(intake, seen, report);
    if (report.intakes.size() < options.intakes_max) report.intakes.push_back(std::move(intake));
  }
  Warn(contract, mapper.FieldNames(), seen, report);
  return report;
}

}  // namespace assay

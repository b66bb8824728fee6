// What an input would become under a contract, before anything is on a log.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/source.pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/file/record_reader.h"
#include "connectors/file/secrets.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// Records that are refused for the same reason.
struct RefusedRecords {
  std::string code;
  // The field, or the condition as "measures.NAME.if".
  std::string path;
  std::string expected;
  int64_t records = 0;
  // The number of the first of them, from 1, and the lines that it goes over: more than 1 when it
  // is MALFORMED by a quote that did not close.
  int64_t first = 0;
  int64_t first_lines = 1;
  // What most of them have in the field (in the first field of the condition), and how many have
  // it. Empty when no field is meant or it cannot be read. It is shown to the owner of the input
  // and never goes onto a log.
  std::string field;
  std::string text;
  int64_t text_records = 0;
};

// What becomes of a record besides the earlier ones of its input with the same key, as the facts
// are folded.
struct CheckedFate {
  enum class Kind : uint8_t { kAlone, kDuplicate, kStale, kReplaces };
  Kind kind = Kind::kAlone;
  // The number of the earlier record, from 1.
  int64_t of_record = 0;
};

struct CheckReport {
  // Of the first records, at most CheckOptions::intakes_max. The counts are of all.
  std::vector<v1::Intake> intakes;
  // One of each of them.
  std::vector<CheckedFate> fates;
  // records = with_facts + without_facts + retractions + refusals
  int64_t records = 0;
  int64_t with_facts = 0;
  int64_t without_facts = 0;
  int64_t retractions = 0;
  int64_t refusals = 0;
  // Of those with facts and retractions: what an earlier record of the input says already, and what
  // says less than an earlier one.
  int64_t duplicates = 0;
  int64_t stale = 0;
  // Records whose key an earlier record of the input has.
  int64_t repeated_keys = 0;
  std::map<std::string, int64_t> refusals_by_code;
  // By falling number of records.
  std::vector<RefusedRecords> refused;
  // Sentences about the contract and the input, for its owner.
  std::vector<std::string> warnings;
};

struct CheckOptions {
  Instant received_at;
  // A dry run shows what it found, so by default nothing is sealed.
  SourceSecrets secrets = ClearSecrets();
  size_t intakes_max = 10'000;
};

// Maps every record of `reader` and keeps nothing. A record whose version an earlier one of the
// input has with other content is refused as VERSION_CONTENT_CONFLICT, as the fold would. Errors
// are those of Mapper::Create and of the reader.
[[nodiscard]] absl::StatusOr<CheckReport> CheckRecords(const v1::SourceContract& contract,
                                                       RecordReader& reader, CheckOptions options);

}  // namespace assay

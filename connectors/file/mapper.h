// From source record to intake: what a contract makes of one record.
//
// One record gives exactly one Intake: facts, a retraction, or a refusal with its reason. Nothing
// here depends on a clock, on other records or on who is bound to an entity.
//
// Decided here, since contracts are silent about it:
//  - Nothing is trimmed. A key (of the record or of an entity) with a space at one of its ends is
//    MALFORMED: " 881" and "881" would be two records. A number with spaces is NOT_A_NUMBER.
//  - A value that is empty, null or missing contributes nothing; a record without contributions is
//    an intake with empty facts. For conditions such a field is the text "".
//  - A word that a source writes for nothing ("NA", "-") is a text like others: NOT_A_NUMBER, and
//    the whole record is refused, unless the condition of the measure leaves it out.
//  - The conditions of a contract with a decimal comma see "1,5" as 1.5.
//  - The first fault is the one that is told, in this order: what the reader found, unknown field,
//    key, time, version, retraction, attributes, measures in the order of the contract.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/source.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "connectors/file/record_reader.h"
#include "connectors/file/secrets.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// Thread-compatible: it keeps what it learned about the layout of records and the pseudonyms that
// it made.
class Mapper {
 public:
  // FAILED_PRECONDITION when the contract cannot be used here: a condition or format that is not
  // one, a time zone that this system does not know.
  [[nodiscard]] static absl::StatusOr<Mapper> Create(const v1::SourceContract& contract,
                                                     SourceSecrets secrets);
  Mapper(Mapper&&) noexcept;
  Mapper& operator=(Mapper&&) noexcept;
  ~Mapper();

  // The intake of `record`. What is wrong with the record is a refusal in it, whose original is
  // sealed under the key of the quarantine month; the record key stands in a refusal when it could
  // be read. Codes: MALFORMED, RECORD_TOO_LARGE (from the reader), SCHEMA_REJECTED (a strict
  // contract does not know a field), MISSING_KEY, MISSING_TIME, BAD_TIME, AMBIGUOUS_TIME,
  // FUTURE_DATED, BAD_VERSION, NOT_A_NUMBER, PRECISION, UNIT_MISMATCH, VALUE_OUT_OF_RANGE,
  // MISSING_ENTITY, TOO_MANY_MEASURES.
  //
  // Errors are those of `secrets.seal`, about the keys and not about the record: nothing was
  // mapped, and the same call may work later.
  [[nodiscard]] absl::StatusOr<v1::Intake> Map(const SourceRecord& record, Instant received_at);

  // Every field that the contract names, those to be ignored too.
  [[nodiscard]] const std::vector<std::string>& FieldNames() const;

 private:
  class Plan;
  explicit Mapper(std::unique_ptr<Plan> plan);
  std::unique_ptr<Plan> plan_;
};

}  // namespace assay

// Byte rules of an Intake (log.md 3): the identity of its record, the partition, the content hash.
//
// All pure. What is computed here stands on the log for ever and may not change.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/base/hash.h"

namespace assay {

// lp(source), then lp of each key field in the contract's order. It is the Kafka key.
[[nodiscard]] std::string RecordIdentity(
    std::string_view source, const google::protobuf::RepeatedPtrField<std::string>& key);
[[nodiscard]] std::string RecordIdentity(std::string_view source,
                                         std::initializer_list<std::string_view> key);

// Of a refusal without key: lp of source, input log, partition and offset, these two as decimal
// text.
[[nodiscard]] std::string RefusalIdentity(std::string_view source, std::string_view input_log,
                                          int32_t partition, int64_t offset);

// The one or the other, by whether the intake has a record key.
[[nodiscard]] std::string IdentityOf(const v1::Intake& intake);

// The facts partition that the intake goes to. REQUIRES: partitions > 0
[[nodiscard]] int32_t PartitionOfIntake(const v1::Intake& intake, int32_t partitions);

// What the record states: event time, day, attributes, contributions, whether it is a retraction.
// Not the raw bytes, not the time of receipt, not the order in which fields or measures stood.
// A refusal states nothing; its `content_hash` field stays empty.
[[nodiscard]] Hash32 ContentHash(const v1::Intake& intake);

}  // namespace assay

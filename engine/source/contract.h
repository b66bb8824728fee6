// What a source contract must be, apart from what was registered before it.

#pragma once

#include <assay/v1/source.pb.h>

#include <optional>
#include <string_view>

#include "engine/event/decision.h"
#include "engine/source/condition_checker.h"

namespace assay::source {

// What a topic says of a record beside its value. Fields of a contract name it so.
inline constexpr std::string_view kKafkaPrefix = "kafka:";
// The key as a text; followed by ".path", a field of a key that is JSON.
inline constexpr std::string_view kKafkaKey = "kafka:key";
// Followed by the name of a header, of which the last one counts.
inline constexpr std::string_view kKafkaHeader = "kafka:header.";
// Milliseconds since 1970, as the topic has it.
inline constexpr std::string_view kKafkaTimestamp = "kafka:timestamp";
// The offset; from the second generation of the topic on above all of those before.
inline constexpr std::string_view kKafkaOffset = "kafka:offset";

// The first thing that is wrong with the contract, at a field below `path`: INVALID_ID,
// INVALID_TEXT, INVALID_ENUM, INVALID_COUNT, DUPLICATE_ITEM, FIELD_REQUIRED, INVALID_VALUE,
// INVALID_DECIMAL, VALUE_OUT_OF_RANGE, or what the checker says of a condition.
//
// An empty encoding is utf-8, an empty delimiter a comma, an empty decimal mark a point.
[[nodiscard]] std::optional<Rejection> CheckContract(std::string_view path,
                                                     const v1::SourceContract& contract,
                                                     const ConditionChecker& checker);

}  // namespace assay::source

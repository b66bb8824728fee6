// Any message of the log as JSON, for people who read the log: lower camel case names, enumerators
// without their prefix, bytes as hexadecimal text, instants as ISO text, counts and positions as
// numbers. What is not set is left out, but for numbers, since 0 is a position. A sealed text shows
// its key and its length and is never opened, not even when it wrongly stands there in clear.

#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "tools/assay/json.h"

namespace assay {

[[nodiscard]] Json MessageJson(const google::protobuf::Message& message);

// Puts the fields of `message` into `object`.
void PutFields(const google::protobuf::Message& message, Json& object);

// The field of the oneof called `oneof` that is set; null when none is.
[[nodiscard]] const google::protobuf::FieldDescriptor* SetField(
    const google::protobuf::Message& message, const std::string& oneof);

// "DEPARTMENT" for UNIT_KIND_DEPARTMENT; the number for a value that is not known.
[[nodiscard]] std::string EnumName(const google::protobuf::EnumDescriptor& type, int number);

// The same of a generated enumeration: EnumText(agreement.stage()).
template <typename Enum>
[[nodiscard]] std::string EnumText(Enum value) {
  return EnumName(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

}  // namespace assay

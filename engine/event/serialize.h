// The bytes of a message where they are hashed or compared.

#pragma once

#include <google/protobuf/message_lite.h>

#include <string>

namespace assay {

// Equal messages give equal bytes: what protobuf leaves open, the order of a map, is fixed.
[[nodiscard]] std::string SerializeDeterministic(const google::protobuf::MessageLite& message);

}  // namespace assay

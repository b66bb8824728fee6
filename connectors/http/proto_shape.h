// The shape of a protobuf message on the wire, before its parser makes objects of it.

#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string_view>

#include "engine/base/status.h"

namespace assay {

// A field of two bytes may become an object of forty.
inline constexpr size_t kProtoFieldsMax = 200'000;

// INVALID_ARGUMENT with the byte of the first field beyond `fields_max`, in the message and the
// messages in it, or of what is no field of this wire, or of a text that is not UTF-8. Unknown
// fields count as much. Linear.
[[nodiscard]] absl::Status CheckProtoShape(std::string_view bytes,
                                           const google::protobuf::Descriptor& type,
                                           size_t fields_max = kProtoFieldsMax);

}  // namespace assay

// Walking through a message: what is said of every message below one, whatever its type.

#pragma once

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace assay {

// Whether `visit(message, path)` gave true for `message` or for any message that is set below it,
// in the order of fields; the walk ends there. The path of the first is `path`, of others as in
// "items[2].remark".
template <typename Visit>
bool AnyMessage(const google::protobuf::Message& message, const std::string& path,
                const Visit& visit) {
  if (visit(message, path)) return true;
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string at =
        path.empty() ? field->json_name() : fmt::format("{}.{}", path, field->json_name());
    if (!field->is_repeated()) {
      if (AnyMessage(reflection->GetMessage(message, field), at, visit)) return true;
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const auto& element = reflection->GetRepeatedMessage(message, field, i);
      if (AnyMessage(element, fmt::format("{}[{}]", at, i), visit)) return true;
    }
  }
  return false;
}

}  // namespace assay

#include "engine/commit/command_form.h"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/aead.h"
#include "engine/base/limits.h"
#include "engine/event/sealing.h"
#include "engine/event/walk.h"

namespace assay {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Refused = std::optional<Rejection>;

Rejection TooLong(const std::string& path, size_t most, size_t found) {
  return Invalid("TEXT_TOO_LONG", path, fmt::format("at most {} bytes", most),
                 fmt::format("{} bytes", found), fmt::format("{} is too long", path));
}

size_t MostOf(const FieldDescriptor& field) {
  if (field.containing_type() == v1::RegisterSource::descriptor() && field.name() == "text") {
    return limits::kContractTextBytesMax;
  }
  return limits::kFieldTextBytesMax;
}

Refused CheckField(const Message& message, const FieldDescriptor& field, const std::string& path) {
  const auto* reflection = message.GetReflection();
  const size_t most = MostOf(field);
  if (!field.is_repeated()) {
    const size_t size = reflection->GetString(message, &field).size();
    return size <= most ? std::nullopt : Refused(TooLong(path, most, size));
  }
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    const size_t size = reflection->GetRepeatedString(message, &field, i).size();
    if (size > most) return TooLong(fmt::format("{}[{}]", path, i), most, size);
  }
  return std::nullopt;
}

// The first refusal of `check`, which is given every message of the command with its path.
template <typename CheckMessage>
Refused Walk(const Message& message, const CheckMessage& check) {
  Refused first;
  (void)AnyMessage(message, "", [&](const Message& below, const std::string& path) {
    first = check(below, path);
    return first.has_value();
  });
  return first;
}

Refused CheckTextsOf(const Message& message, const std::string& path) {
  if (message.GetDescriptor() == v1::Sealed::descriptor()) return std::nullopt;
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    const std::string at =
        path.empty() ? field->json_name() : fmt::format("{}.{}", path, field->json_name());
    if (auto wrong = CheckField(message, *field, at)) return wrong;
  }
  return std::nullopt;
}

Refused CheckCommandId(const std::string& path, const std::string& id) {
  const bool is_plain = std::none_of(id.begin(), id.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (is_plain && id.size() <= limits::kCommandIdBytesMax) return std::nullopt;
  const std::string actual =
      is_plain ? fmt::format("{} bytes", id.size()) : std::string("control characters");
  return Invalid(
      "INVALID_ID", path,
      fmt::format("1 to {} bytes without control characters", limits::kCommandIdBytesMax), actual,
      fmt::format("{} is not a valid id of a command", path));
}

// What a caller gave besides the clear text; empty when nothing.
std::string GivenBesideText(const v1::Sealed& sealed) {
  std::string given;
  const auto add = [&](bool is_there, std::string_view name) {
    if (is_there) given += fmt::format("{}{}", given.empty() ? "" : ", ", name);
  };
  add(!sealed.bytes().empty(), "bytes");
  add(!sealed.key_id().empty(), "keyId");
  add(!sealed.nonce().empty(), "nonce");
  add(!sealed.alg().empty(), "alg");
  return given;
}

Refused CheckClear(const Message& message, const std::string& path) {
  if (message.GetDescriptor() != v1::Sealed::descriptor()) return std::nullopt;
  const auto& sealed = static_cast<const v1::Sealed&>(message);
  const std::string given = GivenBesideText(sealed);
  if (!given.empty()) {
    return Invalid(
        "SEALED_BY_CALLER", path, "a text, which the engine encrypts", given,
        fmt::format("{} comes with {}: what is encrypted is made by the engine alone", path, given),
        fmt::format("give the text itself: {}: ...", path));
  }
  if (sealed.clear().size() <= limits::kSealedTextBytesMax) return std::nullopt;
  return TooLong(path, limits::kSealedTextBytesMax, sealed.clear().size());
}

std::string FaultOf(const v1::Sealed& sealed) {
  const size_t size = sealed.bytes().size();
  if (!sealed.clear().empty()) return "clear text";
  if (sealed.alg() != kSealedAlgorithm) return fmt::format("the algorithm \"{}\"", sealed.alg());
  if (sealed.nonce().size() != kAeadNonceBytes) {
    return fmt::format("a nonce of {} bytes", sealed.nonce().size());
  }
  if (size <= kAeadTagBytes || size > limits::kSealedTextBytesMax + kAeadTagBytes) {
    return fmt::format("{} encrypted bytes", size);
  }
  if (!IsKeyId(sealed.key_id()) || !sealed.key_id().starts_with(PersonKeyId(""))) {
    return fmt::format("a key id of {} bytes that is no person's", sealed.key_id().size());
  }
  return "";
}

Refused CheckSealed(const Message& message, const std::string& path) {
  if (message.GetDescriptor() != v1::Sealed::descriptor()) return std::nullopt;
  const std::string fault = FaultOf(static_cast<const v1::Sealed&>(message));
  if (fault.empty()) return std::nullopt;
  return Invalid("SEALED_FORM", path, fmt::format("a text sealed with {}", kSealedAlgorithm), fault,
                 fmt::format("{} was not sealed by the engine", path));
}

}  // namespace

std::optional<Rejection> CheckGivenForm(const v1::Command& command) {
  if (auto wrong = CheckTexts(command)) return wrong;
  return Walk(command, CheckClear);
}

std::optional<Rejection> CheckTexts(const v1::Command& command) {
  if (auto wrong = CheckCommandId("commandId", command.command_id())) return wrong;
  if (auto wrong = CheckCommandId("correlationId", command.correlation_id())) return wrong;
  if (auto wrong = CheckCommandId("causationId", command.causation_id())) return wrong;
  return Walk(command, CheckTextsOf);
}

std::optional<Rejection> CheckSealedTexts(const v1::Command& command) {
  return Walk(command, CheckSealed);
}

}  // namespace assay

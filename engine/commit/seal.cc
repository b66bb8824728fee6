#include "engine/commit/seal.h"

#include <assay/v1/options.pb.h>
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "engine/base/aead.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "engine/event/sealing.h"
#include "engine/event/walk.h"

namespace assay {
namespace {

// Whether anything in the message is a text to be sealed.
bool HasClearText(const google::protobuf::Message& message) {
  return AnyMessage(message, "", [](const google::protobuf::Message& below, const std::string&) {
    return below.GetDescriptor() == v1::Sealed::descriptor() &&
           !static_cast<const v1::Sealed&>(below).clear().empty();
  });
}

class Sealer {
 public:
  Sealer(std::string_view key, std::string key_id, std::string command_id)
      : key_(key), key_id_(std::move(key_id)), command_id_(std::move(command_id)) {}

  void Seal(google::protobuf::Message& message, const std::string& path) {
    const auto* reflection = message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
      const std::string field_path =
          path.empty() ? field->json_name() : fmt::format("{}.{}", path, field->json_name());
      if (field->is_repeated()) {
        for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
          Seal(*reflection->MutableRepeatedMessage(&message, field, i),
               fmt::format("{}[{}]", field_path, i));
        }
      } else if (field->message_type() == v1::Sealed::descriptor()) {
        SealField(message, field, field_path);
      } else {
        Seal(*reflection->MutableMessage(&message, field), field_path);
      }
    }
  }

 private:
  void SealField(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                 const std::string& path) {
    const auto* reflection = message.GetReflection();
    auto& sealed = static_cast<v1::Sealed&>(*reflection->MutableMessage(&message, field));
    if (sealed.clear().empty()) {
      reflection->ClearField(&message, field);
      return;
    }
    sealed = SealText(key_, key_id_, command_id_, path, sealed.clear());
  }

  std::string_view key_;
  std::string key_id_;
  std::string command_id_;
};

// The key of an entity in the body of the command (options.proto), with the siblings that every
// such message has.
absl::Status PseudonymiseKeys(KeyStore& keys, v1::Command& command) {
  const auto* oneof = v1::Command::descriptor()->FindOneofByName("body");
  const auto* body = command.GetReflection()->GetOneofFieldDescriptor(command, oneof);
  if (body == nullptr) return absl::OkStatus();
  auto& message = *command.GetReflection()->MutableMessage(&command, body);
  const auto* type = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (!field->options().GetExtension(v1::entity_key)) continue;
    const std::string key = reflection->GetString(message, field);
    const bool is_plain = reflection->GetBool(message, type->FindFieldByName("plain"));
    if (is_plain || key.empty()) continue;
    ASSAY_ASSIGN_OR_RETURN(const std::string secret, keys.Key(kPseudonymKeyId, true));
    const std::string kind = reflection->GetString(message, type->FindFieldByName("entity_type"));
    reflection->SetString(&message, field, Pseudonym(secret, kind, key));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SubjectOf(const v1::Command& command, StateReader& state) {
  const CommandRow* row = RowOf(command.body_case());
  std::string subject = row == nullptr ? "" : row->subject(command, state);
  return subject.empty() ? ActorName(command.actor()) : subject;
}

bool NamesUnknown(const v1::Command& command, StateReader& state) {
  const CommandRow* row = RowOf(command.body_case());
  return row != nullptr && row->subject(command, state).empty();
}

absl::StatusOr<std::string> KeysAtHand::Key(std::string_view key_id, bool /*create*/) {
  if (!IsKeyId(key_id)) {
    missed_ = true;
    return std::string(kAeadKeyBytes, '\0');
  }
  auto key = keys_.Key(key_id, false);
  if (!absl::IsNotFound(key.status())) return key;
  missed_ = true;
  return std::string(kAeadKeyBytes, '\0');
}

absl::Status SealCommand(StateReader& state, KeyStore& keys, v1::Command& command) {
  ASSAY_RETURN_IF_ERROR(PseudonymiseKeys(keys, command));
  const std::string key_id = PersonKeyId(SubjectOf(command, state));
  ASSAY_RETURN_IF_ERROR(state.status());
  std::string key;
  if (HasClearText(command)) {
    ASSAY_ASSIGN_OR_RETURN(key, keys.Key(key_id, true));
  }
  Sealer(key, key_id, command.command_id()).Seal(command, "");
  return absl::OkStatus();
}

}  // namespace assay

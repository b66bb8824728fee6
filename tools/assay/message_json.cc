#include "tools/assay/message_json.h"

#include <assay/v1/types.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <vector>

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Json TextJson(const FieldDescriptor& field, const std::string& text) {
  return field.type() == FieldDescriptor::TYPE_BYTES ? Json(ToHex(text)) : Json(text);
}

Json SealedJson(const v1::Sealed& sealed) {
  const size_t length = sealed.bytes().empty() ? sealed.clear().size() : sealed.bytes().size();
  Json object = Json::Object();
  object.Put("keyId", sealed.key_id()).Put("sealed", static_cast<int64_t>(length));
  return object;
}

// Of one value that is not repeated.
Json SingleJson(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Json(reflection.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return Json(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return Json(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(*field.enum_type(), reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return TextJson(field, reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageJson(reflection.GetMessage(message, &field));
    default:
      // No message of the log has another type.
      return Json();
  }
}

Json RepeatedJson(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  Json array = Json::Array();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT64:
        array.Add(Json(reflection.GetRepeatedInt64(message, &field, i)));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        array.Add(Json(reflection.GetRepeatedInt32(message, &field, i)));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        array.Add(
            EnumName(*field.enum_type(), reflection.GetRepeatedEnumValue(message, &field, i)));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        array.Add(TextJson(field, reflection.GetRepeatedString(message, &field, i)));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        array.Add(MessageJson(reflection.GetRepeatedMessage(message, &field, i)));
        break;
      default:
        break;
    }
  }
  return array;
}

// A position or count of zero is one, while an empty text is an absent field.
bool IsShown(const Message& message, const FieldDescriptor& field) {
  if (message.GetReflection()->HasField(message, &field)) return true;
  const bool is_number = field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
                         field.cpp_type() == FieldDescriptor::CPPTYPE_INT64;
  return is_number && !field.has_presence();
}

std::string UpperSnake(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake.push_back('_');
    snake.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return snake;
}

}  // namespace

Json MessageJson(const Message& message) {
  if (const auto* sealed = dynamic_cast<const v1::Sealed*>(&message)) return SealedJson(*sealed);
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return InstantOf(*time).ToString();
  }
  Json object = Json::Object();
  PutFields(message, object);
  return object;
}

void PutFields(const Message& message, Json& object) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) {
      Json array = RepeatedJson(message, field);
      if (!array.IsEmpty()) object.Put(field.json_name(), std::move(array));
    } else if (IsShown(message, field)) {
      object.Put(field.json_name(), SingleJson(message, field));
    }
  }
}

const FieldDescriptor* SetField(const Message& message, const std::string& oneof) {
  const auto* const choice = message.GetDescriptor()->FindOneofByName(oneof);
  if (choice == nullptr) return nullptr;
  return message.GetReflection()->GetOneofFieldDescriptor(message, choice);
}

std::string EnumName(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* const value = type.FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  return ShortEnumName(value->name(), UpperSnake(type.name()) + "_");
}

}  // namespace assay

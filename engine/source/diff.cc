#include "engine/source/diff.h"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <utility>

#include "engine/event/effective.h"

namespace assay::source {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Field {
  std::string path;
  std::string value;
};

// "CSV" of INPUT_FORMAT_CSV; nothing for the value that says nothing.
std::string EnumText(const google::protobuf::EnumValueDescriptor& value) {
  if (value.number() == 0) return "";
  const std::string first = value.type()->value(0)->name();
  constexpr std::string_view kUnspecified = "UNSPECIFIED";
  return ShortEnumName(value.name(), first.substr(0, first.size() - kUnspecified.size()));
}

std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "true" : "";
    case FieldDescriptor::CPPTYPE_INT32: {
      const int32_t number = reflection->GetInt32(message, &field);
      return number == 0 ? "" : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*reflection->GetEnum(message, &field));
    default:
      return reflection->GetString(message, &field);
  }
}

std::string ListText(const Message& message, const FieldDescriptor& field) {
  std::string text;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    text += text.empty() ? "" : ", ";
    text += message.GetReflection()->GetRepeatedString(message, &field, i);
  }
  return text;
}

// The name of an element of a list, by which its versions are paired.
std::string NameIn(const Message& element, int index) {
  const auto* name = element.GetDescriptor()->FindFieldByName("name");
  if (name == nullptr) return std::to_string(index);
  return element.GetReflection()->GetString(element, name);
}

void AddFields(const Message& message, const std::string& path, std::vector<Field>& fields) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (path.empty() && field.name() == "version") continue;
    const std::string at = path + field.json_name();
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.is_repeated() && is_message) {
      for (int k = 0; k < reflection->FieldSize(message, &field); ++k) {
        const Message& element = reflection->GetRepeatedMessage(message, &field, k);
        AddFields(element, fmt::format("{}[{}].", at, NameIn(element, k)), fields);
      }
    } else if (is_message) {
      if (reflection->HasField(message, &field)) {
        AddFields(reflection->GetMessage(message, &field), at + ".", fields);
      }
    } else {
      fields.push_back(
          {at, field.is_repeated() ? ListText(message, field) : ScalarText(message, field)});
    }
  }
}

std::vector<Field> FieldsOf(const v1::SourceContract& contract) {
  std::vector<Field> fields;
  AddFields(contract, "", fields);
  return fields;
}

const std::string* ValueAt(const std::vector<Field>& fields, const std::string& path) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& field) { return field.path == path; });
  return found == fields.end() ? nullptr : &found->value;
}

}  // namespace

std::vector<ContractChange> DiffContracts(const v1::SourceContract& before,
                                          const v1::SourceContract& after) {
  const std::vector<Field> old_fields = FieldsOf(before);
  const std::vector<Field> new_fields = FieldsOf(after);
  std::vector<ContractChange> changes;
  for (const Field& field : new_fields) {
    const std::string* former = ValueAt(old_fields, field.path);
    if (former == nullptr ? field.value.empty() : *former == field.value) continue;
    changes.push_back({field.path, former == nullptr ? "" : *former, field.value});
  }
  for (const Field& field : old_fields) {
    if (field.value.empty() || ValueAt(new_fields, field.path) != nullptr) continue;
    changes.push_back({field.path, field.value, ""});
  }
  return changes;
}

std::string ChangesText(const std::vector<ContractChange>& changes, size_t changes_max) {
  if (changes.empty()) return "nothing";
  const auto shown = [](const std::string& value) { return value.empty() ? "nothing" : value; };
  std::string text;
  const size_t count = std::min(changes.size(), changes_max);
  for (size_t i = 0; i < count; ++i) {
    text += fmt::format("{}{}: {} -> {}", i == 0 ? "" : "; ", changes[i].path,
                        shown(changes[i].before), shown(changes[i].after));
  }
  if (count < changes.size()) text += fmt::format("; and {} more", changes.size() - count);
  return text;
}

}  // namespace assay::source

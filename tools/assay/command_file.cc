#include "tools/assay/command_file.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "connectors/document/document_reader.h"

namespace assay {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Wrong(const Document& at, const std::string& path, std::string_view expected,
                   std::string_view actual) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "line {}: {}: expected {}, found {}",
                    at.line, path, expected, actual);
}

std::string Shown(const Document& document) {
  switch (document.kind) {
    case Document::Kind::kNull:
      return "nothing";
    case Document::Kind::kScalar:
      return Quoted(document.text);
    case Document::Kind::kList:
      return "a list";
    case Document::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// "LINE_KIND_SOLID" from "SOLID" or from itself; null when it is neither.
const google::protobuf::EnumValueDescriptor* EnumValue(const FieldDescriptor& field,
                                                       const std::string& text) {
  const auto* type = field.enum_type();
  if (const auto* exact = type->FindValueByName(text)) return exact;
  const std::string first = type->value(0)->name();
  const std::string prefix = first.substr(0, first.size() - std::string("UNSPECIFIED").size());
  return type->FindValueByName(prefix + text);
}

std::string EnumChoices(const FieldDescriptor& field) {
  const auto* type = field.enum_type();
  const std::string first = type->value(0)->name();
  const size_t prefix = first.size() - std::string("UNSPECIFIED").size();
  std::vector<std::string> names;
  for (int i = 1; i < type->value_count(); ++i) {
    names.push_back(type->value(i)->name().substr(prefix));
  }
  return fmt::format("one of {}", fmt::join(names, ", "));
}

template <typename Number>
bool ParseInteger(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Line ends and tabs are of texts; what moves a cursor or rings a bell is not.
absl::Status CheckPrintable(const Document& value, const std::string& path) {
  for (const char c : value.text) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\r' || c == '\t') continue;
    return Wrong(value, path, "text without control characters",
                 fmt::format("the character {:#04x}", byte));
  }
  return absl::OkStatus();
}

absl::Status SetScalar(const Document& value, const std::string& path, const FieldDescriptor& field,
                       Message& message) {
  const auto* reflection = message.GetReflection();
  if (value.kind != Document::Kind::kScalar) {
    return Wrong(value, path, "a single value", Shown(value));
  }
  ASSAY_RETURN_IF_ERROR(CheckPrintable(value, path));
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (repeated) {
        reflection->AddString(&message, &field, value.text);
      } else {
        reflection->SetString(&message, &field, value.text);
      }
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t number = 0;
      if (!ParseInteger(value.text, number)) {
        return Wrong(value, path, "a whole number", Shown(value));
      }
      if (repeated) {
        reflection->AddInt32(&message, &field, number);
      } else {
        reflection->SetInt32(&message, &field, number);
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t number = 0;
      if (!ParseInteger(value.text, number)) {
        return Wrong(value, path, "a whole number", Shown(value));
      }
      if (repeated) {
        reflection->AddInt64(&message, &field, number);
      } else {
        reflection->SetInt64(&message, &field, number);
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (value.text != "true" && value.text != "false") {
        return Wrong(value, path, "true or false", Shown(value));
      }
      reflection->SetBool(&message, &field, value.text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* chosen = EnumValue(field, value.text);
      if (chosen == nullptr) return Wrong(value, path, EnumChoices(field), Shown(value));
      reflection->SetEnum(&message, &field, chosen);
      return absl::OkStatus();
    }
    default:
      return Wrong(value, path, "a value of a known type", Shown(value));
  }
}

absl::Status SetMessage(const Document& value, const std::string& path, Message& message) {
  // A plain text stands for sealed text that is yet to be sealed.
  if (message.GetDescriptor() == v1::Sealed::descriptor() &&
      value.kind == Document::Kind::kScalar) {
    ASSAY_RETURN_IF_ERROR(CheckPrintable(value, path));
    static_cast<v1::Sealed&>(message).set_clear(value.text);
    return absl::OkStatus();
  }
  return FillMessage(value, path, message);
}

absl::Status SetField(const Document& value, const std::string& path, const FieldDescriptor& field,
                      Message& message) {
  const auto* reflection = message.GetReflection();
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!field.is_repeated()) {
    if (value.kind == Document::Kind::kNull && !is_message) return absl::OkStatus();
    return is_message ? SetMessage(value, path, *reflection->MutableMessage(&message, &field))
                      : SetScalar(value, path, field, message);
  }
  if (value.kind == Document::Kind::kNull) return absl::OkStatus();
  if (value.kind != Document::Kind::kList) return Wrong(value, path, "a list", Shown(value));
  for (size_t i = 0; i < value.list.size(); ++i) {
    const std::string entry_path = fmt::format("{}[{}]", path, i);
    ASSAY_RETURN_IF_ERROR(is_message ? SetMessage(value.list[i], entry_path,
                                                  *reflection->AddMessage(&message, &field))
                                     : SetScalar(value.list[i], entry_path, field, message));
  }
  return absl::OkStatus();
}

absl::Status UnknownField(int line, const std::string& path, const std::string& name,
                          const google::protobuf::Descriptor& type) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->json_name());
  const std::string nearest = NearestWord(name, known);
  DocumentPlace place;
  place.Enter(path);
  const std::string where = place.ToString(name);
  if (!nearest.empty()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: {}: no such field; did you mean \"{}\"?", line, where, nearest);
  }
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "line {}: {}: no such field; expected one of {}", line, where,
                    fmt::join(known, ", "));
}

}  // namespace

std::string NearestWord(const std::string& word, const std::vector<std::string>& known) {
  std::string nearest;
  constexpr size_t kWordBytesMax = 128;
  if (word.size() > kWordBytesMax) return nearest;
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = Distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

absl::Status FillMessage(const Document& document, const std::string& path, Message& message) {
  if (document.kind == Document::Kind::kNull) return absl::OkStatus();
  if (document.kind != Document::Kind::kMap) {
    return Wrong(document, path.empty() ? "command" : path, "a map of fields", Shown(document));
  }
  const auto* type = message.GetDescriptor();
  std::map<int, const DocumentField*> given;
  for (const DocumentField& entry : document.map) {
    const auto& [name, value, line] = entry;
    const FieldDescriptor* field = type->FindFieldByCamelcaseName(name);
    if (field == nullptr) field = type->FindFieldByName(name);
    if (field == nullptr) return UnknownField(line, path, name, *type);
    const std::string field_path =
        path.empty() ? field->json_name() : fmt::format("{}.{}", path, field->json_name());
    if (const auto [former, is_new] = given.try_emplace(field->number(), &entry); !is_new) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "line {}: {}: expected the field once, found it as \"{}\" and, in line {}, "
                        "as \"{}\"",
                        line, field_path, name, former->second->line, former->second->name);
    }
    const auto* choice = field->real_containing_oneof();
    if (choice != nullptr && message.GetReflection()->HasOneof(message, choice)) {
      const auto* former = message.GetReflection()->GetOneofFieldDescriptor(message, choice);
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "line {}: {}: only one of its kind may be given, \"{}\" stands beside it",
                        value.line, field_path, former->json_name());
    }
    ASSAY_RETURN_IF_ERROR(SetField(value, field_path, *field, message));
  }
  return absl::OkStatus();
}

absl::Status ReadCommands(std::string_view text, bool ndjson, DocumentWatch watch,
                          const std::function<absl::Status(CommandDocument)>& take) {
  ASSAY_RETURN_IF_ERROR(CheckUtf8(text));
  DocumentReader reader(text, ndjson ? DocumentForm::kJsonLines : DocumentForm::kYaml,
                        std::move(watch));
  int number = 0;
  while (const auto document = reader.Next()) {
    CommandDocument read{.number = ++number, .line = document->line};
    read.fault = FillMessage(*document, "", read.command);
    if (read.fault.ok() && read.command.body_case() == v1::Command::BODY_NOT_SET) {
      read.fault =
          MakeStatus(absl::StatusCode::kInvalidArgument,
                     "line {}: the document names no command (as createUnit: ...)", document->line);
    }
    ASSAY_RETURN_IF_ERROR(take(std::move(read)));
  }
  return reader.Problem().has_value() ? reader.Problem()->ToStatus() : absl::OkStatus();
}

}  // namespace assay

#include "tools/assay/command_help.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <memory>

#include "engine/base/check.h"
#include "tools/assay/command_file.h"
#include "tools/assay/message_json.h"

namespace assay {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;

constexpr size_t kColumnsMax = 78;
// A message within a message within ...: deeper than any command is.
constexpr int kDepthMax = 12;

// The descriptors with comments; they live as long as the process.
const DescriptorPool& Pool() {
  static const std::unique_ptr<DescriptorPool> kPool = [] {
    google::protobuf::FileDescriptorSet files;
    const std::string_view bytes = CommandDescriptors();
    ASSAY_INVARIANT(files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
                    "the built-in descriptors of commands cannot be read");
    auto pool = std::make_unique<DescriptorPool>();
    for (const auto& file : files.file()) {
      ASSAY_INVARIANT(pool->BuildFile(file) != nullptr, "no descriptors of {}", file.name());
    }
    return pool;
  }();
  return *kPool;
}

const Descriptor& CommandType() {
  return *Pool().FindMessageTypeByName(v1::Command::descriptor()->full_name());
}

// Files with commands, in the order of their first one.
struct Area {
  const FileDescriptor* file;
  std::vector<const FieldDescriptor*> commands;
};

std::vector<Area> Areas() {
  std::vector<Area> areas;
  const auto* body = CommandType().FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    const FieldDescriptor* command = body->field(i);
    const FileDescriptor* file = command->message_type()->file();
    auto area = std::find_if(areas.begin(), areas.end(),
                             [&](const Area& known) { return known.file == file; });
    if (area == areas.end()) area = areas.insert(areas.end(), {file, {}});
    area->commands.push_back(command);
  }
  return areas;
}

// "org" of "assay/v1/org.proto"
std::string NameOf(const FileDescriptor& file) {
  const std::string& path = file.name();
  const size_t begin = path.rfind('/') + 1;
  return path.substr(begin, path.rfind('.') - begin);
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What stands in the .proto file before the thing.
template <typename Thing>
std::vector<std::string> CommentOf(const Thing& thing) {
  google::protobuf::SourceLocation place;
  if (!thing.GetSourceLocation(&place)) return {};
  return LinesOf(place.leading_comments);
}

bool IsSealed(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == v1::Sealed::descriptor()->full_name();
}

// What a field takes, beside its line.
std::string KindOf(const FieldDescriptor& field) {
  if (IsSealed(field)) return "text, sealed before it is written";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "a whole number";
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::vector<std::string> names;
      const auto& type = *field.enum_type();
      for (int i = 1; i < type.value_count(); ++i) {
        names.push_back(EnumName(type, type.value(i)->number()));
      }
      return fmt::format("{}", fmt::join(names, " | "));
    }
    default:
      return "text";
  }
}

std::string PlaceholderOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "false";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "0";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(*field.enum_type(), field.enum_type()->value(1)->number());
    default:
      return "\"\"";
  }
}

// The lines of an example.
class ExampleWriter {
 public:
  void Comment(const std::vector<std::string>& lines, int depth) {
    for (const std::string& line : lines) Line(depth, "# " + line);
  }

  // Fields of a type at a depth. `dash`: the first line begins an entry of a list.
  void Fields(const Descriptor& type, int depth, bool dash) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const auto* choice = field.real_containing_oneof();
      // Of fields of which only one may be given, the others stand there as comments.
      const bool is_other = choice != nullptr && choice->field(0) != &field;
      Comment(CommentOf(field), depth);
      if (is_other) {
        Line(depth, fmt::format("# or {}: {}", field.json_name(), KindOrMap(field)));
        continue;
      }
      Field(field, depth, dash);
      dash = false;
    }
  }

  void Line(int depth, const std::string& text) {
    text_ += std::string(static_cast<size_t>(depth) * 2, ' ') + text + "\n";
  }

  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  static std::string KindOrMap(const FieldDescriptor& field) {
    const bool is_map = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsSealed(field);
    return is_map ? "..." : KindOf(field);
  }

  void Field(const FieldDescriptor& field, int depth, bool dash) {
    const std::string name = (dash ? "- " : "") + field.json_name() + ":";
    // Behind a dash everything stands two further to the right.
    const int column = depth - (dash ? 1 : 0);
    const bool is_map = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsSealed(field);
    if (!is_map) {
      const std::string value = PlaceholderOf(field);
      const std::string list = field.is_repeated() ? fmt::format("[{}]", value) : value;
      const std::string kind = (field.is_repeated() ? "a list: " : "") + KindOf(field);
      return Line(column, fmt::format("{:<24}  # {}", fmt::format("{} {}", name, list), kind));
    }
    if (depth >= kDepthMax) return;
    Line(column, name + (field.is_repeated() ? "   # a list" : ""));
    Fields(*field.message_type(), depth + (field.is_repeated() ? 2 : 1), field.is_repeated());
  }

  std::string text_;
};

// A text as a YAML scalar.
std::string Scalar(const std::string& text) {
  const bool is_plain = !text.empty() && text != "null" && text.front() != '-' &&
                        std::all_of(text.begin(), text.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                 (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                                 c == '@';
                        });
  if (is_plain && text.front() != '@' && text.front() != '.') return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "\"";
}

std::string Flow(const Message& message);

// One value of a field; `index` of a list, or -1.
std::string Value(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool listed = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(listed ? reflection.GetRepeatedInt32(message, &field, index)
                                   : reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(listed ? reflection.GetRepeatedInt64(message, &field, index)
                                   : reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(*field.enum_type(),
                      listed ? reflection.GetRepeatedEnumValue(message, &field, index)
                             : reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return Scalar(listed ? reflection.GetRepeatedString(message, &field, index)
                           : reflection.GetString(message, &field));
    default:
      return Flow(listed ? reflection.GetRepeatedMessage(message, &field, index)
                         : reflection.GetMessage(message, &field));
  }
}

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

std::string FieldValue(const Message& message, const FieldDescriptor& field) {
  if (!field.is_repeated()) return Value(message, field, -1);
  std::vector<std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    values.push_back(Value(message, field, i));
  }
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string Flow(const Message& message) {
  if (const auto* sealed = dynamic_cast<const v1::Sealed*>(&message)) {
    return Scalar(sealed->clear());
  }
  std::vector<std::string> fields;
  for (const FieldDescriptor* field : SetFields(message)) {
    fields.push_back(fmt::format("{}: {}", field->json_name(), FieldValue(message, *field)));
  }
  return fmt::format("{{{}}}", fmt::join(fields, ", "));
}

}  // namespace

std::vector<std::string> CommandNames() {
  std::vector<std::string> names;
  for (const Area& area : Areas()) {
    for (const FieldDescriptor* command : area.commands) names.push_back(command->json_name());
  }
  return names;
}

std::string CommandList() {
  std::string text;
  for (const Area& area : Areas()) {
    std::string line = fmt::format("  {:<11}", NameOf(*area.file));
    const std::string indent(line.size(), ' ');
    for (const FieldDescriptor* command : area.commands) {
      const bool is_last = command == area.commands.back();
      if (line.size() + command->json_name().size() + 2 > kColumnsMax) {
        text += line + "\n";
        line = indent;
      }
      line += " " + command->json_name() + (is_last ? "" : ",");
    }
    text += line + "\n";
  }
  return text;
}

absl::StatusOr<std::string> CommandExample(const std::string& name) {
  const FieldDescriptor* command = CommandType().FindFieldByCamelcaseName(name);
  if (command == nullptr || command->real_containing_oneof() == nullptr) {
    const std::string nearest = NearestWord(name, CommandNames());
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "--example: expected the name of a command{}, found \"{}\"",
                      nearest.empty() ? "" : fmt::format(" (as {})", nearest), name);
  }
  ExampleWriter writer;
  writer.Comment(CommentOf(*command->message_type()), 0);
  writer.Line(0, fmt::format("{:<24}  # optional: with it the document may be run again",
                             fmt::format("commandId: {}-1", name)));
  writer.Line(
      0, fmt::format("{:<24}  # who acts; or --as on the command line", "actor: {person: p-0001}"));
  writer.Line(0, fmt::format("{:<24}  # where a rule asks for one", "reason: \"\""));
  writer.Line(0, name + ":");
  writer.Fields(*command->message_type(), 1, false);
  return writer.Take();
}

std::string CommandYaml(const v1::Command& command) {
  std::string text = "---\n";
  for (const FieldDescriptor* field : SetFields(command)) {
    const bool is_body = field->real_containing_oneof() != nullptr;
    if (!is_body) {
      text += fmt::format("{}: {}\n", field->json_name(), FieldValue(command, *field));
      continue;
    }
    text += field->json_name() + ":\n";
    const Message& body = command.GetReflection()->GetMessage(command, field);
    for (const FieldDescriptor* part : SetFields(body)) {
      const bool is_list =
          part->is_repeated() && part->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (!is_list) {
        text += fmt::format("  {}: {}\n", part->json_name(), FieldValue(body, *part));
        continue;
      }
      text += fmt::format("  {}:\n", part->json_name());
      for (int i = 0; i < body.GetReflection()->FieldSize(body, part); ++i) {
        text += fmt::format("    - {}\n", Value(body, *part, i));
      }
    }
  }
  return text;
}

}  // namespace assay

// The log is forever: bytes of every kind of event, command, record and output, kept as they were
// first written, must decode in every later version to what they said.

#include <assay/v1/log.pb.h>
#include <assay/v1/output.pb.h>
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/event/serialize.h"
#include "tests/support/paths.h"

namespace assay::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

constexpr const char* kFile = "tests/proto/golden/messages.txt";

// Messages whose `body` says what they are.
std::vector<const Message*> Roots() {
  return {&v1::Event::default_instance(), &v1::Command::default_instance(),
          &v1::Record::default_instance(), &v1::OutputRecord::default_instance()};
}

const OneofDescriptor& BodyOf(const Descriptor& type) { return *type.FindOneofByName("body"); }

// --- rows ---

struct Row {
  // "assay.v1.Event unit_created"
  std::string kind;
  std::string hex;
  // The message in text form, on one line: fields that trade places are seen here.
  std::string text;

  [[nodiscard]] std::string Lines() const {
    return fmt::format("{}\n  {}\n  {}\n", kind, hex, text);
  }
};

std::vector<Row> ReadRows() {
  std::ifstream file(SourceDir() + "/" + kFile, std::ios::binary);
  std::vector<Row> rows;
  for (std::string kind, hex, text; std::getline(file, kind);) {
    if (kind.empty() || kind.starts_with("#")) continue;
    std::getline(file, hex);
    std::getline(file, text);
    REQUIRE(hex.starts_with("  "));
    REQUIRE(text.starts_with("  "));
    rows.push_back({kind, hex.substr(2), text.substr(2)});
  }
  return rows;
}

std::string KindOf(const Message& message) {
  const auto* body =
      message.GetReflection()->GetOneofFieldDescriptor(message, &BodyOf(*message.GetDescriptor()));
  return fmt::format("{} {}", message.GetDescriptor()->full_name(), body ? body->name() : "none");
}

std::unique_ptr<Message> NewRoot(const std::string& kind) {
  const std::string type = kind.substr(0, kind.find(' '));
  for (const Message* root : Roots()) {
    if (root->GetDescriptor()->full_name() == type) {
      return std::unique_ptr<Message>(root->New());
    }
  }
  return nullptr;
}

std::string TextOf(const Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// --- what a row covers ---

template <typename Visit>
void VisitChildren(const Message& message, const Visit& visit) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      visit(reflection->GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      visit(reflection->GetRepeatedMessage(message, field, i));
    }
  }
}

using Fields = std::set<std::string>;

void AddFields(const Message& message, Fields& covered) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) covered.insert(field->full_name());
  VisitChildren(message, [&](const Message& child) { AddFields(child, covered); });
}

bool HasUnknown(const Message& message) {
  bool has = !message.GetReflection()->GetUnknownFields(message).empty();
  VisitChildren(message, [&](const Message& child) { has = has || HasUnknown(child); });
  return has;
}

// Every field of a type and of all types below it.
void AddAllFields(const Descriptor& type, Fields& fields, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    fields.insert(type.field(i)->full_name());
    if (type.field(i)->message_type()) AddAllFields(*type.field(i)->message_type(), fields, seen);
  }
}

Fields AllFields() {
  Fields fields;
  std::set<const Descriptor*> seen;
  for (const Message* root : Roots()) AddAllFields(*root->GetDescriptor(), fields, seen);
  return fields;
}

std::set<std::string> AllKinds() {
  std::set<std::string> kinds;
  for (const Message* root : Roots()) {
    const OneofDescriptor& body = BodyOf(*root->GetDescriptor());
    for (int i = 0; i < body.field_count(); ++i) {
      kinds.insert(fmt::format("{} {}", root->GetDescriptor()->full_name(), body.field(i)->name()));
    }
  }
  return kinds;
}

// --- new rows ---

// Sets every field; of a choice the member `variant`. Values follow from names and numbers.
class Filler {
 public:
  explicit Filler(int variant) : variant_(variant) {}

  void Fill(Message& message) const {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const OneofDescriptor* choice = field.real_containing_oneof();
      const bool is_chosen =
          choice == nullptr || choice->field(variant_ % choice->field_count()) == &field;
      if (is_chosen) Set(field, message);
    }
  }

 private:
  void Set(const FieldDescriptor& field, Message& message) const {
    const auto* reflection = message.GetReflection();
    constexpr int kEntries = 2;
    for (int i = 0; i < (field.is_repeated() ? kEntries : 1); ++i) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Fill(field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                 : *reflection->MutableMessage(&message, &field));
      } else {
        SetScalar(field, i, message);
      }
    }
  }

  void SetScalar(const FieldDescriptor& field, int entry, Message& message) const {
    const auto* reflection = message.GetReflection();
    const int number = 100 * field.number() + entry + 1;
    const std::string text = fmt::format("{}-{}", field.name(), entry + 1);
    const bool repeated = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        repeated ? reflection->AddString(&message, &field, text)
                 : reflection->SetString(&message, &field, text);
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        repeated ? reflection->AddInt32(&message, &field, number)
                 : reflection->SetInt32(&message, &field, number);
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        repeated ? reflection->AddInt64(&message, &field, number)
                 : reflection->SetInt64(&message, &field, number);
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&message, &field, true);
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnum(&message, &field, field.enum_type()->value(1));
        return;
      default:
        FAIL("no value for fields such as " << field.full_name());
    }
  }

  int variant_;
};

Row NewRow(const Message& root, const FieldDescriptor& body, int variant) {
  const std::unique_ptr<Message> message(root.New());
  const Filler filler(variant);
  filler.Fill(*message);
  // Whatever was chosen for the body gives way.
  Message& content = *message->GetReflection()->MutableMessage(message.get(), &body);
  content.Clear();
  filler.Fill(content);
  return {KindOf(*message), ToHex(SerializeDeterministic(*message)), TextOf(*message)};
}

// Rows for kinds without one, and for fields that no row has.
std::vector<Row> MissingRows(std::set<std::string> kinds, Fields fields) {
  constexpr int kVariants = 3;
  std::vector<Row> rows;
  for (const Message* root : Roots()) {
    const OneofDescriptor& body = BodyOf(*root->GetDescriptor());
    for (int i = 0; i < body.field_count() * kVariants; ++i) {
      Row row = NewRow(*root, *body.field(i / kVariants), i % kVariants);
      const auto message = NewRoot(row.kind);
      message->ParseFromString(*FromHex(row.hex));
      Fields covered;
      AddFields(*message, covered);
      const bool is_needed = kinds.erase(row.kind) > 0 ||
                             std::any_of(covered.begin(), covered.end(),
                                         [&](auto& name) { return fields.contains(name); });
      if (!is_needed) continue;
      for (const std::string& name : covered) fields.erase(name);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("the bytes of every kind of message decode to what they said", "[proto][golden]") {
  const std::vector<Row> rows = ReadRows();
  std::set<std::string> kinds = AllKinds();
  Fields fields = AllFields();
  for (const Row& row : rows) {
    INFO(row.kind);
    const auto message = NewRoot(row.kind);
    REQUIRE(message != nullptr);
    const auto bytes = FromHex(row.hex);
    REQUIRE(bytes.has_value());
    REQUIRE(message->ParseFromString(*bytes));
    CHECK(KindOf(*message) == row.kind);
    CHECK_FALSE(HasUnknown(*message));
    CHECK(TextOf(*message) == row.text);
    CHECK(ToHex(SerializeDeterministic(*message)) == row.hex);
    kinds.erase(row.kind);
    Fields covered;
    AddFields(*message, covered);
    for (const std::string& name : covered) fields.erase(name);
  }
  if (std::getenv("ASSAY_GOLDEN_ADD") != nullptr) {
    std::ofstream file(SourceDir() + "/" + kFile, std::ios::binary | std::ios::app);
    for (const Row& row : MissingRows(kinds, fields)) file << row.Lines();
    return;
  }
  INFO("ASSAY_GOLDEN_ADD=1 proto_tests adds rows; rows that stand are never changed");
  CHECK(kinds == std::set<std::string>());
  CHECK(fields == Fields());
}

TEST_CASE("a row that says something else, and a kind without a row, are found",
          "[proto][golden][self]") {
  v1::Event renamed;
  renamed.mutable_unit_renamed()->set_unit("u-1");
  renamed.mutable_unit_renamed()->set_name("Works");
  v1::Event other = renamed;
  other.mutable_unit_renamed()->set_unit("Works");
  other.mutable_unit_renamed()->set_name("u-1");
  CHECK(TextOf(renamed) != TextOf(other));
  // Field 9999 is of nobody.
  CHECK_FALSE(HasUnknown(renamed));
  renamed.mutable_unit_renamed()
      ->GetReflection()
      ->MutableUnknownFields(renamed.mutable_unit_renamed())
      ->AddVarint(9999, 1);
  CHECK(HasUnknown(renamed));
  CHECK(MissingRows({"assay.v1.Event unit_renamed"}, {}).size() == 1);
  CHECK(MissingRows({}, {"assay.v1.UnitRenamed.name"}).size() == 1);
  CHECK(MissingRows({}, {}).empty());
}

}  // namespace assay::testing

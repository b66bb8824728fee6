#include "tests/attack/message_mutator.h"

#include <assay/v1/options.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "engine/base/decimal.h"
#include "engine/base/time.h"

namespace assay::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

// A made message ends there; contracts and formulas are not deeper.
constexpr int kDepthMax = 6;

const std::vector<std::string> kDays = {"2026-06-01", "2026-06-30", "2026-07-01", "2025-12-31",
                                        "1900-01-01", "0001-01-01", "9999-12-31", "2024-02-29"};
const std::vector<std::string> kDecimals = {"0",
                                            "1",
                                            "-1",
                                            "0.5",
                                            "100",
                                            "0.000000000001",
                                            "-0",
                                            "99999999999999999999999999",
                                            "-99999999999999999999999999",
                                            "170141183460469231731687303",
                                            "1e14",
                                            "3.333333333333"};
const std::vector<std::string> kOdd = {"",
                                       "NaN",
                                       "Infinity",
                                       "1e400",
                                       "-1e-400",
                                       "0x10",
                                       "2026-02-30",
                                       "2026-13-01",
                                       "0000-00-00",
                                       "99999-01-01",
                                       "not a day",
                                       "/",
                                       "a/b",
                                       "a@0",
                                       "a@1",
                                       "a@99999999999999999999",
                                       "engine:000000000000000000000000",
                                       std::string("a\0b", 3),
                                       "\xc2\x85\xe2\x80\xae",
                                       std::string(70, 'x'),
                                       std::string(3'000, 'y')};

// Of things that the log does not have, few enough to meet.
const std::vector<std::string> kNewIds = {"new-1", "new-2", "new-3@1", "new-4"};

bool IsDayField(std::string_view name) {
  return name == "from" || name == "to" || name == "day" || name == "effective";
}

bool IsDecimalField(std::string_view name) {
  static const std::set<std::string, std::less<>> kNames = {"limit",        "two_approvers_above",
                                                            "delta",        "before",
                                                            "after",        "computed",
                                                            "total",        "target",
                                                            "difficulty",   "total_cap",
                                                            "cap",          "full",
                                                            "zero",         "else_share",
                                                            "low",          "high",
                                                            "zero_low",     "zero_high",
                                                            "share",        "range_min",
                                                            "range_max",    "value",
                                                            "version",      "per_requester",
                                                            "per_approver", "per_unit"};
  return kNames.contains(name);
}

std::vector<const FieldDescriptor*> FieldsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// The message and those below it.
void Collect(Message& message, std::vector<Message*>& found) {
  found.push_back(&message);
  const Reflection* reflection = message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Collect(*reflection->MutableMessage(&message, field), found);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Collect(*reflection->MutableRepeatedMessage(&message, field, i), found);
    }
  }
}

}  // namespace

std::string UnusableText(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message)) {
    const v1::TextForm form = field->options().GetExtension(v1::text_form);
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      std::string fault;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        fault =
            UnusableText(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                              : reflection->GetMessage(message, field));
      } else if (form != v1::TEXT_FORM_UNSPECIFIED) {
        const std::string text = reflection->GetString(message, field);
        const bool is_right = form == v1::TEXT_FORM_DECIMAL ? Decimal::Parse(text).has_value()
                                                            : Day::Parse(text).has_value();
        if (!is_right) fault = field->full_name() + ": " + text;
      }
      if (!fault.empty()) return fault;
    }
  }
  return "";
}

void MessageMutator::Learn(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message)) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Learn(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                   : reflection->GetMessage(message, field));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                : reflection->GetString(message, field);
        std::vector<std::string>& known = texts_[field->name()];
        if (std::find(known.begin(), known.end(), text) != known.end()) continue;
        known.push_back(text);
        all_texts_.push_back(std::move(text));
      }
    }
  }
}

std::string MessageMutator::Noise(size_t bytes) {
  std::string noise;
  for (size_t i = 0; i < bytes; ++i) noise += static_cast<char>(random_());
  return noise;
}

int64_t MessageMutator::Number() {
  static constexpr std::array<int64_t, 16> kNumbers = {0,
                                                       1,
                                                       2,
                                                       -1,
                                                       100,
                                                       10'000,
                                                       -10'000,
                                                       std::numeric_limits<int32_t>::max(),
                                                       std::numeric_limits<int32_t>::min(),
                                                       std::numeric_limits<int64_t>::max(),
                                                       std::numeric_limits<int64_t>::min(),
                                                       253'402'300'799,
                                                       -62'135'596'800,
                                                       std::numeric_limits<uint32_t>::max(),
                                                       1'782'000'000,
                                                       1'000'000'000};
  return OneIn(3) ? static_cast<int64_t>(Below(20)) : kNumbers[Below(kNumbers.size())];
}

std::string MessageMutator::Text(const Field& field) {
  const bool has_form = IsDayField(field.name()) || IsDecimalField(field.name());
  if (OneIn(has_form ? 8 : 16)) return kOdd[Below(kOdd.size())];
  if (IsDayField(field.name()) && !OneIn(3)) return kDays[Below(kDays.size())];
  if (!has_form && OneIn(5)) return kNewIds[Below(kNewIds.size())];
  const auto known = texts_.find(field.name());
  if (known != texts_.end() && !OneIn(5)) return known->second[Below(known->second.size())];
  if (IsDecimalField(field.name())) return kDecimals[Below(kDecimals.size())];
  if (all_texts_.empty() || OneIn(6)) return kOdd[Below(kOdd.size())];
  return all_texts_[Below(all_texts_.size())];
}

void MessageMutator::DrawScalar(Message& message, const Field& field) {
  const Reflection* reflection = message.GetReflection();
  const bool adds = field.is_repeated();
  const auto put = [&](auto add, auto set, auto value) {
    if (adds) {
      (reflection->*add)(&message, &field, std::move(value));
    } else {
      (reflection->*set)(&message, &field, std::move(value));
    }
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::AddInt32, &Reflection::SetInt32, static_cast<int32_t>(Number()));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::AddInt64, &Reflection::SetInt64, Number());
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::AddUInt32, &Reflection::SetUInt32, static_cast<uint32_t>(Number()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::AddUInt64, &Reflection::SetUInt64, static_cast<uint64_t>(Number()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::AddBool, &Reflection::SetBool, OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto count = static_cast<size_t>(field.enum_type()->value_count());
      const int known = field.enum_type()->value(static_cast<int>(Below(count)))->number();
      const int value = OneIn(12) ? static_cast<int>(Number()) : known;
      return put(&Reflection::AddEnumValue, &Reflection::SetEnumValue, value);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool is_text = field.type() == FieldDescriptor::TYPE_STRING;
      return put(&Reflection::AddString, &Reflection::SetString,
                 is_text ? Text(field) : Noise(OneIn(2) ? 32 : Below(40)));
    }
    default:
      return;
  }
}

void MessageMutator::Draw(Message& message, const Field& field, int depth) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return DrawScalar(message, field);
  if (depth >= kDepthMax) return;
  const Reflection* reflection = message.GetReflection();
  Fill(field.is_repeated() ? *reflection->AddMessage(&message, &field)
                           : *reflection->MutableMessage(&message, &field),
       depth + 1);
}

void MessageMutator::DrawOneof(Message& message, const OneofDescriptor& oneof, int depth) {
  const auto count = static_cast<size_t>(oneof.field_count());
  Draw(message, *oneof.field(static_cast<int>(Below(count))), depth);
}

void MessageMutator::Fill(Message& message, int depth) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->real_containing_oneof() != nullptr || OneIn(10)) continue;
    for (size_t k = field->is_repeated() ? Below(4) : 1; k > 0; --k) Draw(message, *field, depth);
  }
  for (int i = 0; i < type->real_oneof_decl_count(); ++i) {
    if (!OneIn(20)) DrawOneof(message, *type->oneof_decl(i), depth);
  }
}

void MessageMutator::ChangeRepeated(Message& message, const Field& field) {
  const Reflection* reflection = message.GetReflection();
  const int size = reflection->FieldSize(message, &field);
  if (size == 0 || OneIn(4)) return Draw(message, field, kDepthMax - 2);
  const auto pick = [&] { return static_cast<int>(Below(static_cast<size_t>(size))); };
  const int one = pick();
  if (OneIn(3)) {
    reflection->SwapElements(&message, &field, one, pick());
  } else if (OneIn(2)) {
    reflection->SwapElements(&message, &field, one, size - 1);
    reflection->RemoveLast(&message, &field);
  } else if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    const std::string copy =
        reflection->GetRepeatedMessage(message, &field, one).SerializeAsString();
    (void)reflection->AddMessage(&message, &field)->ParseFromString(copy);
  } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
    reflection->AddString(&message, &field, reflection->GetRepeatedString(message, &field, one));
  } else {
    DrawScalar(message, field);
  }
}

void MessageMutator::Mutate(Message& message) {
  std::vector<Message*> found;
  Collect(message, found);
  Message& target = *found[Below(found.size())];
  const auto* type = target.GetDescriptor();
  const Reflection* reflection = target.GetReflection();
  if (type->field_count() == 0 || OneIn(25)) {
    auto* unknown = reflection->MutableUnknownFields(&target);
    unknown->AddVarint(1 + static_cast<int>(Below(200)), static_cast<uint64_t>(Number()));
    return;
  }
  // What is there more often than what is not.
  const std::vector<const FieldDescriptor*> present = FieldsOf(target);
  const Field& field =
      present.empty() || OneIn(4)
          ? *type->field(static_cast<int>(Below(static_cast<size_t>(type->field_count()))))
          : *present[Below(present.size())];
  if (field.is_repeated()) return ChangeRepeated(target, field);
  if (OneIn(4)) return reflection->ClearField(&target, &field);
  Draw(target, field, kDepthMax - 2);
}

void MessageMutator::Damage(std::string& bytes) {
  for (size_t i = Below(3) + 1; i > 0; --i) {
    const size_t at = Below(bytes.size() + 1);
    switch (Below(5)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.erase(at, Below(12));
        break;
      case 2:
        bytes.insert(at, bytes.substr(Below(bytes.size() + 1), Below(60)));
        break;
      case 3:
        bytes.insert(at, Noise(Below(8)));
        break;
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
    }
  }
}

}  // namespace assay::testing

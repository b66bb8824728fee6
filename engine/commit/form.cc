#include "engine/commit/form.h"

#include <assay/v1/options.pb.h>
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "engine/event/engine_ids.h"
#include "engine/event/sealing.h"

namespace assay {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Body = v1::Event::BodyCase;

// --- texts that are days or decimals, spans that need their ends ---

std::optional<std::string> MissingEnd(const v1::Span& span, v1::SpanEnds ends) {
  if (ends != v1::SPAN_ENDS_UNSPECIFIED && span.from().empty()) {
    return "from: expected a day, found \"\"";
  }
  if (ends == v1::SPAN_ENDS_BOTH && span.to().empty()) return "to: expected a day, found \"\"";
  return std::nullopt;
}

// What the walk looks at in messages of one type; made once.
struct FieldForm {
  const FieldDescriptor* field;
  v1::TextForm text;
  v1::SpanEnds ends;
};
using FormOfType = std::vector<FieldForm>;

const FormOfType& FormsOf(const Descriptor* type) {
  // Rows stay where they are while others are added: the walk goes into messages of other types.
  thread_local std::unordered_map<const Descriptor*, FormOfType> known;
  const auto [row, is_new] = known.try_emplace(type);
  if (!is_new) return row->second;
  FormOfType forms;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto cpp = field->cpp_type();
    const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
    if (is_text || cpp == FieldDescriptor::CPPTYPE_MESSAGE ||
        cpp == FieldDescriptor::CPPTYPE_ENUM) {
      forms.push_back({field, field->options().GetExtension(v1::text_form),
                       field->options().GetExtension(v1::span_ends)});
    }
  }
  return row->second = std::move(forms);
}

// The largest text of an event is that of a contract.
constexpr size_t kTextBytesMax = 256 * 1024;

std::string Excerpt(std::string_view text) {
  constexpr size_t kShownBytes = 40;
  return text.size() <= kShownBytes ? std::string(text)
                                    : fmt::format("{}...", text.substr(0, kShownBytes));
}

class FormCheck {
 public:
  // `strict`: version 2.
  explicit FormCheck(bool strict) : strict_(strict) {}

  std::optional<std::string> Check(const Message& message) {
    if (strict_ && message.GetDescriptor() == v1::Sealed::descriptor()) {
      const auto& sealed = static_cast<const v1::Sealed&>(message);
      if (!sealed.clear().empty()) return "a sealed field holds clear text";
      if (!sealed.key_id().empty() && !IsKeyId(sealed.key_id())) {
        return "a sealed field names a key that there cannot be";
      }
    }
    const auto* reflection = message.GetReflection();
    for (const FieldForm& form : FormsOf(message.GetDescriptor())) {
      const FieldDescriptor* field = form.field;
      const int count =
          field->is_repeated() ? reflection->FieldSize(message, field) : IsToBeSeen(message, form);
      for (int i = 0; i < count; ++i) {
        if (auto fault = CheckField(message, form, i)) {
          return fmt::format("{}: {}", field->json_name(), *fault);
        }
      }
    }
    return std::nullopt;
  }

 private:
  // 1 or 0. A day or span that is needed is looked at when it is not there, too.
  static int IsToBeSeen(const Message& message, const FieldForm& form) {
    if (form.ends != v1::SPAN_ENDS_UNSPECIFIED) return 1;
    if (form.field->real_containing_oneof() != nullptr || form.text != v1::TEXT_FORM_DAY) {
      return message.GetReflection()->HasField(message, form.field) ? 1 : 0;
    }
    return 1;
  }

  std::optional<std::string> CheckField(const Message& message, const FieldForm& form, int i) {
    const auto* reflection = message.GetReflection();
    const FieldDescriptor* field = form.field;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& part = field->is_repeated()
                                  ? reflection->GetRepeatedMessage(message, field, i)
                                  : reflection->GetMessage(message, field);
        if (form.ends != v1::SPAN_ENDS_UNSPECIFIED) {
          if (auto missing = MissingEnd(static_cast<const v1::Span&>(part), form.ends)) {
            return missing;
          }
        }
        return Check(part);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = field->is_repeated() ? reflection->GetRepeatedEnumValue(message, field, i)
                                               : reflection->GetEnumValue(message, field);
        if (!strict_ || field->enum_type()->FindValueByNumber(value) != nullptr) {
          return std::nullopt;
        }
        return fmt::format("expected an enumerator of {}, found {}", field->enum_type()->name(),
                           value);
      }
      default:
        return CheckText(form.text, field->is_repeated()
                                        ? reflection->GetRepeatedString(message, field, i)
                                        : reflection->GetString(message, field));
    }
  }

  std::optional<std::string> CheckText(v1::TextForm form, const std::string& text) const {
    const bool is_day = form == v1::TEXT_FORM_DAY || form == v1::TEXT_FORM_OPTIONAL_DAY;
    if (is_day && !(form == v1::TEXT_FORM_OPTIONAL_DAY && text.empty()) &&
        !Day::Parse(text).has_value()) {
      return fmt::format("expected a day, found \"{}\"", Excerpt(text));
    }
    if (form == v1::TEXT_FORM_DECIMAL && !text.empty() && !Decimal::Parse(text).has_value()) {
      return fmt::format("expected a decimal, found \"{}\"", Excerpt(text));
    }
    if (!strict_ || text.size() <= kTextBytesMax) return std::nullopt;
    return fmt::format("expected at most {} bytes, found {}", kTextBytesMax, text.size());
  }

  const bool strict_;
};

// --- the commit's own fields ---

template <typename Streams>
bool IsSortedSet(const Streams& streams) {
  return std::adjacent_find(streams.begin(), streams.end(),
                            [](const auto& a, const auto& b) { return a >= b; }) == streams.end();
}

// Doors that a later release has are none of a reader's business.
std::optional<std::string> FaultOfOrigin(const v1::CommandOrigin& origin) {
  if (origin.user().size() > limits::kIdBytesMax) {
    return fmt::format("origin.user: expected at most {} bytes, found {}", limits::kIdBytesMax,
                       origin.user().size());
  }
  // The years 1 to 9999, as google.protobuf.Timestamp has them.
  constexpr int64_t kSecondsMin = -62'135'596'800;
  constexpr int64_t kSecondsMax = 253'402'300'799;
  constexpr int32_t kNanosMax = 999'999'999;
  const auto& now = origin.given_now();
  if (now.seconds() < kSecondsMin || now.seconds() > kSecondsMax || now.nanos() < 0 ||
      now.nanos() > kNanosMax) {
    return fmt::format("origin.givenNow: expected an instant, found {} s and {} ns", now.seconds(),
                       now.nanos());
  }
  return std::nullopt;
}

std::optional<std::string> FaultOfEnvelope(const v1::Commit& commit) {
  if (commit.command_id().size() > limits::kCommandIdBytesMax) {
    return fmt::format("commandId: expected at most {} bytes, found {}", limits::kCommandIdBytesMax,
                       commit.command_id().size());
  }
  const bool is_engine = commit.actor().via() == v1::AUTHENTICATION_ENGINE;
  if (IsEngineId(commit.command_id()) != is_engine) {
    return "commandId: an engine's command and no other has an engine's id";
  }
  if (!IsSortedSet(commit.reads()) || !IsSortedSet(commit.writes()) ||
      !IsSortedSet(commit.touches())) {
    return "reads, writes, touches: expected sorted lists without repetitions";
  }
  return FaultOfOrigin(commit.origin());
}

}  // namespace

bool HoldsUnknownEvent(const v1::Commit& commit) {
  return std::any_of(commit.events().begin(), commit.events().end(), [](const v1::Event& event) {
    return event.body_case() == Body::BODY_NOT_SET;
  });
}

std::optional<std::string> FaultOf(const v1::Commit& commit) {
  const bool strict = commit.rules_version() > 1;
  if (strict) {
    if (auto fault = FaultOfEnvelope(commit)) return fault;
  }
  FormCheck check(strict);
  for (int i = 0; i < commit.events_size(); ++i) {
    const v1::Event& event = commit.events(i);
    const auto at = [&](std::string_view fault) { return fmt::format("events[{}].{}", i, fault); };
    if (auto fault = check.Check(event)) return at(*fault);
    if (!strict || event.body_case() == Body::BODY_NOT_SET) continue;
    const auto stream = StreamOf(event);
    if (stream != event.stream()) {
      return at(fmt::format("stream: expected {}, found \"{}\"", stream.value_or("none"),
                            Excerpt(event.stream())));
    }
    if (event.stream().size() > limits::kStreamBytesMax) return at("stream: it is too long");
  }
  return std::nullopt;
}

}  // namespace assay

// Checks of shape and makers that all commands of the organisation share.

#pragma once

#include <assay/v1/event.pb.h>
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/limits.h"
#include "engine/event/decision.h"
#include "engine/event/effective.h"

namespace assay::org {

// The first refusal of a list of checks, in the order in which they are written.
[[nodiscard]] inline std::optional<Rejection> FirstOf(
    std::initializer_list<std::optional<Rejection>> checks) {
  for (const auto& check : checks) {
    if (check) return check;
  }
  return std::nullopt;
}

// INVALID_ENUM at `path` unless `value` is an enumerator other than the unspecified one.
[[nodiscard]] inline std::optional<Rejection> CheckEnum(
    std::string_view path, int value, const google::protobuf::EnumDescriptor& type) {
  if (value != 0 && type.FindValueByNumber(value) != nullptr) return std::nullopt;
  std::string allowed;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", type.value(i)->name());
  }
  return Invalid("INVALID_ENUM", std::string(path), allowed,
                 value == 0 ? "nothing" : fmt::format("{}", value), "a value must be chosen");
}

// INVALID_TEXT at `path` when it is longer than a title may be, or empty where it must not be.
[[nodiscard]] inline std::optional<Rejection> CheckTitle(std::string_view path,
                                                         std::string_view text, bool required) {
  const size_t bytes_min = required ? 1 : 0;
  if (text.size() >= bytes_min && text.size() <= limits::kTitleBytesMax) return std::nullopt;
  return Invalid("INVALID_TEXT", std::string(path),
                 fmt::format("{} to {} bytes", bytes_min, limits::kTitleBytesMax),
                 fmt::format("{} bytes", text.size()),
                 text.empty() ? "the text is missing" : "the text is too long");
}

// VALUE_OUT_OF_RANGE at `path` unless low <= value <= high.
[[nodiscard]] inline std::optional<Rejection> CheckRange(std::string_view path, int32_t value,
                                                         int32_t low, int32_t high) {
  if (low <= value && value <= high) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", std::string(path), fmt::format("{} to {}", low, high),
                 fmt::format("{}", value), "the number is out of range");
}

// A refusal by the state of the organisation, at one field.
[[nodiscard]] inline Rejection StateRefusal(std::string code, std::string_view path,
                                            std::string expected, std::string actual,
                                            std::string message, std::string hint) {
  Rejection rejection = RefusedState(std::move(code), std::move(message), std::move(hint));
  rejection.path = path;
  rejection.expected = std::move(expected);
  rejection.actual = std::move(actual);
  return rejection;
}

[[nodiscard]] inline Rejection AlreadyExists(std::string_view path, std::string_view kind,
                                             const std::string& id) {
  return StateRefusal("ALREADY_EXISTS", path, "an id that is free", id,
                      fmt::format("the {} \"{}\" is there already", kind, id),
                      "choose another id; ids are never used again");
}

// An event of `stream` that holds from the day `effective`, its body still empty.
[[nodiscard]] inline v1::Event EventOn(std::string stream, std::string effective) {
  v1::Event event;
  event.set_stream(std::move(stream));
  event.set_effective(std::move(effective));
  return event;
}

}  // namespace assay::org

#include "engine/event/decision.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace assay {

std::string_view RejectionClassName(RejectionClass rejection_class) {
  switch (rejection_class) {
    case RejectionClass::kValidation:
      return "VALIDATION";
    case RejectionClass::kNotVisible:
      return "NOT_VISIBLE";
    case RejectionClass::kAuth:
      return "AUTH";
    case RejectionClass::kState:
      return "STATE";
    case RejectionClass::kPolicy:
      return "POLICY";
    case RejectionClass::kConflict:
      return "CONFLICT";
    case RejectionClass::kBusy:
      return "BUSY";
    case RejectionClass::kIntegrity:
      return "INTEGRITY";
  }
  return "VALIDATION";
}

std::string Rejection::ToString() const {
  std::string text = fmt::format("{}: {}", code, message);
  if (!path.empty()) text += fmt::format(" ({})", path);
  return text;
}

std::string Listed(const std::vector<std::string>& ids, size_t shown_max) {
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), shown_max));
  std::string text = fmt::format("{}", fmt::join(ids.begin(), end, ", "));
  if (ids.size() > shown_max) text += fmt::format(" and {} more", ids.size() - shown_max);
  return text;
}

Rejection Invalid(std::string code, std::string path, std::string expected, std::string actual,
                  std::string message, std::string hint) {
  return {std::move(code),   RejectionClass::kValidation, std::move(path), std::move(expected),
          std::move(actual), std::move(message),          std::move(hint)};
}

Rejection NotVisible(std::string path, std::string_view kind, std::string_view id) {
  return {.code = "NOT_FOUND",
          .rejection_class = RejectionClass::kNotVisible,
          .path = std::move(path),
          .expected = fmt::format("an existing {}", kind),
          .actual = std::string(id),
          .message = fmt::format("there is no {} \"{}\"", kind, id),
          .hint = "check the id; what you may not see looks the same as what does not exist"};
}

Rejection RefusedState(std::string code, std::string message, std::string hint) {
  return {.code = std::move(code),
          .rejection_class = RejectionClass::kState,
          .message = std::move(message),
          .hint = std::move(hint)};
}

Rejection RefusedState(std::string code, std::string path, std::string expected, std::string actual,
                       std::string message, std::string hint) {
  return {std::move(code),   RejectionClass::kState, std::move(path), std::move(expected),
          std::move(actual), std::move(message),     std::move(hint)};
}

Rejection RefusedPolicy(std::string code, std::string path, std::string expected,
                        std::string actual, std::string message, std::string hint) {
  return {std::move(code),   RejectionClass::kPolicy, std::move(path), std::move(expected),
          std::move(actual), std::move(message),      std::move(hint)};
}

Rejection RefusedAuth(std::string code, std::string message, std::string hint) {
  return {.code = std::move(code),
          .rejection_class = RejectionClass::kAuth,
          .message = std::move(message),
          .hint = std::move(hint)};
}

}  // namespace assay

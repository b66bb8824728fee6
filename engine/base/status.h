// Operating errors: absl::Status with our own text, and the two macros that pass it on.
//
// Debian's Abseil keeps its own string_view type; this header is the only place where it appears.
// A refusal by the business is not a Status but a Rejection (engine/event/decision.h).
//
// What each code asks of the caller:
//
//   kInvalidArgument      inbound bytes or configuration malformed: quarantine or refuse, go on
//   kNotFound             no such row: answer the query
//   kAlreadyExists        seen before: count as success
//   kAborted              the log moved under us: read again, decide again
//   kUnavailable          disk, broker or lock in trouble: retry with a limit, or say so
//   kFailedPrecondition   a person must act first: stop this part, say what to do
//   kDataLoss             our own log or view is damaged: stop, alarm, never skip
//   kInternal             a bug that was contained: stop, alarm

#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

namespace assay {

// A status with text built by fmt.
template <typename... Args>
[[nodiscard]] absl::Status MakeStatus(absl::StatusCode code, fmt::format_string<Args...> format,
                                      Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  return absl::Status(code, absl::string_view(text.data(), text.size()));
}

// The message as the project's string type; valid while `status` lives.
[[nodiscard]] inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// "DATA_LOSS: text", for people.
[[nodiscard]] std::string Describe(const absl::Status& status);

// The same code with "`context`: " before the message; OK stays OK.
[[nodiscard]] absl::Status Annotate(const absl::Status& status, std::string_view context);

}  // namespace assay

#define ASSAY_CONCAT_INNER(a, b) a##b
#define ASSAY_CONCAT(a, b) ASSAY_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` is not OK.
#define ASSAY_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                     \
    if (absl::Status assay_status = (expression); !assay_status.ok()) return assay_status; \
  } while (false)

// ASSAY_ASSIGN_OR_RETURN(auto value, Call()): declares or assigns `value`, or returns the error.
#define ASSAY_ASSIGN_OR_RETURN(target, expression) \
  ASSAY_ASSIGN_OR_RETURN_INNER(ASSAY_CONCAT(assay_or_, __LINE__), target, expression)
#define ASSAY_ASSIGN_OR_RETURN_INNER(holder, target, expression) \
  auto holder = (expression);                                    \
  if (!holder.ok()) return holder.status();                      \
  target = *std::move(holder)

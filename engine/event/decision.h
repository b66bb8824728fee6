// What deciding a command gives: events, or a refusal that says what was wrong and what to do.
//
// A refusal is a value and not an error: it stands on no log, and the same command may be decided
// again later with another outcome.

#pragma once

#include <assay/v1/event.pb.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace assay {

// The order is the order of precedence: when several refusals fit, the first class is given.
enum class RejectionClass {
  kValidation,  // the input is wrong
  kNotVisible,  // it does not exist, or not for this actor: the same answer
  kAuth,        // the actor may not do this
  kState,       // not now
  kPolicy,      // a rule of the company
  kConflict,    // the log moved: reload
  kBusy,        // later
  kIntegrity,   // a proof failed: stop
};

[[nodiscard]] std::string_view RejectionClassName(RejectionClass rejection_class);

struct Rejection {
  std::string code;  // "HEADCOUNT_EXCEEDED"
  RejectionClass rejection_class = RejectionClass::kValidation;
  std::string path;  // the field, "items[2].target"; empty when it is the whole command
  std::string expected;
  std::string actual;
  std::string message;  // one sentence
  std::string hint;     // what to do

  // "HEADCOUNT_EXCEEDED: sentence (path)".
  [[nodiscard]] std::string ToString() const;
};

struct Accepted {
  std::vector<v1::Event> events;
};

using Decision = std::variant<Accepted, Rejection>;

[[nodiscard]] inline bool IsAccepted(const Decision& decision) {
  return std::holds_alternative<Accepted>(decision);
}

// A refusal of the given class, the other fields by designated initialisers at the call.
[[nodiscard]] Rejection Invalid(std::string code, std::string path, std::string expected,
                                std::string actual, std::string message, std::string hint = "");
// "p-1, p-2 and 3 more": of a list in a refusal, so many are named and the rest counted.
[[nodiscard]] std::string Listed(const std::vector<std::string>& ids, size_t shown_max = 20);
// NOT_FOUND at `path`: says what kind of thing is not there.
[[nodiscard]] Rejection NotVisible(std::string path, std::string_view kind, std::string_view id);
[[nodiscard]] Rejection RefusedState(std::string code, std::string message, std::string hint = "");
[[nodiscard]] Rejection RefusedState(std::string code, std::string path, std::string expected,
                                     std::string actual, std::string message, std::string hint);
[[nodiscard]] Rejection RefusedPolicy(std::string code, std::string path, std::string expected,
                                      std::string actual, std::string message,
                                      std::string hint = "");
[[nodiscard]] Rejection RefusedAuth(std::string code, std::string message, std::string hint = "");

}  // namespace assay

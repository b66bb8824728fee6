// Who runs a command, with the grants that hold for them today.

#pragma once

#include <assay/v1/company.pb.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/event/decision.h"
#include "engine/event/grants.h"
#include "engine/event/state.h"

namespace assay {

// A unit that a command works on, and the day for which. An empty unit is the company's root, or a
// unit that cannot be told: only a grant without units covers it.
struct Place {
  std::string unit;
  Day day;
};

// "startAssignment": the command's name in its JSON form.
[[nodiscard]] std::string NameOfCommand(const v1::Command& command);

// "a, b".
template <typename Texts>
[[nodiscard]] std::string Joined(const Texts& texts) {
  std::string joined;
  for (const auto& text : texts) {
    if (!joined.empty()) joined += ", ";
    joined += text;
  }
  return joined;
}

template <typename List>
[[nodiscard]] bool Contains(const List& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// The actor of one command with the grants that hold today. `context` and `state` must outlive it.
class Authority {
 public:
  Authority(const DecideContext& context, StateReader& state)
      : context_(context),
        state_(state),
        grants_(GrantsHolding(state, context.actor, context.today)) {}

  [[nodiscard]] const std::string& Actor() const { return context_.actor; }
  [[nodiscard]] const v1::Command& Command() const { return context_.command; }
  [[nodiscard]] Day Today() const { return context_.today; }
  [[nodiscard]] StateReader& State() const { return state_; }
  [[nodiscard]] const std::vector<v1::Grant>& Grants() const { return grants_; }

  // Any of the roles, whatever their scope.
  [[nodiscard]] bool Has(const std::vector<v1::Role>& roles) const;
  // Any of the roles for the whole company.
  [[nodiscard]] bool HasEverywhere(const std::vector<v1::Role>& roles) const;
  // One grant of any of the roles that covers all of `places`.
  [[nodiscard]] bool HasFor(const std::vector<v1::Role>& roles,
                            const std::vector<Place>& places) const;
  // Whether each place, or a unit above it on its day, is one of the grant's units. A grant with
  // units does not cover what has no place.
  [[nodiscard]] bool Covers(const v1::Grant& grant, const std::vector<Place>& places) const;

  // PERMISSION_DENIED that says what was needed and what the actor has.
  [[nodiscard]] Rejection Denied(std::string needed) const;
  // The same unless the actor has any of the roles.
  [[nodiscard]] std::optional<Rejection> Need(const std::vector<v1::Role>& roles) const;
  // The same unless the actor has any of the roles for the whole company.
  [[nodiscard]] std::optional<Rejection> NeedEverywhere(const std::vector<v1::Role>& roles) const;
  // The same unless one grant of any of the roles covers all of `places`.
  [[nodiscard]] std::optional<Rejection> NeedFor(const std::vector<v1::Role>& roles,
                                                 const std::vector<Place>& places) const;

 private:
  const DecideContext& context_;
  StateReader& state_;
  std::vector<v1::Grant> grants_;
};
}  // namespace assay

// What the decisions of the company have in common: events, refusals, four eyes.

#pragma once

#include <assay/v1/event.pb.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::company {

[[nodiscard]] v1::Event EventOn(std::string stream, std::string effective = "");

[[nodiscard]] Rejection AlreadyExists(std::string path, std::string_view kind,
                                      const std::string& id);

// INVALID_ID unless it is an id of a person: one named like a machine client would act in its name.
[[nodiscard]] std::optional<Rejection> CheckPersonId(std::string_view path,
                                                     const std::string& person);

// The people who are admins on `day`.
[[nodiscard]] std::set<std::string> AdminsOn(StateReader& state, Day day);

// Whether `person` acts, or somebody acts on behalf of `person`.
[[nodiscard]] bool ActsFor(const DecideContext& context, const std::string& person);

}  // namespace assay::company

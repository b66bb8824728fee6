#include "tools/assay/past.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace assay {
namespace {

struct Honours {
  std::string_view verb;
  bool at = false;
  bool on = false;
};

// Verbs that do not stand here honour neither: they write, or look at the home as it is.
constexpr std::array kHonours = {
    Honours{"adjustment list", true, false}, Honours{"adjustment show", true, false},
    Honours{"agreement show", true, false},  Honours{"late list", true, false},
    Honours{"log show", true, false},        Honours{"org show", true, true},
    Honours{"rejection list", true, false},  Honours{"rejection show", true, false},
    Honours{"score explain", true, false},   Honours{"score list", true, true},
    Honours{"score show", true, false},      Honours{"source list", true, false},
};

std::string VerbsWith(bool Honours::*option) {
  std::string verbs;
  for (const Honours& row : kHonours) {
    if (row.*option) verbs += (verbs.empty() ? "" : ", ") + std::string(row.verb);
  }
  return verbs;
}

UsageFault Refused(std::string_view verb, const char* option, const char* what,
                   bool Honours::*honours) {
  return {.message = fmt::format("assay {}: cannot honour {} ({})", verb, option, what),
          .hint = fmt::format("leave {} out; it goes with {}", option, VerbsWith(honours))};
}

}  // namespace

UsageFault PastFault(std::string_view verb, const PastAsked& asked) {
  const auto* const row =
      std::find_if(kHonours.begin(), kHonours.end(),
                   [&](const Honours& honours) { return honours.verb == verb; });
  const Honours honoured = row == kHonours.end() ? Honours{} : *row;
  if (asked.at && !honoured.at) return Refused(verb, "--at", "a recorded moment", &Honours::at);
  if (asked.on && !honoured.on) return Refused(verb, "--on", "an effective day", &Honours::on);
  return {};
}

}  // namespace assay

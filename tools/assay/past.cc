#include "tools/assay/past.h"

#include <fmt/core.h>

#include <string>

#include "tools/assay/verb_table.h"

namespace assay {
namespace {

std::string VerbsWith(bool VerbRow::*option) {
  std::string verbs;
  for (const VerbRow& row : VerbTable()) {
    if (row.*option) verbs += (verbs.empty() ? "" : ", ") + std::string(row.verb);
  }
  return verbs;
}

UsageFault Refused(std::string_view verb, const char* option, const char* what,
                   bool VerbRow::*honours) {
  return {.message = fmt::format("assay {}: cannot honour {} ({})", verb, option, what),
          .hint = fmt::format("leave {} out; it goes with {}", option, VerbsWith(honours))};
}

}  // namespace

UsageFault PastFault(std::string_view verb, const PastAsked& asked) {
  const VerbRow row = RowOf(verb);
  if (asked.at && !row.at) return Refused(verb, "--at", "a recorded moment", &VerbRow::at);
  if (asked.on && !row.on) return Refused(verb, "--on", "an effective day", &VerbRow::on);
  return {};
}

}  // namespace assay

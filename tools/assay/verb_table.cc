#include "tools/assay/verb_table.h"

#include <algorithm>

namespace assay {
namespace {

constexpr VerbRow kVerbs[] = {
    {"adjustment list", HomeUse::kReads, true},
    {"adjustment show", HomeUse::kReads, true},
    {"agreement show", HomeUse::kReads, true},
    {"completion", HomeUse::kNone},
    {"config show", HomeUse::kNone},
    {"demo", HomeUse::kAlone},
    {"digest", HomeUse::kReads},
    {"grant list", HomeUse::kReads, true},
    {"ingest", HomeUse::kWrites},
    {"init", HomeUse::kAlone},
    {"journal copy", HomeUse::kAlone},
    {"journal info", HomeUse::kReads},
    {"late list", HomeUse::kReads, true},
    {"log foreign", HomeUse::kReads},
    {"log rotate-key", HomeUse::kWrites},
    {"log show", HomeUse::kReads, true},
    {"log upgrade", HomeUse::kWrites},
    {"login list", HomeUse::kReads, true},
    {"org show", HomeUse::kReads, true, true},
    {"rebuild", HomeUse::kAlone},
    {"rejection list", HomeUse::kReads, true},
    {"rejection show", HomeUse::kReads, true},
    {"run", HomeUse::kWrites},
    {"score check", HomeUse::kReads},
    {"score explain", HomeUse::kReads, true},
    {"score list", HomeUse::kReads, true, true},
    {"score show", HomeUse::kReads, true},
    {"source add", HomeUse::kWrites},
    {"source check", HomeUse::kNone},
    {"source list", HomeUse::kReads, true},
    {"source show", HomeUse::kReads, true},
    {"status", HomeUse::kReads},
    {"topic asyncapi", HomeUse::kNone},
    {"topic list", HomeUse::kNone},
    {"verify", HomeUse::kChecks},
    {"version", HomeUse::kNone},
};

}  // namespace

std::span<const VerbRow> VerbTable() { return kVerbs; }

VerbRow RowOf(std::string_view verb) {
  const auto* const row = std::ranges::find(kVerbs, verb, &VerbRow::verb);
  return row == std::end(kVerbs) ? VerbRow{.verb = verb} : *row;
}

}  // namespace assay

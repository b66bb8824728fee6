// What each verb does to a home, and which looks at the past it honours: one row a verb.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

enum class HomeUse : uint8_t {
  // Opens none.
  kNone,
  // Changes no file: opened beside others who read.
  kReads,
  // Appends nothing, and has the home to itself.
  kChecks,
  // Appends to the log.
  kWrites,
  // Makes, drops or copies what a service holds open.
  kAlone,
};

struct VerbRow {
  // In words: "score show".
  std::string_view verb;
  HomeUse use = HomeUse::kChecks;
  // --at and --on.
  bool at = false;
  bool on = false;
};

[[nodiscard]] std::span<const VerbRow> VerbTable();
// A verb that has no row has a home to itself and honours neither option.
[[nodiscard]] VerbRow RowOf(std::string_view verb);

}  // namespace assay

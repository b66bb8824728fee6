// Which of two versions of a source record holds (log.md 3): one rule for the fold and for whoever
// says beforehand what the fold will do.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/state.pb.h>

#include <cstdint>
#include <string_view>

namespace assay {

// Compares canonical versions: as decimals, an empty one below all.
[[nodiscard]] int CompareVersions(std::string_view left, std::string_view right);

// What an intake does to the version of its record that is there.
enum class VersionOutcome : uint8_t {
  kReplaces,
  kDuplicate,  // it says what is there, or what an earlier version said
  kStale,      // what is there is newer
  kConflict,   // the same version with other content
};

// Both are of one record; `arrived` is no refusal.
[[nodiscard]] VersionOutcome JudgeVersion(const v1::Intake& arrived,
                                          const v1::FactVersion& present);

}  // namespace assay

// Which rules version of a log an event needs (log.md 8).
//
// Older releases fold an event that they do not know into nothing. So an event of a later kind is
// written to logs of version 2 alone, which such releases refuse to read. Fields that were added to
// older events follow the same rule where they are filled.

#pragma once

#include <assay/v1/event.pb.h>

#include <cstdint>

namespace assay {

// 1 for the kinds of the first release.
[[nodiscard]] int32_t SinceVersion(const v1::Event& event);

}  // namespace assay

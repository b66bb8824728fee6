// The steps of processes that the engine takes by itself: cuts of locked cycles, key marks of an
// upgraded log, the daily note of the heads.
//
// Each follows from the state alone, so it is taken by whichever node comes first, and again after
// a kill. A step that fails refuses nobody's command: it is told, and taken again with the next
// call.

#pragma once

#include "engine/base/status.h"

namespace assay {

class Home;

// Takes every step that is due. The first failure, after all of them were tried.
[[nodiscard]] absl::Status TakeEngineSteps(Home& home);

}  // namespace assay

// Decides who reports to whom.
//
// On a day, of the solid lines that hold for it the one recorded last counts: a new solid line
// replaces the former from its start. Only solid lines are kept free of cycles; the other lines
// carry no authority.

#pragma once

#include <assay/v1/command.pb.h>

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::org {

[[nodiscard]] Decision SetReportingLine(const v1::SetReportingLine& command, StateReader& state);

}  // namespace assay::org

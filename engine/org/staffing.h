// Decides the commands of positions and assignments.
//
// What is judged is the row as it would stand after the command: on no day may a position hold more
// assignments than places, nor a person more than 100 %. Sums change only where a span begins or an
// entry takes effect, so those days are looked at and no others.

#pragma once

#include <assay/v1/command.pb.h>

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::org {

// A headcount of 0 is a frozen position.
[[nodiscard]] Decision CreatePosition(const v1::CreatePosition& command, StateReader& state);
[[nodiscard]] Decision SetHeadcount(const v1::SetHeadcount& command, StateReader& state);
// Refused as HEADCOUNT_EXCEEDED while an assignment holds on or after the day.
[[nodiscard]] Decision RetirePosition(const v1::RetirePosition& command, StateReader& state);

// A temporary assignment must have an end: nobody has to remember to end it.
[[nodiscard]] Decision StartAssignment(const v1::StartAssignment& command, StateReader& state);
[[nodiscard]] Decision ChangeAllocation(const v1::ChangeAllocation& command, StateReader& state);
// Makes it shorter or longer; longer is judged like a new start.
[[nodiscard]] Decision EndAssignment(const v1::EndAssignment& command, StateReader& state);

}  // namespace assay::org

#include "engine/org/decide.h"

#include "engine/base/check.h"
#include "engine/org/reporting.h"
#include "engine/org/staffing.h"
#include "engine/org/units.h"

namespace assay::org {

Decision Decide(const DecideContext& context, StateReader& state) {
  using Body = v1::Command::BodyCase;
  const v1::Command& command = context.command;
  switch (command.body_case()) {
    case Body::kCreateUnit:
      return CreateUnit(command.create_unit(), state);
    case Body::kRenameUnit:
      return RenameUnit(command.rename_unit(), state);
    case Body::kMoveUnit:
      return MoveUnit(command.move_unit(), state);
    case Body::kMergeUnits:
      return MergeUnits(command.merge_units(), state);
    case Body::kRetireUnit:
      return RetireUnit(command.retire_unit(), state);
    case Body::kCreatePosition:
      return CreatePosition(command.create_position(), state);
    case Body::kSetHeadcount:
      return SetHeadcount(command.set_headcount(), state);
    case Body::kRetirePosition:
      return RetirePosition(command.retire_position(), state);
    case Body::kStartAssignment:
      return StartAssignment(command.start_assignment(), state);
    case Body::kChangeAllocation:
      return ChangeAllocation(command.change_allocation(), state);
    case Body::kEndAssignment:
      return EndAssignment(command.end_assignment(), state);
    case Body::kSetReportingLine:
      return SetReportingLine(command.set_reporting_line(), state);
    default:
      break;
  }
  ASSAY_REQUIRE(false, "command case {} is none of the organisation",
                static_cast<int>(command.body_case()));
  return Accepted{};
}

}  // namespace assay::org

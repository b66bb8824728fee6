// The table of the organisation: units, positions, assignments, reporting lines.
//
// Every rule is judged day by day, over all days on which the command would hold, so that a
// back-dated change is refused when it would break a day between then and now.
//
// Refusals, in order of precedence:
//   INVALID_ID, INVALID_DAY, INVALID_SPAN, INVALID_ENUM, INVALID_TEXT, VALUE_OUT_OF_RANGE
//   NOT_FOUND            a unit, position, person or assignment is not there
//   ALREADY_EXISTS       the id is taken
//   UNIT_RETIRED         a unit is not active on a day on which it would be used
//   POSITION_RETIRED     likewise a position
//   UNIT_NOT_EMPTY       retiring a unit that still has children or people
//   ORG_CYCLE            a unit, or a person by solid lines, would stand above itself
//   SPAN_OVERLAP         the same person twice on the same position
//   HEADCOUNT_EXCEEDED   more assignments on a day than the position has places
//   ALLOCATION_OVER_100  a person's allocations of a day sum to more than 100 %

#pragma once

#include "engine/domain/domain.h"

namespace assay::org {

[[nodiscard]] Domain Table();

}  // namespace assay::org

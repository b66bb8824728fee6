// Which sets an event touches: the one table.
//
// Touching a set makes a commit conflict with those who read the set after their basis, and with
// nobody else: two who add to one set conflict only if one of them looked at it. The fold keeps the
// rows of the sets by this same table, so a set that is missing here can neither be read nor raced.

#pragma once

#include <assay/v1/event.pb.h>
#include <assay/v1/state.pb.h>

#include <string>
#include <vector>

#include "engine/event/state.h"

namespace assay {

struct SetChange {
  std::string set_stream;
  v1::Member member;
  // The member leaves the set; only its id counts.
  bool erase = false;
};

// In the order of the table. Pure: everything stands in the event.
[[nodiscard]] std::vector<SetChange> SetsTouchedBy(const v1::Event& event);

// Puts the rows of SetsTouchedBy(event).
void EvolveSets(const v1::Event& event, StateStore& store);

}  // namespace assay

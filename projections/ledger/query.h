// The ingest ledger and what locked cycles hold: labels that follow from both journals at reading.
//
// At every moment and for every source: received = applied + duplicate + stale + rejected + held;
// unattributed is a part of applied. A fact is held while it stands behind the cut of a locked
// cycle and touches a day of its period.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/event/state.h"
#include "projections/facts/query.h"
#include "projections/store/overlay.h"

namespace assay::ledger {

struct SourceCounts {
  int64_t applied = 0;
  int64_t unattributed = 0;
  int64_t duplicate = 0;
  int64_t stale = 0;
  int64_t rejected = 0;
  int64_t held = 0;

  [[nodiscard]] int64_t Received() const { return applied + duplicate + stale + rejected + held; }
  // Counter by counter: what came in between two readings. Keys that were bound meanwhile are not
  // counted against it.
  [[nodiscard]] SourceCounts Minus(const SourceCounts& earlier) const;
};

// By source. `state` is the newest state of the decisions.
[[nodiscard]] absl::StatusOr<std::map<std::string, SourceCounts>> Counts(Overlay& overlay,
                                                                         StateReader& state);

// What a locked cycle holds, each Intake once.
[[nodiscard]] absl::StatusOr<std::vector<facts::LateIntake>> Held(Overlay& overlay,
                                                                  const v1::CycleState& cycle);

// Refused records by source and code.
[[nodiscard]] std::map<std::string, std::map<std::string, int64_t>> RefusalsByCode(
    Overlay& overlay);

// The person to whom an entity is bound on a day; empty when nobody is.
[[nodiscard]] std::string BoundPerson(StateReader& state, const facts::EntityRef& entity, Day day);

}  // namespace assay::ledger

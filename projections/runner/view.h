// The runner's one interface: a view that is derived from the decisions' and the facts' rows.

#pragma once

#include <vector>

#include "engine/base/status.h"
#include "engine/commit/fold.h"
#include "engine/event/moment.h"
#include "projections/facts/projector.h"
#include "projections/store/overlay.h"

namespace assay {

// Called by the runner's thread only.
class DerivedView {
 public:
  virtual ~DerivedView() = default;
  // An applied commit, after its rows were changed.
  virtual void OnCommit(const FoldedDecision& folded, Overlay& overlay) = 0;
  virtual void OnFacts(const facts::TouchedDays& touched,
                       const std::vector<facts::Refused>& refused, Overlay& overlay) = 0;
  // A record of either journal that no node of the company wrote.
  virtual void OnForeign(const facts::Foreign& /*foreign*/, Overlay& /*overlay*/) {}
  // Before a write-back: puts the rows that follow from what was seen, as of `moment`, whose latest
  // record was recorded at `recorded_at`.
  virtual absl::Status Finish(const Moment& moment, Instant recorded_at, Overlay& overlay) = 0;
};

}  // namespace assay

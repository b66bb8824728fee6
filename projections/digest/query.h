// Digests of a company: what it is, and what its views hold.
//
//   digest       organisation, definitions, agreements, cycles, facts, scores and adjustments,
//   without
//                anything that depends on how or when it came here: equal across partition counts,
//                journals, kills and re-runs.
//   stateDigest  every row of every view, but for the outbox, own roots, addresses and positions of
//                the medium: equal for the same log.
//
// Each is the sum modulo 2^256 of SHA-256(lp(key) lp(value)) over its rows.

#pragma once

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "projections/store/overlay.h"

namespace assay::digest {

[[nodiscard]] absl::StatusOr<Hash32> CompanyDigest(Overlay& overlay);
[[nodiscard]] absl::StatusOr<Hash32> StateDigest(Overlay& overlay);

// Whether the rows of a table count in the state digest.
[[nodiscard]] bool CountsInState(Table table);

}  // namespace assay::digest

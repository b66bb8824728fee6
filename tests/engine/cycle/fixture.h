// What the tests of the cycles share: June 2026 at every stage.

#pragma once

#include <string_view>

#include "engine/cycle/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

inline constexpr std::string_view kPlanJune = R"(plan_cycle { cycle: "2026-06"
    period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH })";

inline DomainSpec CycleSpec() { return DomainSpec(cycle::Table()); }

// June with its intake closed; no agreement yet.
inline DomainSpec IntakeClosed() {
  DomainSpec spec = CycleSpec();
  spec.Given("p-hr", kPlanJune)
      .Given("p-hr", R"(open_cycle { cycle: "2026-06" })")
      .Given("p-hr", R"(close_intake { cycle: "2026-06" })");
  return spec;
}

// As they were read, each with the root of the record before it.
inline std::vector<LockedScores::Cut> CutsOfJune() {
  return {{10, Sha256("9")}, {0, Hash32{}}, {7, Sha256("6")}};
}

// June locked with one signed agreement; not sealed.
inline DomainSpec LockedJune() {
  DomainSpec spec = IntakeClosed();
  spec.GivenMember("cycle/2026-06/agreements", R"(id: "a-1" person: "p-1" state: "SIGNED")")
      .Given("p-hr", R"(lock_cycle { cycle: "2026-06" })");
  spec.scores.cuts = CutsOfJune();
  return spec;
}

inline constexpr std::string_view kSealJune =
    R"(seal_cut { cycle: "2026-06" generation: 1 cut: 10 cut: 0 cut: 7 })";

}  // namespace assay::testing

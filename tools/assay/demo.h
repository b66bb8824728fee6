// Making the demo company: the steps of its story, through the public path, into a home.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "tools/assay/home.h"
#include "tools/assay/json.h"

namespace assay::demo {

struct Options {
  int people = 500;
  int64_t seed = 1;
  // Stops after so many steps, as a kill would; for tests.
  int64_t steps_max = std::numeric_limits<int64_t>::max();
  // Told what begins.
  std::function<void(const std::string& words)> say = [](const std::string&) {};
};

// Goes through the story and gives the home. Steps that the log has are recognised and change
// nothing; a home that has the last one is given at once. `home.now` is not looked at: the times
// are those of the story.
//
// The source files and contracts are written to `demo/` in the home, and ingested from there;
// beside them stands a command file with one command of each kind. Keys are derived from the seed:
// nothing in this home is secret.
//
// INVALID_ARGUMENT when people are too few or too many; ALREADY_EXISTS when another company is at
// home there, also one of another seed or size, which is left as it is; INTERNAL when a step has
// another outcome than the story says; else the errors of Home.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Home>> Make(const HomeOptions& home,
                                                         const Options& options);

// Counts, the ledger by source, refusals by code, moment and digest.
[[nodiscard]] absl::StatusOr<Json> Summary(Home& home);

}  // namespace assay::demo

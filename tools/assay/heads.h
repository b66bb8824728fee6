// Heads of a log: of each partition the last folded position and its root, which stands for
// everything before it. Kept outside of a home, they show that a whole home was put back or forked.

#pragma once

#include <string>

#include "engine/base/status.h"
#include "projections/runner/runner.h"
#include "tools/assay/json.h"

namespace assay {

// [{"partition": "decisions", "position": 12, "root": "hex"}, {"partition": "facts/0", ...}, ...]
[[nodiscard]] Json HeadsJson(const Runner& views);

// The root of a partition at a folded position; 32 zero bytes before the first.
// NOT_FOUND when the position was not folded.
[[nodiscard]] absl::StatusOr<Hash32> RootAt(Runner& views, PartitionId partition, int64_t position);

// Compares the log with the heads in `text`: what `assay -o json digest` printed, one such object
// or one on each line. `named` is the file's name for errors. Gives the number of heads compared.
//
// DATA_LOSS when the log is shorter or has another root there, with partition and position, and
// when the heads are of another log. INVALID_ARGUMENT when the text holds no heads.
[[nodiscard]] absl::StatusOr<int64_t> CompareWithHeads(Runner& views, const std::string& text,
                                                       const std::string& named);

}  // namespace assay

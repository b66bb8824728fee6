// Heads of partitions that events state, and by which a later change of a record contradicts them
// (log.md 8).

#pragma once

#include <assay/v1/event.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

struct StatedHead {
  PartitionId partition;
  int64_t position = 0;
  // 32 bytes, as the event has it.
  std::string root;
};

// Of LogAuthenticated, HeadsNoted and CutSealed; none of other events. A log has
// `facts_partitions`: heads of others are left out.
[[nodiscard]] std::vector<StatedHead> StatedHeads(const v1::Event& event, int32_t facts_partitions);

// DATA_LOSS: the partition has another root there than the decisions position `decision` states.
[[nodiscard]] absl::Status ContradictsStated(PartitionId partition, int64_t position,
                                             int64_t decision);

}  // namespace assay

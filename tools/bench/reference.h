// What replay is compared with: a librdkafka consumer that parses each record and does nothing
// else.

#pragma once

#include <cstdint>

#include "connectors/kafka/kafka_address.h"
#include "engine/base/status.h"

namespace assay::bench {

// Reads `partitions` partitions of the facts from their begin to their end, all through one queue,
// and parses each value into one reused message. Gives how many records there were.
absl::StatusOr<int64_t> ConsumeAndParse(const KafkaAddress& address, int32_t partitions);

}  // namespace assay::bench

// One writer on a broker, with a replica in memory that trails the log.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "connectors/embedded/system_clock.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/commit/submit.h"
#include "tests/support/memory_replica.h"

namespace assay::testing {

inline const LogIdentity kRaceLog{"acme", "log-1", 1};

class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(int64_t by_ms) : by_ms_(by_ms) {}
  Instant Now() override { return {system_.Now().ms + by_ms_}; }

 private:
  SystemClock system_;
  int64_t by_ms_;
};

struct KafkaNode {
  KafkaNode(std::unique_ptr<KafkaJournal> opened, const std::string& name, int64_t clock_ms)
      : journal(std::move(opened)),
        replica(*journal, kRaceLog),
        clock(clock_ms),
        submitter(*journal, replica, clock, {.writer = name}) {}

  static absl::StatusOr<std::unique_ptr<KafkaNode>> Open(const KafkaAddress& address,
                                                         const std::string& name,
                                                         int64_t clock_ms) {
    ASSAY_ASSIGN_OR_RETURN(auto journal, KafkaJournal::Open(address, {}));
    return std::make_unique<KafkaNode>(std::move(journal), name, clock_ms);
  }

  std::unique_ptr<KafkaJournal> journal;
  MemoryReplica replica;
  ShiftedClock clock;
  Submitter submitter;
};

}  // namespace assay::testing

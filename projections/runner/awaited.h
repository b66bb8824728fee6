// Records of one writer on their way to the facts journal, until the fold has met them.
//
// That a medium acknowledged records says that they were there. Whoever tells a caller that they
// are in waits until the own fold met every one of them: it reads them anyway, after everything
// that it folded before, so a log that was cut or made anew in between cannot have them there.

#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// One thread, but for Meet: threads that fold different partitions may be in it at once.
class Awaited {
 public:
  explicit Awaited(int32_t facts_partitions) : hashes_(static_cast<size_t>(facts_partitions)) {}

  // The value is about to be appended to that partition of the facts.
  void Add(int32_t partition, std::string_view value);
  // These were folded.
  void Meet(int32_t partition, const std::vector<StoredRecord>& records);
  // Whether nothing is missing that was acknowledged before the journal was asked for its ends, and
  // the fold has reached these: DATA_LOSS with how much and where.
  [[nodiscard]] absl::Status Missing() const;

 private:
  // By partition: how often a value of that hash is awaited.
  std::vector<std::unordered_map<uint64_t, int32_t>> hashes_;
};

}  // namespace assay

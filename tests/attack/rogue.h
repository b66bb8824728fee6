// What an attacker with write access to the medium of a log does: he appends bytes of his own to
// the journal of a home, and writes its history anew.

#pragma once

#include <assay/v1/log.pb.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/commit/rule.h"
#include "tests/scenario/scene.h"

namespace assay::testing {

class Rogue {
 public:
  // At the journal of `home`, a directory; nobody else may have it open.
  explicit Rogue(std::string home) : home_(std::move(home)) {}

  // Appends a value as it is, recorded at `at`.
  void Append(PartitionId partition, const std::string& value, std::string_view at) const;
  // The values of a partition, in order.
  [[nodiscard]] std::vector<std::string> Values(PartitionId partition) const;
  // A commit of the company's log that carries these events and, but for a tag, everything that a
  // node's commit has: it is decided on the newest record, whose root is computed from the topic.
  [[nodiscard]] v1::Record Forge(const std::vector<std::string>& events, int32_t rules_version,
                                 std::string_view at) const;
  // With the tag of the newest log key of the home, as a node writes it.
  [[nodiscard]] std::string Tagged(PartitionId partition, const v1::Record& record) const;
  // Makes the journal anew of what `change` makes of each value, in order.
  void Rewrite(const std::function<std::string(PartitionId, const std::string&)>& change,
               std::string_view at) const;

 private:
  std::string home_;
};

}  // namespace assay::testing

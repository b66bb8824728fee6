// Who signs a contract version that waits: what deciding needs to know about roles.
//
// Roles are understood by engine/access, which the domains do not know; whoever wires the decisions
// hands in what stands on it.

#pragma once

#include <string_view>
#include <vector>

#include "engine/event/state.h"

namespace assay::source {

// On whose behalf somebody may sign.
struct ContractSides {
  // The owner of the source, or of every metric that rests on it.
  bool owner = false;
  bool finance = false;

  [[nodiscard]] bool Any() const { return owner || finance; }
};

// Pure over the reader that is handed in; what it reads becomes part of the commit's reads.
class ContractSigners {
 public:
  virtual ~ContractSigners() = default;
  [[nodiscard]] virtual ContractSides SidesOf(
      const DecideContext& context, StateReader& state, std::string_view person,
      const v1::SourceState& source, const std::vector<v1::MetricState>& metrics) const = 0;
  // Whether the company has nobody but `person` who could sign.
  [[nodiscard]] virtual bool IsOnlyOne(const DecideContext& context, StateReader& state,
                                       std::string_view person, const v1::SourceState& source,
                                       const std::vector<v1::MetricState>& metrics) const = 0;
};

}  // namespace assay::source

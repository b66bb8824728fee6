// Who signs contracts, on the grants of engine/access: the adapter for engine/source.

#pragma once

#include "engine/source/contract_signers.h"

namespace assay {

// The owner is whom the contract in force names, or a DEPARTMENT_HEAD for the owner units of all
// metrics that rest on the source; finance is FINANCE. Grants hold on the day of deciding.
class GrantedContractSigners : public source::ContractSigners {
 public:
  [[nodiscard]] source::ContractSides SidesOf(
      const DecideContext& context, StateReader& state, std::string_view person,
      const v1::SourceState& source, const std::vector<v1::MetricState>& metrics) const override;
  // Looks at everybody whom the company knows and at whoever signed these metrics. False for a
  // company of more than kPeopleMax: one that large has, or appoints, a second person.
  [[nodiscard]] bool IsOnlyOne(const DecideContext& context, StateReader& state,
                               std::string_view person, const v1::SourceState& source,
                               const std::vector<v1::MetricState>& metrics) const override;

  static constexpr size_t kPeopleMax = 1'000;
};

}  // namespace assay

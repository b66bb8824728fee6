#include "engine/commit/contract_signers.h"

#include <algorithm>
#include <set>
#include <string>

#include "engine/access/actor.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

bool HeadsAllOwners(StateReader& state, const v1::Grant& grant, Day day,
                    const std::vector<v1::MetricState>& metrics) {
  if (metrics.empty()) return false;
  if (grant.units().empty()) return true;
  return std::all_of(metrics.begin(), metrics.end(), [&](const v1::MetricState& metric) {
    const auto path = PathToRoot(state, metric.definition().owner_unit(), day);
    return std::any_of(path.begin(), path.end(),
                       [&](const std::string& unit) { return Contains(grant.units(), unit); });
  });
}

}  // namespace

source::ContractSides GrantedContractSigners::SidesOf(
    const DecideContext& context, StateReader& state, std::string_view person,
    const v1::SourceState& source, const std::vector<v1::MetricState>& metrics) const {
  source::ContractSides sides;
  sides.owner = !person.empty() && person == source.contract().owner();
  for (const v1::Grant& grant : GrantsHolding(state, person, context.today)) {
    sides.finance |= grant.role() == v1::ROLE_FINANCE;
    sides.owner |= grant.role() == v1::ROLE_DEPARTMENT_HEAD &&
                   HeadsAllOwners(state, grant, context.today, metrics);
  }
  return sides;
}

bool GrantedContractSigners::IsOnlyOne(const DecideContext& context, StateReader& state,
                                       std::string_view person, const v1::SourceState& source,
                                       const std::vector<v1::MetricState>& metrics) const {
  std::set<std::string> others = {source.contract().owner(), source.pending().by()};
  for (const v1::MetricState& metric : metrics) {
    others.insert(metric.definition_signed_by());
    others.insert(metric.source_signed_by());
  }
  const auto people = state.Members(streams::People());
  if (people.size() > kPeopleMax) return false;
  for (const v1::Member& member : people) others.insert(member.id());
  others.erase(std::string(person));
  return std::none_of(others.begin(), others.end(), [&](const std::string& other) {
    return SidesOf(context, state, other, source, metrics).Any();
  });
}

}  // namespace assay

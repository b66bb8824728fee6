#include "engine/event/grants.h"

#include <algorithm>
#include <string>

#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

bool Holds(const v1::GrantState& row, Day day) {
  return row.given() && !row.revoked() && SpanOf(row.grant().span()).Contains(day);
}

}  // namespace

bool IsLogin(std::string_view entity_type) {
  return std::find(kLoginEntityTypes.begin(), kLoginEntityTypes.end(), entity_type) !=
         kLoginEntityTypes.end();
}

bool HasLeft(StateReader& state, std::string_view person, Day day) {
  bool left = false;
  for (const v1::Member& member : state.Members(streams::PersonAssignments(person))) {
    const auto row = state.Find<v1::AssignmentState>(streams::Assignment(member.id()));
    if (!row) continue;
    const DaySpan span = SpanOf(row->span());
    if (span.Contains(day)) return false;
    left |= span.from < span.to && span.to <= day;
  }
  return left;
}

std::vector<v1::Grant> GrantsHolding(StateReader& state, std::string_view actor, Day day) {
  std::vector<v1::Grant> grants;
  for (const v1::Member& member : state.Members(streams::GrantsOf(actor))) {
    const auto row = state.Find<v1::GrantState>(streams::Grant(member.id()));
    if (row && Holds(*row, day)) grants.push_back(row->grant());
  }
  const bool person = !actor.starts_with("client:");
  if (grants.empty() || !person || !HasLeft(state, actor, day)) return grants;
  const auto is_admin = [](const v1::Grant& grant) { return grant.role() == v1::ROLE_ADMIN; };
  if (std::none_of(grants.begin(), grants.end(), is_admin)) return {};
  grants = AdminGrants(state, day);
  std::erase_if(grants, [&](const v1::Grant& grant) { return grant.to().person() != actor; });
  return grants;
}

std::vector<v1::Grant> AdminGrants(StateReader& state, Day day) {
  std::vector<v1::Grant> here;
  std::vector<v1::Grant> left;
  for (const v1::Member& member : state.Members(streams::Admins())) {
    const auto row = state.Find<v1::GrantState>(streams::Grant(member.id()));
    // An admin is one of the whole company.
    if (!row || !Holds(*row, day) || !row->grant().units().empty()) continue;
    auto& grants = HasLeft(state, row->grant().to().person(), day) ? left : here;
    grants.push_back(row->grant());
  }
  return here.empty() ? left : here;
}

}  // namespace assay

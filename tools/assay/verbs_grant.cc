#include <algorithm>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"
#include "tools/assay/chinese.h"
#include "tools/assay/grant_notices.h"
#include "tools/assay/message_json.h"
#include "tools/assay/show.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// --- grants ---

// What became of the grant by the day.
std::string StateOf(StateReader& state, const v1::GrantState& row, Day day) {
  if (row.revoked()) return "REVOKED";
  if (!row.given()) return "PROPOSED";
  const DaySpan span = SpanOf(row.grant().span());
  if (span.to <= day) return "ENDED";
  const auto held = GrantsHolding(state, ActorName(row.grant().to()), day);
  const bool holds = std::any_of(held.begin(), held.end(), [&](const v1::Grant& grant) {
    return grant.grant() == row.grant().grant();
  });
  if (!holds && span.Contains(day)) return "LEFT";
  return row.revocation_by().empty() ? "GIVEN" : "REVOCATION_PROPOSED";
}

Json GrantRow(const View& view, StateReader& state, const v1::GrantState& row,
              OutputFormat format) {
  const v1::Grant& grant = row.grant();
  std::vector<std::string> signed_by;
  for (const auto& signature : row.revocation_signatures()) signed_by.push_back(signature.by());
  const bool cells = HasCells(format);
  Json object = Json::Object();
  object.Put("grant", grant.grant())
      .Put("to", ActorName(grant.to()))
      .Put("name", grant.to().has_person() ? PersonName(view, state, grant.to().person()) : Json())
      .Put("role", EnumText(grant.role()))
      .Put("units", TextsJson(grant.units(), cells, ", "))
      .Put("metrics", TextsJson(grant.metrics(), cells, ", "))
      .Put("limit", Json::TextOrNull(grant.limit()))
      .Put("from", grant.span().from())
      .Put("until", Json::TextOrNull(grant.span().to()))
      .Put("state", StateOf(state, row, view.day))
      .Put("note", GoesToUnknown(state, grant) ? Json("UNKNOWN_PERSON") : Json())
      .Put("proposedBy", Json::TextOrNull(row.proposed_by()))
      .Put("revocationBy", Json::TextOrNull(row.revocation_by()))
      .Put("revocationSignedBy", TextsJson(signed_by, cells, ", "));
  return object;
}

std::vector<Column> GrantColumns(const Session& session) {
  return {{"grant", session.Say("GRANT", "授权")},
          {"to", session.Say("TO", "授予")},
          {"name", session.Say("NAME", "姓名")},
          {"role", session.Say("ROLE", "角色"), false, StatesOf(session)},
          {"units", session.Say("UNITS", "部门")},
          {"metrics", session.Say("METRICS", "指标")},
          {"limit", session.Say("LIMIT", "限额"), true},
          {"from", session.Say("FROM", "自")},
          {"until", session.Say("UNTIL", "至")},
          {"state", session.Say("STATE", "状态"), false, StatesOf(session)},
          {"note", session.Say("NOTE", "备注"), false, StatesOf(session)},
          {"proposedBy", session.Say("PROPOSED BY", "提出人")},
          {"revocationBy", session.Say("REVOCATION BY", "提出撤销")},
          {"revocationSignedBy", session.Say("SIGNED BY", "签署撤销")}};
}

// --- logins ---

Json LoginJson(const View& view, StateReader& state, const LoginRow& login,
               const std::string& person, const v1::Span& span, const std::string& by) {
  Json object = Json::Object();
  object.Put("person", person)
      .Put("name", PersonName(view, state, person))
      .Put("entityType", login.entity_type)
      .Put("key", login.key)
      .Put("from", span.from())
      .Put("until", Json::TextOrNull(span.to()))
      .Put("state", by.empty() ? "BOUND" : "PROPOSED")
      .Put("proposedBy", Json::TextOrNull(by));
  return object;
}

std::vector<Column> LoginColumns(const Session& session) {
  return {{"person", session.Say("PERSON", "人员")},
          {"name", session.Say("NAME", "姓名")},
          {"entityType", session.Say("TYPE", "类型")},
          {"key", session.Say("KEY", "键")},
          {"from", session.Say("FROM", "自")},
          {"until", session.Say("UNTIL", "至")},
          {"state", session.Say("STATE", "状态"), false, StatesOf(session)},
          {"proposedBy", session.Say("PROPOSED BY", "提出人")}};
}

}  // namespace

int RunGrantList(const Session& session, const std::string& person) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  std::vector<Json> rows;
  for (const v1::GrantState& row : AllGrants(state)) {
    if (!person.empty() && ActorName(row.grant().to()) != person) continue;
    rows.push_back(GrantRow(view, state, row, session.format));
  }
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format, GrantColumns(session), rows);
  return kExitOk;
}

int RunLoginList(const Session& session, const std::string& person) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  std::vector<Json> rows;
  const auto add = [&](const LoginRow& login, const auto& each, const std::string& by) {
    if (!person.empty() && each.person() != person) return;
    rows.push_back(LoginJson(view, state, login, each.person(), each.span(), by));
  };
  for (const LoginRow& login : AllLogins(state)) {
    for (const v1::BindingState& bound : login.entity.bindings()) add(login, bound, "");
    for (const v1::BindingProposal& each : login.entity.proposals()) add(login, each, each.by());
  }
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format, LoginColumns(session), rows);
  return kExitOk;
}

}  // namespace assay

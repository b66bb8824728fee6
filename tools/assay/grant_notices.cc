#include "tools/assay/grant_notices.h"

#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"
#include "tools/assay/show.h"

namespace assay {
namespace {

Json Notice(const char* kind, const std::string& grant, const std::string& person,
            const std::string& by) {
  Json notice = Json::Object();
  notice.Put("kind", kind)
      .Put("grant", Json::TextOrNull(grant))
      .Put("person", person)
      .Put("by", Json::TextOrNull(by));
  return notice;
}

void AddNotices(StateReader& state, const v1::GrantState& row, Day day, std::vector<Json>& out) {
  const v1::Grant& grant = row.grant();
  const DaySpan span = SpanOf(grant.span());
  if (row.revoked() || span.to <= day) return;
  const std::string to = ActorName(grant.to());
  if (GoesToUnknown(state, grant)) out.push_back(Notice("UNKNOWN_PERSON", grant.grant(), to, ""));
  if (!row.given()) {
    out.push_back(Notice("GRANT_PROPOSED", grant.grant(), to, row.proposed_by()));
  } else if (!row.revocation_by().empty()) {
    out.push_back(Notice("REVOCATION_PROPOSED", grant.grant(), to, row.revocation_by()));
  }
}

}  // namespace

std::vector<v1::GrantState> AllGrants(decisions::StateAt& state) {
  std::vector<v1::GrantState> grants;
  for (const std::string& stream : state.Streams(streams::Grant(""))) {
    auto row = state.Find<v1::GrantState>(stream);
    if (row.has_value()) grants.push_back(*std::move(row));
  }
  return grants;
}

std::vector<LoginRow> AllLogins(decisions::StateAt& state) {
  std::vector<LoginRow> logins;
  for (const std::string_view type : kLoginEntityTypes) {
    const std::string prefix = streams::Entity(type, "");
    for (const std::string& stream : state.Streams(prefix)) {
      auto row = state.Find<v1::EntityState>(stream);
      if (!row.has_value()) continue;
      logins.push_back({std::string(type), stream.substr(prefix.size()), *std::move(row)});
    }
  }
  return logins;
}

bool GoesToUnknown(StateReader& state, const v1::Grant& grant) {
  return grant.to().has_person() &&
         !state.Find<v1::PersonState>(streams::Person(grant.to().person())).has_value();
}

absl::StatusOr<std::vector<Json>> GrantNotices(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const Day today = UtcDayOf(home.Views().RecordedAt());
  std::vector<Json> notices;
  for (const v1::GrantState& row : AllGrants(state)) AddNotices(state, row, today, notices);
  for (const LoginRow& login : AllLogins(state)) {
    for (const v1::BindingProposal& proposal : login.entity.proposals()) {
      notices.push_back(Notice("LOGIN_PROPOSED", "", proposal.person(), proposal.by()));
    }
  }
  ASSAY_RETURN_IF_ERROR(state.status());
  return notices;
}

void PrintGrantNotices(const Session& session, const std::vector<Json>& notices) {
  if (notices.empty()) return;
  PrintPlain(Out(), "\n{}\n", session.Say("grants to look at", "需要关注的授权"));
  PrintRows(OutputFormat::kTable,
            {{"kind", session.Say("WHAT", "事项"), false, StatesOf(session)},
             {"grant", session.Say("GRANT", "授权")},
             {"person", session.Say("PERSON", "人员")},
             {"by", session.Say("PROPOSED BY", "提出人")}},
            notices);
}

}  // namespace assay

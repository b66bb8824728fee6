#include "tools/assay/show_origin.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "tools/assay/message_json.h"
#include "tools/assay/origin.h"

namespace assay {
namespace {

// The owner of the home has its keys; of others, who answers for people or checks what they did.
bool MaySeeUsers(const Session& session, const View& view) {
  if (session.via != v1::AUTHENTICATION_SOCKET_USER) return true;
  decisions::StateAt state(view.home->Rows(), decisions::kNewest);
  const Day today = UtcDayOf(view.home->Time().Now());
  return std::ranges::any_of(GrantsHolding(state, session.as, today), [](const v1::Grant& grant) {
    return grant.role() == v1::ROLE_ADMIN || grant.role() == v1::ROLE_HR ||
           grant.role() == v1::ROLE_AUDITOR;
  });
}

// Everybody knows his own.
absl::StatusOr<std::map<std::string, std::string>> NamesFor(const Session& session,
                                                            const View& view) {
  std::vector<std::string> users;
  if (MaySeeUsers(session, view)) users = UsersOfMachine();
  users.push_back(session.home.sender.user);
  return NamesByPseudonym(view.home->Keys(), users);
}

}  // namespace

absl::StatusOr<ShownOrigins> ShownOrigins::Of(const Session& session, const View& view,
                                              const std::vector<StepTaken>& steps) {
  ASSAY_ASSIGN_OR_RETURN(const auto names, NamesFor(session, view));
  ShownOrigins shown;
  std::vector<OriginOfStep> origins;
  bool is_told = false;
  for (const StepTaken& step : steps) {
    const auto commit = view.home->CommitAt(step.position);
    if (absl::IsUnavailable(commit.status()) && !std::exchange(is_told, true)) {
      PrintPlain(Err(), "doors and users are not shown: {}\n", MessageOf(commit.status()));
    }
    if (!commit.ok() && !absl::IsUnavailable(commit.status())) return commit.status();
    const v1::CommandOrigin origin = commit.ok() ? commit->origin() : v1::CommandOrigin();
    const auto name = names.find(origin.user());
    origins.push_back({step.actor, origin.user()});
    shown.steps_.push_back(
        {.actor = step.actor,
         .door = origin.door() == v1::DOOR_UNSPECIFIED ? "" : EnumText(origin.door()),
         .user = name == names.end() ? origin.user() : name->second,
         .others = {}});
  }
  auto others = OthersOfLogin(origins);
  for (size_t i = 0; i < others.size(); ++i) shown.steps_[i].others = std::move(others[i]);
  return shown;
}

void ShownOrigins::Put(size_t step, OutputFormat format, Json& row) const {
  const Shown& shown = steps_[step];
  row.Put("door", Json::TextOrNull(shown.door))
      .Put("user", Json::TextOrNull(shown.user))
      .Put("oneLoginWith", TextsJson(shown.others, HasCells(format), ", "));
}

std::vector<Column> ShownOrigins::Columns(const Session& session) const {
  const bool is_table = session.format == OutputFormat::kTable;
  std::vector<Column> columns;
  const auto add = [&](Column column, const auto& has) {
    if (!is_table || std::ranges::any_of(steps_, has)) columns.push_back(std::move(column));
  };
  add({"door", session.Say("DOOR", "入口")}, [](const Shown& step) { return !step.door.empty(); });
  add({"user", session.Say("USER", "系统用户")},
      [](const Shown& step) { return !step.user.empty(); });
  add({"oneLoginWith", session.Say("ONE LOGIN WITH", "同一登录")},
      [](const Shown& step) { return !step.others.empty(); });
  return columns;
}

void ShownOrigins::Tell(const Session& session) const {
  // One sentence a login.
  std::map<std::string, std::set<std::string>> actors;
  for (const Shown& shown : steps_) {
    if (!shown.others.empty()) actors[shown.user].insert(shown.actor);
  }
  for (const auto& [user, people] : actors) {
    PrintPlain(Out(),
               fmt::runtime(
                   session.Say("one login, {}, acted as {}\n", "同一登录 {} 以多人身份操作：{}\n")),
               user, fmt::format("{}", fmt::join(people, ", ")));
  }
}

}  // namespace assay

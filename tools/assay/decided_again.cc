#include "tools/assay/decided_again.h"

#include <fmt/core.h>

#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "projections/decisions/query.h"
#include "tools/assay/home.h"

namespace assay {
namespace {

constexpr std::string_view kCheckKey = "check/decisions";
constexpr std::string_view kWrongPrefix = "check/wrong/";

absl::Status Differs(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "{}", what);
}

absl::Status CompareAgain(Runner& runner, const v1::Commit& commit, int64_t position) {
  // The facts that it stated, where it looked at them.
  std::optional<std::vector<int64_t>> facts;
  if (!commit.basis().facts().empty()) {
    facts.emplace(commit.basis().facts().begin(), commit.basis().facts().end());
  }
  ASSAY_ASSIGN_OR_RETURN(DecideSnapshot snapshot,
                         runner.SnapshotAt(commit.basis().position(), std::move(facts)));
  // An upgrade is decided on a log of version 1 and written under version 2.
  snapshot.rules_version = commit.command().has_upgrade_log() ? 1 : commit.rules_version();
  ASSAY_ASSIGN_OR_RETURN(const Drafted drafted,
                         DraftCommit(commit.command(), InstantOf(commit.decided_at()), snapshot));
  if (const auto* refused = std::get_if<Rejection>(&drafted.decision)) {
    return Differs(
        fmt::format("the command at decisions position {} is refused when decided again: "
                    "{}",
                    position, refused->ToString()));
  }
  v1::Commit stored = commit;
  stored.clear_writer();
  stored.clear_attempt();
  stored.clear_origin();
  v1::Commit again = drafted.commit;
  if (stored.basis().facts().empty()) again.mutable_basis()->clear_facts();
  if (stored.SerializeAsString() == again.SerializeAsString()) return absl::OkStatus();
  return Differs(fmt::format(
      "the command at decisions position {} gives other events, reads or authority when decided "
      "again",
      position));
}

std::string ValueOf(const DecisionCheck& check) {
  std::string value;
  for (const int64_t number : {check.position, check.decided_again, check.not_decided_again}) {
    AppendOrdered64(value, number);
  }
  return value;
}

// One commit; the verdict of its record says whether it counts.
absl::Status CheckOne(Home& home, int64_t position, DecisionCheck& check) {
  const auto mark = decisions::MarkOf(home.Rows(), position);
  if (!mark.has_value() || mark->verdict != Verdict::kApplied) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const v1::Commit commit, home.CommitAt(position));
  const auto decided = DecideAgain(home.Views(), commit, position);
  if (decided.ok()) {
    ++(*decided ? check.decided_again : check.not_decided_again);
    return absl::OkStatus();
  }
  if (!absl::IsDataLoss(decided.status())) return decided.status();
  ++check.decided_again;
  std::string why(MessageOf(decided.status()));
  std::string key(kWrongPrefix);
  AppendOrdered64(key, position);
  home.Rows().Put(Table::kMeta, std::move(key), why);
  check.wrong.emplace_back(position, why);
  return home.PublishAlert({.code = "DECISION_DOES_NOT_FOLLOW",
                            .subject = "log/decisions",
                            .occasion = std::to_string(position),
                            .text = std::move(why)});
}

}  // namespace

absl::StatusOr<bool> DecideAgain(Runner& runner, const v1::Commit& commit, int64_t position) {
  // An older log is decided by rules that nobody has any more; one of version 2 always by some that
  // are named.
  if (commit.decide_version() == 0 && commit.rules_version() >= 2) {
    return Differs(fmt::format(
        "the commit at decisions position {} does not say which rules decided it", position));
  }
  if (commit.decide_version() != kDecideVersion) return false;
  ASSAY_RETURN_IF_ERROR(CompareAgain(runner, commit, position));
  return true;
}

std::optional<DecisionCheck> DecisionCheckOf(Overlay& rows) {
  const auto value = rows.Get(Table::kMeta, std::string(kCheckKey));
  if (!value.has_value()) return std::nullopt;
  DecisionCheck check;
  std::string_view rest = *value;
  for (int64_t* const number : {&check.position, &check.decided_again, &check.not_decided_again}) {
    if (!TakeOrdered64(rest, *number)) return std::nullopt;
  }
  rows.Visit(Table::kMeta, std::string(kWrongPrefix),
             [&](std::string_view key, std::string_view why) {
               key.remove_prefix(kWrongPrefix.size());
               int64_t position = 0;
               if (TakeOrdered64(key, position)) check.wrong.emplace_back(position, why);
               return true;
             });
  return check;
}

absl::Status CheckDecisions(Home& home, std::chrono::milliseconds time_max) {
  const int64_t newest = home.Views().Now().decisions;
  auto check = DecisionCheckOf(home.Rows());
  const bool is_new = !check.has_value();
  if (is_new) check = DecisionCheck{.position = newest};
  const auto until = std::chrono::steady_clock::now() + time_max;
  const int64_t before = check->position;
  while (check->position < newest && std::chrono::steady_clock::now() < until) {
    ASSAY_RETURN_IF_ERROR(CheckOne(home, check->position + 1, *check));
    ++check->position;
  }
  if (is_new || check->position != before) {
    home.Rows().Put(Table::kMeta, std::string(kCheckKey), ValueOf(*check));
    ASSAY_RETURN_IF_ERROR(home.Views().WriteRows());
  }
  if (check->wrong.empty()) return absl::OkStatus();
  return Differs(fmt::format("{} of the decisions do not follow from what they were decided on; {}",
                             check->wrong.size(), check->wrong.front().second));
}

}  // namespace assay

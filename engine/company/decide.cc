#include "engine/company/decide.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/company/grants.h"
#include "engine/company/shape.h"
#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"

namespace assay::company {
namespace {

std::optional<Rejection> CheckKeyId(const std::string& path, const std::string& key_id) {
  constexpr size_t kKeyIdBytes = 8;
  if (key_id.size() == kKeyIdBytes) return std::nullopt;
  return Invalid("INVALID_TEXT", path, fmt::format("{} bytes", kKeyIdBytes),
                 fmt::format("{} bytes", key_id.size()), "this is not the id of a log key");
}

// Positions and roots of the basis: the decisions, then each facts partition.
template <typename Noted>
void FillHeads(const DecideContext& context, Noted& noted) {
  std::vector<LockedScores::Cut> heads = context.scores->Heads();
  heads.insert(heads.begin(), context.basis);
  for (const LockedScores::Cut& head : heads) {
    noted.add_positions(head.position);
    noted.add_roots(head.root.ToString());
  }
}

}  // namespace

Decision FoundCompany(const DecideContext& context, StateReader& state) {
  const v1::FoundCompany& command = context.command.found_company();
  if (auto wrong = CheckId("foundCompany.company", command.company())) return *wrong;
  if (command.admins().empty()) {
    return Invalid("INVALID_ID", "foundCompany.admins", "one person or more", "none",
                   "a company needs an admin");
  }
  std::set<std::string> seen;
  for (int i = 0; i < command.admins_size(); ++i) {
    const std::string path = fmt::format("foundCompany.admins[{}]", i);
    if (auto wrong = CheckPersonId(path, command.admins(i))) return *wrong;
    if (!seen.insert(command.admins(i)).second) {
      return Invalid("INVALID_ID", path, "each person once", command.admins(i),
                     "an admin is named twice");
    }
  }
  if (const auto there = state.Find<v1::CompanyState>(streams::Company())) {
    return RefusedState("COMPANY_EXISTS", "foundCompany.company", "a log without a company",
                        there->company(), "the company of this log is founded already",
                        "the first founding counts");
  }
  Accepted accepted;
  v1::Event& founded = accepted.events.emplace_back(EventOn(streams::Company()));
  founded.mutable_company_founded()->set_company(command.company());
  *founded.mutable_company_founded()->mutable_admins() = command.admins();
  if (command.has_grants()) *founded.mutable_company_founded()->mutable_grants() = command.grants();
  for (int i = 0; i < command.admins_size(); ++i) {
    v1::Grant grant;
    grant.set_grant(fmt::format("founder-{}", i + 1));
    grant.mutable_to()->set_person(command.admins(i));
    grant.set_role(v1::ROLE_ADMIN);
    grant.mutable_span()->set_from(context.today.ToString());
    v1::Event given = GrantGivenEvent(std::move(grant));
    *given.mutable_grant_given()->mutable_by() = command.admins();
    accepted.events.push_back(std::move(given));
  }
  return accepted;
}

Decision AddPerson(const v1::AddPerson& command, StateReader& state) {
  if (auto wrong = CheckPersonId("addPerson.person", command.person())) return *wrong;
  const std::string stream = streams::Person(command.person());
  if (state.Find<v1::PersonState>(stream)) {
    return AlreadyExists("addPerson.person", "person", command.person());
  }
  v1::Event event = EventOn(stream);
  event.mutable_person_added()->set_person(command.person());
  if (command.has_name()) *event.mutable_person_added()->mutable_name() = command.name();
  return Accepted{{std::move(event)}};
}

// A node may claim at any time: whoever claimed before stops when it reads the higher epoch.
Decision ClaimPublisher(const v1::ClaimPublisher& command, StateReader& state) {
  if (auto wrong = CheckId("claimPublisher.node", command.node())) return *wrong;
  v1::PublisherState publisher;
  state.Get(streams::Publisher(), &publisher);
  v1::Event event = EventOn(streams::Publisher());
  event.mutable_publisher_claimed()->set_node(command.node());
  event.mutable_publisher_claimed()->set_epoch(publisher.epoch() + 1);
  return Accepted{{std::move(event)}};
}

// --- the log ---

Decision UpgradeLog(const DecideContext& context, StateReader& state) {
  const v1::UpgradeLog& command = context.command.upgrade_log();
  if (auto wrong = CheckKeyId("upgradeLog.keyId", command.key_id())) return *wrong;
  v1::LogState log;
  state.Get(streams::Log(), &log);
  if (context.rules_version > 1 || !log.key_ids().empty()) {
    return RefusedState("LOG_UPGRADED", "upgradeLog", "a log of rules version 1",
                        "a log of rules version 2", "the records of this log are authenticated",
                        "nothing is left to do");
  }
  v1::Event event = EventOn(streams::Log());
  v1::LogAuthenticated& authenticated = *event.mutable_log_authenticated();
  authenticated.set_key_id(command.key_id());
  FillHeads(context, authenticated);
  return Accepted{{std::move(event)}};
}

// A key in use is known by the Genesis or by the decisions; the partitions say which ones count.
Decision RotateLogKey(const v1::RotateLogKey& command, StateReader& state) {
  if (auto wrong = CheckKeyId("rotateLogKey.keyId", command.key_id())) return *wrong;
  v1::LogState log;
  state.Get(streams::Log(), &log);
  const auto holds = [&](const auto& ids) {
    return std::find(ids.begin(), ids.end(), command.key_id()) != ids.end();
  };
  if (holds(log.retired_key_ids()) || (!command.retired() && holds(log.key_ids()))) {
    return RefusedState("LOG_KEY_KNOWN", "rotateLogKey.keyId", "a key that was not used before",
                        "one that was", "a log key is taken into use once and retired once",
                        "make a new key with `assay log rotate-key`");
  }
  v1::Event event = EventOn(streams::Log());
  event.mutable_log_key_rotated()->set_key_id(command.key_id());
  event.mutable_log_key_rotated()->set_retired(command.retired());
  return Accepted{{std::move(event)}};
}

Decision NoteHeads(const DecideContext& context, StateReader& state) {
  v1::LogState log;
  state.Get(streams::Log(), &log);
  if (log.noted_on() == context.today.ToString()) {
    return RefusedState("HEADS_NOTED", "noteHeads", "a day without noted heads", log.noted_on(),
                        "the heads of this day are noted", "nothing is left to do");
  }
  v1::Event event = EventOn(streams::Log());
  FillHeads(context, *event.mutable_heads_noted());
  return Accepted{{std::move(event)}};
}

}  // namespace assay::company

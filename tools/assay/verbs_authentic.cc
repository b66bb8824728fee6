// How a log is authenticated: which records are foreign, the upgrade of an older log, its keys.

#include <algorithm>
#include <utility>

#include "engine/access/actor.h"
#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/keys.h"
#include "tools/assay/verbs.h"
#include "tools/assay/writers.h"

namespace assay {
namespace {

absl::StatusOr<std::vector<Json>> ForeignRows(Home& home) {
  std::vector<Json> rows;
  absl::Status status;
  home.Rows().Visit(
      Table::kMeta, facts::ForeignPrefix(), [&](std::string_view key, std::string_view value) {
        key.remove_prefix(facts::ForeignPrefix().size());
        uint32_t slot = 0;
        uint64_t position = 0;
        v1::ForeignRow foreign;
        if (!TakeBig32(key, slot) || !TakeBig64(key, position) ||
            !foreign.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          status = MakeStatus(absl::StatusCode::kDataLoss,
                              "a row of a foreign record in the view \"meta\" is damaged");
          return false;
        }
        Json row = Json::Object();
        row.Put("partition", NameOfPartition(PartitionOfSlot(slot)))
            .Put("position", static_cast<int64_t>(position))
            .Put("recordedAt", Instant{foreign.recorded_ms()}.ToString())
            .Put("hash", ToHex(foreign.hash()));
        rows.push_back(std::move(row));
        return true;
      });
  ASSAY_RETURN_IF_ERROR(status);
  ASSAY_RETURN_IF_ERROR(home.Rows().status());
  return rows;
}

// Sends the command as the session's actor and prints what `done` says of it.
int SubmitAndPrint(const Session& session, Home& home, v1::Command command, Json done) {
  ASSAY_OR_FAIL(const SubmitAnswer answer, session, Submit(session, home, std::move(command)));
  if (const auto* const refused = std::get_if<Rejection>(&answer); refused != nullptr) {
    return Fail(session, *refused);
  }
  if (const absl::Status& step = home.StepFailure(); !step.ok()) return Fail(session, step);
  done.Put("position", std::get<Committed>(answer).position);
  PrintObject(session.format, done);
  return kExitOk;
}

absl::StatusOr<std::string> KeyForUse(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  v1::LogState log;
  state.Get(streams::Log(), &log);
  ASSAY_RETURN_IF_ERROR(state.status());
  // One that was made before and copied to every node first.
  for (const LogKey& key : home.KnownLogKeys().All()) {
    const bool is_named =
        home.Views().Decisions().keys.Contain(key.Id()) ||
        std::count(log.key_ids().begin(), log.key_ids().end(), key.Id()) > 0 ||
        std::count(log.retired_key_ids().begin(), log.retired_key_ids().end(), key.Id()) > 0;
    if (!is_named) return key.Id();
  }
  return home.MakeNextLogKey();
}

}  // namespace

int RunLogForeign(const Session& session) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  ASSAY_OR_FAIL(const auto rows, session, ForeignRows(*home));
  PrintRows(session.format,
            {{"partition", session.Say("PARTITION", "分区")},
             {"position", session.Say("POSITION", "位置"), true},
             {"recordedAt", session.Say("RECORDED AT", "记录时间")},
             {"hash", session.Say("SHA-256", "SHA-256")}},
            rows);
  return kExitOk;
}

int RunLogUpgrade(const Session& session, bool halts_older) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  ASSAY_OR_FAIL(const auto writers, session, WritersOf(*home));
  const auto older = OlderWriters(writers, home->Views().RecordedAt());
  if (!older.empty() && !halts_older) {
    return Fail(session,
                RefusedPolicy("OLDER_NODES", "", "nodes of this release alone", Joined(older),
                              fmt::format("{} of an older release wrote in the last 24 hours and "
                                          "would halt at the upgrade",
                                          older.size() == 1 ? "a node" : "nodes"),
                              "install this release there first, or repeat with --halt-older"));
  }
  ASSAY_OR_FAIL(const std::string key, session, KeyForUse(*home));
  v1::Command command;
  command.mutable_upgrade_log()->set_key_id(key);
  Json done = Json::Object();
  done.Put("rulesVersion", int64_t{kRulesVersionMax}).Put("logKey", ShownKeyId(key));
  return SubmitAndPrint(session, *home, std::move(command), std::move(done));
}

int RunLogRotateKey(const Session& session, const std::string& retire) {
  const auto retired = FromHex(retire);
  if (!retire.empty() && (!retired.has_value() || retired->size() != kLogKeyIdBytes)) {
    PrintUsageError(session.format,
                    fmt::format("--retire: expected 16 hexadecimal digits, found \"{}\"", retire),
                    "`assay status` shows the keys in use");
    return kExitUsage;
  }
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  std::string key = retire.empty() ? "" : *retired;
  if (retire.empty()) {
    ASSAY_OR_FAIL(key, session, KeyForUse(*home));
  } else if (home->Views().Decisions().keys.ids.size() < 2) {
    return Fail(session, RefusedPolicy("LAST_LOG_KEY", "--retire", "another key in use", retire,
                                       "this is the only log key in use",
                                       "take a new one into use first: assay log rotate-key"));
  }
  v1::Command command;
  command.mutable_rotate_log_key()->set_key_id(key);
  command.mutable_rotate_log_key()->set_retired(!retire.empty());
  Json done = Json::Object();
  done.Put(retire.empty() ? "logKey" : "retiredLogKey", ShownKeyId(key));
  return SubmitAndPrint(session, *home, std::move(command), std::move(done));
}

}  // namespace assay

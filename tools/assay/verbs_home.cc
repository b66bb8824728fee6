#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/digest/query.h"
#include "projections/ledger/query.h"
#include "tools/assay/decided_again.h"
#include "tools/assay/grant_notices.h"
#include "tools/assay/heads.h"
#include "tools/assay/verbs.h"
#include "tools/assay/writers.h"

namespace assay {
namespace {

Json PartitionRow(const std::string& name, int64_t end, int64_t folded, const Hash32& root) {
  Json row = Json::Object();
  row.Put("partition", name)
      .Put("records", end)
      .Put("folded", folded)
      .Put("lag", end - folded)
      .Put("root", root.Hex());
  return row;
}

absl::StatusOr<std::vector<Json>> PartitionRows(Home& home) {
  std::vector<Json> rows;
  ASSAY_ASSIGN_OR_RETURN(const int64_t end, home.Log().End(kDecisionsPartition));
  const DecisionsHead& head = home.Views().Decisions();
  rows.push_back(PartitionRow("decisions", end, head.next.position, head.root));
  for (int32_t i = 0; i < home.Identity().facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t facts_end, home.Log().End(FactsPartition(i)));
    const facts::PartitionHead& facts = home.Views().Facts()[static_cast<size_t>(i)];
    rows.push_back(
        PartitionRow(fmt::format("facts/{}", i), facts_end, facts.next.position, facts.root));
  }
  return rows;
}

absl::StatusOr<std::vector<Json>> LedgerRows(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  ASSAY_ASSIGN_OR_RETURN(const auto counts, ledger::Counts(home.Rows(), state));
  const auto refusals = ledger::RefusalsByCode(home.Rows());
  std::vector<Json> rows;
  for (const auto& [source, count] : counts) {
    std::string codes;
    if (const auto found = refusals.find(source); found != refusals.end()) {
      for (const auto& [code, number] : found->second) {
        codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", code, number);
      }
    }
    Json row = Json::Object();
    row.Put("source", source)
        .Put("received", count.Received())
        .Put("applied", count.applied)
        .Put("unattributed", count.unattributed)
        .Put("duplicate", count.duplicate)
        .Put("stale", count.stale)
        .Put("rejected", count.rejected)
        .Put("held", count.held)
        .Put("refusals", codes);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Column> LedgerColumns(const Session& session) {
  return {{"source", session.Say("SOURCE", "来源")},
          {"received", session.Say("RECEIVED", "收到"), true},
          {"applied", session.Say("APPLIED", "生效"), true},
          {"unattributed", session.Say("UNATTRIBUTED", "未归属"), true},
          {"duplicate", session.Say("DUPLICATE", "重复"), true},
          {"stale", session.Say("STALE", "过时"), true},
          {"rejected", session.Say("REJECTED", "拒收"), true},
          {"held", session.Say("HELD", "迟到"), true},
          {"refusals", session.Say("REFUSALS", "拒收原因")}};
}

std::vector<Column> PartitionColumns(const Session& session) {
  return {{"partition", session.Say("PARTITION", "分区")},
          {"records", session.Say("RECORDS", "记录"), true},
          {"folded", session.Say("FOLDED", "已处理"), true},
          {"lag", session.Say("LAG", "落后"), true}};
}

// Looked at before anything is written: the log would carry the id for ever.
std::string FoundingFault(const std::string& company, const std::vector<std::string>& admins) {
  constexpr const char* kId = "an id ([A-Za-z0-9][A-Za-z0-9._@:-]{0,63})";
  if (!IsId(company)) return fmt::format("--company: expected {}, found \"{}\"", kId, company);
  std::set<std::string> seen;
  for (const std::string& admin : admins) {
    const char* expected = !IsId(admin)                   ? kId
                           : admin.starts_with("client:") ? "a person"
                           : !seen.insert(admin).second   ? "each person once"
                                                          : nullptr;
    if (expected != nullptr)
      return fmt::format("--admin: expected {}, found \"{}\"", expected, admin);
  }
  return "";
}

}  // namespace

int RunInit(const Session& session, const std::string& company,
            const std::vector<std::string>& admins, int32_t facts_partitions, bool strict) {
  if (const std::string wrong = FoundingFault(company, admins); !wrong.empty()) {
    PrintUsageError(session.format, wrong, "");
    return kExitUsage;
  }
  HomeOptions options = session.home;
  options.facts_partitions = facts_partitions;
  ASSAY_OR_FAIL(
      const auto home, session,
      Home::Init(options, {.company = company, .admins = admins, .strict = strict}, false));
  Json object = Json::Object();
  object.Put("home", home->Directory())
      .Put("company", home->Identity().company)
      .Put("logId", home->Identity().log_id)
      .Put("factsPartitions", home->Identity().facts_partitions)
      .Put("moment", home->Views().Now().ToString());
  PrintObject(session.format, object);
  return kExitOk;
}

namespace {

std::string AuthenticityText(const Session& session, int32_t rules_version, int64_t foreign) {
  if (rules_version < 2) {
    return std::string(session.Say("records are not authenticated: assay log upgrade",
                                   "记录未经认证，请运行 assay log upgrade"));
  }
  if (foreign == 0) return std::string(session.Say("records are authenticated", "记录均已认证"));
  return fmt::format("{} {}", foreign,
                     session.Say("records that no node of the company wrote: assay log foreign",
                                 "条记录并非本公司节点写入，详见 assay log foreign"));
}

absl::StatusOr<Json> WritersJson(Home& home) {
  ASSAY_ASSIGN_OR_RETURN(const auto writers, WritersOf(home));
  Json list = Json::Array();
  for (const Writer& writer : writers) {
    Json row = Json::Object();
    row.Put("writer", writer.name)
        .Put("release", writer.release)
        .Put("commits", writer.commits)
        .Put("last", writer.last.ToString());
    list.Add(std::move(row));
  }
  return list;
}

Json CheckJson(const DecisionCheck& check) {
  Json wrong = Json::Array();
  for (const auto& [position, why] : check.wrong)
    wrong.Add(Json::Object().Put("position", position).Put("why", why));
  return Json::Object()
      .Put("position", check.position)
      .Put("decidedAgain", check.decided_again)
      .Put("notDecidedAgain", check.not_decided_again)
      .Put("doNotFollow", std::move(wrong));
}

// What decided again does not follow; empty where nothing is checked, or all of it follows.
std::string CheckText(const Session& session, const std::optional<DecisionCheck>& check) {
  if (!check.has_value() || check->wrong.empty()) return "";
  return fmt::format(
      "{} {}\n{}\n", check->wrong.size(),
      session.Say("decisions do not follow from what they were decided on; the first:",
                  "项决定与其依据不符，第一项："),
      check->wrong.front().second);
}

Json KeysJson(Home& home) {
  Json keys = Json::Array();
  for (const std::string& id : home.Views().Decisions().keys.ids) keys.Add(ShownKeyId(id));
  return keys;
}

}  // namespace

int RunStatus(const Session& session) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  ASSAY_OR_FAIL(const auto partitions, session, PartitionRows(*home));
  ASSAY_OR_FAIL(const auto rows, session, LedgerRows(*home));
  const int32_t rules_version = RulesVersionAt(home->Views().Decisions());
  const int64_t foreign = home->Views().ForeignRecords();
  ASSAY_OR_FAIL(const auto notices, session, GrantNotices(*home));
  const auto check = DecisionCheckOf(home->Rows());
  if (session.format == OutputFormat::kTable) {
    PrintPlain(Out(), "{} {}  {} {}\n", session.Say("company", "公司"), home->Identity().company,
               session.Say("moment", "时点"), home->Views().Now().ToString());
    PrintPlain(Out(), "{}\n", AuthenticityText(session, rules_version, foreign));
    PrintPlain(Out(), "{}\n", CheckText(session, check));
    PrintRows(session.format, PartitionColumns(session), partitions);
    PrintPlain(Out(), "\n");
    PrintRows(session.format, LedgerColumns(session), rows);
    PrintGrantNotices(session, notices);
    return kExitOk;
  }
  if (session.format == OutputFormat::kCsv) {
    PrintRows(session.format, LedgerColumns(session), rows);
    return kExitOk;
  }
  ASSAY_OR_FAIL(Json writers, session, WritersJson(*home));
  Json journal = Json::Array();
  for (const Json& row : partitions) journal.Add(row);
  Json sources = Json::Array();
  for (const Json& row : rows) sources.Add(row);
  Json grants = Json::Array();
  for (const Json& notice : notices) grants.Add(notice);
  Json object = Json::Object();
  object.Put("company", home->Identity().company)
      .Put("moment", home->Views().Now().ToString())
      .Put("rulesVersion", int64_t{rules_version})
      .Put("logKeys", KeysJson(*home))
      .Put("foreign", foreign)
      .Put("writers", std::move(writers))
      .Put("journal", std::move(journal))
      .Put("sources", std::move(sources))
      .Put("grantNotices", std::move(grants));
  if (check.has_value()) object.Put("decisionCheck", CheckJson(*check));
  PrintObject(session.format, object);
  return kExitOk;
}

int RunDigest(const Session& session) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  ASSAY_OR_FAIL(const Hash32 company, session, digest::CompanyDigest(home->Rows()));
  ASSAY_OR_FAIL(const Hash32 state, session, digest::StateDigest(home->Rows()));
  Json object = Json::Object();
  object.Put("moment", home->Views().Now().ToString())
      .Put("digest", company.Hex())
      .Put("stateDigest", state.Hex())
      .Put("logId", home->Identity().log_id);
  const Json heads = HeadsJson(home->Views());
  if (session.format != OutputFormat::kTable) {
    object.Put("heads", heads);
    PrintObject(session.format, object);
    return kExitOk;
  }
  PrintObject(session.format, object);
  std::vector<Json> rows;
  for (const auto& [name, head] : heads.Entries()) rows.push_back(head);
  PrintPlain(Out(), "\n");
  PrintRows(session.format,
            {{"partition", session.Say("PARTITION", "分区")},
             {"position", session.Say("POSITION", "位置"), true},
             {"root", session.Say("ROOT", "根")}},
            rows);
  return kExitOk;
}

int RunRebuild(const Session& session) {
  HomeOptions options = session.home;
  Progress progress("rebuilding");
  options.progress = [&](int64_t done, int64_t total) { progress.Report(done, total); };
  ASSAY_OR_FAIL(const auto home, session, Home::Rebuild(options));
  Json object = Json::Object();
  object.Put("moment", home->Views().Now().ToString());
  PrintObject(session.format, object);
  return kExitOk;
}

int RunJournalInfo(const Session& session) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  ASSAY_OR_FAIL(const auto partitions, session, PartitionRows(*home));
  if (session.format == OutputFormat::kTable) {
    PrintPlain(Out(), "company {}  log {}  medium {}\n\n", home->Identity().company,
               home->Identity().log_id, home->Log().Identity());
    std::vector<Column> columns = PartitionColumns(session);
    columns.push_back({"root", session.Say("ROOT", "根")});
    PrintRows(session.format, columns, partitions);
    return kExitOk;
  }
  Json list = Json::Array();
  for (const Json& row : partitions) list.Add(row);
  Json object = Json::Object();
  object.Put("company", home->Identity().company)
      .Put("logId", home->Identity().log_id)
      .Put("medium", home->Log().Identity())
      .Put("partitions", std::move(list));
  PrintObject(session.format, object);
  return kExitOk;
}

int RunConfigShow(const Session& session, bool origin) {
  std::vector<Json> rows;
  for (const Setting& setting : session.settings) {
    Json row = Json::Object();
    row.Put("key", setting.key).Put("value", setting.value);
    if (origin) row.Put("origin", setting.origin);
    rows.push_back(std::move(row));
  }
  std::vector<Column> columns = {{"key", "KEY"}, {"value", "VALUE"}};
  if (origin) columns.push_back({"origin", "ORIGIN"});
  PrintRows(session.format, columns, rows);
  return kExitOk;
}

}  // namespace assay

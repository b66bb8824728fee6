#include "tools/assay/demo.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/digest/query.h"
#include "projections/facts/query.h"
#include "projections/ledger/query.h"
#include "tools/assay/command_help.h"
#include "tools/assay/demo_chapters.h"
#include "tools/assay/demo_story.h"
#include "tools/assay/ingest.h"
#include "tools/assay/verbs.h"

namespace assay::demo {
namespace {

// Every source keeps the first version of its contract.
constexpr int32_t kContractVersion = 1;

Founding FoundingOf(const Options& options) {
  const std::string name = fmt::format("demo-{}-{}", options.people, options.seed);
  return {.company = "demo",
          .admins = {std::string(kAdmin)},
          .log_id = name,
          .key_seed = Sha256("assay " + name).Hex()};
}

std::string ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The seed of the keys stands there before anything else does, so it tells whose home this is.
absl::Status CheckOwnHome(const std::string& directory, const Founding& founding) {
  const bool taken = std::filesystem::exists(directory + "/journal") ||
                     std::filesystem::exists(directory + "/assay.yaml");
  if (!taken || ReadLine(directory + "/keys/SEED") == founding.key_seed) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kAlreadyExists,
                    "another company is at home in {}, or a demo of another seed or size: name "
                    "another directory with --home",
                    directory);
}

// Whole or not at all: a file that was ingested to its end must not change.
absl::Status WriteWhole(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  std::ofstream file(temporary, std::ios::trunc | std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (file && !error) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot write {}", path);
}

class Teller {
 public:
  explicit Teller(Home& home) : home_(home), files_(home.Directory() + "/demo") {
    floor_ = home.Views().Decisions().recorded_at;
    for (const auto& head : home.Views().Facts()) floor_ = std::max(floor_, head.recorded_at);
  }

  // The first command of each kind, as a command file: an example, which may be run again.
  absl::Status WriteExamples(const std::vector<Step>& steps) {
    std::string text =
        "# The first command of each kind that made this company. Every one has its commandId, so\n"
        "# `assay run` of this file changes nothing here. `assay run --help` lists all commands.\n";
    std::set<int> kinds;
    for (const Step& step : steps) {
      const auto* command = std::get_if<v1::Command>(&step.what);
      // A contract has a file of its own.
      const bool is_example = command != nullptr && step.refused_as.empty() &&
                              !command->has_register_source() &&
                              kinds.insert(command->body_case()).second;
      if (is_example) text += CommandYaml(*command);
    }
    return Write("commands.yaml", text);
  }

  absl::Status Tell(const Step& step) {
    home_.Story()->Set(std::max(step.at, floor_));
    if (const auto* delivery = std::get_if<Delivery>(&step.what)) return Ingest(*delivery);
    return Run(std::get<v1::Command>(step.what), step.refused_as);
  }

 private:
  absl::Status Run(const v1::Command& command, const std::string& refused_as) {
    if (command.has_register_source()) {
      const v1::RegisterSource& source = command.register_source();
      ASSAY_RETURN_IF_ERROR(Write(source.contract().source() + ".yaml", source.text()));
    }
    ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer, home_.Submit(command));
    const auto* refused = std::get_if<Rejection>(&answer);
    const std::string code = refused == nullptr ? "" : refused->code;
    if (code == refused_as) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kInternal, "{} of the demo: expected {}, found {}",
                      command.command_id(), refused_as.empty() ? "success" : refused_as,
                      refused == nullptr ? "success" : refused->ToString());
  }

  absl::Status Ingest(const Delivery& delivery) {
    ASSAY_RETURN_IF_ERROR(Write(delivery.name, delivery.text));
    const int64_t next = facts::MarkNext(home_.Rows(), delivery.source, kContractVersion,
                                         Sha256(delivery.text).Hex(), 0);
    if (next >= delivery.records) return home_.Rows().status();
    return IngestFile(home_, delivery.source, files_ + "/" + delivery.name, {}).status();
  }

  absl::Status Write(const std::string& name, const std::string& text) {
    std::error_code error;
    std::filesystem::create_directories(files_, error);
    return WriteWhole(files_ + "/" + name, text);
  }

  Home& home_;
  std::string files_;
  // The last recorded time when this began: the story does not run backwards.
  Instant floor_;
};

absl::StatusOr<bool> IsComplete(Home& home) {
  ASSAY_ASSIGN_OR_RETURN(
      const auto last, home.Views().FindApplied(CommitId(home.Identity().company, kLastCommandId)));
  return last.has_value();
}

int64_t CountUnits(StateReader& state, const std::string& parent) {
  int64_t count = 0;
  for (const v1::Member& unit : state.Members(streams::UnitChildren(parent))) {
    count += 1 + CountUnits(state, unit.id());
  }
  return count;
}

Json RowOf(const std::string& source, const ledger::SourceCounts& counts) {
  Json row = Json::Object();
  row.Put("source", source)
      .Put("received", counts.Received())
      .Put("applied", counts.applied)
      .Put("unattributed", counts.unattributed)
      .Put("duplicate", counts.duplicate)
      .Put("stale", counts.stale)
      .Put("rejected", counts.rejected)
      .Put("held", counts.held);
  return row;
}

Json RefusalsOf(Home& home) {
  std::map<std::string, int64_t> by_code;
  for (const auto& [source, codes] : ledger::RefusalsByCode(home.Rows())) {
    for (const auto& [code, count] : codes) by_code[code] += count;
  }
  Json refusals = Json::Array();
  for (const auto& [code, count] : by_code) {
    Json row = Json::Object();
    row.Put("code", code).Put("records", count);
    refusals.Add(std::move(row));
  }
  return refusals;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Home>> Make(const HomeOptions& home_options,
                                           const Options& options) {
  if (options.people < kPeopleMin || options.people > kPeopleMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "--people: expected {} to {}, found {}",
                      kPeopleMin, kPeopleMax, options.people);
  }
  const Founding founding = FoundingOf(options);
  ASSAY_RETURN_IF_ERROR(CheckOwnHome(home_options.directory, founding));
  Script start(kStoryStart);
  HomeOptions told = home_options;
  told.now = start.Now();
  // The story is told on its own days, whatever day it is here.
  told.force = true;
  // And by nobody who is here: the same seed makes the same log for every user.
  told.sender = {.door = v1::DOOR_HOME};
  ASSAY_ASSIGN_OR_RETURN(auto home, Home::Init(told, founding, true));
  ASSAY_ASSIGN_OR_RETURN(const bool complete, IsComplete(*home));
  if (complete) return home;
  const std::vector<Step> steps = TellStory(DrawCompany(options.people, options.seed));
  Teller teller(*home);
  ASSAY_RETURN_IF_ERROR(teller.WriteExamples(steps));
  std::string chapter;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (static_cast<int64_t>(i) >= options.steps_max) break;
    if (steps[i].chapter != chapter) {
      chapter = steps[i].chapter;
      options.say(fmt::format("step {} of {}: {}", i + 1, steps.size(), chapter));
    }
    ASSAY_RETURN_IF_ERROR(teller.Tell(steps[i]));
  }
  return home;
}

absl::StatusOr<Json> Summary(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  ASSAY_ASSIGN_OR_RETURN(const auto counts, ledger::Counts(home.Rows(), state));
  ASSAY_ASSIGN_OR_RETURN(const Hash32 digest, digest::CompanyDigest(home.Rows()));
  int64_t received = 0;
  Json sources = Json::Array();
  for (const auto& [source, count] : counts) {
    received += count.Received();
    sources.Add(RowOf(source, count));
  }
  const auto people = static_cast<int64_t>(state.Members(streams::People()).size());
  const int64_t units = CountUnits(state, "");
  ASSAY_RETURN_IF_ERROR(state.status());
  Json summary = Json::Object();
  summary.Put("home", home.Directory())
      .Put("company", home.Identity().company)
      .Put("people", people)
      .Put("units", units)
      // Position 0 is the Genesis.
      .Put("commits", home.Views().Now().decisions)
      .Put("records", received)
      .Put("ledger", std::move(sources))
      .Put("refusals", RefusalsOf(home))
      .Put("moment", home.Views().Now().ToString())
      .Put("digest", digest.Hex());
  ASSAY_RETURN_IF_ERROR(home.Rows().status());
  return summary;
}

}  // namespace assay::demo

namespace assay {
namespace {

std::vector<Json> RowsOf(const Json& array) {
  std::vector<Json> rows;
  for (const auto& [key, row] : array.Entries()) rows.push_back(row);
  return rows;
}

// The tables of the summary behind its single values.
void PrintSummary(const Session& session, const Json& summary) {
  if (session.format != OutputFormat::kTable) return PrintObject(session.format, summary);
  Json values = Json::Object();
  std::map<std::string, std::vector<Json>> tables;
  for (const auto& [key, value] : summary.Entries()) {
    if (key == "ledger" || key == "refusals") {
      tables[key] = RowsOf(value);
    } else {
      values.Put(key, value);
    }
  }
  PrintObject(session.format, values);
  PrintPlain(Out(), "\n");
  PrintRows(session.format,
            {{"source", session.Say("SOURCE", "来源")},
             {"received", session.Say("RECEIVED", "收到"), true},
             {"applied", session.Say("APPLIED", "生效"), true},
             {"unattributed", session.Say("UNATTRIBUTED", "未归属"), true},
             {"duplicate", session.Say("DUPLICATE", "重复"), true},
             {"stale", session.Say("STALE", "过时"), true},
             {"rejected", session.Say("REJECTED", "拒收"), true},
             {"held", session.Say("HELD", "迟到"), true}},
            tables["ledger"]);
  PrintPlain(Out(), "\n");
  PrintRows(session.format,
            {{"code", session.Say("REFUSED AS", "拒收原因")},
             {"records", session.Say("RECORDS", "记录"), true}},
            tables["refusals"]);
}

}  // namespace

int RunDemo(const Session& session, int people, int64_t seed) {
  const demo::Options options{.people = people, .seed = seed, .say = [](const std::string& words) {
                                PrintPlain(Err(), "{}\n", words);
                              }};
  ASSAY_OR_FAIL(const auto home, session, demo::Make(session.home, options));
  ASSAY_OR_FAIL(const Json summary, session, demo::Summary(*home));
  PrintSummary(session, summary);
  return kExitOk;
}

}  // namespace assay

// `bench`: figures that anyone can repeat, one JSON line each.
//
//   bench replay [--facts N] [--entities N] [--rounds N] [--seed S] [--journal kafka://host:port]
//     facts per second and CPU seconds per million of folding a journal of N generated facts into
//     empty views, beside reading and parsing the same records alone, A B A B, and the time to open
//     the views again after the fold was killed. On Kafka the facts are produced once, to topics
//     named after N, entities and seed; there, reading and parsing is a bare librdkafka consumer.
//     No number is printed unless the digests of all folds are equal.
//   bench commit [--commits N] [--callers N] [--journal kafka://host:port]
//     latency of a command, sent to answered, beside one synced write of a record of its size.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "connectors/kafka/kafka_journal.h"
#include "tools/assay/home.h"
#include "tools/bench/measure.h"
#include "tools/bench/replay.h"

namespace assay {
namespace {

using bench::Quantile;
using bench::Seconds;

// One record of `size` bytes written and synced, again and again.
std::vector<double> SyncedWrites(const std::string& path, int count, size_t size) {
  std::vector<double> latencies;
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  const std::string bytes(size, 'x');
  for (int i = 0; i < count && file >= 0; ++i) {
    const double start = Seconds();
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) break;
    latencies.push_back(Seconds() - start);
  }
  if (file >= 0) ::close(file);
  return latencies;
}

// One record of `size` bytes appended and read back by another client, again and again.
absl::StatusOr<std::vector<double>> ReadBacks(const std::string& url, int count, size_t size) {
  ASSAY_ASSIGN_OR_RETURN(KafkaAddress address, KafkaAddress::Parse(url));
  address.prefix += "-floor";
  ASSAY_ASSIGN_OR_RETURN(const auto writer, KafkaJournal::Create(address, 1, {}));
  ASSAY_ASSIGN_OR_RETURN(const auto reader, KafkaJournal::Open(address, {}));
  ASSAY_ASSIGN_OR_RETURN(const int64_t end, writer->End(kDecisionsPartition));
  Cursor cursor{end, end};
  const std::string bytes(size, 'x');
  std::vector<double> latencies;
  for (int i = 0; i < count; ++i) {
    const double start = Seconds();
    ASSAY_RETURN_IF_ERROR(writer->Append(kDecisionsPartition, {&bytes, 1}));
    // Two at a time, so that it is not taken for a look at a single record.
    std::vector<StoredRecord> records;
    while (records.empty()) {
      ASSAY_ASSIGN_OR_RETURN(records, reader->Read(kDecisionsPartition, cursor, 2, 1 << 20));
    }
    latencies.push_back(Seconds() - start);
    cursor = records.back().Next();
  }
  return latencies;
}

absl::Status CheckAccepted(const absl::StatusOr<SubmitAnswer>& answer) {
  ASSAY_RETURN_IF_ERROR(answer.status());
  if (!std::holds_alternative<Rejection>(*answer)) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInternal, "refused: {}",
                    std::get<Rejection>(*answer).ToString());
}

// A unit's row carries every name it had: with this many units each gets some 35 of them, however
// many commits are measured.
int Units(int commits) { return std::max(640, commits / 3); }

v1::Command CreateUnit(int i) {
  v1::Command command;
  command.mutable_actor()->set_person("p-hr");
  v1::CreateUnit& unit = *command.mutable_create_unit();
  unit.set_unit(fmt::format("u-{}", i));
  unit.set_name(fmt::format("Unit {}", i));
  unit.set_kind(v1::UNIT_KIND_TEAM);
  unit.set_from("2020-01-01");
  return command;
}

// A decision that reads its unit and its set, and makes no key.
v1::Command RenameUnit(int i, int units) {
  v1::Command command;
  command.mutable_actor()->set_person("p-hr");
  v1::RenameUnit& rename = *command.mutable_rename_unit();
  rename.set_unit(fmt::format("u-{}", i % units));
  rename.set_name(fmt::format("Unit {} {}", i % units, i));
  rename.set_from("2020-01-02");
  return command;
}

absl::StatusOr<std::unique_ptr<Home>> BenchCompany(const HomeOptions& options, int units) {
  ASSAY_ASSIGN_OR_RETURN(auto home,
                         Home::Init(options, {.company = "bench", .admins = {"p-admin"}}, false));
  v1::Command grant;
  grant.mutable_actor()->set_person("p-admin");
  grant.mutable_give_grant()->set_grant("g-hr");
  grant.mutable_give_grant()->mutable_to()->set_person("p-hr");
  grant.mutable_give_grant()->set_role(v1::ROLE_HR);
  grant.mutable_give_grant()->mutable_span()->set_from("2020-01-01");
  ASSAY_RETURN_IF_ERROR(CheckAccepted(home->Submit(std::move(grant))));
  for (int done = 0; done < units;) {
    std::vector<SentCommand> commands;
    for (; commands.size() < 640 && done < units; ++done)
      commands.push_back({CreateUnit(done), {}});
    for (const auto& answer : home->SubmitAll(std::move(commands))) {
      ASSAY_RETURN_IF_ERROR(CheckAccepted(answer));
    }
  }
  return home;
}

// Accepted commits per second when `callers` wait for theirs at the same time.
absl::StatusOr<double> Together(Home& home, int commits, int callers, int units) {
  const double start = Seconds();
  int done = 0;
  while (done < commits) {
    std::vector<SentCommand> commands;
    for (int i = 0; i < callers; ++i) commands.push_back({RenameUnit(done + i, units), {}});
    for (const auto& answer : home.SubmitAll(std::move(commands))) {
      ASSAY_RETURN_IF_ERROR(CheckAccepted(answer));
    }
    done += callers;
  }
  return done / (Seconds() - start);
}

absl::Status Commit(int commits, int callers, const std::string& journal) {
  const int units = Units(commits);
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("assay-bench-{}", ::getpid())).string();
  HomeOptions options;
  options.directory = directory;
  options.facts_partitions = 1;
  if (!journal.empty()) options.journal = fmt::format("{}?prefix=bench-{}", journal, ::getpid());
  ASSAY_ASSIGN_OR_RETURN(auto home, BenchCompany(options, units));
  std::vector<double> latencies;
  for (int i = 0; i < commits; ++i) {
    const double start = Seconds();
    ASSAY_RETURN_IF_ERROR(CheckAccepted(home->Submit(RenameUnit(i, units))));
    latencies.push_back(Seconds() - start);
  }
  ASSAY_ASSIGN_OR_RETURN(const double together, Together(*home, 10 * commits, callers, units));
  std::vector<double> floor;
  if (journal.empty()) {
    floor = SyncedWrites(directory + "/floor", commits, 400);
  } else {
    ASSAY_ASSIGN_OR_RETURN(floor, ReadBacks(options.journal, commits, 400));
  }
  fmt::print(
      "{{\"bench\":\"commit\",\"journal\":\"{}\",\"commits\":{},\"p50_ms\":{:.3f},"
      "\"p99_ms\":{:.3f},\"floor_p50_ms\":{:.3f},\"floor_p99_ms\":{:.3f},"
      "\"ratio_p50\":{:.2f},\"ratio_p99\":{:.2f},\"callers\":{},\"commits_per_s\":{:.0f}}}\n",
      journal.empty() ? "embedded" : "kafka", commits, Quantile(latencies, 0.5) * 1e3,
      Quantile(latencies, 0.99) * 1e3, Quantile(floor, 0.5) * 1e3, Quantile(floor, 0.99) * 1e3,
      Quantile(latencies, 0.5) / Quantile(floor, 0.5),
      Quantile(latencies, 0.99) / Quantile(floor, 0.99), callers, together);
  home.reset();
  std::filesystem::remove_all(directory);
  return absl::OkStatus();
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  CLI::App app("Benchmarks of Assay; each prints one JSON line.", "bench");
  app.require_subcommand(1);
  assay::bench::ReplayOptions facts;
  int commits = 2'000;
  int callers = 64;
  std::string journal;
  CLI::App* replay = app.add_subcommand("replay", "Fold facts into empty views");
  replay->add_option("--facts", facts.facts, "Facts in the journal");
  replay->add_option("--entities", facts.entities, "Entities that they belong to");
  replay->add_option("--rounds", facts.rounds, "Rounds of A B")->check(CLI::Range(1, 100));
  replay->add_option("--seed", facts.seed, "Of the generated facts");
  replay->add_option("--journal", facts.journal, "kafka://host:port; none = embedded");
  CLI::App* commit = app.add_subcommand("commit", "Latency of a command");
  commit->add_option("--commits", commits, "How many")->check(CLI::Range(10, 1'000'000));
  commit->add_option("--callers", callers, "How many wait at once")->check(CLI::Range(1, 512));
  commit->add_option("--journal", journal, "kafka://host:port; none = embedded");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status =
      *replay ? assay::bench::Replay(facts) : assay::Commit(commits, callers, journal);
  if (!status.ok()) fmt::print(stderr, "error {}\n", assay::Describe(status));
  return status.ok() ? 0 : 1;
}

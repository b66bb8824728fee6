// `bench`: figures that anyone can repeat, one JSON line each.
//
//   bench replay [--facts N] [--entities N] [--rounds N] [--seed S] [--journal kafka://host:port]
//     facts per second and CPU seconds per million of folding a journal of N generated facts into
//     empty views, beside reading and parsing the same records alone, A B A B, and the time to open
//     the views again after the fold was killed. On Kafka the facts are produced once, to topics
//     named after N, entities and seed; there, reading and parsing is a bare librdkafka consumer.
//     No number is printed unless the digests of all folds are equal.
//     `to_rules_1` is what folding costs, as a multiple of folding the same facts without tags.
//   bench commit [--commits N] [--callers N] [--journal kafka://host:port]
//     latency of a command, sent to answered, beside one synced write of a record of its size, and
//     beside the same command on a log of rules version 1, whose records have no tags.
//   bench mac [--records N] [--rounds N]
//     what judging the tag of a record costs, beside taking its hash.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/file_key_store.h"
#include "connectors/embedded/private_files.h"
#include "connectors/embedded/system_clock.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/event/sealing.h"
#include "tools/assay/home.h"
#include "tools/bench/mac.h"
#include "tools/bench/measure.h"
#include "tools/bench/replay.h"

namespace assay {
namespace {

using bench::Median;
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

constexpr const char* kCompany = "bench";

// The beginning of a log of rules version 1, as the first release made it: without a log key.
absl::Status BeginFormerLog(const HomeOptions& options) {
  const LogIdentity identity{kCompany, "bench-rules-1", options.facts_partitions};
  ASSAY_RETURN_IF_ERROR(MakePrivateDirectory(options.directory));
  ASSAY_ASSIGN_OR_RETURN(const auto keys, FileKeyStore::Open(options.directory + "/keys"));
  ASSAY_RETURN_IF_ERROR(keys->Key(kPseudonymKeyId, true).status());
  SystemClock clock;
  std::unique_ptr<Journal> journal;
  if (options.journal.empty()) {
    ASSAY_ASSIGN_OR_RETURN(
        journal, EmbeddedJournal::Create(options.directory + "/journal", identity.facts_partitions,
                                         {.clock = &clock}));
  } else {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(options.journal));
    ASSAY_ASSIGN_OR_RETURN(journal, KafkaJournal::Create(address, identity.facts_partitions, {}));
  }
  for (int32_t i = -1; i < identity.facts_partitions; ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    const std::string genesis = GenesisValue(identity, partition, nullptr);
    ASSAY_RETURN_IF_ERROR(journal->Append(partition, {&genesis, 1}));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Home>> BenchCompany(const HomeOptions& options, int units) {
  ASSAY_ASSIGN_OR_RETURN(auto home,
                         Home::Init(options, {.company = kCompany, .admins = {"p-admin"}}, false));
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

// A company of its own folder and, on Kafka, of its own topics.
absl::StatusOr<std::unique_ptr<Home>> OpenBench(const std::string& directory,
                                                const std::string& journal, int rules_version,
                                                int units) {
  HomeOptions options;
  options.directory = fmt::format("{}/rules-{}", directory, rules_version);
  options.facts_partitions = 1;
  if (!journal.empty()) {
    options.journal =
        fmt::format("{}?prefix=bench-{}-rules-{}", journal, ::getpid(), rules_version);
  }
  if (rules_version == 1) ASSAY_RETURN_IF_ERROR(BeginFormerLog(options));
  ASSAY_ASSIGN_OR_RETURN(auto home, BenchCompany(options, units));
  const int found = RulesVersionAt(home->Views().Decisions());
  if (found == rules_version) return home;
  return MakeStatus(absl::StatusCode::kInternal, "the log is of rules version {}, expected {}",
                    found, rules_version);
}

absl::StatusOr<double> Latency(Home& home, v1::Command command) {
  const double start = Seconds();
  ASSAY_RETURN_IF_ERROR(CheckAccepted(home.Submit(std::move(command))));
  return Seconds() - start;
}

absl::Status Commit(int commits, int callers, const std::string& journal) {
  const int units = Units(commits);
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("assay-bench-{}", ::getpid())).string();
  ASSAY_RETURN_IF_ERROR(MakePrivateDirectory(directory));
  ASSAY_ASSIGN_OR_RETURN(auto home, OpenBench(directory, journal, 2, units));
  ASSAY_ASSIGN_OR_RETURN(auto former, OpenBench(directory, journal, 1, units));
  std::vector<double> latencies;
  std::vector<double> former_latencies;
  for (int i = 0; i < commits; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const double took, Latency(*home, RenameUnit(i, units)));
    ASSAY_ASSIGN_OR_RETURN(const double former_took, Latency(*former, RenameUnit(i, units)));
    latencies.push_back(took);
    former_latencies.push_back(former_took);
  }
  ASSAY_ASSIGN_OR_RETURN(const double together, Together(*home, 10 * commits, callers, units));
  ASSAY_ASSIGN_OR_RETURN(const double former_together,
                         Together(*former, 10 * commits, callers, units));
  std::vector<double> floor;
  if (journal.empty()) {
    floor = SyncedWrites(directory + "/floor", commits, 400);
  } else {
    ASSAY_ASSIGN_OR_RETURN(
        floor, ReadBacks(fmt::format("{}?prefix=bench-{}", journal, ::getpid()), commits, 400));
  }
  fmt::print(
      "{{\"bench\":\"commit\",\"journal\":\"{}\",\"commits\":{},\"p50_ms\":{:.3f},"
      "\"p99_ms\":{:.3f},\"floor_p50_ms\":{:.3f},\"floor_p99_ms\":{:.3f},"
      "\"ratio_p50\":{:.2f},\"ratio_p99\":{:.2f},\"callers\":{},\"commits_per_s\":{:.0f},"
      "\"to_rules_1\":{{\"p50\":{:.4f},\"together\":{:.4f}}}}}\n",
      journal.empty() ? "embedded" : "kafka", commits, Quantile(latencies, 0.5) * 1e3,
      Quantile(latencies, 0.99) * 1e3, Quantile(floor, 0.5) * 1e3, Quantile(floor, 0.99) * 1e3,
      Quantile(latencies, 0.5) / Quantile(floor, 0.5),
      Quantile(latencies, 0.99) / Quantile(floor, 0.99), callers, together,
      Median(latencies) / Median(former_latencies), former_together / together);
  home.reset();
  former.reset();
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
  int records = 200'000;
  int rounds = 9;
  CLI::App* mac = app.add_subcommand("mac", "What the tag of a record costs");
  mac->add_option("--records", records, "How many")->check(CLI::Range(1'000, 10'000'000));
  mac->add_option("--rounds", rounds, "Rounds of A B")->check(CLI::Range(1, 1'000));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = *replay   ? assay::bench::Replay(facts)
                              : *commit ? assay::Commit(commits, callers, journal)
                                        : assay::bench::Mac(records, rounds);
  if (!status.ok()) fmt::print(stderr, "error {}\n", assay::Describe(status));
  return status.ok() ? 0 : 1;
}

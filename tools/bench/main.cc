// `bench`: figures that anyone can repeat, one JSON line each.
//
//   bench replay [--facts N] [--entities N] [--rounds N] [--seed S]
//     facts per second and CPU seconds per million of folding an embedded journal of N generated
//     facts into empty views, beside reading and parsing the same records alone, A B A B. No number
//     is printed unless the digests of all folds are equal.
//   bench commit [--commits N] [--callers N] [--journal kafka://host:port]
//     latency of a command, sent to answered, beside one synced write of a record of its size.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "projections/digest/query.h"
#include "projections/runner/runner.h"
#include "tools/assay/home.h"

namespace assay {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// A small generator that gives the same facts everywhere.
class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }

 private:
  uint64_t state_;
};

v1::Record MakeFact(const LogIdentity& identity, int64_t number, uint64_t entities, Draw& draw) {
  v1::Record record;
  record.set_company(identity.company);
  record.set_log_id(identity.log_id);
  v1::Intake& intake = *record.mutable_intake();
  intake.set_source("erp");
  intake.set_contract_version(1);
  intake.mutable_src()->set_input_log("f");
  intake.mutable_src()->set_offset(number);
  // One record in a hundred is the next version of an earlier one, one in two hundred a copy.
  const bool correction = number > 1'000 && draw.Below(100) == 0;
  const int64_t key = correction ? number - static_cast<int64_t>(draw.Below(1'000)) : number;
  intake.add_record_key(std::to_string(key));
  intake.set_version(std::to_string(correction ? number : 1));
  const Day day = Day::Parse("2026-01-01")->Plus(static_cast<int32_t>(draw.Below(365)));
  intake.set_day(day.ToString());
  *intake.mutable_event_time() = TimestampOf({int64_t{day.number} * 86'400'000});
  v1::Contribution& contribution = *intake.mutable_facts()->add_contributions();
  contribution.set_entity_type("employee");
  contribution.set_entity_key(std::to_string(draw.Below(entities)));
  contribution.set_measure("m" + std::to_string(draw.Below(8)));
  contribution.set_value(std::to_string(1 + draw.Below(1'000)));
  contribution.set_unit("pcs");
  intake.set_content_hash(ContentHash(intake).ToString());
  return record;
}

absl::Status Generate(EmbeddedJournal& journal, const LogIdentity& identity, int64_t facts,
                      uint64_t entities, uint64_t seed) {
  for (int32_t i = -1; i < identity.facts_partitions; ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    const std::string genesis = GenesisValue(identity, partition);
    ASSAY_RETURN_IF_ERROR(journal.Append(partition, {&genesis, 1}));
  }
  Draw draw(seed);
  std::vector<std::vector<std::string>> values(static_cast<size_t>(identity.facts_partitions));
  for (int64_t i = 0; i < facts; ++i) {
    const v1::Record record = MakeFact(identity, i, entities, draw);
    const int32_t partition = PartitionOfIntake(record.intake(), identity.facts_partitions);
    auto& list = values[static_cast<size_t>(partition)];
    list.push_back(record.SerializeAsString());
    if (list.size() < 5'000 && i + 1 < facts) continue;
    for (size_t p = 0; p < values.size(); ++p) {
      if (values[p].empty()) continue;
      ASSAY_RETURN_IF_ERROR(journal.Append(FactsPartition(static_cast<int32_t>(p)), values[p]));
      values[p].clear();
    }
  }
  return absl::OkStatus();
}

struct Measured {
  double seconds = 0;
  double cpu = 0;
};

absl::StatusOr<Measured> Fold(EmbeddedJournal& journal, const std::string& views, Hash32& digest) {
  ASSAY_RETURN_IF_ERROR(Store::Destroy(views));
  Measured measured{-Seconds(), -CpuSeconds()};
  ASSAY_ASSIGN_OR_RETURN(const auto runner, Runner::Open(journal, views, {}));
  ASSAY_RETURN_IF_ERROR(runner->CatchUp());
  measured.seconds += Seconds();
  measured.cpu += CpuSeconds();
  ASSAY_ASSIGN_OR_RETURN(digest, digest::StateDigest(runner->Rows()));
  return measured;
}

absl::StatusOr<Measured> ReadAndParse(EmbeddedJournal& journal, int64_t& records) {
  Measured measured{-Seconds(), -CpuSeconds()};
  records = 0;
  v1::Record record;
  for (int32_t i = 0; i < journal.FactsPartitions(); ++i) {
    Cursor cursor;
    while (true) {
      ASSAY_ASSIGN_OR_RETURN(const auto batch,
                             journal.Read(FactsPartition(i), cursor, 20'000, 16 << 20));
      if (batch.empty()) break;
      for (const StoredRecord& stored : batch) {
        records += record.ParseFromString(stored.value) ? 1 : 0;
      }
      cursor = batch.back().Next();
    }
  }
  measured.seconds += Seconds();
  measured.cpu += CpuSeconds();
  return measured;
}

absl::Status Replay(int64_t facts, uint64_t entities, int rounds, uint64_t seed) {
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("assay-bench-{}", ::getpid())).string();
  std::filesystem::create_directories(directory);
  SystemClock clock;
  const LogIdentity identity{"bench", "bench", limits::kFactsPartitionsDefault};
  ASSAY_ASSIGN_OR_RETURN(const auto journal,
                         EmbeddedJournal::Create(directory + "/journal", identity.facts_partitions,
                                                 {.clock = &clock}));
  ASSAY_RETURN_IF_ERROR(Generate(*journal, identity, facts, entities, seed));
  std::vector<double> fold_rates;
  std::vector<double> fold_cpu;
  std::vector<double> parse_rates;
  std::vector<double> ratios;
  Hash32 first_digest;
  for (int round = 0; round < rounds; ++round) {
    Hash32 digest;
    int64_t records = 0;
    ASSAY_ASSIGN_OR_RETURN(const Measured fold, Fold(*journal, directory + "/views", digest));
    ASSAY_ASSIGN_OR_RETURN(const Measured parse, ReadAndParse(*journal, records));
    if (round == 0) first_digest = digest;
    if (digest != first_digest || records != facts + identity.facts_partitions) {
      return MakeStatus(absl::StatusCode::kDataLoss, "two folds of one journal differ");
    }
    fold_rates.push_back(static_cast<double>(facts) / fold.seconds);
    fold_cpu.push_back(fold.cpu * 1e6 / static_cast<double>(facts));
    parse_rates.push_back(static_cast<double>(facts) / parse.seconds);
    ratios.push_back(parse.seconds / fold.seconds);
  }
  fmt::print(
      "{{\"bench\":\"replay\",\"journal\":\"embedded\",\"facts\":{},\"entities\":{},\"seed\":{},"
      "\"rounds\":{},\"facts_per_s\":{:.0f},\"cpu_s_per_million\":{:.3f},"
      "\"read_and_parse_per_s\":{:.0f},\"ratio\":{:.4f},\"digest\":\"{}\"}}\n",
      facts, entities, seed, rounds, Median(fold_rates), Median(fold_cpu), Median(parse_rates),
      Median(ratios), first_digest.Hex());
  std::filesystem::remove_all(directory);
  return absl::OkStatus();
}

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

constexpr int kUnits = 640;

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
v1::Command RenameUnit(int i) {
  v1::Command command;
  command.mutable_actor()->set_person("p-hr");
  v1::RenameUnit& rename = *command.mutable_rename_unit();
  rename.set_unit(fmt::format("u-{}", i % kUnits));
  rename.set_name(fmt::format("Unit {} {}", i % kUnits, i));
  rename.set_from("2020-01-02");
  return command;
}

absl::StatusOr<std::unique_ptr<Home>> BenchCompany(const HomeOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(auto home,
                         Home::Init(options, {.company = "bench", .admins = {"p-admin"}}, false));
  v1::Command grant;
  grant.mutable_actor()->set_person("p-admin");
  grant.mutable_give_grant()->set_grant("g-hr");
  grant.mutable_give_grant()->mutable_to()->set_person("p-hr");
  grant.mutable_give_grant()->set_role(v1::ROLE_HR);
  grant.mutable_give_grant()->mutable_span()->set_from("2020-01-01");
  ASSAY_RETURN_IF_ERROR(CheckAccepted(home->Submit(std::move(grant))));
  std::vector<v1::Command> units;
  for (int i = 0; i < kUnits; ++i) units.push_back(CreateUnit(i));
  for (const auto& answer : home->SubmitAll(std::move(units))) {
    ASSAY_RETURN_IF_ERROR(CheckAccepted(answer));
  }
  return home;
}

// Accepted commits per second when `callers` wait for theirs at the same time.
absl::StatusOr<double> Together(Home& home, int commits, int callers) {
  const double start = Seconds();
  int done = 0;
  while (done < commits) {
    std::vector<v1::Command> commands;
    for (int i = 0; i < callers; ++i) commands.push_back(RenameUnit(done + i));
    for (const auto& answer : home.SubmitAll(std::move(commands))) {
      ASSAY_RETURN_IF_ERROR(CheckAccepted(answer));
    }
    done += callers;
  }
  return done / (Seconds() - start);
}

absl::Status Commit(int commits, int callers, const std::string& journal) {
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("assay-bench-{}", ::getpid())).string();
  HomeOptions options;
  options.directory = directory;
  options.facts_partitions = 1;
  if (!journal.empty()) options.journal = fmt::format("{}?prefix=bench-{}", journal, ::getpid());
  ASSAY_ASSIGN_OR_RETURN(auto home, BenchCompany(options));
  std::vector<double> latencies;
  for (int i = 0; i < commits; ++i) {
    const double start = Seconds();
    ASSAY_RETURN_IF_ERROR(CheckAccepted(home->Submit(RenameUnit(i))));
    latencies.push_back(Seconds() - start);
  }
  ASSAY_ASSIGN_OR_RETURN(const double together, Together(*home, 10 * commits, callers));
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
  int64_t facts = 1'000'000;
  uint64_t entities = 20'000;
  int rounds = 3;
  uint64_t seed = 1;
  int commits = 2'000;
  int callers = 64;
  std::string journal;
  CLI::App* replay = app.add_subcommand("replay", "Fold facts into empty views");
  replay->add_option("--facts", facts, "Facts in the journal");
  replay->add_option("--entities", entities, "Entities that they belong to");
  replay->add_option("--rounds", rounds, "Rounds of A B")->check(CLI::Range(1, 100));
  replay->add_option("--seed", seed, "Of the generated facts");
  CLI::App* commit = app.add_subcommand("commit", "Latency of a command");
  commit->add_option("--commits", commits, "How many")->check(CLI::Range(10, 1'000'000));
  commit->add_option("--callers", callers, "How many wait at once")->check(CLI::Range(1, 512));
  commit->add_option("--journal", journal, "kafka://host:port; none = embedded");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = *replay ? assay::Replay(facts, entities, rounds, seed)
                                      : assay::Commit(commits, callers, journal);
  if (!status.ok()) fmt::print(stderr, "error {}\n", assay::Describe(status));
  return status.ok() ? 0 : 1;
}

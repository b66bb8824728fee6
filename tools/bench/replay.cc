#include "tools/bench/replay.h"

#include <filesystem>
#include <memory>
#include <numeric>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/base/limits.h"
#include "engine/commit/authentic.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "projections/digest/query.h"
#include "projections/runner/runner.h"
#include "tools/bench/measure.h"
#include "tools/bench/reference.h"

namespace assay::bench {
namespace {

constexpr size_t kAppendRecords = 6'000;

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

// With a key every record ends in its tag, as nodes write rules version 2.
absl::Status Generate(Journal& journal, const LogIdentity& identity, const ReplayOptions& options,
                      const LogKey* key) {
  for (int32_t i = -1; i < identity.facts_partitions; ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    const std::string genesis = GenesisValue(identity, partition, key);
    ASSAY_RETURN_IF_ERROR(journal.Append(partition, {&genesis, 1}));
  }
  Draw draw(options.seed);
  std::vector<std::vector<std::string>> values(static_cast<size_t>(identity.facts_partitions));
  for (int64_t i = 0; i < options.facts; ++i) {
    const v1::Record record = MakeFact(identity, i, options.entities, draw);
    const int32_t partition = PartitionOfIntake(record.intake(), identity.facts_partitions);
    auto& list = values[static_cast<size_t>(partition)];
    list.push_back(record.SerializeAsString());
    if (key != nullptr) key->Sign(identity.log_id, FactsPartition(partition), list.back());
    if (list.size() < kAppendRecords && i + 1 < options.facts) continue;
    for (size_t p = 0; p < values.size(); ++p) {
      if (values[p].size() < kAppendRecords && i + 1 < options.facts) continue;
      ASSAY_RETURN_IF_ERROR(journal.Append(FactsPartition(static_cast<int32_t>(p)), values[p]));
      values[p].clear();
    }
  }
  return absl::OkStatus();
}

struct Done {};
struct Spent {
  double seconds = 0;
  double cpu = 0;
};
struct Folded {
  Spent spent;
  FoldTimes times;
  Hash32 digest;
  int64_t view_bytes = 0;
  int64_t memory_kib = 0;
};

// A journal with the facts of `options`, and what is measured on it. Each measurement is for a
// process of its own.
class Contest {
 public:
  // Of a log of that version of the rules: from 2 on its records have tags.
  Contest(const ReplayOptions& options, std::string directory, int rules_version)
      : options_(options), directory_(std::move(directory)), rules_version_(rules_version) {}

  absl::Status Prepare(const LastWord<Done>& done) const;
  // Dies with the views open.
  absl::Status Fold(const LastWord<Folded>& done) const;
  absl::Status Reopen(const LastWord<Spent>& done) const;
  absl::Status ReadAndParse(const LastWord<Spent>& done) const;

  [[nodiscard]] bool IsKafka() const { return !options_.journal.empty(); }

 private:
  [[nodiscard]] absl::StatusOr<KafkaAddress> Address() const;
  [[nodiscard]] absl::StatusOr<std::unique_ptr<Journal>> Open() const;
  [[nodiscard]] absl::StatusOr<int64_t> ReadAndParseEmbedded() const;
  [[nodiscard]] std::string Views() const { return directory_ + "/views"; }
  [[nodiscard]] int64_t Records() const { return options_.facts + identity_.facts_partitions; }

  const ReplayOptions options_;
  const std::string directory_;
  const int rules_version_;
  const LogKeys keys_{{std::string(32, 'k')}};
  const LogIdentity identity_{"bench", "bench", limits::kFactsPartitionsDefault};
  mutable SystemClock clock_;
};

absl::StatusOr<KafkaAddress> Contest::Address() const {
  ASSAY_ASSIGN_OR_RETURN(KafkaAddress address, KafkaAddress::Parse(options_.journal));
  address.prefix = fmt::format("bench-{}-{}-{}-rules-{}", options_.facts, options_.entities,
                               options_.seed, rules_version_);
  return address;
}

absl::StatusOr<std::unique_ptr<Journal>> Contest::Open() const {
  if (!IsKafka()) return EmbeddedJournal::Open(directory_ + "/journal", {.clock = &clock_});
  ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, Address());
  return KafkaJournal::Open(address, {});
}

absl::Status Contest::Prepare(const LastWord<Done>& done) const {
  std::unique_ptr<Journal> journal;
  if (IsKafka()) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, Address());
    ASSAY_ASSIGN_OR_RETURN(journal, KafkaJournal::Create(address, identity_.facts_partitions, {}));
    ASSAY_ASSIGN_OR_RETURN(const auto ends, journal->Ends());
    const int64_t records = std::accumulate(ends.begin() + 1, ends.end(), int64_t{0});
    if (records == Records()) done({});
    if (records != 0) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "the topics {}.* hold {} of {} records: delete them", address.prefix,
                        records, Records());
    }
  } else {
    ASSAY_ASSIGN_OR_RETURN(
        journal, EmbeddedJournal::Create(directory_ + "/journal", identity_.facts_partitions,
                                         {.clock = &clock_}));
  }
  ASSAY_RETURN_IF_ERROR(
      Generate(*journal, identity_, options_, rules_version_ >= 2 ? keys_.Newest() : nullptr));
  done({});
}

absl::Status Contest::Fold(const LastWord<Folded>& done) const {
  ASSAY_RETURN_IF_ERROR(Store::Destroy(Views()));
  Folded folded{.spent = {-Seconds(), -CpuSeconds()}};
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Open());
  ASSAY_ASSIGN_OR_RETURN(const auto runner, Runner::Open(*journal, Views(), {.log_keys = keys_}));
  ASSAY_RETURN_IF_ERROR(runner->CatchUp());
  folded.spent.seconds += Seconds();
  folded.spent.cpu += CpuSeconds();
  folded.times = runner->Times();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  folded.memory_kib = usage.ru_maxrss;
  ASSAY_ASSIGN_OR_RETURN(folded.digest, digest::StateDigest(runner->Rows()));
  for (const auto& file : std::filesystem::directory_iterator(Views())) {
    if (file.is_regular_file()) folded.view_bytes += static_cast<int64_t>(file.file_size());
  }
  done(folded);
}

absl::Status Contest::Reopen(const LastWord<Spent>& done) const {
  Spent spent{-Seconds(), -CpuSeconds()};
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Open());
  ASSAY_ASSIGN_OR_RETURN(const auto runner, Runner::Open(*journal, Views(), {.log_keys = keys_}));
  ASSAY_RETURN_IF_ERROR(runner->CatchUp());
  done({spent.seconds + Seconds(), spent.cpu + CpuSeconds()});
}

absl::StatusOr<int64_t> Contest::ReadAndParseEmbedded() const {
  ASSAY_ASSIGN_OR_RETURN(const auto journal, Open());
  int64_t records = 0;
  v1::Record record;
  for (int32_t i = 0; i < journal->FactsPartitions(); ++i) {
    Cursor cursor;
    while (true) {
      ASSAY_ASSIGN_OR_RETURN(const auto batch,
                             journal->Read(FactsPartition(i), cursor, 20'000, 16 << 20));
      if (batch.empty()) break;
      for (const StoredRecord& stored : batch) {
        records += record.ParseFromString(stored.value) ? 1 : 0;
      }
      cursor = batch.back().Next();
    }
  }
  return records;
}

absl::Status Contest::ReadAndParse(const LastWord<Spent>& done) const {
  const Spent spent{-Seconds(), -CpuSeconds()};
  int64_t records = 0;
  if (IsKafka()) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, Address());
    ASSAY_ASSIGN_OR_RETURN(records, ConsumeAndParse(address, identity_.facts_partitions));
  } else {
    ASSAY_ASSIGN_OR_RETURN(records, ReadAndParseEmbedded());
  }
  if (records == Records()) done({spent.seconds + Seconds(), spent.cpu + CpuSeconds()});
  return MakeStatus(absl::StatusCode::kDataLoss, "{} of {} records were read and parsed", records,
                    Records());
}

// What the rounds gave, each list in their order.
struct Figures {
  std::vector<Folded> folds;
  // Of the same facts without tags.
  std::vector<Folded> untagged;
  std::vector<Spent> parses;
  std::vector<Spent> reopens;
};

template <typename Row, typename Value>
double MedianOf(const std::vector<Row>& rows, const Value& value) {
  std::vector<double> values;
  for (const Row& row : rows) values.push_back(value(row));
  return Median(std::move(values));
}

double MedianMs(const std::vector<Folded>& folds, int64_t FoldTimes::*part) {
  return MedianOf(
      folds, [part](const Folded& fold) { return static_cast<double>(fold.times.*part) / 1e6; });
}

void Print(const ReplayOptions& options, const Figures& figures) {
  const auto facts = static_cast<double>(options.facts);
  std::vector<double> ratios;
  for (size_t i = 0; i < figures.folds.size(); ++i) {
    ratios.push_back(figures.parses[i].seconds / figures.folds[i].spent.seconds);
  }
  const auto seconds = [](const Spent& spent) { return spent.seconds; };
  fmt::print(
      "{{\"bench\":\"replay\",\"journal\":\"{}\",\"facts\":{},\"entities\":{},\"seed\":{},"
      "\"rounds\":{},\"facts_per_s\":{:.0f},\"cpu_s_per_million\":{:.3f},"
      "\"reference_per_s\":{:.0f},\"reference_cpu_s_per_million\":{:.3f},\"ratio\":{:.4f},",
      options.journal.empty() ? "embedded" : "kafka", options.facts, options.entities, options.seed,
      options.rounds,
      facts / MedianOf(figures.folds, [](const Folded& fold) { return fold.spent.seconds; }),
      MedianOf(figures.folds, [](const Folded& fold) { return fold.spent.cpu; }) * 1e6 / facts,
      facts / MedianOf(figures.parses, seconds),
      MedianOf(figures.parses, [](const Spent& spent) { return spent.cpu; }) * 1e6 / facts,
      Median(ratios));
  std::vector<double> costs;
  std::vector<double> cpu_costs;
  for (size_t i = 0; i < figures.folds.size(); ++i) {
    const Spent& tagged = figures.folds[i].spent;
    costs.push_back(tagged.seconds / figures.untagged[i].spent.seconds);
    cpu_costs.push_back(tagged.cpu / figures.untagged[i].spent.cpu);
  }
  fmt::print("\"to_rules_1\":{{\"seconds\":{:.4f},\"cpu\":{:.4f}}},", Median(costs),
             Median(cpu_costs));
  fmt::print(
      "\"seconds\":{{\"reading\":{:.3f},\"folding\":{:.3f},\"writing\":{:.3f}}},"
      "\"reopen_s\":{:.3f},\"view_bytes_per_fact\":{:.1f},\"memory_mib\":{:.0f},"
      "\"digest\":\"{}\"}}\n",
      MedianMs(figures.folds, &FoldTimes::reading_us),
      MedianMs(figures.folds, &FoldTimes::folding_us),
      MedianMs(figures.folds, &FoldTimes::writing_us), MedianOf(figures.reopens, seconds),
      static_cast<double>(figures.folds.back().view_bytes) / facts,
      static_cast<double>(figures.folds.back().memory_kib) / 1024,
      figures.folds.front().digest.Hex());
}

template <typename Result>
absl::StatusOr<Result> Alone(const Contest& contest,
                             absl::Status (Contest::*measure)(const LastWord<Result>&) const) {
  return InOwnProcess<Result>([&](const auto& done) { return (contest.*measure)(done); });
}

absl::Status Measure(const ReplayOptions& options, const Contest& contest,
                     const Contest& untagged) {
  ASSAY_RETURN_IF_ERROR(Alone(contest, &Contest::Prepare).status());
  ASSAY_RETURN_IF_ERROR(Alone(untagged, &Contest::Prepare).status());
  Figures figures;
  for (int round = 0; round < options.rounds; ++round) {
    ASSAY_ASSIGN_OR_RETURN(const Folded fold, Alone(contest, &Contest::Fold));
    ASSAY_ASSIGN_OR_RETURN(const Spent reopen, Alone(contest, &Contest::Reopen));
    ASSAY_ASSIGN_OR_RETURN(const Folded former, Alone(untagged, &Contest::Fold));
    ASSAY_ASSIGN_OR_RETURN(const Spent parse, Alone(contest, &Contest::ReadAndParse));
    figures.folds.push_back(fold);
    figures.reopens.push_back(reopen);
    figures.untagged.push_back(former);
    figures.parses.push_back(parse);
    if (fold.digest != figures.folds.front().digest ||
        former.digest != figures.untagged.front().digest) {
      return MakeStatus(absl::StatusCode::kDataLoss, "two folds of one journal differ");
    }
  }
  Print(options, figures);
  return absl::OkStatus();
}

}  // namespace

absl::Status Replay(const ReplayOptions& options) {
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("assay-bench-{}", ::getpid())).string();
  for (const char* log : {"/tagged", "/untagged"}) {
    std::filesystem::create_directories(directory + log);
  }
  const absl::Status status = Measure(options, Contest(options, directory + "/tagged", 2),
                                      Contest(options, directory + "/untagged", 1));
  std::filesystem::remove_all(directory);
  return status;
}

}  // namespace assay::bench

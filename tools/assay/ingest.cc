#include "tools/assay/ingest.h"

#include <map>
#include <utility>
#include <vector>

#include "connectors/file/byte_source.h"
#include "connectors/file/columns.h"
#include "connectors/file/mapper.h"
#include "connectors/file/record_reader.h"
#include "connectors/file/secrets.h"
#include "engine/event/intake.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"

namespace assay {
namespace {

// Records between two marks: what a kill makes a restart read again.
constexpr int kRecordsPerMark = 4'000;

absl::StatusOr<ledger::SourceCounts> CountsOf(Home& home, const std::string& source) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  ASSAY_ASSIGN_OR_RETURN(auto counts, ledger::Counts(home.Rows(), state));
  return counts[source];
}

// The records of one batch by facts partition, then the mark.
class BatchWriter {
 public:
  BatchWriter(Home& home, const v1::SourceContract& contract) : home_(home), contract_(contract) {}

  void Add(v1::Intake intake) {
    const int32_t partition = PartitionOfIntake(intake, home_.Identity().facts_partitions);
    input_log_ = intake.src().input_log();
    next_ = intake.src().offset() + 1;
    v1::Record record = Framed();
    *record.mutable_intake() = std::move(intake);
    values_[partition].push_back(record.SerializeAsString());
    ++count_;
  }

  [[nodiscard]] int Count() const { return count_; }

  // Everything is acknowledged before the mark is written.
  absl::Status Flush() {
    if (count_ == 0) return absl::OkStatus();
    for (const auto& [partition, values] : values_) {
      ASSAY_RETURN_IF_ERROR(home_.Log().Append(FactsPartition(partition), values));
    }
    v1::Record record = Framed();
    v1::SourceMark& mark = *record.mutable_source_mark();
    mark.set_source(contract_.source());
    mark.set_contract_version(contract_.version());
    mark.set_input_log(input_log_);
    mark.set_next(next_);
    const std::string value = record.SerializeAsString();
    ASSAY_RETURN_IF_ERROR(home_.Log().Append(FactsPartition(0), {&value, 1}));
    values_.clear();
    count_ = 0;
    return absl::OkStatus();
  }

 private:
  [[nodiscard]] v1::Record Framed() const {
    v1::Record record;
    record.set_company(home_.Identity().company);
    record.set_log_id(home_.Identity().log_id);
    return record;
  }

  Home& home_;
  const v1::SourceContract& contract_;
  std::map<int32_t, std::vector<std::string>> values_;
  std::string input_log_;
  int64_t next_ = 0;
  int count_ = 0;
};

}  // namespace

absl::StatusOr<ledger::SourceCounts> IngestFile(Home& home, const std::string& source,
                                                const std::string& path, Progress* progress) {
  ASSAY_RETURN_IF_ERROR(home.FinishInterrupted());
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const auto row = state.Find<v1::SourceState>(streams::Source(source));
  ASSAY_RETURN_IF_ERROR(state.status());
  if (!row.has_value()) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no source \"{}\": register its contract with `assay source add`",
                      source);
  }
  const v1::SourceContract& contract = row->contract();
  ASSAY_ASSIGN_OR_RETURN(const ledger::SourceCounts before, CountsOf(home, source));
  ASSAY_ASSIGN_OR_RETURN(auto bytes, OpenBytes(path));
  const int64_t from =
      facts::MarkNext(home.Rows(), source, contract.version(), bytes->Hash().Hex(), 0);
  ASSAY_ASSIGN_OR_RETURN(SourceSecrets secrets, SecretsOf(home.Keys()));
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(contract, std::move(secrets)));
  const auto reader = ReadRecords(contract.input(), std::move(bytes), from);
  if (!reader.ok()) return Annotate(reader.status(), path);
  if (const auto fits = CheckColumns(contract, (*reader)->Columns()); !fits.ok()) {
    return Annotate(fits, path);
  }
  BatchWriter writer(home, contract);
  int64_t done = 0;
  while (true) {
    ASSAY_ASSIGN_OR_RETURN(auto record, (*reader)->Next());
    if (!record.has_value()) break;
    ASSAY_ASSIGN_OR_RETURN(v1::Intake intake, mapper.Map(*record, home.Time().Now()));
    writer.Add(std::move(intake));
    if (writer.Count() < kRecordsPerMark) continue;
    done += writer.Count();
    ASSAY_RETURN_IF_ERROR(writer.Flush());
    ASSAY_RETURN_IF_ERROR(home.Views().CatchUp());
    if (progress != nullptr) progress->Report(done, done);
  }
  ASSAY_RETURN_IF_ERROR(writer.Flush());
  ASSAY_RETURN_IF_ERROR(home.Views().CatchUp());
  ASSAY_ASSIGN_OR_RETURN(const ledger::SourceCounts after, CountsOf(home, source));
  return after.Minus(before);
}

}  // namespace assay

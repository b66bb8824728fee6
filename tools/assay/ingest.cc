#include "tools/assay/ingest.h"

#include <map>
#include <memory>
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
#include "tools/assay/text_file.h"

namespace assay {
namespace {

// Records between two marks: what a kill makes a restart read again.
constexpr int kRecordsPerMark = 4'000;

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

absl::StatusOr<v1::SourceContract> ContractOf(Home& home, const std::string& source) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const auto row = state.Find<v1::SourceState>(streams::Source(source));
  ASSAY_RETURN_IF_ERROR(state.status());
  if (row.has_value()) return row->contract();
  return MakeStatus(absl::StatusCode::kNotFound,
                    "there is no source \"{}\": register its contract with `assay source add`",
                    source);
}

// Positioned at record `from`; its columns are those of the contract.
absl::StatusOr<std::unique_ptr<RecordReader>> OpenInput(const v1::SourceContract& contract,
                                                        std::unique_ptr<HashedBytes> bytes,
                                                        const std::string& path, int64_t from) {
  auto reader = ReadRecords(contract.input(), std::move(bytes), from);
  if (!reader.ok()) return Annotate(reader.status(), path);
  if (const auto fits = CheckColumns(contract, (*reader)->Columns()); !fits.ok()) {
    return Annotate(fits, path);
  }
  return reader;
}

}  // namespace

absl::StatusOr<ledger::SourceCounts> CountsOf(Home& home, const std::string& source) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  ASSAY_ASSIGN_OR_RETURN(auto counts, ledger::Counts(home.Rows(), state));
  return counts[source];
}

absl::Status CheckFile(Home& home, const std::string& source, const std::string& path) {
  ASSAY_ASSIGN_OR_RETURN(const v1::SourceContract contract, ContractOf(home, source));
  ASSAY_ASSIGN_OR_RETURN(auto bytes, OpenUnhashedFile(path));
  const auto columns = ReadColumns(contract.input(), std::move(bytes));
  if (!columns.ok()) return Annotate(columns.status(), path);
  return Annotate(CheckColumns(contract, *columns), path);
}

absl::StatusOr<IngestedFile> IngestFile(Home& home, const std::string& source,
                                        const std::string& path, const IngestWatch& watch) {
  ASSAY_RETURN_IF_ERROR(home.FinishInterrupted());
  ASSAY_ASSIGN_OR_RETURN(const v1::SourceContract contract, ContractOf(home, source));
  ASSAY_ASSIGN_OR_RETURN(auto bytes, OpenFile(path));
  IngestedFile ingested;
  ingested.known = facts::MarkNext(home.Rows(), source, contract.version(), bytes->Hash().Hex(), 0);
  ASSAY_ASSIGN_OR_RETURN(SourceSecrets secrets, SecretsOf(home.Keys()));
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(contract, std::move(secrets)));
  ASSAY_ASSIGN_OR_RETURN(const auto reader,
                         OpenInput(contract, std::move(bytes), path, ingested.known));
  BatchWriter writer(home, contract);
  while (!ingested.stopped) {
    ASSAY_ASSIGN_OR_RETURN(auto record, reader->Next());
    if (!record.has_value()) break;
    ASSAY_ASSIGN_OR_RETURN(v1::Intake intake, mapper.Map(*record, home.Time().Now()));
    writer.Add(std::move(intake));
    ++ingested.read;
    // What is at hand is written, with a mark, so that nothing of it is read again.
    ingested.stopped = watch.stop && watch.stop();
    if (writer.Count() < kRecordsPerMark) continue;
    ASSAY_RETURN_IF_ERROR(writer.Flush());
    ASSAY_RETURN_IF_ERROR(home.Views().CatchUp());
    if (watch.progress != nullptr) watch.progress->Report(ingested.read, ingested.read);
  }
  ASSAY_RETURN_IF_ERROR(writer.Flush());
  ASSAY_RETURN_IF_ERROR(home.Views().CatchUp());
  return ingested;
}

}  // namespace assay

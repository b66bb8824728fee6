#include "tools/assay/ingest.h"

#include <memory>
#include <utility>

#include "connectors/file/byte_source.h"
#include "connectors/file/columns.h"
#include "connectors/file/mapper.h"
#include "connectors/file/record_reader.h"
#include "connectors/file/secrets.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"
#include "tools/assay/intake_writer.h"
#include "tools/assay/text_file.h"

namespace assay {
namespace {

// Records between two marks: what a kill makes a restart read again.
constexpr int kRecordsPerMark = 4'000;

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

// Folds what was written, and sees to what others did meanwhile: their lock needs its cuts before
// more is written, and under another contract the file is to be begun anew.
absl::Status GoOn(Home& home, const v1::SourceContract& contract, const IngestWatch& watch) {
  ASSAY_RETURN_IF_ERROR(AsideReplica(home.Views(), home.Log(), watch.aside).CatchUp());
  home.TakeSteps();
  ASSAY_ASSIGN_OR_RETURN(const v1::SourceContract now, ContractOf(home, contract.source()));
  if (now.version() == contract.version()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kAborted,
                    "the contract of {} was changed to version {} while the file was read under "
                    "version {}: run the same command again",
                    contract.source(), now.version(), contract.version());
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
  home.TakeSteps();
  ASSAY_ASSIGN_OR_RETURN(const v1::SourceContract contract, ContractOf(home, source));
  absl::StatusOr<std::unique_ptr<HashedBytes>> opened;
  watch.aside([&] { opened = OpenFile(path); });
  ASSAY_ASSIGN_OR_RETURN(auto bytes, std::move(opened));
  IngestedFile ingested;
  ingested.known = facts::MarkNext(home.Rows(), source, contract.version(), bytes->Hash().Hex(), 0);
  ASSAY_ASSIGN_OR_RETURN(SourceSecrets secrets, SecretsOf(home.Keys()));
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(contract, std::move(secrets)));
  absl::StatusOr<std::unique_ptr<RecordReader>> input;
  watch.aside([&] { input = OpenInput(contract, std::move(bytes), path, ingested.known); });
  ASSAY_ASSIGN_OR_RETURN(const auto reader, std::move(input));
  ASSAY_RETURN_IF_ERROR(GoOn(home, contract, watch));
  AsideJournal journal(home.Log(), watch.aside);
  IntakeWriter writer(journal, home.Identity(), contract);
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
    ASSAY_RETURN_IF_ERROR(GoOn(home, contract, watch));
    if (watch.progress != nullptr) watch.progress->Report(ingested.read, ingested.read);
  }
  ASSAY_RETURN_IF_ERROR(writer.Flush());
  ASSAY_RETURN_IF_ERROR(AsideReplica(home.Views(), home.Log(), watch.aside).CatchUp());
  return ingested;
}

}  // namespace assay

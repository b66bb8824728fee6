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

// What one file puts onto the journal: nothing of it is said to be in before the fold met it.
class Intaking {
 public:
  Intaking(Home& home, const v1::SourceContract& contract, const Aside& aside)
      : home_(home),
        contract_(contract),
        aside_(aside),
        awaited_(home.Identity().facts_partitions),
        journal_(home.Log(), aside_),
        writer_(journal_, home.Identity(), contract, &awaited_) {
    home_.Views().Await(awaited_);
  }
  ~Intaking() { home_.Views().Forget(awaited_); }
  Intaking(const Intaking&) = delete;
  Intaking& operator=(const Intaking&) = delete;

  IntakeWriter& Writer() { return writer_; }

  // Writes what is at hand, folds it, and sees to what others did meanwhile: their lock needs its
  // cuts before more is written, and under another contract the file is to be begun anew.
  absl::Status GoOn() {
    ASSAY_RETURN_IF_ERROR(Finish());
    home_.TakeSteps();
    ASSAY_ASSIGN_OR_RETURN(const v1::SourceContract now, ContractOf(home_, contract_.source()));
    if (now.version() == contract_.version()) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kAborted,
                      "the contract of {} was changed to version {} while the file was read under "
                      "version {}: run the same command again",
                      contract_.source(), now.version(), contract_.version());
  }

  // Writes what is at hand, and folds it.
  absl::Status Finish() {
    const bool writes = !writer_.IsEmpty();
    const Instant begun = home_.Ticks();
    if (writes) ASSAY_RETURN_IF_ERROR(home_.MayRecord());
    ASSAY_RETURN_IF_ERROR(writer_.Flush());
    ASSAY_RETURN_IF_ERROR(AsideReplica(home_.Views(), home_.Log(), aside_).CatchUp());
    const absl::Status missing = awaited_.Missing();
    if (!missing.ok()) home_.Views().Stop(missing);
    // Its mark is the last of it.
    if (missing.ok() && writes) home_.NoteRecorded(FactsPartition(0), begun);
    return missing;
  }

  // A record of the future is refused by our clock, and the refusal stands on the log. So brokers
  // are asked for theirs before: a mark that says nothing new is given their time.
  absl::Status CheckClock(const std::string& input_log, int64_t next) {
    ASSAY_RETURN_IF_ERROR(home_.MayRecord());
    if (home_.KnowsTime()) return absl::OkStatus();
    writer_.Skip(input_log, 0, next);
    ASSAY_RETURN_IF_ERROR(Finish());
    return home_.MayRecord();
  }

 private:
  Home& home_;
  const v1::SourceContract& contract_;
  const Aside& aside_;
  Awaited awaited_;
  AsideJournal journal_;
  IntakeWriter writer_;
};

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
  const std::string input_log = bytes->Hash().Hex();
  ingested.known = facts::MarkNext(home.Rows(), source, contract.version(), input_log, 0);
  ASSAY_ASSIGN_OR_RETURN(SourceSecrets secrets, SecretsOf(home.Keys()));
  ASSAY_ASSIGN_OR_RETURN(Mapper mapper, Mapper::Create(contract, std::move(secrets)));
  absl::StatusOr<std::unique_ptr<RecordReader>> input;
  watch.aside([&] { input = OpenInput(contract, std::move(bytes), path, ingested.known); });
  ASSAY_ASSIGN_OR_RETURN(const auto reader, std::move(input));
  Intaking intaking(home, contract, watch.aside);
  ASSAY_RETURN_IF_ERROR(intaking.GoOn());
  IntakeWriter& writer = intaking.Writer();
  while (!ingested.stopped) {
    ASSAY_ASSIGN_OR_RETURN(auto record, reader->Next());
    if (!record.has_value()) break;
    if (ingested.read == 0) {
      ASSAY_RETURN_IF_ERROR(intaking.CheckClock(input_log, ingested.known));
    }
    ASSAY_ASSIGN_OR_RETURN(v1::Intake intake, mapper.Map(*record, home.Time().Now()));
    writer.Add(std::move(intake));
    ++ingested.read;
    // What is at hand is written, with a mark, so that nothing of it is read again.
    ingested.stopped = watch.stop && watch.stop();
    if (writer.Count() < kRecordsPerMark) continue;
    ASSAY_RETURN_IF_ERROR(intaking.GoOn());
    if (watch.progress != nullptr) watch.progress->Report(ingested.read, ingested.read);
  }
  ASSAY_RETURN_IF_ERROR(intaking.Finish());
  // Also what an earlier call put there.
  absl::Status there;
  watch.aside([&] { there = home.Log().CheckMedium().status(); });
  ASSAY_RETURN_IF_ERROR(there);
  return ingested;
}

}  // namespace assay

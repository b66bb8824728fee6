#include <simdjson.h>

#include "connectors/document/document_reader.h"
#include "connectors/file/check_report.h"
#include "connectors/file/columns.h"
#include "connectors/file/contract_file.h"
#include "engine/base/hash.h"
#include "engine/base/shown_text.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "engine/source/diff.h"
#include "projections/decisions/query.h"
#include "tools/assay/call.h"
#include "tools/assay/command_file.h"
#include "tools/assay/command_help.h"
#include "tools/assay/ingest.h"
#include "tools/assay/named_version.h"
#include "tools/assay/text_file.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

int Interrupted(const Session& session, std::string message, std::string hint) {
  (void)Fail(session, Rejection{.code = "INTERRUPTED",
                                .rejection_class = RejectionClass::kBusy,
                                .message = std::move(message),
                                .hint = std::move(hint)});
  return kExitInterrupted;
}

bool LooksLikeNdjson(const std::string& path, const std::string& text) {
  if (path.ends_with(".ndjson") || path.ends_with(".jsonl")) return true;
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

// A refused command fails its call; what others did in between, or a proof, has a code of its own.
int ExitCodeOfRefused(const Rejection& rejection) {
  const int code = ExitCodeOf(rejection);
  return code == kExitNotFound ? static_cast<int>(kExitFailed) : code;
}

// A document and the words for where it stands; or a whole file that is a source contract. There
// may be a million of them, so each is kept small.
struct PlacedCommand {
  // Of v1::Command, serialised.
  std::string command;
  // Why it is no command.
  absl::Status fault;
  int number = 0;
  int line = 0;
  // Of all that stand in it.
  std::shared_ptr<const std::string> file;
  bool is_contract = false;
  // Of a contract that is none.
  std::shared_ptr<const Rejection> refusal = nullptr;

  [[nodiscard]] bool IsCommand() const { return fault.ok() && refusal == nullptr; }
  [[nodiscard]] std::string Place() const {
    if (is_contract) return *file;
    return fmt::format("{}: document {}, line {}", *file, number, line);
  }
};

// A contract begins with the name of its source, which is no field of a command.
bool LooksLikeContract(const std::string& text) {
  if (!text.starts_with("source:") && text.find("\nsource:") == std::string::npos) return false;
  DocumentReader reader(text, DocumentForm::kYaml, DocumentWatch(StopAsked));
  const auto first = reader.Next();
  return first.has_value() && first->Find("source") != nullptr && !reader.Next().has_value() &&
         !reader.Problem().has_value();
}

// As its owner would register it.
v1::Command CommandOf(v1::SourceContract contract, const std::string& text) {
  v1::Command command;
  command.mutable_actor()->set_person(contract.owner());
  command.mutable_register_source()->set_text(text);
  *command.mutable_register_source()->mutable_contract() = std::move(contract);
  return command;
}

// What a command came to, as one line.
struct Done {
  std::string id;
  // None = it changed nothing.
  std::optional<int64_t> position;
  bool repeated = false;
  // That an answer or signature was taken for, or of a contract that is there.
  std::optional<int32_t> version;
  // It made another version, too.
  bool is_counter = false;
};

void PrintDone(const Session& session, const Done& done) {
  const bool as_json =
      session.format == OutputFormat::kJson || session.format == OutputFormat::kNdjson;
  if (as_json) {
    Json row = Json::Object();
    row.Put("commandId", done.id)
        .Put("position", done.position.has_value() ? Json(*done.position) : Json())
        .Put("repeated", done.repeated);
    if (done.version.has_value()) row.Put("version", *done.version);
    PrintPlain(Out(), "{}\n", row.Dump());
  } else {
    const std::string version =
        done.version.has_value()
            ? fmt::format(" ({}version {})", done.is_counter ? "answers " : "", *done.version)
            : "";
    PrintPlain(Out(), "ok{}{}{}\n",
               done.position.has_value() ? fmt::format(" {}", *done.position) : " (unchanged)",
               done.repeated && done.position.has_value() ? " (repeated)" : "", version);
  }
  std::fflush(Out());
}

// From its text where it is left out; a text that is no contract is refused when it is taken.
void ReadContract(v1::RegisterSource& command) {
  if (command.has_contract() || command.text().size() > limits::kContractTextBytesMax) return;
  auto parsed = ParseContract(command.text());
  if (auto* contract = std::get_if<v1::SourceContract>(&parsed)) {
    *command.mutable_contract() = std::move(*contract);
  }
}

// The contract that is there already, word for word or in other words.
std::optional<int32_t> VersionThere(Home& home, const v1::Command& command) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const auto& contract = command.register_source().contract();
  const auto row = state.Find<v1::SourceState>(streams::Source(contract.source()));
  if (!row.has_value()) return std::nullopt;
  if (source::DiffContracts(row->contract(), contract).empty()) return row->contract().version();
  return row->pending().version();
}

// Where a contract that was just registered waits, and for whom.
void TellOfWaiting(const Session& session, Home& home, const v1::Command& command) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const std::string& source = command.register_source().contract().source();
  const auto row = state.Find<v1::SourceState>(streams::Source(source));
  if (!row.has_value() || !row->has_pending()) return;
  PrintReady(Err(),
             fmt::format(
                 fmt::runtime(session.Say(
                     "version {} of {} waits for the signatures of its owner and of finance; until "
                     "then version {} maps (`assay source show {}`)\n",
                     "{1} 的版本 {0} 等待负责人和财务签署；在此之前仍按版本 {2} 映射"
                     "（`assay source show {3}`）\n")),
                 row->pending().version(), source, row->contract().version(), source));
}

// The commands of one call, one after the other.
class CommandRun {
 public:
  CommandRun(const Session& session, Home& home) : session_(session), home_(home) {}

  // Which document is the first: that of the question which the call answers, if it answers one.
  // FAILED_PRECONDITION when the documents are others by now.
  absl::StatusOr<size_t> Begin(const std::vector<PlacedCommand>& commands);
  // Runs one command and prints its line, or its refusal behind its place. Gives the exit code;
  // nothing when the caller is to be asked first.
  absl::StatusOr<std::optional<int>> RunOne(size_t document, PlacedCommand placed);

 private:
  // Whether the version that the refusal names is meant. Nothing when whoever calls is to be asked.
  std::optional<bool> IsMeant(size_t document, const PlacedCommand& placed,
                              const Rejection& refusal, int32_t version);

  const Session& session_;
  Home& home_;
  NamedVersions versions_;
  // Of the first document.
  std::optional<v1::RunAnswer> answer_;
};

absl::StatusOr<size_t> CommandRun::Begin(const std::vector<PlacedCommand>& commands) {
  const ServedCall* const call = CallAtHand();
  if (call == nullptr || !call->answer.has_value()) return 0;
  answer_ = call->answer;
  const v1::RunPlace& place = answer_->place();
  const auto document = static_cast<size_t>(place.document());
  if (place.document() < 0 || document >= commands.size() ||
      Sha256(commands[document].command).View() != place.command_sha256()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the documents changed while you were asked; of them {} were run",
                      place.document());
  }
  versions_.Restore(place);
  return document;
}

std::optional<bool> CommandRun::IsMeant(size_t document, const PlacedCommand& placed,
                                        const Rejection& refusal, int32_t version) {
  if (CanAsk(session_)) return AskForVersion(session_, refusal.message, version);
  const ServedCall* const call = CallAtHand();
  // What was answered is not asked again.
  if (call == nullptr || call->question == nullptr || answer_.has_value()) return false;
  v1::RunQuestion& question = *call->question;
  question.set_text(refusal.message);
  question.set_version(version);
  question.mutable_place()->set_document(static_cast<int32_t>(document));
  question.mutable_place()->set_command_sha256(Sha256(placed.command).ToString());
  versions_.Save(*question.mutable_place());
  return std::nullopt;
}

absl::StatusOr<std::optional<int>> CommandRun::RunOne(size_t document, PlacedCommand placed) {
  v1::Command command;
  if (!command.ParseFromString(placed.command)) {
    return MakeStatus(absl::StatusCode::kInternal, "{}: the command was lost", placed.Place());
  }
  if (command.has_register_source()) ReadContract(*command.mutable_register_source());
  Done done{.is_counter = command.has_counter_terms()};
  if (answer_.has_value() && answer_->version() != 0) {
    SetVersion(command, answer_->version());
    done.version = answer_->version();
  } else {
    ASSAY_ASSIGN_OR_RETURN(done.version, versions_.Fill(home_, command));
  }
  if (command.command_id().empty()) command.set_command_id(DrawId(home_.Time().Now()));
  done.id = command.command_id();
  ASSAY_ASSIGN_OR_RETURN(SubmitAnswer answer, Submit(session_, home_, command));
  if (const auto* refused = std::get_if<Rejection>(&answer)) {
    if (const auto newest = NewestIn(*refused)) {
      const std::optional<bool> is_meant = IsMeant(document, placed, *refused, *newest);
      if (!is_meant.has_value()) return std::optional<int>();
      if (*is_meant) {
        SetVersion(command, *newest);
        done.version = newest;
        ASSAY_ASSIGN_OR_RETURN(answer, Submit(session_, home_, command));
      }
    }
  }
  answer_.reset();
  if (const auto* committed = std::get_if<Committed>(&answer)) {
    done.position = committed->position;
    done.repeated = committed->repeated;
    PrintDone(session_, done);
    if (command.has_register_source()) TellOfWaiting(session_, home_, command);
    ASSAY_RETURN_IF_ERROR(versions_.Note(home_, command, committed->position));
    return kExitOk;
  }
  Rejection rejection = std::get<Rejection>(std::move(answer));
  if (rejection.code == "CONTRACT_UNCHANGED") {
    done.version = VersionThere(home_, command);
    done.repeated = true;
    PrintDone(session_, done);
    return kExitOk;
  }
  rejection.message = fmt::format("{}: {}", placed.Place(), rejection.message);
  PrintError(session_.format, rejection, session_.Chinese());
  return ExitCodeOfRefused(rejection);
}

PlacedCommand PlaceContract(const std::string& path, const std::string& text) {
  PlacedCommand placed{.file = std::make_shared<const std::string>(path), .is_contract = true};
  auto parsed = ParseContract(text, DocumentWatch(StopAsked));
  if (const auto* refusal = std::get_if<Rejection>(&parsed)) {
    placed.refusal = std::make_shared<const Rejection>(InFile(*refusal, path));
  } else {
    placed.command =
        CommandOf(std::get<v1::SourceContract>(std::move(parsed)), text).SerializeAsString();
  }
  return placed;
}

// With `keep_going`, documents that are no commands are kept like the others; else the first of
// them is the last that is read, since the file is not begun then.
absl::Status ReadCommandFile(const std::string& path, bool keep_going,
                             std::vector<PlacedCommand>& commands) {
  ASSAY_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  const auto file = std::make_shared<const std::string>(path == "-" ? "standard input" : path);
  const bool is_ndjson = LooksLikeNdjson(path, text);
  if (!is_ndjson && CheckUtf8(text).ok() && LooksLikeContract(text)) {
    commands.push_back(PlaceContract(*file, text));
    return absl::OkStatus();
  }
  constexpr int kFaultsMax = 10'000;
  int faults = 0;
  bool has_ended = false;
  const auto take = [&](CommandDocument document) {
    const int line = document.line;
    faults += document.fault.ok() ? 0 : 1;
    has_ended = faults > 0 && !keep_going;
    commands.push_back({.command = document.command.SerializeAsString(),
                        .fault = std::move(document.fault),
                        .number = document.number,
                        .line = document.line,
                        .file = file});
    if (faults <= kFaultsMax && !has_ended) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line {}: expected commands, found {} documents that are none", line, faults);
  };
  const absl::Status read = ReadCommands(text, is_ndjson, DocumentWatch(StopAsked), take);
  return read.ok() || has_ended ? absl::OkStatus() : Annotate(read, *file);
}

// What a document that is no command lacks stands in its example.
int FailDocument(const Session& session, const PlacedCommand& placed) {
  if (placed.refusal != nullptr) return Fail(session, *placed.refusal);
  const absl::Status with_place = MakeStatus(placed.fault.code(), "{}: document {}, {}",
                                             *placed.file, placed.number, MessageOf(placed.fault));
  return Fail(session, with_place,
              "`assay run --help` lists the commands, --example NAME its fields");
}

// With the names that scripts know; a Chinese table has Chinese ones.
Json CountsJson(const Session& session, const ledger::SourceCounts& counts) {
  const bool is_table = session.format == OutputFormat::kTable;
  const auto name = [&](const char* key, const char* chinese) {
    return is_table ? session.Say(key, chinese) : key;
  };
  Json object = Json::Object();
  object.Put(name("received", "收到"), counts.Received())
      .Put(name("applied", "生效"), counts.applied)
      .Put(name("unattributed", "未归属"), counts.unattributed)
      .Put(name("duplicate", "重复"), counts.duplicate)
      .Put(name("stale", "过时"), counts.stale)
      .Put(name("rejected", "拒收"), counts.rejected)
      .Put(name("held", "迟到"), counts.held);
  return object;
}

// What the counts do not tell of a file.
void TellOfFile(const Session& session, const std::string& path, const IngestedFile& file) {
  if (file.known == 0) return;
  const bool is_in = file.read == 0 && !file.stopped;
  const char* const words =
      is_in ? session.Say("{}: its {} records are in already\n", "{}: 其中 {} 条记录均已读入\n")
            : session.Say("{}: went on behind record {}, where an earlier call ended\n",
                          "{}: 从第 {} 条记录之后继续，上次到此为止\n");
  PrintPlain(Err(), fmt::runtime(words), path, file.known);
}

// Also after a failure: what is in stays in.
absl::Status PrintCounts(const Session& session, Home& home, const std::string& source,
                         const ledger::SourceCounts& before) {
  ASSAY_ASSIGN_OR_RETURN(const ledger::SourceCounts after, CountsOf(home, source));
  const ledger::SourceCounts counts = after.Minus(before);
  PrintObject(session.format, CountsJson(session, counts));
  std::fflush(Out());
  if (counts.rejected > 0) {
    PrintPlain(Err(),
               fmt::runtime(session.Say("{} rejected: see `assay rejection list --source {}`\n",
                                        "拒收 {} 条: 见 `assay rejection list --source {}`\n")),
               counts.rejected, source);
  }
  return absl::OkStatus();
}

int IngestFiles(const Session& session, Home& home, const std::string& source,
                const std::vector<std::string>& files) {
  ASSAY_OR_FAIL(const ledger::SourceCounts before, session, CountsOf(home, source));
  StopOnInterrupt();
  Progress progress(source);
  IngestWatch watch{.progress = &progress, .stop = StopAsked};
  if (session.homes != nullptr) {
    watch.aside = [&](const auto& work) { session.homes->LetOthers(work); };
  }
  absl::Status failure;
  bool stopped = false;
  size_t done = 0;
  for (; done < files.size() && failure.ok() && !stopped; ++done) {
    const auto file = IngestFile(home, source, files[done], watch);
    failure = file.status();
    if (file.ok()) TellOfFile(session, files[done], *file);
    stopped = file.ok() && (file->stopped || (StopAsked() && done + 1 < files.size()));
  }
  const absl::Status printed = PrintCounts(session, home, source, before);
  if (!failure.ok()) return Fail(session, failure);
  if (!printed.ok()) return Fail(session, printed);
  if (!stopped) return kExitOk;
  return Interrupted(
      session, fmt::format("stopped in {}, file {} of {}", files[done - 1], done, files.size()),
      "run the same command again to go on");
}

absl::StatusOr<v1::SourceContract> LoadContract(const Session& session, const std::string& path,
                                                std::string& text, int& exit_code) {
  std::variant<v1::SourceContract, Rejection> parsed;
  ASSAY_RETURN_IF_ERROR(ReadAside(session, [&]() -> absl::Status {
    ASSAY_ASSIGN_OR_RETURN(text, ReadText(path));
    if (const auto readable = CheckUtf8(text); !readable.ok()) return Annotate(readable, path);
    parsed = ParseContract(text, DocumentWatch(StopAsked));
    return absl::OkStatus();
  }));
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    exit_code = Fail(session, InFile(*rejection, path));
    return MakeStatus(absl::StatusCode::kInvalidArgument, "refused");
  }
  return std::get<v1::SourceContract>(std::move(parsed));
}

std::string OutcomeName(const v1::Intake& intake) {
  if (intake.has_refusal()) return intake.refusal().code();
  return intake.has_retraction() ? "retraction" : "facts";
}

// The record as it stands in the file, for the eyes of who wrote it: a dry run seals nothing.
std::string ShownRecord(const v1::Sealed& original) {
  constexpr size_t kShownMax = 120;
  std::string_view text = original.bytes();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (!simdjson::validate_utf8(text)) return fmt::format("bytes {}", ToHex(text.substr(0, 60)));
  return ShownText(text, kShownMax);
}

// "DUPLICATE of record 3": what the fold would do with a record besides an earlier one of the file.
std::string FateText(const CheckedFate& fate) {
  switch (fate.kind) {
    case CheckedFate::Kind::kAlone:
      return "";
    case CheckedFate::Kind::kDuplicate:
      return fmt::format("DUPLICATE of record {}", fate.of_record);
    case CheckedFate::Kind::kStale:
      return fmt::format("STALE behind record {}", fate.of_record);
    case CheckedFate::Kind::kReplaces:
      return fmt::format("replaces record {}", fate.of_record);
  }
  return "";
}

// Records are counted from 1, as people do.
Json CheckedRow(const v1::Intake& intake, const CheckedFate& fate) {
  std::string key;
  for (const std::string& part : intake.record_key()) key += (key.empty() ? "" : "/") + part;
  Json facts = Json::Array();
  std::string words;
  for (const v1::Contribution& contribution : intake.facts().contributions()) {
    Json fact = Json::Object();
    fact.Put("entity", fmt::format("{}/{}", contribution.entity_type(), contribution.entity_key()))
        .Put("measure", contribution.measure())
        .Put("value", contribution.value())
        .Put("unit", contribution.unit());
    facts.Add(std::move(fact));
    words += fmt::format("{}{} {} {} of {}/{}", words.empty() ? "" : "; ", contribution.measure(),
                         contribution.value(), contribution.unit(), contribution.entity_type(),
                         contribution.entity_key());
  }
  if (intake.has_refusal()) {
    const std::string& path = intake.refusal().path();
    words = fmt::format("{}expected {}, found {}", path.empty() ? "" : path + ": ",
                        intake.refusal().expected(), ShownRecord(intake.refusal().original()));
  }
  Json row = Json::Object();
  const std::string with_earlier = FateText(fate);
  if (!with_earlier.empty()) {
    words = with_earlier + (words.empty() ? "" : "; ") + words;
  }
  row.Put("record", int64_t{intake.src().offset()} + 1)
      .Put("key", key)
      .Put("day", Json::TextOrNull(intake.day()))
      .Put("outcome", OutcomeName(intake))
      .Put("detail", words)
      .Put("facts", std::move(facts));
  return row;
}

// "1168 NOT_A_NUMBER at delay, first record 35: expected a number; 1168 of them have "NA" in delay"
std::string RefusedText(const RefusedRecords& refused) {
  std::string text = fmt::format("refused: {} {}", refused.records, refused.code);
  if (!refused.path.empty()) text += fmt::format(" at {}", refused.path);
  text += fmt::format(", first record {}: expected {}", refused.first, refused.expected);
  if (!refused.field.empty()) {
    text += fmt::format("; {} of them have \"{}\" in {}", refused.text_records, refused.text,
                        refused.field);
  }
  if (refused.first_lines > 1) {
    text += fmt::format("; it goes over {} lines, which is what a quote does that does not close",
                        refused.first_lines);
  }
  return text;
}

}  // namespace

int RunCommands(const Session& session, const std::vector<std::string>& files, bool keep_going) {
  std::vector<PlacedCommand> commands;
  const absl::Status read = ReadAside(session, [&] {
    for (const std::string& path : files) {
      ASSAY_RETURN_IF_ERROR(ReadCommandFile(path, keep_going, commands));
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return Fail(session, read, "correct it; no command was run");
  // A file with a document that is no command is not begun.
  for (const PlacedCommand& placed : commands) {
    if (!placed.IsCommand() && !keep_going) return FailDocument(session, placed);
  }
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  StopOnInterrupt();
  int first_refused = kExitOk;
  CommandRun run(session, *home);
  ASSAY_OR_FAIL(const size_t first, session, run.Begin(commands));
  Progress progress("commands");
  for (size_t i = first; i < commands.size(); ++i) {
    PlacedCommand& placed = commands[i];
    if (StopAsked()) {
      return Interrupted(session,
                         fmt::format("stopped after {} of {} commands", i, commands.size()),
                         "commands with a commandId may be run again; of the others, the rest");
    }
    int code = kExitOk;
    if (placed.IsCommand()) {
      ASSAY_OR_FAIL(const std::optional<int> ran, session, run.RunOne(i, std::move(placed)));
      if (!ran.has_value()) return first_refused;
      code = *ran;
    } else {
      code = FailDocument(session, placed);
    }
    if (code != kExitOk && !keep_going) return code;
    if (first_refused == kExitOk) first_refused = code;
    progress.Report(static_cast<int64_t>(i) + 1, static_cast<int64_t>(commands.size()));
  }
  return first_refused;
}

int RunExample(const Session& session, const std::string& name) {
  const auto example = CommandExample(name);
  if (!example.ok()) {
    return Fail(session, example.status(), "`assay run --help` lists the commands");
  }
  PrintReady(Out(), *example);
  return kExitOk;
}

int RunIngest(const Session& session, const std::string& source,
              const std::vector<std::string>& files) {
  const std::string client = "client:" + source;
  if (!session.as.empty() && session.as != client) {
    return Fail(session, Rejection{.code = "PERMISSION_DENIED",
                                   .rejection_class = RejectionClass::kAuth,
                                   .path = "--as",
                                   .expected = client,
                                   .actual = session.as,
                                   .message = fmt::format(
                                       "only the source itself writes the records of {}", source),
                                   .hint = "a person corrects a fact in the source system"});
  }
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  // A call that cannot read its last file should not have ingested the first.
  for (const std::string& path : files) {
    if (const auto fits = CheckFile(*home, source, path); !fits.ok()) {
      return Fail(session, fits, "correct it; no file was ingested");
    }
  }
  return IngestFiles(session, *home, source, files);
}

int RunSourceAdd(const Session& session, const std::string& contract) {
  std::string text;
  int exit_code = kExitOk;
  auto parsed = LoadContract(session, contract, text, exit_code);
  if (exit_code != kExitOk) return exit_code;
  if (!parsed.ok()) return Fail(session, parsed.status());
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  PlacedCommand placed{.command = CommandOf(*std::move(parsed), text).SerializeAsString(),
                       .file = std::make_shared<const std::string>(contract),
                       .is_contract = true};
  CommandRun run(session, *home);
  ASSAY_OR_FAIL(const std::optional<int> code, session, run.RunOne(0, std::move(placed)));
  // A contract answers no version, so nobody was asked.
  return code.value_or(kExitFailed);
}

namespace {

// Why nothing of a source is read; empty when it is read.
std::string PauseOf(StateReader& state, const v1::SourceContract& contract) {
  const auto reading = state.Find<v1::ReadingState>(streams::Reading(contract.source()));
  if (!reading.has_value() || !reading->has_pause()) return "";
  const v1::SourcePaused& pause = reading->pause();
  if (pause.contract_version() != contract.version()) return "";
  return pause.detail().empty() ? pause.code()
                                : fmt::format("{}: {}", pause.code(), pause.detail());
}

// Who reads a topic does so all the time; files are ingested.
std::string ReadingOf(const Session& session, const v1::SourceContract& contract) {
  if (contract.input().topic().empty()) return "";
  if (session.homes == nullptr)
    return session.Say("no assayd serves this home", "没有 assayd 在运行");
  return session.homes->ReadingOf(contract.source());
}

}  // namespace

int RunSourceList(const Session& session) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  std::vector<Json> rows;
  for (const v1::Member& member : state.Members(streams::Sources())) {
    const auto source = state.Find<v1::SourceState>(streams::Source(member.id()));
    if (!source.has_value()) continue;
    const v1::SourceContract& contract = source->contract();
    std::string measures;
    for (const v1::MeasureDefinition& measure : contract.measures()) {
      measures +=
          fmt::format("{}{} [{}]", measures.empty() ? "" : ", ", measure.name(), measure.unit());
    }
    Json row = Json::Object();
    row.Put("source", contract.source())
        .Put("version", contract.version())
        .Put("origin", ShortEnumName(v1::Origin_Name(contract.origin()), "ORIGIN_"))
        .Put("owner", contract.owner())
        .Put("format",
             ShortEnumName(v1::InputFormat_Name(contract.input().format()), "INPUT_FORMAT_"))
        .Put("topic", Json::TextOrNull(contract.input().topic()))
        .Put("pending", source->has_pending() ? Json(source->pending().version()) : Json())
        .Put("paused", Json::TextOrNull(PauseOf(state, contract)))
        .Put("reading", Json::TextOrNull(ReadingOf(session, contract)))
        .Put("measures", measures);
    rows.push_back(std::move(row));
  }
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format,
            {{"source", session.Say("SOURCE", "来源")},
             {"version", session.Say("VERSION", "版本"), true},
             {"origin", session.Say("ORIGIN", "产生方式")},
             {"owner", session.Say("OWNER", "负责人")},
             {"format", session.Say("FORMAT", "格式")},
             {"topic", session.Say("TOPIC", "主题")},
             {"pending", session.Say("PENDING", "待签署版本"), true},
             {"paused", session.Say("PAUSED", "暂停原因")},
             {"reading", session.Say("READING", "读取情况")},
             {"measures", session.Say("MEASURES", "度量")}},
            rows);
  return kExitOk;
}

int RunSourceCheck(const Session& session, const std::string& contract, const std::string& file,
                   bool home) {
  std::string text;
  int exit_code = kExitOk;
  auto parsed = LoadContract(session, contract, text, exit_code);
  if (exit_code != kExitOk) return exit_code;
  if (!parsed.ok()) return Fail(session, parsed.status());
  ASSAY_OR_FAIL(const auto reader, session, OpenRecords(parsed->input(), file));
  if (const auto fits = CheckColumns(*parsed, reader->Columns()); !fits.ok()) {
    return Fail(session, Annotate(fits, file));
  }
  SystemClock clock;
  CheckOptions options;
  options.received_at = session.home.now.value_or(clock.Now());
  ASSAY_OR_FAIL(const CheckReport report, session,
                CheckRecords(*parsed, *reader, std::move(options)));
  std::vector<Json> rows;
  rows.reserve(report.intakes.size());
  for (size_t i = 0; i < report.intakes.size(); ++i) {
    rows.push_back(CheckedRow(report.intakes[i], report.fates[i]));
  }
  PrintRows(session.format,
            {{"record", session.Say("RECORD", "记录"), true},
             {"key", session.Say("KEY", "键")},
             {"day", session.Say("DAY", "日期")},
             {"outcome", session.Say("OUTCOME", "结果")},
             {"detail", session.Say("DETAIL", "说明")}},
            rows);
  std::fflush(Out());
  PrintPlain(Err(), "{} records: {} with facts, {} without, {} retractions, {} refused\n",
             report.records, report.with_facts, report.without_facts, report.retractions,
             report.refusals);
  if (report.duplicates + report.stale > 0) {
    PrintPlain(Err(), "of them {} duplicate and {} stale, by earlier records of the file\n",
               report.duplicates, report.stale);
  }
  for (const RefusedRecords& refused : report.refused) {
    PrintPlain(Err(), "{}\n", RefusedText(refused));
  }
  for (const std::string& warning : report.warnings) PrintPlain(Err(), "warning: {}\n", warning);
  if (home) {
    if (const auto told = TellWhatMaps(session, *parsed); !told.ok()) return Fail(session, told);
  }
  return report.refusals > 0 ? kExitFailed : kExitOk;
}

}  // namespace assay

// A home: one directory with a company's journal, keys and views, and everything wired over it.
//
//   assay.yaml   which journal; written last, so a home with it is whole
//   assay.lock   held by the process that works in it
//   founding     while a company is founded on Kafka: which log is this home's own
//   journal/     the embedded journal, if that is where the company lives: never to be deleted
//   keys/        keys of sealed texts, if assay.yaml names no other place: never to be deleted
//   views/       tables folded from the journal: may be deleted at any time

#pragma once

#include <assay/v1/log.pb.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/file_key_store.h"
#include "connectors/embedded/home_lock.h"
#include "connectors/embedded/system_clock.h"
#include "engine/commit/signing_journal.h"
#include "engine/commit/submit.h"
#include "projections/runner/runner.h"
#include "projections/score_table/projector.h"
#include "projections/score_table/query.h"
#include "tools/assay/aside.h"
#include "tools/assay/clock_watch.h"
#include "tools/assay/late_journal.h"
#include "tools/assay/log_pin.h"
#include "tools/assay/origin.h"
#include "tools/assay/settings.h"

namespace assay {

struct HomeOptions {
  std::string directory = "./assay-home";
  // What is appended is recorded at this time; none = the system's clock.
  std::optional<Instant> now;
  // Also at a time that a clock cannot have: `now` more than a day ahead of the machine's clock, or
  // that clock before the last recorded time.
  bool force = false;
  // None = the machine's.
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Clock> monotonic_clock;
  // Who sends what is submitted without a sender.
  Sender sender;
  // Where the journal is, and the keys; empty = as assay.yaml says, or embedded. A home that is
  // there keeps its place.
  std::string journal;
  std::string keys;
  // Only for a new home.
  int32_t facts_partitions = limits::kFactsPartitionsDefault;
  // For a process that publishes: what another node has to say of adjustments and refusals is kept
  // from the first fold on, to be said should that one be gone.
  bool keeps_others = false;
  // How long a broker's first answer may take.
  int connect_timeout_ms = 10'000;
  std::function<void(int64_t done, int64_t total)> progress;
};

struct Founding {
  std::string company;
  std::vector<std::string> admins;
  // Grants go to people who were added, and to nobody else.
  bool strict = false;
  // Empty = at random. The demo company's follows from its seed.
  std::string log_id;
  // Hexadecimal; keys are derived from it instead of drawn. The demo company's only.
  std::string key_seed;
};

struct SentCommand {
  v1::Command command;
  Sender by;
};

// What opening gives for a text whose key is not there any more.
inline constexpr std::string_view kTextOfAGoneKey = "(unreadable: its key is gone)";

// One thread.
class Home {
 public:
  // Makes what is missing of a new home and founds the company; an interrupted call is gone on
  // with. ALREADY_EXISTS when a company is there, and `exists_ok` is false.
  static absl::StatusOr<std::unique_ptr<Home>> Init(const HomeOptions& options,
                                                    const Founding& founding, bool exists_ok);
  // NOT_FOUND when there is no home; UNAVAILABLE when another process holds it, with who; then as
  // EmbeddedJournal::Open and Runner::Open. The views are caught up.
  static absl::StatusOr<std::unique_ptr<Home>> Open(const HomeOptions& options);
  // As Open for who only reads, beside others who do: no file of the home is made or changed, and
  // records that the views lack are folded in memory. Are they many, the views are caught up by
  // Open first, if the disk and other readers let it.
  static absl::StatusOr<std::unique_ptr<Home>> OpenToRead(const HomeOptions& options);
  // As Open of a home on Kafka whose journal cannot be reached, for `why`: the views answer as they
  // were folded before, and whatever needs the journal is answered with why it is not there. `why`
  // when nothing was folded yet.
  static absl::StatusOr<std::unique_ptr<Home>> OpenWithoutJournal(const HomeOptions& options,
                                                                  const absl::Status& why);
  // As Open, but the views are dropped and folded again.
  static absl::StatusOr<std::unique_ptr<Home>> Rebuild(const HomeOptions& options);

  // Why the home has to be opened again before anything is folded or written: its views, or an
  // embedded journal, could not be written. OK when it has not. What was written can be read.
  [[nodiscard]] absl::Status Failure();
  // Whether the home waits for its journal.
  [[nodiscard]] bool WaitsForJournal() const { return late_ != nullptr; }
  // Tries to reach the journal that the home waits for. May take as long as KafkaJournal::Open, and
  // needs not to have the home to itself.
  absl::Status ReachJournal() { return late_->Reach(); }
  // Goes on with the journal that was reached, if it holds the log that the views were folded from.
  // As Runner::Open; then the home still waits.
  absl::Status TakeJournal();

  // Makes or continues the home at `options.directory` as a copy of a log: `copy` is given the
  // embedded journal to append to. The home is whole when this returns.
  static absl::StatusOr<int64_t> Receive(
      const HomeOptions& options, const LogIdentity& source,
      const std::function<absl::StatusOr<int64_t>(EmbeddedJournal& target)>& copy);

  // Seals, decides and appends a command, then takes the next steps of what it began (a locked
  // cycle gets its cuts). A missing command id is drawn; an actor of whom is not said how it is
  // known is known by the operating system's access to the home.
  // The commit says who sent it: without `by` the sender of the options.
  absl::StatusOr<SubmitAnswer> Submit(v1::Command command) {
    return Submit(std::move(command), sender_);
  }
  absl::StatusOr<SubmitAnswer> Submit(v1::Command command, Sender by);
  // The same for commands of many callers, which share what the journal costs; answers by index.
  // While the journal is asked and written to, `aside` may give the home to others.
  std::vector<absl::StatusOr<SubmitAnswer>> SubmitAll(std::vector<SentCommand> commands,
                                                      const Aside& aside = InPlace);
  // Called after every command that was submitted, with the time that it took.
  using SubmitObserver = std::function<void(std::chrono::nanoseconds took,
                                            const absl::StatusOr<SubmitAnswer>& answer)>;
  void SetSubmitObserver(SubmitObserver observer) { on_submit_ = std::move(observer); }

  // Takes the steps of the engine that are due; to be called before anything else is appended.
  // Until a lock has its cuts, records would still count for the locked cycle. A step that fails
  // refuses nobody's command: StepFailure tells it, and the next call takes it again.
  void TakeSteps();
  // Why a step of the engine could not be taken; OK when all that were due were.
  [[nodiscard]] const absl::Status& StepFailure() const { return step_failure_; }
  // Submits a step of the engine under an id of its own (engine/event/engine_ids.h).
  absl::StatusOr<SubmitAnswer> SubmitStep(const std::string& id, v1::Command command,
                                          const Aside& aside = InPlace);

  // Submits what the engine itself decided and may decide many times; `what` names it. `aside` as
  // SubmitAll's.
  absl::StatusOr<SubmitAnswer> SubmitAsEngine(std::string_view what, v1::Command command,
                                              const Aside& aside = InPlace);
  // Claims on the log that this node publishes what follows from it, from here on. Gives the epoch.
  absl::StatusOr<int64_t> ClaimPublisher(const Aside& aside = InPlace);
  // The name of this node; empty where nobody else could publish, with an embedded journal. Kept
  // beside the outbox: views that are made anew are another node's.
  [[nodiscard]] const std::string& Node() const { return node_; }
  // When the last record was recorded that the views had before they were opened.
  [[nodiscard]] Instant FoldedBefore() const { return folded_before_; }

  // Why nothing is to be decided and recorded just now: the clock is off. For any thread.
  [[nodiscard]] absl::Status MayRecord();
  // The same, behind what was folded since.
  [[nodiscard]] absl::Status LookAtClock();
  // By how much the clock is ahead.
  [[nodiscard]] int64_t ClockOffMs() {
    return story_ != nullptr || is_forced_ ? 0 : clock_watch_->OffMs();
  }
  // Whether brokers told this process the time; where none stamp records, it needs not.
  [[nodiscard]] bool KnowsTime() { return embedded_ != nullptr || clock_watch_->HasStamp(); }
  // For NoteRecorded, before something is written.
  [[nodiscard]] Instant Ticks() { return clock_watch_->Ticks(); }
  // Something was written to the partition since `begun`, and folded.
  void NoteRecorded(PartitionId partition, Instant begun) {
    if (embedded_ == nullptr) clock_watch_->NoteStamp(runner_->StampedAt(partition), begun);
  }

  // Has something published that this node saw and a person should look at; `alert.node` is filled
  // in. Nothing where nothing is published.
  absl::Status PublishAlert(score_table::Alert alert);

  // Reads one Intake back. DATA_LOSS when the record there is none.
  absl::StatusOr<v1::Intake> IntakeAt(int32_t partition, int64_t position);
  // Reads one commit back. NOT_FOUND when the views have no such position, DATA_LOSS when the
  // record there is none.
  absl::StatusOr<v1::Commit> CommitAt(int64_t position);
  // The text, or in brackets why it cannot be read.
  [[nodiscard]] std::string OpenText(const v1::Sealed& sealed);

  // The moment that --at means: an instant, a decisions position, a full vector; empty = now.
  // INVALID_ARGUMENT for anything else, NOT_FOUND when it lies outside of the log.
  absl::StatusOr<Moment> MomentOf(std::string_view text);

  [[nodiscard]] Journal& Log() { return *journal_; }
  // The same journal when it is embedded, else null.
  [[nodiscard]] EmbeddedJournal* EmbeddedLog() { return embedded_; }
  [[nodiscard]] Runner& Views() { return *runner_; }
  [[nodiscard]] Overlay& Rows() { return runner_->Rows(); }
  [[nodiscard]] FileKeyStore& Keys() { return *keys_; }
  [[nodiscard]] const LogKeys& KnownLogKeys() const { return log_keys_; }
  // Makes a log key, which is not in use yet, and gives its id.
  absl::StatusOr<std::string> MakeNextLogKey();
  [[nodiscard]] Clock& Time() { return *clock_; }
  [[nodiscard]] StoryClock* Story() { return story_; }
  [[nodiscard]] score_table::Evaluator& Scores() { return *evaluator_; }
  [[nodiscard]] score_table::Projector& ScoreTable() { return *score_table_; }
  [[nodiscard]] const LogIdentity& Identity() const { return runner_->Identity(); }
  [[nodiscard]] const std::string& Directory() const { return directory_; }
  [[nodiscard]] std::string KeysDirectory() const;

 private:
  Home() = default;
  enum class Access : uint8_t { kWrite, kRead };
  static absl::StatusOr<std::unique_ptr<Home>> Begin(const HomeOptions& options,
                                                     Access access = Access::kWrite);
  // What is done in memory when the views are behind; without a bound, the views are to be written.
  struct InMemory {
    int64_t records_max = 0;
    bool from_nothing = false;
  };
  static absl::StatusOr<std::unique_ptr<Home>> OpenAs(const HomeOptions& options, Access access,
                                                      InMemory in_memory);
  absl::Status UseSettings(const HomeOptions& options);
  absl::Status OpenKeys();
  absl::Status OpenJournal(const HomeOptions& options);
  [[nodiscard]] absl::StatusOr<LateJournal::Opener> KafkaOpener(const HomeOptions& options) const;
  absl::Status MakeJournal(const HomeOptions& options);
  // Whether this home may found the company of the log, or has its keys from whoever did.
  [[nodiscard]] absl::Status CheckFounder(const Founding& founding, const LogIdentity& identity,
                                          bool may_join) const;
  [[nodiscard]] std::string ConfigurationPath() const;
  [[nodiscard]] bool HasCompany();
  absl::StatusOr<std::string> OwnLogId(const Founding& founding);
  absl::Status FoundCompany(const Founding& founding);
  using SubmitAnswers = std::vector<absl::StatusOr<SubmitAnswer>>;
  SubmitAnswers SubmitUnobserved(std::vector<SentCommand> commands, const Aside& aside);
  // Those at `places`, whose answers it writes there.
  void SubmitSome(std::vector<SentCommand>& commands, const std::vector<size_t>& places,
                  const Aside& aside, SubmitAnswers& answers);
  // Seals a command that is taken, or says why it is refused.
  absl::StatusOr<std::optional<Rejection>> SealTaken(v1::Command& command);
  SubmitAnswers SubmitSealed(std::span<const v1::Command> commands,
                             std::span<const v1::CommandOrigin> origins, const Aside& aside);
  // What the commit of a command says of how it came here.
  absl::StatusOr<v1::CommandOrigin> OriginOfSent(const Sender& by);
  // Whether a name was made, which is not written yet.
  absl::StatusOr<bool> NameNode();
  absl::Status OpenViews(const HomeOptions& options, InMemory in_memory);
  absl::Status WriteGenesis(const Founding& founding, int32_t facts_partitions);
  absl::Status WriteConfiguration(const std::string& company);
  // The journal tags what is appended, once the partition says under which key.
  void UseJournal(std::unique_ptr<Journal> journal);
  // What the key store has now; what was known while it cannot be read.
  const LogKeys& ReloadLogKeys();
  // The company's log is the one that the key store names; where it names none, it does from now
  // on.
  absl::Status CheckPin();
  absl::Status PinLog();
  // Steps follow from locked cycles, from how the log is authenticated, and from the day.
  bool AreStepsDue(Day today);
  absl::StatusOr<int64_t> FactsPositionAt(int32_t partition, Instant instant);

  std::string directory_;
  // When the steps of the engine were taken last: the day, and the decisions position before them.
  Day steps_day_;
  int64_t steps_taken_at_ = -1;
  absl::Status step_failure_;
  Access access_ = Access::kWrite;
  SubmitObserver on_submit_;
  std::optional<HomeLock> lock_;
  std::shared_ptr<Clock> clock_;
  // The same clock when it is told the time.
  StoryClock* story_ = nullptr;
  bool is_forced_ = false;
  Sender sender_;
  std::optional<ClockWatch> clock_watch_;
  HomeSettings settings_;
  std::string node_;
  std::string writer_;
  Instant folded_before_;
  std::unique_ptr<FileKeyStore> keys_;
  LogKeys log_keys_;
  std::optional<LogPin> pin_;
  std::unique_ptr<SigningJournal> journal_;
  EmbeddedJournal* embedded_ = nullptr;
  // The same journal while it is waited for.
  LateJournal* late_ = nullptr;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<score_table::Evaluator> evaluator_;
  std::unique_ptr<score_table::Projector> score_table_;
};

// A new id for a command, company or log: 26 characters, time first, drawn.
[[nodiscard]] std::string DrawId(Instant now);

}  // namespace assay

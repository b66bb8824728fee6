#include "tools/assay/home.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "connectors/embedded/private_files.h"
#include "connectors/embedded/random_bytes.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/base/check.h"
#include "engine/commit/seal.h"
#include "engine/event/effective.h"
#include "engine/event/engine_ids.h"
#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"
#include "tools/assay/engine_steps.h"
#include "tools/assay/taken_command.h"
#include "tools/assay/writers.h"

namespace assay {
namespace {

constexpr std::string_view kConfiguration = "assay.yaml";
constexpr std::string_view kFounding = "founding";

// A call that just ends is waited for, a service is not.
constexpr std::chrono::milliseconds kLockPatience{2'000};

absl::StatusOr<HomeLock> AwaitLock(const std::string& directory, bool reads) {
  SystemClock clock;
  const auto until = std::chrono::steady_clock::now() + kLockPatience;
  for (;;) {
    auto lock = reads ? HomeLock::AcquireToRead(directory) : HomeLock::Acquire(directory, clock);
    if (!absl::IsUnavailable(lock.status()) || std::chrono::steady_clock::now() > until)
      return lock;
    if (MessageOf(lock.status()).find(" is in use by assayd ") != std::string_view::npos)
      return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// As many are folded anew by each call that reads, until one writes the views.
constexpr int64_t kTailRecordsMax = 2'000;
// When the views cannot be written: rows of that many take some 200 MiB.
constexpr int64_t kMemoryRecordsMax = 200'000;

v1::Actor EngineActor() {
  v1::Actor actor;
  actor.set_client("engine");
  actor.set_via(v1::AUTHENTICATION_ENGINE);
  return actor;
}

// After such a command the engine has steps to take.
bool BeginsSteps(const v1::Command& command) {
  return command.has_lock_cycle() || command.has_upgrade_log() || command.has_rotate_log_key();
}

Rejection NotTheEngine() {
  Rejection rejection = RefusedAuth("PERMISSION_DENIED", "a caller is not the engine",
                                    "leave out actor.via: it says how the caller became known");
  rejection.path = "actor.via";
  rejection.expected = "nothing";
  rejection.actual = "AUTHENTICATION_ENGINE";
  return rejection;
}

absl::Status KeysOfAnotherLog(const LogPin& pin, const LogIdentity& identity) {
  return MakeStatus(
      absl::StatusCode::kDataLoss,
      "LOG_NOT_AUTHENTIC: the keys are those of the log {} of \"{}\", and the journal "
      "holds the log {} of \"{}\": name the journal or the keys that belong together",
      pin.log_id, pin.company, identity.log_id, identity.company);
}

}  // namespace

std::string DrawId(Instant now) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id;
  for (int shift = 45; shift >= 0; shift -= 5) {
    id.push_back(kDigits[static_cast<uint64_t>(now.ms) >> shift & 31]);
  }
  const auto drawn = RandomBytes(16);
  ASSAY_INVARIANT(drawn.ok(), "no random bytes: {}", MessageOf(drawn.status()));
  for (const char byte : *drawn) id.push_back(kDigits[static_cast<uint8_t>(byte) & 31]);
  return id;
}

absl::StatusOr<std::unique_ptr<Home>> Home::Begin(const HomeOptions& options, Access access) {
  std::unique_ptr<Home> home(new Home());
  home->directory_ = options.directory;
  home->access_ = access;
  home->is_forced_ = options.force;
  home->sender_ = options.sender;
  const std::shared_ptr<Clock> wall =
      options.clock != nullptr ? options.clock : std::make_shared<SystemClock>();
  home->clock_watch_.emplace(wall, options.monotonic_clock != nullptr
                                       ? options.monotonic_clock
                                       : std::make_shared<MonotonicClock>());
  home->clock_ = wall;
  if (options.now.has_value()) {
    ASSAY_RETURN_IF_ERROR(CheckTold(*options.now, *wall, options.force));
    auto story = std::make_shared<StoryClock>(*options.now);
    home->story_ = story.get();
    home->clock_ = std::move(story);
  }
  ASSAY_RETURN_IF_ERROR(KeepHomePrivate(options.directory));
  ASSAY_ASSIGN_OR_RETURN(HomeLock lock, AwaitLock(options.directory, access == Access::kRead));
  home->lock_.emplace(std::move(lock));
  return home;
}

absl::Status Home::UseSettings(const HomeOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(settings_, ReadSettings(directory_));
  const auto is_kafka = [](const std::string& url) { return KafkaAddress::IsOne(url); };
  if (!options.journal.empty()) {
    // Brokers move; whether it is the same log is seen by what it begins with.
    if (!settings_.journal.empty() && is_kafka(settings_.journal) != is_kafka(options.journal)) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "--journal: expected {} as in {}/{}, found {}", settings_.journal,
                        directory_, kConfiguration, options.journal);
    }
    settings_.journal = options.journal;
  }
  if (settings_.journal.empty()) settings_.journal = kEmbeddedJournal;
  if (!options.keys.empty()) settings_.keys = options.keys;
  if (options.now.has_value() && is_kafka(settings_.journal)) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "--now: expected a home with an embedded journal, since a broker stamps its "
                      "records itself, found {}",
                      settings_.journal);
  }
  return absl::OkStatus();
}

std::string Home::KeysDirectory() const {
  return settings_.keys.empty() ? directory_ + "/keys" : settings_.keys;
}

absl::StatusOr<LateJournal::Opener> Home::KafkaOpener(const HomeOptions& options) const {
  ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(settings_.journal));
  KafkaJournal::Options opening;
  opening.security = settings_.kafka;
  opening.connect_timeout_ms = options.connect_timeout_ms;
  return [address, opening]() -> absl::StatusOr<std::unique_ptr<Journal>> {
    ASSAY_ASSIGN_OR_RETURN(auto journal, KafkaJournal::Open(address, opening));
    return journal;
  };
}

absl::Status Home::OpenJournal(const HomeOptions& options) {
  if (KafkaAddress::IsOne(settings_.journal)) {
    ASSAY_ASSIGN_OR_RETURN(const auto open, KafkaOpener(options));
    ASSAY_ASSIGN_OR_RETURN(auto journal, open());
    UseJournal(std::move(journal));
    return absl::OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(
      auto embedded,
      EmbeddedJournal::Open(directory_ + "/journal",
                            {.clock = clock_.get(), .read_only = access_ == Access::kRead}));
  embedded_ = embedded.get();
  UseJournal(std::move(embedded));
  return absl::OkStatus();
}

absl::Status Home::MakeJournal(const HomeOptions& options) {
  if (KafkaAddress::IsOne(settings_.journal)) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(settings_.journal));
    ASSAY_ASSIGN_OR_RETURN(
        auto journal, KafkaJournal::Create(address, options.facts_partitions,
                                           {.security = settings_.kafka,
                                            .connect_timeout_ms = options.connect_timeout_ms}));
    UseJournal(std::move(journal));
    return absl::OkStatus();
  }
  if (std::filesystem::exists(directory_ + "/journal")) return OpenJournal(options);
  ASSAY_ASSIGN_OR_RETURN(auto embedded,
                         EmbeddedJournal::Create(directory_ + "/journal", options.facts_partitions,
                                                 {.clock = clock_.get()}));
  embedded_ = embedded.get();
  UseJournal(std::move(embedded));
  return absl::OkStatus();
}

void Home::UseJournal(std::unique_ptr<Journal> journal) {
  journal_ = std::make_unique<SigningJournal>(std::move(journal), log_keys_);
}

// Two may found on one broker at once, and one of them may be killed; the first Genesis wins. So
// the id that this home would give the log is on disk before it is on the log.
absl::StatusOr<std::string> Home::OwnLogId(const Founding& founding) {
  if (!founding.log_id.empty()) return founding.log_id;
  const std::string path = fmt::format("{}/{}", directory_, kFounding);
  std::ifstream file(path);
  std::string log_id;
  if (std::getline(file, log_id) && !log_id.empty()) return log_id;
  log_id = DrawId(clock_->Now());
  ASSAY_RETURN_IF_ERROR(WritePrivateFile(path, log_id + "\n"));
  return log_id;
}

absl::Status Home::CheckFounder(const Founding& founding, const LogIdentity& identity,
                                bool may_join) const {
  if (identity.company != founding.company) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the log at {} is that of the company \"{}\", not of \"{}\"; a prefix of its "
                      "own makes room for another company: {}?prefix=NAME",
                      settings_.journal, identity.company, founding.company,
                      settings_.journal.substr(0, settings_.journal.find('?')));
  }
  if (may_join) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "the company \"{}\" at {} was founded by another home, and all homes of a "
                    "company share its keys: {} has none. Name the folder with the keys: --keys "
                    "DIR, or copy it there",
                    founding.company, settings_.journal, KeysDirectory());
}

absl::StatusOr<std::unique_ptr<Home>> Home::Init(const HomeOptions& options,
                                                 const Founding& founding, bool exists_ok) {
  ASSAY_RETURN_IF_ERROR(MakePrivateDirectory(options.directory));
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  const bool is_kafka = KafkaAddress::IsOne(home->settings_.journal);
  const bool is_there = std::filesystem::exists(home->ConfigurationPath());
  const std::string keys = home->KeysDirectory();
  ASSAY_RETURN_IF_ERROR(MakePrivateDirectory(keys));
  if (!founding.key_seed.empty() && !std::filesystem::exists(keys + "/SEED")) {
    ASSAY_RETURN_IF_ERROR(WritePrivateFile(keys + "/SEED", founding.key_seed + "\n"));
  }
  ASSAY_ASSIGN_OR_RETURN(home->keys_, FileKeyStore::Open(keys));
  ASSAY_RETURN_IF_ERROR(home->keys_->KeepList());
  const bool had_keys = home->keys_->Key(kPseudonymKeyId, false).ok();
  // Before there is a home: from then on a home without it has lost it.
  if (!is_kafka) ASSAY_RETURN_IF_ERROR(home->keys_->Key(kPseudonymKeyId, true).status());
  ASSAY_ASSIGN_OR_RETURN(home->log_keys_, LoadLogKeys(*home->keys_));
  ASSAY_RETURN_IF_ERROR(home->MakeJournal(options));
  Founding own = founding;
  if (is_kafka) {
    ASSAY_ASSIGN_OR_RETURN(own.log_id, home->OwnLogId(founding));
  }
  ASSAY_RETURN_IF_ERROR(home->WriteGenesis(own, home->journal_->FactsPartitions()));
  ASSAY_RETURN_IF_ERROR(home->OpenViews(options, {}));
  if (is_kafka) {
    ASSAY_RETURN_IF_ERROR(home->CheckFounder(founding, home->Identity(),
                                             home->Identity().log_id == own.log_id || had_keys));
    ASSAY_RETURN_IF_ERROR(home->keys_->Key(kPseudonymKeyId, true).status());
  }
  ASSAY_RETURN_IF_ERROR(home->WriteConfiguration(home->Identity().company));
  const bool joins = is_kafka && !is_there && home->Identity().log_id != own.log_id;
  if (home->HasCompany()) {
    if (exists_ok || joins) return home;
    return MakeStatus(absl::StatusCode::kAlreadyExists,
                      "the company \"{}\" is at home in {} already", home->Identity().company,
                      options.directory);
  }
  ASSAY_RETURN_IF_ERROR(home->FoundCompany(founding));
  return home;
}

bool Home::HasCompany() {
  v1::CompanyState company;
  return decisions::StateAt(Rows(), decisions::kNewest).Get(streams::Company(), &company);
}

absl::Status Home::FoundCompany(const Founding& founding) {
  v1::Command command;
  command.set_command_id("found-company");
  command.mutable_actor()->set_person(founding.admins.front());
  command.mutable_found_company()->set_company(Identity().company);
  for (const std::string& admin : founding.admins) {
    command.mutable_found_company()->add_admins(admin);
  }
  if (founding.strict) command.mutable_found_company()->mutable_grants()->set_known(true);
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer, Submit(std::move(command)));
  const auto* const refused = std::get_if<Rejection>(&answer);
  // Another home may have been the first, with other admins.
  if (refused == nullptr || HasCompany()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "{}", refused->ToString());
}

absl::Status Home::WriteGenesis(const Founding& founding, int32_t facts_partitions) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t decisions_end, journal_->End(kDecisionsPartition));
  ASSAY_ASSIGN_OR_RETURN(pin_, LogPin::Load(*keys_));
  std::optional<LogPin> own;
  if (decisions_end == 0) {
    if (log_keys_.Newest() == nullptr) {
      ASSAY_RETURN_IF_ERROR(MakeLogKey(*keys_));
      ReloadLogKeys();
    }
    LogIdentity fresh{founding.company, founding.log_id, facts_partitions};
    // A founding that was interrupted goes on with the id that the key store has.
    const bool goes_on = pin_.has_value() && pin_->company == founding.company &&
                         !std::filesystem::exists(ConfigurationPath());
    if (fresh.log_id.empty()) fresh.log_id = goes_on ? pin_->log_id : DrawId(clock_->Now());
    if (pin_.has_value() && pin_->log_id != fresh.log_id) return KeysOfAnotherLog(*pin_, fresh);
    const LogKey& key = log_keys_.All().front();
    own = PinOfNewLog(fresh, key);
    ASSAY_RETURN_IF_ERROR(own->Save(*keys_));
    const std::string genesis = GenesisValue(fresh, kDecisionsPartition, &key);
    ASSAY_RETURN_IF_ERROR(journal_->Append(kDecisionsPartition, {&genesis, 1}));
  }
  // What stands at position 0 is the identity, whoever wrote it.
  ASSAY_ASSIGN_OR_RETURN(const auto first, journal_->Read(kDecisionsPartition, {}, 1, 1));
  ASSAY_ASSIGN_OR_RETURN(const LogIdentity identity,
                         IdentityOf(first.front().value, kDecisionsPartition));
  if (own.has_value() && own->log_id != identity.log_id) {
    ASSAY_RETURN_IF_ERROR(pin_.has_value() ? pin_->Save(*keys_) : LogPin::Forget(*keys_));
  }
  ASSAY_ASSIGN_OR_RETURN(pin_, LogPin::Load(*keys_));
  v1::Record genesis;
  (void)genesis.ParseFromString(first.front().value);
  const LogKey* const key = log_keys_.Find(genesis.genesis().auth().key_id());
  // Where another home founded it, its keys must be here before more is written or read.
  if (KafkaAddress::IsOne(settings_.journal)) {
    ASSAY_RETURN_IF_ERROR(
        CheckFounder(founding, identity, !genesis.genesis().has_auth() || key != nullptr));
  }
  for (int32_t i = 0; i < identity.facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t end, journal_->End(FactsPartition(i)));
    if (end > 0) continue;
    const std::string value = GenesisValue(identity, FactsPartition(i), key);
    ASSAY_RETURN_IF_ERROR(journal_->Append(FactsPartition(i), {&value, 1}));
  }
  return absl::OkStatus();
}

std::string Home::ConfigurationPath() const {
  return fmt::format("{}/{}", directory_, kConfiguration);
}

absl::Status Home::WriteConfiguration(const std::string& company) {
  if (std::filesystem::exists(ConfigurationPath())) return absl::OkStatus();
  std::string text =
      fmt::format("# Assay home of {}\njournal: \"{}\"\n", company, settings_.journal);
  if (!settings_.keys.empty()) {
    text += fmt::format("keys: \"{}\"\n", std::filesystem::absolute(settings_.keys).string());
  }
  ASSAY_RETURN_IF_ERROR(WritePrivateFile(ConfigurationPath(), text));
  std::error_code error;
  std::filesystem::remove(fmt::format("{}/{}", directory_, kFounding), error);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Home>> Home::Open(const HomeOptions& options) {
  return OpenAs(options, Access::kWrite, {});
}

absl::StatusOr<std::unique_ptr<Home>> Home::OpenToRead(const HomeOptions& options) {
  auto opened = OpenAs(options, Access::kRead, {.records_max = kTailRecordsMax});
  if (!absl::IsResourceExhausted(opened.status())) return opened;
  opened = Open(options);
  const absl::Status unwritten = opened.status();
  if (!absl::IsUnavailable(unwritten)) return opened;
  opened = OpenAs(options, Access::kRead, {.records_max = kMemoryRecordsMax, .from_nothing = true});
  if (!absl::IsResourceExhausted(opened.status())) return opened;
  return MakeStatus(absl::StatusCode::kUnavailable, "{}, since they cannot be written: {}",
                    MessageOf(opened.status()), MessageOf(unwritten));
}

absl::StatusOr<std::unique_ptr<Home>> Home::OpenAs(const HomeOptions& options, Access access,
                                                   InMemory in_memory) {
  if (!std::filesystem::exists(fmt::format("{}/{}", options.directory, kConfiguration))) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no home at {}: make one with `assay init`, or name another with "
                      "--home",
                      options.directory);
  }
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options, access));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  ASSAY_RETURN_IF_ERROR(home->OpenKeys());
  ASSAY_RETURN_IF_ERROR(home->OpenJournal(options));
  ASSAY_RETURN_IF_ERROR(home->OpenViews(options, in_memory));
  const Instant last = home->runner_->RecordedAt();
  if (options.now.has_value() && *options.now < last) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "--now: expected {} (the last recorded time) or later, found {}",
                      last.ToString(), options.now->ToString());
  }
  return home;
}

absl::StatusOr<std::unique_ptr<Home>> Home::OpenWithoutJournal(const HomeOptions& options,
                                                               const absl::Status& why) {
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  if (!KafkaAddress::IsOne(home->settings_.journal)) return why;
  ASSAY_RETURN_IF_ERROR(home->OpenKeys());
  ASSAY_ASSIGN_OR_RETURN(auto open, home->KafkaOpener(options));
  auto late = std::make_unique<LateJournal>(std::move(open), why);
  home->late_ = late.get();
  home->UseJournal(std::move(late));
  const absl::Status opened = home->OpenViews(options, {});
  if (absl::IsNotFound(opened)) return why;
  ASSAY_RETURN_IF_ERROR(opened);
  return home;
}

absl::Status Home::TakeJournal() {
  ASSAY_RETURN_IF_ERROR(late_->Use());
  if (const absl::Status checked = runner_->CheckJournal(); !checked.ok()) {
    late_->Drop(checked);
    return checked;
  }
  late_ = nullptr;
  (void)LookAtClock();
  return absl::OkStatus();
}

absl::Status Home::OpenKeys() {
  const std::string keys = KeysDirectory();
  // New keys in their place would give the same people other pseudonyms, without a word.
  if (!std::filesystem::exists(keys)) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} is missing: restore it from a copy, what it sealed cannot be read", keys);
  }
  ASSAY_ASSIGN_OR_RETURN(keys_, FileKeyStore::Open(keys));
  // Nobody else uses the keys of an embedded home. A full disk is no reason not to open it.
  const bool is_alone = settings_.keys.empty() && !KafkaAddress::IsOne(settings_.journal);
  if (access_ == Access::kWrite) {
    absl::Status kept = is_alone ? keys_->HideNames() : absl::OkStatus();
    if (kept.ok()) kept = keys_->KeepList();
    if (!absl::IsUnavailable(kept)) ASSAY_RETURN_IF_ERROR(kept);
  }
  ASSAY_ASSIGN_OR_RETURN(log_keys_, LoadLogKeys(*keys_));
  ASSAY_ASSIGN_OR_RETURN(pin_, LogPin::Load(*keys_));
  const auto pseudonyms = keys_->Key(kPseudonymKeyId, false);
  if (!absl::IsNotFound(pseudonyms.status())) return pseudonyms.status();
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} has lost the key of the pseudonyms: restore it from a copy, a new one "
                    "would make other people of the same ones",
                    keys);
}

absl::StatusOr<std::unique_ptr<Home>> Home::Rebuild(const HomeOptions& options) {
  {
    ASSAY_ASSIGN_OR_RETURN(const auto locked, Begin(options));
    ASSAY_RETURN_IF_ERROR(Store::Destroy(options.directory + "/views"));
  }
  return Open(options);
}

absl::StatusOr<int64_t> Home::Receive(
    const HomeOptions& options, const LogIdentity& source,
    const std::function<absl::StatusOr<int64_t>(EmbeddedJournal& target)>& copy) {
  ASSAY_RETURN_IF_ERROR(MakePrivateDirectory(options.directory));
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  if (KafkaAddress::IsOne(home->settings_.journal)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the home {} has its journal at {}: copy to that instead", options.directory,
                      home->settings_.journal);
  }
  HomeOptions sized = options;
  sized.facts_partitions = source.facts_partitions;
  ASSAY_RETURN_IF_ERROR(home->MakeJournal(sized));
  if (home->journal_->FactsPartitions() != source.facts_partitions) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the target has {} facts partitions, the source {}",
                      home->journal_->FactsPartitions(), source.facts_partitions);
  }
  ASSAY_ASSIGN_OR_RETURN(const int64_t copied, copy(*home->embedded_));
  ASSAY_RETURN_IF_ERROR(home->WriteConfiguration(source.company));
  return copied;
}

absl::Status Home::OpenViews(const HomeOptions& options, InMemory in_memory) {
  // Nobody else's commits may look like this node's, on whatever machine they are made.
  writer_ = WriterName(DrawId(clock_->Now()));
  const auto open = access_ == Access::kRead ? Runner::OpenToRead
                    : WaitsForJournal()      ? Runner::OpenStored
                                             : Runner::Open;
  Runner::Options folding{.writer = writer_, .log_keys = log_keys_};
  folding.memory_records_max = in_memory.records_max;
  folding.from_nothing = in_memory.from_nothing;
  folding.progress = options.progress;
  folding.reload_keys = [this] { return ReloadLogKeys(); };
  if (pin_.has_value()) folding.pinned = pin_->roots;
  folding.on_keys = [this](const LogIdentity& identity, PartitionId partition,
                           const PartitionKeys& keys) {
    journal_->Use(identity.log_id, partition, keys);
  };
  ASSAY_ASSIGN_OR_RETURN(runner_, open(*journal_, directory_ + "/views", std::move(folding)));
  evaluator_ = std::make_unique<score_table::Evaluator>(runner_->Rows());
  evaluator_->SetIntakeSource(
      [this](int32_t partition, int64_t position) { return IntakeAt(partition, position); });
  evaluator_->SetTextOpener([this](const v1::Sealed& sealed) { return OpenText(sealed); });
  ASSAY_ASSIGN_OR_RETURN(const bool is_named, NameNode());
  // The first fold publishes nothing old, however often it was interrupted.
  const bool fresh = runner_->IsFirstFold();
  folded_before_ = runner_->RecordedAt();
  const bool publishes = !node_.empty() && settings_.publish != "none";
  score_table_ = std::make_unique<score_table::Projector>(
      *evaluator_,
      score_table::Projector::Options{.company = runner_->Identity().company,
                                      .publish = !fresh,
                                      .node = node_,
                                      .keeps_events = options.keeps_others && publishes});
  runner_->Attach(*score_table_);
  runner_->SetScores([this](Overlay& overlay, int64_t position, const std::vector<int64_t>& facts) {
    return std::make_unique<score_table::LockedScoresAt>(
        *evaluator_, overlay, position, facts,
        [this](int32_t partition, int64_t at) { return runner_->FactsRootAt(partition, at); });
  });
  if (pin_.has_value() && pin_->log_id != Identity().log_id) {
    return KeysOfAnotherLog(*pin_, Identity());
  }
  if (!WaitsForJournal()) {
    ASSAY_RETURN_IF_ERROR(runner_->CatchUp());
    ASSAY_RETURN_IF_ERROR(CheckPin());
    if (access_ == Access::kWrite) ASSAY_RETURN_IF_ERROR(PinLog());
  }
  if (fresh) folded_before_ = runner_->RecordedAt();
  // Not before: a row that is written ends the loading of new views.
  if (is_named || fresh) ASSAY_RETURN_IF_ERROR(runner_->WriteRows());
  score_table_->StartPublishing();
  (void)LookAtClock();
  return absl::OkStatus();
}

absl::Status Home::CheckPin() {
  if (!pin_.has_value()) return absl::OkStatus();
  const size_t slots = runner_->Facts().size() + 1;
  for (size_t slot = 0; slot < pin_->roots.size(); ++slot) {
    const PartitionId partition = PartitionOfSlot(slot);
    const int64_t last = slot < slots ? runner_->Folded(partition).position : -1;
    if (!pin_->roots[slot].has_value() || last >= pin_->roots[slot]->position) continue;
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "LOG_NOT_AUTHENTIC: {} ends at position {}, and the key store says that it "
                      "became authentic at position {}: records of the log are gone",
                      NameOfPartition(partition), last, pin_->roots[slot]->position);
  }
  return absl::OkStatus();
}

// A partition that is pinned stays as it is: the root at any later position proves no more.
absl::Status Home::PinLog() {
  LogPin pin = pin_.value_or(LogPin{Identity().company, Identity().log_id, {}});
  pin.roots.resize(runner_->Facts().size() + 1);
  bool has_changed = false;
  for (size_t slot = 0; slot < pin.roots.size(); ++slot) {
    const Runner::FoldedPartition folded = runner_->Folded(PartitionOfSlot(slot));
    if (!folded.keys.AreNeeded() || pin.roots[slot].has_value()) continue;
    pin.roots[slot] = PinnedRoot{folded.position, folded.root};
    has_changed = true;
  }
  if (!has_changed) return absl::OkStatus();
  pin_ = std::move(pin);
  return pin_->Save(*keys_);
}

absl::StatusOr<std::string> Home::MakeNextLogKey() {
  ASSAY_RETURN_IF_ERROR(MakeLogKey(*keys_));
  runner_->UseLogKeys(ReloadLogKeys());
  return log_keys_.Newest()->Id();
}

const LogKeys& Home::ReloadLogKeys() {
  auto keys = LoadLogKeys(*keys_);
  if (keys.ok()) {
    log_keys_ = *std::move(keys);
    journal_->Learn(log_keys_);
  }
  return log_keys_;
}

absl::Status Home::MayRecord() {
  if (story_ != nullptr || is_forced_) return absl::OkStatus();
  return clock_watch_->Fault();
}

absl::Status Home::LookAtClock() {
  // A journal of our own is stamped with the last recorded time when the clock is before it;
  // brokers stamp with theirs, and one that was ahead once does not count for ever.
  clock_watch_->NoteRecorded(embedded_ != nullptr ? runner_->RecordedAt()
                                                  : runner_->StampedAt(kDecisionsPartition));
  return MayRecord();
}

absl::StatusOr<bool> Home::NameNode() {
  constexpr std::string_view kNode = "outbox/node";
  if (embedded_ != nullptr) return false;
  if (const auto kept = Rows().Get(Table::kMeta, kNode); kept.has_value()) {
    node_ = *kept;
    return false;
  }
  ASSAY_RETURN_IF_ERROR(Rows().status());
  node_ = DrawId(clock_->Now());
  Rows().Put(Table::kMeta, std::string(kNode), node_);
  return true;
}

absl::Status Home::Failure() {
  ASSAY_RETURN_IF_ERROR(runner_->Failure());
  return embedded_ != nullptr ? embedded_->End(kDecisionsPartition).status() : absl::OkStatus();
}

absl::StatusOr<SubmitAnswer> Home::SubmitAsEngine(std::string_view what, v1::Command command,
                                                  const Aside& aside) {
  return SubmitStep(EngineId(what, DrawId(clock_->Now()), 0), std::move(command), aside);
}

absl::StatusOr<SubmitAnswer> Home::SubmitStep(const std::string& id, v1::Command command,
                                              const Aside& aside) {
  command.set_command_id(id);
  *command.mutable_actor() = EngineActor();
  ASSAY_ASSIGN_OR_RETURN(const v1::CommandOrigin origin, OriginOfSent({}));
  return std::move(SubmitSealed({&command, 1}, {&origin, 1}, aside).front());
}

absl::StatusOr<v1::CommandOrigin> Home::OriginOfSent(const Sender& by) {
  TimeGiven time{.is_forced = is_forced_};
  if (story_ != nullptr) time.now = story_->Now();
  return OriginOf(by, time, *keys_);
}

Home::SubmitAnswers Home::SubmitSealed(std::span<const v1::Command> commands,
                                       std::span<const v1::CommandOrigin> origins,
                                       const Aside& aside) {
  if (const absl::Status may = MayRecord(); !may.ok()) {
    return SubmitAnswers(commands.size(), absl::StatusOr<SubmitAnswer>(may));
  }
  const Instant begun = Ticks();
  AsideJournal journal(*journal_, aside);
  AsideReplica replica(*runner_, *journal_, aside);
  Submitter submitter(journal, replica, *clock_, {.writer = writer_});
  auto answers = submitter.SubmitAll(commands, origins);
  const bool has_written = std::ranges::any_of(answers, [](const auto& answer) {
    return answer.ok() && std::holds_alternative<Committed>(*answer) &&
           !std::get<Committed>(*answer).repeated;
  });
  if (has_written) NoteRecorded(kDecisionsPartition, begun);
  return answers;
}

absl::StatusOr<int64_t> Home::ClaimPublisher(const Aside& aside) {
  v1::Command command;
  command.mutable_claim_publisher()->set_node(node_);
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer,
                         SubmitAsEngine("claim-publisher", std::move(command), aside));
  if (const auto* const refused = std::get_if<Rejection>(&answer); refused != nullptr) {
    return MakeStatus(absl::StatusCode::kInternal, "publishing cannot be claimed: {}",
                      refused->ToString());
  }
  // Not the newest one: another node may have claimed behind it.
  decisions::StateAt state(Rows(), std::get<Committed>(answer).position);
  v1::PublisherState claimed;
  state.Get(streams::Publisher(), &claimed);
  ASSAY_RETURN_IF_ERROR(state.status());
  return claimed.epoch();
}

absl::Status Home::PublishAlert(score_table::Alert alert) {
  if (node_.empty() || settings_.publish == "none") return absl::OkStatus();
  alert.node = node_;
  score_table_->PublishAlert(runner_->Now(), runner_->RecordedAt(), alert, Rows());
  return runner_->WriteRows();
}

absl::StatusOr<SubmitAnswer> Home::Submit(v1::Command command, Sender by) {
  std::vector<SentCommand> commands;
  commands.push_back({std::move(command), std::move(by)});
  return std::move(SubmitAll(std::move(commands)).front());
}

Home::SubmitAnswers Home::SubmitAll(std::vector<SentCommand> commands, const Aside& aside) {
  const auto begun = std::chrono::steady_clock::now();
  SubmitAnswers answers = SubmitUnobserved(std::move(commands), aside);
  if (on_submit_) {
    const auto took = std::chrono::steady_clock::now() - begun;
    for (const auto& answer : answers) on_submit_(took, answer);
  }
  return answers;
}

Home::SubmitAnswers Home::SubmitUnobserved(std::vector<SentCommand> commands, const Aside& aside) {
  // Before anything is made for them, as keys.
  if (const absl::Status may = MayRecord(); !may.ok()) {
    return SubmitAnswers(commands.size(), absl::StatusOr<SubmitAnswer>(may));
  }
  TakeSteps();
  // What names something that another command of these may make is sealed under the key of whom
  // that concerns, once it is there.
  std::vector<size_t> first;
  std::vector<size_t> behind;
  decisions::StateAt state(Rows(), decisions::kNewest);
  for (size_t i = 0; i < commands.size(); ++i) {
    (NamesUnknown(commands[i].command, state) ? behind : first).push_back(i);
  }
  SubmitAnswers answers(commands.size(), SubmitAnswer());
  for (const auto& places : {first, behind}) {
    // Nothing is decided beside a lock that it could overtake: what comes after one waits for its
    // cuts.
    std::vector<size_t> together;
    for (const size_t i : places) {
      const bool begins_steps = BeginsSteps(commands[i].command);
      together.push_back(i);
      if (begins_steps) SubmitSome(commands, std::exchange(together, {}), aside, answers);
    }
    if (!together.empty()) SubmitSome(commands, together, aside, answers);
  }
  return answers;
}

void Home::SubmitSome(std::vector<SentCommand>& commands, const std::vector<size_t>& places,
                      const Aside& aside, SubmitAnswers& answers) {
  std::vector<v1::Command> sealed;
  std::vector<v1::CommandOrigin> origins;
  std::vector<size_t> sealed_places;
  bool begins_steps = false;
  for (const size_t i : places) {
    v1::Command& command = commands[i].command;
    if (command.command_id().empty()) command.set_command_id(DrawId(clock_->Now()));
    if (command.has_actor() && command.actor().via() == v1::AUTHENTICATION_UNSPECIFIED) {
      command.mutable_actor()->set_via(v1::AUTHENTICATION_HOME_ACCESS);
    }
    if (command.actor().via() == v1::AUTHENTICATION_ENGINE) {
      answers[i] = NotTheEngine();
      continue;
    }
    if (auto refused = SealTaken(command); !refused.ok()) {
      answers[i] = refused.status();
      continue;
    } else if (refused->has_value()) {
      answers[i] = SubmitAnswer(**std::move(refused));
      continue;
    }
    auto origin = OriginOfSent(commands[i].by);
    if (!origin.ok()) {
      answers[i] = origin.status();
      continue;
    }
    origins.push_back(*std::move(origin));
    begins_steps = begins_steps || BeginsSteps(command);
    sealed_places.push_back(i);
    sealed.push_back(std::move(command));
  }
  SubmitAnswers submitted = SubmitSealed(sealed, origins, aside);
  for (size_t i = 0; i < sealed.size(); ++i) {
    answers[sealed_places[i]] = std::move(submitted[i]);
  }
  if (begins_steps) TakeSteps();
}

absl::StatusOr<std::optional<Rejection>> Home::SealTaken(v1::Command& command) {
  decisions::StateAt state(Rows(), decisions::kNewest);
  ASSAY_ASSIGN_OR_RETURN(auto refused, TakeCommand(state, *keys_, command));
  if (refused.has_value()) return refused;
  KeysAtHand at_hand(*keys_);
  v1::Command trial = command;
  ASSAY_RETURN_IF_ERROR(SealCommand(state, at_hand, trial));
  const Hash32 commit_id = CommitId(Identity().company, command.command_id());
  ASSAY_ASSIGN_OR_RETURN(const auto applied, runner_->FindApplied(commit_id));
  // What was applied before is not decided again: without its key it is another command.
  if (!at_hand.Missed() || applied.has_value()) {
    command = std::move(trial);
    return std::nullopt;
  }
  // A key is made for what will be appended, and for nothing that is refused.
  ASSAY_ASSIGN_OR_RETURN(DecideSnapshot snapshot, runner_->Snapshot());
  const Instant decided_at = std::max(clock_->Now(), snapshot.recorded_at);
  ASSAY_ASSIGN_OR_RETURN(Drafted drafted, DraftCommit(trial, decided_at, snapshot));
  if (!IsAccepted(drafted.decision)) return std::get<Rejection>(std::move(drafted.decision));
  ASSAY_RETURN_IF_ERROR(SealCommand(state, *keys_, command));
  return std::nullopt;
}

bool Home::AreStepsDue(Day today) {
  if (today != steps_day_ || !step_failure_.ok()) return true;
  // Whichever node changed them.
  for (const std::string& stream : {streams::Cycles(), streams::Log()}) {
    if (runner_->LastChanged(stream).value_or(-1) > steps_taken_at_) return true;
  }
  return false;
}

void Home::TakeSteps() {
  if (!MayRecord().ok()) return;
  const Day today = UtcDayOf(clock_->Now());
  if (!AreStepsDue(today)) return;
  // A key that was missing may have been copied here since.
  if (!step_failure_.ok()) ReloadLogKeys();
  steps_day_ = today;
  steps_taken_at_ = runner_->Decisions().next.position - 1;
  step_failure_ = TakeEngineSteps(*this);
  // Logs that became authentic are known to the key store from then on.
  if (step_failure_.ok()) step_failure_ = PinLog();
}

}  // namespace assay

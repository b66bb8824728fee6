#include "tools/assay/home.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "connectors/embedded/random_bytes.h"
#include "connectors/kafka/kafka_journal.h"
#include "engine/base/check.h"
#include "engine/commit/seal.h"
#include "engine/event/effective.h"
#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"

namespace assay {
namespace {

constexpr std::string_view kConfiguration = "assay.yaml";
constexpr std::string_view kFounding = "founding";

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot make the directory {}: {}", path,
                    error.message());
}

// Whole or not at all, also after a power loss.
absl::Status WriteFileDurably(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << text;
    if (!file.flush()) {
      return MakeStatus(absl::StatusCode::kUnavailable, "cannot write {}", temporary);
    }
  }
  const int descriptor = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  std::error_code error;
  if (synced) std::filesystem::rename(temporary, path, error);
  if (!synced || error) {
    return MakeStatus(absl::StatusCode::kUnavailable, "cannot write {}", path);
  }
  return absl::OkStatus();
}

v1::Actor EngineActor() {
  v1::Actor actor;
  actor.set_client("engine");
  actor.set_via(v1::AUTHENTICATION_ENGINE);
  return actor;
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

absl::StatusOr<std::unique_ptr<Home>> Home::Begin(const HomeOptions& options) {
  std::unique_ptr<Home> home(new Home());
  home->directory_ = options.directory;
  if (options.now.has_value()) {
    auto story = std::make_unique<StoryClock>(*options.now);
    home->story_ = story.get();
    home->clock_ = std::move(story);
  } else {
    home->clock_ = std::make_unique<SystemClock>();
  }
  SystemClock system;
  ASSAY_ASSIGN_OR_RETURN(HomeLock lock, HomeLock::Acquire(options.directory, system));
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
    ASSAY_ASSIGN_OR_RETURN(journal_, open());
    return absl::OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(auto embedded,
                         EmbeddedJournal::Open(directory_ + "/journal", {.clock = clock_.get()}));
  embedded_ = embedded.get();
  journal_ = std::move(embedded);
  return absl::OkStatus();
}

absl::Status Home::MakeJournal(const HomeOptions& options) {
  if (KafkaAddress::IsOne(settings_.journal)) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(settings_.journal));
    ASSAY_ASSIGN_OR_RETURN(
        journal_, KafkaJournal::Create(address, options.facts_partitions,
                                       {.security = settings_.kafka,
                                        .connect_timeout_ms = options.connect_timeout_ms}));
    return absl::OkStatus();
  }
  if (std::filesystem::exists(directory_ + "/journal")) return OpenJournal(options);
  ASSAY_ASSIGN_OR_RETURN(auto embedded,
                         EmbeddedJournal::Create(directory_ + "/journal", options.facts_partitions,
                                                 {.clock = clock_.get()}));
  embedded_ = embedded.get();
  journal_ = std::move(embedded);
  return absl::OkStatus();
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
  ASSAY_RETURN_IF_ERROR(WriteFileDurably(path, log_id + "\n"));
  return log_id;
}

absl::Status Home::CheckFounder(const Founding& founding, std::string_view own_log_id,
                                bool had_keys) {
  if (Identity().company != founding.company) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the log at {} is that of the company \"{}\", not of \"{}\"; a prefix of its "
                      "own makes room for another company: {}?prefix=NAME",
                      settings_.journal, Identity().company, founding.company,
                      settings_.journal.substr(0, settings_.journal.find('?')));
  }
  if (Identity().log_id == own_log_id || had_keys) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "the company \"{}\" at {} was founded by another home, and all homes of a "
                    "company share its keys: {} has none. Name the folder with the keys: --keys "
                    "DIR, or copy it there",
                    founding.company, settings_.journal, KeysDirectory());
}

absl::StatusOr<std::unique_ptr<Home>> Home::Init(const HomeOptions& options,
                                                 const Founding& founding, bool exists_ok) {
  ASSAY_RETURN_IF_ERROR(MakeDirectory(options.directory));
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  const bool is_kafka = KafkaAddress::IsOne(home->settings_.journal);
  const bool is_there = std::filesystem::exists(home->ConfigurationPath());
  const std::string keys = home->KeysDirectory();
  ASSAY_RETURN_IF_ERROR(MakeDirectory(keys));
  if (!founding.key_seed.empty() && !std::filesystem::exists(keys + "/SEED")) {
    ASSAY_RETURN_IF_ERROR(WriteFileDurably(keys + "/SEED", founding.key_seed + "\n"));
  }
  ASSAY_ASSIGN_OR_RETURN(home->keys_, FileKeyStore::Open(keys));
  const bool had_keys = home->keys_->Key(kPseudonymKeyId, false).ok();
  // Before there is a home: from then on a home without it has lost it.
  if (!is_kafka) ASSAY_RETURN_IF_ERROR(home->keys_->Key(kPseudonymKeyId, true).status());
  ASSAY_RETURN_IF_ERROR(home->MakeJournal(options));
  Founding own = founding;
  if (is_kafka) {
    ASSAY_ASSIGN_OR_RETURN(own.log_id, home->OwnLogId(founding));
  }
  ASSAY_RETURN_IF_ERROR(home->WriteGenesis(own, home->journal_->FactsPartitions()));
  ASSAY_RETURN_IF_ERROR(home->OpenViews(options));
  if (is_kafka) {
    ASSAY_RETURN_IF_ERROR(home->CheckFounder(founding, own.log_id, had_keys));
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
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer, Submit(std::move(command)));
  const auto* const refused = std::get_if<Rejection>(&answer);
  // Another home may have been the first, with other admins.
  if (refused == nullptr || HasCompany()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "{}", refused->ToString());
}

absl::Status Home::WriteGenesis(const Founding& founding, int32_t facts_partitions) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t decisions_end, journal_->End(kDecisionsPartition));
  if (decisions_end == 0) {
    const LogIdentity fresh{founding.company,
                            founding.log_id.empty() ? DrawId(clock_->Now()) : founding.log_id,
                            facts_partitions};
    const std::string genesis = GenesisValue(fresh, kDecisionsPartition);
    ASSAY_RETURN_IF_ERROR(journal_->Append(kDecisionsPartition, {&genesis, 1}));
  }
  // What stands at position 0 is the identity, whoever wrote it.
  ASSAY_ASSIGN_OR_RETURN(const auto first, journal_->Read(kDecisionsPartition, {}, 1, 1));
  ASSAY_ASSIGN_OR_RETURN(const LogIdentity identity,
                         IdentityOf(first.front().value, kDecisionsPartition));
  for (int32_t i = 0; i < identity.facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t end, journal_->End(FactsPartition(i)));
    if (end > 0) continue;
    const std::string genesis = GenesisValue(identity, FactsPartition(i));
    ASSAY_RETURN_IF_ERROR(journal_->Append(FactsPartition(i), {&genesis, 1}));
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
  ASSAY_RETURN_IF_ERROR(WriteFileDurably(ConfigurationPath(), text));
  std::error_code error;
  std::filesystem::remove(fmt::format("{}/{}", directory_, kFounding), error);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Home>> Home::Open(const HomeOptions& options) {
  if (!std::filesystem::exists(fmt::format("{}/{}", options.directory, kConfiguration))) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no home at {}: make one with `assay init`, or name another with "
                      "--home",
                      options.directory);
  }
  ASSAY_ASSIGN_OR_RETURN(auto home, Begin(options));
  ASSAY_RETURN_IF_ERROR(home->UseSettings(options));
  ASSAY_RETURN_IF_ERROR(home->OpenKeys());
  ASSAY_RETURN_IF_ERROR(home->OpenJournal(options));
  ASSAY_RETURN_IF_ERROR(home->OpenViews(options));
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
  home->journal_ = std::move(late);
  const absl::Status opened = home->OpenViews(options);
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
  ASSAY_RETURN_IF_ERROR(MakeDirectory(options.directory));
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

absl::Status Home::OpenViews(const HomeOptions& options) {
  // Nobody else's commits may look like this node's, on whatever machine they are made.
  writer_ = fmt::format("assay-{}-{}", ::getpid(), DrawId(clock_->Now()));
  const auto open = WaitsForJournal() ? Runner::OpenStored : Runner::Open;
  ASSAY_ASSIGN_OR_RETURN(runner_, open(*journal_, directory_ + "/views",
                                       {.writer = writer_, .progress = options.progress}));
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
  runner_->SetScores([this](Overlay& overlay, int64_t position) {
    return std::make_unique<score_table::LockedScoresAt>(*evaluator_, overlay, position,
                                                         runner_->Identity().facts_partitions);
  });
  if (!WaitsForJournal()) ASSAY_RETURN_IF_ERROR(runner_->CatchUp());
  if (fresh) folded_before_ = runner_->RecordedAt();
  // Not before: a row that is written ends the loading of new views.
  if (is_named || fresh) ASSAY_RETURN_IF_ERROR(runner_->WriteRows());
  score_table_->StartPublishing();
  return absl::OkStatus();
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
  command.set_command_id(fmt::format("{}.{}", what, DrawId(clock_->Now())));
  *command.mutable_actor() = EngineActor();
  return std::move(SubmitSealed({&command, 1}, aside).front());
}

Home::SubmitAnswers Home::SubmitSealed(std::span<const v1::Command> commands, const Aside& aside) {
  AsideJournal journal(*journal_, aside);
  AsideReplica replica(*runner_, *journal_, aside);
  return Submitter(journal, replica, *clock_, {.writer = writer_}).SubmitAll(commands);
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

absl::StatusOr<SubmitAnswer> Home::Submit(v1::Command command) {
  std::vector<v1::Command> commands;
  commands.push_back(std::move(command));
  return std::move(SubmitAll(std::move(commands)).front());
}

Home::SubmitAnswers Home::SubmitAll(std::vector<v1::Command> commands, const Aside& aside) {
  const auto begun = std::chrono::steady_clock::now();
  SubmitAnswers answers = SubmitUnobserved(std::move(commands), aside);
  if (on_submit_) {
    const auto took = std::chrono::steady_clock::now() - begun;
    for (const auto& answer : answers) on_submit_(took, answer);
  }
  return answers;
}

Home::SubmitAnswers Home::SubmitUnobserved(std::vector<v1::Command> commands, const Aside& aside) {
  if (const absl::Status ready = FinishInterrupted(); !ready.ok()) {
    return SubmitAnswers(commands.size(), absl::StatusOr<SubmitAnswer>(ready));
  }
  // What names something that another command of these may make is sealed under the key of whom
  // that concerns, once it is there.
  std::vector<size_t> first;
  std::vector<size_t> behind;
  decisions::StateAt state(Rows(), decisions::kNewest);
  for (size_t i = 0; i < commands.size(); ++i) {
    (NamesUnknown(commands[i], state) ? behind : first).push_back(i);
  }
  SubmitAnswers answers(commands.size(), SubmitAnswer());
  for (const auto& places : {first, behind}) {
    if (!places.empty()) SubmitSome(commands, places, aside, answers);
  }
  return answers;
}

void Home::SubmitSome(std::vector<v1::Command>& commands, const std::vector<size_t>& places,
                      const Aside& aside, SubmitAnswers& answers) {
  std::vector<v1::Command> sealed;
  std::vector<size_t> sealed_places;
  bool has_lock = false;
  for (const size_t i : places) {
    v1::Command& command = commands[i];
    if (command.command_id().empty()) command.set_command_id(DrawId(clock_->Now()));
    if (command.has_actor() && command.actor().via() == v1::AUTHENTICATION_UNSPECIFIED) {
      command.mutable_actor()->set_via(v1::AUTHENTICATION_HOME_ACCESS);
    }
    decisions::StateAt state(Rows(), decisions::kNewest);
    if (const absl::Status done = SealCommand(state, *keys_, command); !done.ok()) {
      answers[i] = done;
      continue;
    }
    has_lock = has_lock || command.has_lock_cycle();
    sealed_places.push_back(i);
    sealed.push_back(std::move(command));
  }
  // Until it is known that the cuts are there, also when the answer is lost; and again behind it,
  // since others who have the home meanwhile may look before the lock is there.
  if (has_lock) has_finished_interrupted_ = false;
  SubmitAnswers submitted = SubmitSealed(sealed, aside);
  if (has_lock) has_finished_interrupted_ = false;
  for (size_t i = 0; i < sealed.size(); ++i) {
    absl::StatusOr<SubmitAnswer>& answer = answers[sealed_places[i]];
    answer = std::move(submitted[i]);
    if (!sealed[i].has_lock_cycle() || !answer.ok()) continue;
    if (!std::holds_alternative<Committed>(*answer)) continue;
    if (const absl::Status cut = FinishInterrupted(); !cut.ok()) answer = cut;
  }
}

absl::Status Home::FinishInterrupted() {
  if (has_finished_interrupted_) return absl::OkStatus();
  ASSAY_RETURN_IF_ERROR(DriveCuts());
  has_finished_interrupted_ = true;
  return absl::OkStatus();
}

absl::Status Home::DriveCuts() {
  decisions::StateAt state(Rows(), decisions::kNewest);
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    const auto cycle = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!cycle.has_value() || cycle->stage() != v1::CYCLE_STAGE_LOCKED || cycle->sealed()) continue;
    ASSAY_RETURN_IF_ERROR(AppendMissingCuts(*cycle));
    ASSAY_RETURN_IF_ERROR(runner_->CatchUp());
    ASSAY_RETURN_IF_ERROR(SealCuts(*cycle));
  }
  return state.status();
}

absl::Status Home::AppendMissingCuts(const v1::CycleState& cycle) {
  v1::Record record;
  record.set_company(Identity().company);
  record.set_log_id(Identity().log_id);
  v1::CycleCut& cut = *record.mutable_cycle_cut();
  cut.set_cycle(cycle.cycle());
  cut.set_generation(cycle.generation());
  cut.set_lock_position(cycle.lock_position());
  const std::string value = record.SerializeAsString();
  for (int32_t i = 0; i < Identity().facts_partitions; ++i) {
    const auto present =
        facts::CutOf(Rows(), cycle.cycle(), cycle.generation(), "", i, cycle.lock_position());
    if (!present.has_value()) {
      ASSAY_RETURN_IF_ERROR(journal_->Append(FactsPartition(i), {&value, 1}));
    }
  }
  return Rows().status();
}

absl::Status Home::SealCuts(const v1::CycleState& cycle) {
  v1::Command command;
  command.set_command_id(fmt::format("seal-cut.{}.{}", cycle.cycle(), cycle.generation()));
  *command.mutable_actor() = EngineActor();
  v1::SealCut& seal = *command.mutable_seal_cut();
  seal.set_cycle(cycle.cycle());
  seal.set_generation(cycle.generation());
  for (int32_t i = 0; i < Identity().facts_partitions; ++i) {
    const auto position =
        facts::CutOf(Rows(), cycle.cycle(), cycle.generation(), "", i, cycle.lock_position());
    if (!position.has_value()) {
      return MakeStatus(absl::StatusCode::kUnavailable,
                        "the cut of cycle {} is not yet in facts partition {}", cycle.cycle(), i);
    }
    seal.add_cut(*position);
  }
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer,
                         std::move(SubmitSealed({&command, 1}, InPlace).front()));
  const auto* refused = std::get_if<Rejection>(&answer);
  if (refused == nullptr || refused->code == "ALREADY_SEALED") return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInternal, "the cut of cycle {} cannot be sealed: {}",
                    cycle.cycle(), refused->ToString());
}

absl::StatusOr<v1::Intake> Home::IntakeAt(int32_t partition, int64_t position) {
  ASSAY_ASSIGN_OR_RETURN(
      const auto records,
      journal_->Read(FactsPartition(partition),
                     runner_->CursorAt(FactsPartition(partition), position), 1, 1));
  v1::Record record;
  if (records.empty() || !record.ParseFromString(records.front().value) || !record.has_intake()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "facts {} position {} is no intake", partition,
                      position);
  }
  return std::move(*record.mutable_intake());
}

std::string Home::OpenText(const v1::Sealed& sealed) {
  if (sealed.bytes().empty()) return sealed.clear();
  const auto key = keys_->Key(sealed.key_id(), false);
  if (absl::IsNotFound(key.status())) return std::string(kTextOfAGoneKey);
  if (!key.ok()) return "(unreadable: its key is damaged)";
  auto text = OpenSealed(*key, sealed);
  return text.ok() ? *std::move(text) : "(damaged)";
}

absl::StatusOr<Moment> Home::MomentOf(std::string_view text) {
  const Moment now = runner_->Now();
  if (text.empty()) return now;
  if (auto moment = Moment::Parse(text); moment.has_value()) {
    if (moment->facts.size() != now.facts.size()) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "--at: expected {} facts positions, found {}", now.facts.size(),
                        moment->facts.size());
    }
    bool inside = moment->decisions <= now.decisions;
    for (size_t i = 0; i < now.facts.size(); ++i) inside &= moment->facts[i] <= now.facts[i];
    if (inside) return *std::move(moment);
    return MakeStatus(absl::StatusCode::kNotFound, "--at: {} lies behind the end of the log, {}",
                      text, now.ToString());
  }
  std::optional<Instant> instant = Instant::Parse(text);
  Moment moment;
  const bool is_position = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_position && text.size() < 19) {
    moment.decisions = std::stoll(std::string(text));
    const auto mark = decisions::MarkOf(Rows(), moment.decisions);
    if (!mark.has_value()) {
      return MakeStatus(absl::StatusCode::kNotFound,
                        "--at: expected a position up to {}, where the decisions end, found {}",
                        now.decisions, text);
    }
    instant = mark->recorded_at;
  } else if (instant.has_value()) {
    moment.decisions =
        decisions::PositionAtInstant(Rows(), runner_->Decisions().next.position, *instant);
  } else {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "--at: expected an instant (2026-07-02T23:59:59+08:00), a decisions position "
                      "or a full vector (D@f0,f1,...), found \"{}\"",
                      text);
  }
  for (int32_t i = 0; i < Identity().facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t position, FactsPositionAt(i, *instant));
    moment.facts.push_back(position);
  }
  return moment;
}

absl::StatusOr<int64_t> Home::FactsPositionAt(int32_t partition, Instant instant) {
  int64_t low = 0;
  int64_t high = runner_->Facts()[static_cast<size_t>(partition)].next.position;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    ASSAY_ASSIGN_OR_RETURN(
        const auto records,
        journal_->Read(FactsPartition(partition),
                       runner_->CursorAt(FactsPartition(partition), middle), 1, 1));
    if (!records.empty() && records.front().appended_at <= instant) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

}  // namespace assay

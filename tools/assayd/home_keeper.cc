#include "tools/assayd/home_keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "connectors/embedded/journal_format.h"
#include "connectors/embedded/system_clock.h"

namespace assay {
namespace {

constexpr int kFirstConnectMs = 3'000;

// Whether as much can be written as opening the views may write before it folds anything.
bool HasRoom(const std::string& directory) {
  constexpr uintmax_t kBytesMin = 4 << 20;
  uintmax_t bytes = kBytesMin;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(directory + "/views", error)) {
    if (file.path().extension() == ".log") bytes += file.file_size(error);
  }
  const std::string path = directory + "/room";
  const int descriptor = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const bool has_room = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)) == 0;
  ::close(descriptor);
  ::unlink(path.c_str());
  return has_room;
}

// Decisions first, then each facts partition.
PartitionId PartitionAt(size_t index) {
  return index == 0 ? kDecisionsPartition : FactsPartition(static_cast<int32_t>(index) - 1);
}

// A journal whose ends, asked after the views were looked at, lie before what was folded.
absl::Status LagFault(const std::vector<int64_t>& ends, const std::vector<int64_t>& folded) {
  for (size_t i = 0; i < std::min(ends.size(), folded.size()); ++i) {
    if (ends[i] >= folded[i]) continue;
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} ends at {}, and {} of it is folded: the journal lost records",
                      PartitionName(PartitionAt(i)), ends[i], folded[i]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HomeKeeper::Open() {
  HomeOptions options = options_;
  // Readers of views that are there need not wait long to hear that there is nobody.
  if (!std::exchange(has_tried_, true)) {
    options.connect_timeout_ms = std::min(options.connect_timeout_ms, kFirstConnectMs);
  }
  auto opened = Home::Open(options);
  const absl::Status status = opened.status();
  if (absl::IsUnavailable(status)) opened = Home::OpenWithoutJournal(options_, status);
  ASSAY_RETURN_IF_ERROR(opened.status());
  home_ = *std::move(opened);
  is_open_ = true;
  {
    const std::lock_guard lock(words_mutex_);
    places_ = {{"views", options_.directory + "/views"}, {"keys", home_->KeysDirectory()}};
    if (home_->EmbeddedLog() != nullptr) places_["journal"] = options_.directory + "/journal";
  }
  if (observer_.opened) observer_.opened(*home_);
  Observe();
  return status;
}

absl::Status HomeKeeper::OpenAgain(const absl::Status& failure) {
  // Files of the journal that are gone do not come back by opening what is there.
  if (absl::IsDataLoss(failure)) return failure;
  if (observer_.failed) observer_.failed(failure);
  // Closed without room it could not be opened, and not be read any more.
  if (!HasRoom(options_.directory)) {
    return Annotate(failure,
                    "no room on the disk of the home, assayd goes on by itself once there is");
  }
  if (home_.use_count() > 1) return failure;
  is_open_ = false;
  home_.reset();
  return Open();
}

absl::Status HomeKeeper::Follow() {
  std::shared_ptr<Home> home;
  std::vector<int64_t> folded;
  {
    const Turn turn(*this, "opening the home");
    if (home_ == nullptr) return Open();
    if (const absl::Status failure = home_->Failure(); !failure.ok()) return OpenAgain(failure);
    home = home_;
    folded = FoldedOf(*home);
  }
  // A broker that is gone is waited for here, where no call waits along.
  if (home->WaitsForJournal()) {
    ASSAY_RETURN_IF_ERROR(home->ReachJournal());
    const Turn turn(*this, "taking the journal");
    ASSAY_RETURN_IF_ERROR(home->TakeJournal());
  }
  auto ends = home->Log().Ends();
  const absl::Status all = ends.status();
  if (absl::IsUnavailable(all)) ends = EndsInReach(*home);
  ASSAY_RETURN_IF_ERROR(ends.status());
  readiness_.Note(condition::kLag, LagFault(*ends, folded));
  const Turn turn(*this, "following the journal");
  ASSAY_RETURN_IF_ERROR(home->Views().CatchUpTo(*ends));
  if (observer_.followed && all.ok()) observer_.followed(*home);
  const absl::Status clock = home->LookAtClock();
  if (all.ok() && clock.ok()) RetryStep(*home);
  Observe();
  return all.ok() ? clock : all;
}

void HomeKeeper::RetryStep(Home& home) {
  const auto now = std::chrono::steady_clock::now();
  if (home.StepFailure().ok()) {
    step_pause_ = kStepPauseMin;
    step_retry_at_ = now + step_pause_;
    return;
  }
  if (now < step_retry_at_) return;
  home.TakeSteps();
  step_pause_ = std::min(2 * step_pause_, kStepPauseMax);
  step_retry_at_ = now + step_pause_;
}

absl::StatusOr<std::string> HomeKeeper::CheckJournal() {
  std::shared_ptr<Home> home;
  Footing footing;
  {
    const std::lock_guard lock(mutex_);
    // Whatever keeps the journal away is told by the follow loop.
    if (home_ == nullptr || home_->WaitsForJournal() || !home_->Views().Broken().ok()) return "";
    home = home_;
    footing = home->Views().StandsOn();
  }
  auto looked = home->Log().CheckMedium();
  absl::Status fault = looked.status();
  if (fault.ok()) fault = CheckFooting(home->Log(), footing);
  if (fault.ok()) return looked;
  if (!absl::IsUnavailable(fault)) {
    const std::lock_guard lock(mutex_);
    home->Views().Stop(fault);
  }
  return fault;
}

std::vector<int64_t> HomeKeeper::FoldedOf(Home& home) {
  std::vector<int64_t> folded = {home.Views().Decisions().next.address};
  for (const auto& head : home.Views().Facts()) folded.push_back(head.next.address);
  return folded;
}

std::vector<int64_t> HomeKeeper::EndsInReach(Home& home) {
  std::vector<int64_t> folded;
  {
    const Turn turn(*this, "following the journal");
    folded = FoldedOf(home);
  }
  for (size_t i = 0; i < folded.size(); ++i) {
    const PartitionId partition = PartitionAt(i);
    if (home.Log().KnownEnd(partition) <= folded[i]) continue;
    // Asked once more, since who has the home is not to wait for a broker that does not answer.
    folded[i] = std::max(folded[i], home.Log().End(partition).value_or(0));
  }
  return folded;
}

absl::StatusOr<HomeKeeper::Hold> HomeKeeper::Take(std::string who) {
  const auto not_open = [this] {
    return MakeStatus(absl::StatusCode::kUnavailable, "assayd has not opened the home yet ({})",
                      readiness_.Get().ToString());
  };
  // Opening may take minutes; a caller is not made to wait for it.
  if (!is_open_) return not_open();
  Hold hold(*this, std::move(who));
  if (home_ == nullptr) return not_open();
  return hold;
}

absl::StatusOr<SubmitAnswer> HomeKeeper::SubmitAsEngine(std::string_view what,
                                                        v1::Command command) {
  ASSAY_ASSIGN_OR_RETURN(auto hold, Take("the engine"));
  const std::shared_ptr<Home> home = home_;
  return home->SubmitAsEngine(what, std::move(command),
                              [&](const auto& waiting) { hold.LetOthers(waiting); });
}

absl::StatusOr<int64_t> HomeKeeper::ClaimPublisher() {
  ASSAY_ASSIGN_OR_RETURN(auto hold, Take("publishing"));
  const std::shared_ptr<Home> home = home_;
  return home->ClaimPublisher([&](const auto& waiting) { hold.LetOthers(waiting); });
}

void HomeKeeper::Hold::LetOthers(const std::function<void()>& work) {
  turn_.Unlock();
  work();
  turn_.Lock();
}

void HomeKeeper::Hold::ReadDocuments(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  std::multimap<std::chrono::steady_clock::time_point, Holder>::iterator place;
  {
    const std::lock_guard lock(keeper_.words_mutex_);
    place = keeper_.readers_.insert({begun, {turn_.Who(), SystemClock().Now(), begun}});
  }
  LetOthers(work);
  const std::lock_guard lock(keeper_.words_mutex_);
  keeper_.readers_.erase(place);
}

HomeKeeper::Hold::~Hold() {
  if (turn_.Has() && keeper_.home_ != nullptr) keeper_.Observe();
}

absl::StatusOr<std::shared_ptr<Home>> HomeKeeper::Hold::Borrow() {
  const std::shared_ptr<Home> home = keeper_.home_;
  if (keeper_.readiness_.Get().Follows() && !std::exchange(is_caught_up_, true)) {
    const Aside aside = [this](const auto& waiting) { LetOthers(waiting); };
    const absl::Status caught_up = AsideReplica(home->Views(), home->Log(), aside).CatchUp();
    // The follow loop meets the same failure, and says and does what follows from it.
    if (!caught_up.ok() && !absl::IsUnavailable(caught_up)) return caught_up;
  }
  return home;
}

absl::StatusOr<SubmitAnswer> HomeKeeper::Hold::Submit(v1::Command command, Sender by) {
  Queued mine{{std::move(command), std::move(by)}, std::nullopt};
  keeper_.queued_.push_back(&mine);
  turn_.Unlock();
  {
    const std::lock_guard order(keeper_.submit_mutex_);
    // Whoever wrote before may have written this too; then the next one need not wait for the home.
    if (!mine.answer.has_value()) {
      turn_.Lock();
      keeper_.SubmitQueued([this](const auto& waiting) { LetOthers(waiting); });
    }
  }
  if (!turn_.Has()) turn_.Lock();
  return *std::move(mine.answer);
}

void HomeKeeper::SubmitQueued(const Aside& aside) {
  const std::shared_ptr<Home> home = home_;
  const std::vector<Queued*> all = std::exchange(queued_, {});
  std::vector<SentCommand> commands;
  for (Queued* const queued : all) commands.push_back(std::move(queued->sent));
  auto answers = home->SubmitAll(std::move(commands), aside);
  for (size_t i = 0; i < all.size(); ++i) all[i]->answer = std::move(answers[i]);
}

void HomeKeeper::Observe() {
  // What was read stays in memory else, call by call.
  home_->Rows().Forget();
  readiness_.Note(condition::kEngineStep, home_->StepFailure());
  if (observer_.used) observer_.used(*home_);
  const std::lock_guard lock(words_mutex_);
  moment_ = home_->Views().Now().ToString();
}

void HomeKeeper::Turn::Lock() {
  lock_ = std::unique_lock(keeper_->mutex_);
  const std::lock_guard lock(keeper_->words_mutex_);
  keeper_->holder_ = {who_, SystemClock().Now(), std::chrono::steady_clock::now()};
}

void HomeKeeper::Turn::Unlock() {
  {
    const std::lock_guard lock(keeper_->words_mutex_);
    keeper_->holder_.reset();
  }
  lock_.unlock();
}

void HomeKeeper::Turn::SayWho(std::string who) {
  who_ = std::move(who);
  const std::lock_guard lock(keeper_->words_mutex_);
  keeper_->holder_->who = who_;
}

std::optional<HomeKeeper::Holder> HomeKeeper::HeldBy() const {
  const std::lock_guard lock(words_mutex_);
  return holder_;
}

std::optional<HomeKeeper::Holder> HomeKeeper::LongestReader() const {
  const std::lock_guard lock(words_mutex_);
  if (readers_.empty()) return std::nullopt;
  return readers_.begin()->second;
}

std::map<std::string, std::string> HomeKeeper::Places() const {
  const std::lock_guard lock(words_mutex_);
  return places_;
}

std::string HomeKeeper::MomentText() const {
  const std::lock_guard lock(words_mutex_);
  return moment_;
}

std::string HomeKeeper::ReadingOf(const std::string& source) const {
  {
    const std::lock_guard lock(words_mutex_);
    const auto found = readings_.find(source);
    if (found != readings_.end()) return found->second;
  }
  const Readiness::Now now = readiness_.Get();
  return now.Follows() ? "about to be read" : now.ToString();
}

void HomeKeeper::NoteReading(const std::string& source, std::string words) {
  const std::lock_guard lock(words_mutex_);
  readings_[source] = std::move(words);
}

void HomeKeeper::Close() {
  const Turn turn(*this, "closing the home");
  is_open_ = false;
  home_.reset();
}

}  // namespace assay

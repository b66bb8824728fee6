#include "tools/assayd/home_keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

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
  if (observer_.opened) observer_.opened(*home_);
  Observe();
  return status;
}

absl::Status HomeKeeper::OpenAgain(const absl::Status& failure) {
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
  {
    const std::lock_guard lock(mutex_);
    if (home_ == nullptr) return Open();
    if (const absl::Status failure = home_->Failure(); !failure.ok()) return OpenAgain(failure);
    home = home_;
  }
  // A broker that is gone is waited for here, where no call waits along.
  if (home->WaitsForJournal()) {
    ASSAY_RETURN_IF_ERROR(home->ReachJournal());
    const std::lock_guard lock(mutex_);
    ASSAY_RETURN_IF_ERROR(home->TakeJournal());
  }
  auto ends = home->Log().Ends();
  const absl::Status all = ends.status();
  if (absl::IsUnavailable(all)) ends = EndsInReach(*home);
  ASSAY_RETURN_IF_ERROR(ends.status());
  const std::lock_guard lock(mutex_);
  ASSAY_RETURN_IF_ERROR(home->Views().CatchUpTo(*ends));
  Observe();
  return all;
}

std::vector<int64_t> HomeKeeper::EndsInReach(Home& home) {
  std::vector<int64_t> folded;
  {
    const std::lock_guard lock(mutex_);
    folded.push_back(home.Views().Decisions().next.address);
    for (const auto& head : home.Views().Facts()) folded.push_back(head.next.address);
  }
  for (size_t i = 0; i < folded.size(); ++i) {
    const PartitionId partition =
        i == 0 ? kDecisionsPartition : FactsPartition(static_cast<int32_t>(i) - 1);
    if (home.Log().KnownEnd(partition) <= folded[i]) continue;
    // Asked once more, since who has the home is not to wait for a broker that does not answer.
    folded[i] = std::max(folded[i], home.Log().End(partition).value_or(0));
  }
  return folded;
}

absl::StatusOr<HomeKeeper::Hold> HomeKeeper::Take() {
  const auto not_open = [this] {
    return MakeStatus(absl::StatusCode::kUnavailable, "assayd has not opened the home yet ({})",
                      readiness_.Get().ToString());
  };
  // Opening may take minutes; a caller is not made to wait for it.
  if (!is_open_) return not_open();
  Hold hold(*this);
  if (home_ == nullptr) return not_open();
  return hold;
}

absl::StatusOr<SubmitAnswer> HomeKeeper::SubmitAsEngine(std::string_view what,
                                                        v1::Command command) {
  ASSAY_ASSIGN_OR_RETURN(auto hold, Take());
  const std::shared_ptr<Home> home = home_;
  return home->SubmitAsEngine(what, std::move(command),
                              [&](const auto& waiting) { hold.LetOthers(waiting); });
}

absl::StatusOr<int64_t> HomeKeeper::ClaimPublisher() {
  ASSAY_ASSIGN_OR_RETURN(auto hold, Take());
  const std::shared_ptr<Home> home = home_;
  return home->ClaimPublisher([&](const auto& waiting) { hold.LetOthers(waiting); });
}

void HomeKeeper::Hold::LetOthers(const std::function<void()>& work) {
  lock_.unlock();
  work();
  lock_.lock();
}

HomeKeeper::Hold::~Hold() {
  if (lock_.owns_lock() && keeper_.home_ != nullptr) keeper_.Observe();
}

absl::StatusOr<std::shared_ptr<Home>> HomeKeeper::Hold::Borrow() {
  const std::shared_ptr<Home> home = keeper_.home_;
  if (keeper_.readiness_.Get().Ready() && !std::exchange(is_caught_up_, true)) {
    const Aside aside = [this](const auto& waiting) { LetOthers(waiting); };
    const absl::Status caught_up = AsideReplica(home->Views(), home->Log(), aside).CatchUp();
    // The follow loop meets the same failure, and says and does what follows from it.
    if (!caught_up.ok() && !absl::IsUnavailable(caught_up)) return caught_up;
  }
  return home;
}

absl::StatusOr<SubmitAnswer> HomeKeeper::Hold::Submit(v1::Command command) {
  Queued mine{std::move(command), std::nullopt};
  keeper_.queued_.push_back(&mine);
  lock_.unlock();
  {
    const std::lock_guard turn(keeper_.submit_mutex_);
    // Whoever wrote before may have written this too; then the next one need not wait for the home.
    if (!mine.answer.has_value()) {
      lock_.lock();
      keeper_.SubmitQueued([this](const auto& waiting) { LetOthers(waiting); });
    }
  }
  if (!lock_.owns_lock()) lock_.lock();
  return *std::move(mine.answer);
}

void HomeKeeper::SubmitQueued(const Aside& aside) {
  const std::shared_ptr<Home> home = home_;
  const std::vector<Queued*> all = std::exchange(queued_, {});
  std::vector<v1::Command> commands;
  for (Queued* const queued : all) commands.push_back(std::move(queued->command));
  auto answers = home->SubmitAll(std::move(commands), aside);
  for (size_t i = 0; i < all.size(); ++i) all[i]->answer = std::move(answers[i]);
}

void HomeKeeper::Observe() {
  // What was read stays in memory else, call by call.
  home_->Rows().Forget();
  if (observer_.used) observer_.used(*home_);
  const std::lock_guard lock(words_mutex_);
  moment_ = home_->Views().Now().ToString();
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
  return now.Ready() ? "about to be read" : now.ToString();
}

void HomeKeeper::NoteReading(const std::string& source, std::string words) {
  const std::lock_guard lock(words_mutex_);
  readings_[source] = std::move(words);
}

void HomeKeeper::Close() {
  const std::lock_guard lock(mutex_);
  is_open_ = false;
  home_.reset();
}

}  // namespace assay

// The home that the service holds, for one call or step at a time.
//
// A home has one thread. Calls and steps of the follow loop come from several, and each has the
// home to itself from Take() until what it got is destroyed, in the order of asking. While one of
// them waits for the journal, or gives way between two batches, others have it; commands that come
// while others are written wait together and are written as one append.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/assay/session.h"
#include "tools/assayd/fair_mutex.h"
#include "tools/assayd/readiness.h"

namespace assay {

// Thread-safe; Held and Shared are for the thread that has a hold.
class HomeKeeper {
 public:
  // Called when the home was opened, after every hold and step, still within it, and when it was
  // found to be one that must be opened again.
  struct Observer {
    std::function<void(Home& home)> opened;
    std::function<void(Home& home)> used;
    // The views have what the journal had a moment ago.
    std::function<void(Home& home)> followed;
    std::function<void(const absl::Status& why)> failed;
  };

  // Who has the home to itself, and since when.
  struct Holder {
    // "run of user 1000 as p-0001"
    std::string who;
    Instant since;
    std::chrono::steady_clock::time_point begun;
  };

  // `readiness` must outlive this.
  HomeKeeper(HomeOptions options, Readiness& readiness)
      : options_(std::move(options)), readiness_(readiness) {}

  // To be set before anything else is called.
  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // Opens the home when it is not open, and folds what the journal has. As Home::Open and
  // Runner::CatchUp. A home whose journal is out of reach is opened without it, to be read, and
  // goes on with it once it is there; UNAVAILABLE until then. Where some partitions have no leader
  // the others are folded, and it is UNAVAILABLE too. So is a home that could not be
  // written: it is closed and opened again when there is room for it, and read until then. And so
  // is one whose clock is off, which folds and writes nothing.
  absl::Status Follow();
  [[nodiscard]] bool IsOpen() const { return is_open_; }
  // Looks whether the journal is still the one that the views were folded from, as
  // Journal::CheckMedium and CheckFooting; when it is not, nothing more is folded and written.
  // Waits for no broker while it has the home. Gives what could not be looked at.
  absl::StatusOr<std::string> CheckJournal();

  // Has the home to itself while it is locked, under a name. One thread.
  class Turn {
   public:
    Turn(HomeKeeper& keeper, std::string who) : keeper_(&keeper), who_(std::move(who)) { Lock(); }
    ~Turn() {
      if (Has()) Unlock();
    }
    Turn(Turn&& other) noexcept = default;

    void Lock();
    void Unlock();
    [[nodiscard]] bool Has() const { return lock_.owns_lock(); }
    // While it has the home.
    void SayWho(std::string who);
    [[nodiscard]] const std::string& Who() const { return who_; }

   private:
    HomeKeeper* keeper_;
    std::string who_;
    std::unique_lock<FairMutex> lock_;
  };

  // One thread, which has the home while this is there.
  class Hold final : public HomeProvider {
   public:
    ~Hold() override;
    Hold(Hold&& other) noexcept = default;

    // Caught up, once in a hold, when the journal can be reached.
    absl::StatusOr<std::shared_ptr<Home>> Borrow() override;
    absl::StatusOr<SubmitAnswer> Submit(v1::Command command, Sender by) override;
    void LetOthers(const std::function<void()>& work) override;
    void ReadDocuments(const std::function<void()>& work) override;
    // Names who has it more exactly than Take() did.
    void SayWho(std::string who) { turn_.SayWho(std::move(who)); }
    [[nodiscard]] std::string ReadingOf(const std::string& source) const override {
      return keeper_.ReadingOf(source);
    }

   private:
    friend class HomeKeeper;
    Hold(HomeKeeper& keeper, std::string who) : keeper_(keeper), turn_(keeper, std::move(who)) {}
    HomeKeeper& keeper_;
    Turn turn_;
    bool is_caught_up_ = false;
  };
  // Waits for the home, to have it as `who`: what is said of who has it for long. UNAVAILABLE while
  // it is not open yet, with the reason.
  [[nodiscard]] absl::StatusOr<Hold> Take(std::string who);
  // Who has the home; nothing when nobody does.
  [[nodiscard]] std::optional<Holder> HeldBy() const;
  // Who has been reading documents for longest, beside the home; nothing when nobody does.
  [[nodiscard]] std::optional<Holder> LongestReader() const;
  // The folders that are written to, by what is written there; empty before the home was opened.
  [[nodiscard]] std::map<std::string, std::string> Places() const;

  [[nodiscard]] std::string ReadingOf(const std::string& source) const;
  // By who reads the source, or knows why nobody does.
  void NoteReading(const std::string& source, std::string words);
  // As the follow loop left it.
  [[nodiscard]] Home& Held() { return *home_; }

  // As Home's, for who has no hold. Others have the home while the journal is asked and written to.
  absl::StatusOr<SubmitAnswer> SubmitAsEngine(std::string_view what, v1::Command command);
  absl::StatusOr<int64_t> ClaimPublisher();
  // For who has a hold: the home, to be used beyond it as far as it is thread-safe. A home is not
  // opened again before everybody has let go of it.
  [[nodiscard]] std::shared_ptr<Home> Shared() const { return home_; }

  // The moment of the views after the last hold or step; empty before the first.
  [[nodiscard]] std::string MomentText() const;

  // Closes the home when nobody has a hold.
  void Close();

 private:
  // A command that waits to be written; answered by who has submit_mutex_.
  struct Queued {
    SentCommand sent;
    std::optional<absl::StatusOr<SubmitAnswer>> answer;
  };
  absl::Status Open();
  absl::Status OpenAgain(const absl::Status& failure);
  // Where not all partitions can be asked: the ends of those that can, and of the others what is
  // folded. So that these keep no others waiting.
  std::vector<int64_t> EndsInReach(Home& home);
  // Where the views stand: of the decisions first, then of each facts partition.
  static constexpr std::chrono::milliseconds kStepPauseMin{500};
  static constexpr std::chrono::milliseconds kStepPauseMax{60'000};
  // Takes a step of the engine that failed again, after pauses that double.
  void RetryStep(Home& home);
  [[nodiscard]] static std::vector<int64_t> FoldedOf(Home& home);
  void Observe();
  // Writes what is queued and gives each its answer; `aside` gives the home to others.
  void SubmitQueued(const Aside& aside);

  const HomeOptions options_;
  Readiness& readiness_;
  Observer observer_;
  // Of the follow loop.
  std::chrono::milliseconds step_pause_ = kStepPauseMin;
  std::chrono::steady_clock::time_point step_retry_at_;
  // Had by who writes what is queued, and taken before the home.
  FairMutex submit_mutex_;
  // Of the home, and of what is queued for it.
  FairMutex mutex_;
  std::shared_ptr<Home> home_;
  std::vector<Queued*> queued_;
  std::atomic<bool> is_open_{false};
  // The follow loop's: whether an attempt to open the home was made.
  bool has_tried_ = false;
  mutable std::mutex words_mutex_;
  std::string moment_;
  std::optional<Holder> holder_;
  // By begin.
  std::multimap<std::chrono::steady_clock::time_point, Holder> readers_;
  std::map<std::string, std::string> places_;
  std::map<std::string, std::string> readings_;
};

}  // namespace assay

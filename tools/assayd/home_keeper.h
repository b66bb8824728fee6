// The home that the service holds, for one call or step at a time.
//
// A home has one thread. Calls and steps of the follow loop come from several, and each has the
// home to itself from Take() until what it got is destroyed, in the order of asking. While one of
// them waits for the journal, or gives way between two batches, others have it; commands that come
// while others are written wait together and are written as one append.

#pragma once

#include <atomic>
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
    std::function<void(const absl::Status& why)> failed;
  };

  // `readiness` must outlive this.
  HomeKeeper(HomeOptions options, const Readiness& readiness)
      : options_(std::move(options)), readiness_(readiness) {}

  // To be set before anything else is called.
  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // Opens the home when it is not open, and folds what the journal has. As Home::Open and
  // Runner::CatchUp. A home whose journal is out of reach is opened without it, to be read, and
  // goes on with it once it is there; UNAVAILABLE until then. Where some partitions have no leader
  // the others are folded, and it is UNAVAILABLE too. So is a home that could not be
  // written: it is closed and opened again when there is room for it, and read until then.
  absl::Status Follow();
  [[nodiscard]] bool IsOpen() const { return is_open_; }

  // One thread, which has the home while this is there.
  class Hold final : public HomeProvider {
   public:
    ~Hold() override;
    Hold(Hold&& other) noexcept = default;

    // Caught up, once in a hold, when the journal can be reached.
    absl::StatusOr<std::shared_ptr<Home>> Borrow() override;
    absl::StatusOr<SubmitAnswer> Submit(v1::Command command) override;
    void LetOthers(const std::function<void()>& work) override;
    [[nodiscard]] std::string ReadingOf(const std::string& source) const override {
      return keeper_.ReadingOf(source);
    }

   private:
    friend class HomeKeeper;
    explicit Hold(HomeKeeper& keeper) : keeper_(keeper), lock_(keeper.mutex_) {}
    HomeKeeper& keeper_;
    std::unique_lock<FairMutex> lock_;
    bool is_caught_up_ = false;
  };
  // Waits for the home. UNAVAILABLE while it is not open yet, with the reason.
  [[nodiscard]] absl::StatusOr<Hold> Take();

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
    v1::Command command;
    std::optional<absl::StatusOr<SubmitAnswer>> answer;
  };
  absl::Status Open();
  absl::Status OpenAgain(const absl::Status& failure);
  // Where not all partitions can be asked: the ends of those that can, and of the others what is
  // folded. So that these keep no others waiting.
  std::vector<int64_t> EndsInReach(Home& home);
  void Observe();
  // Writes what is queued and gives each its answer; `aside` gives the home to others.
  void SubmitQueued(const Aside& aside);

  const HomeOptions options_;
  const Readiness& readiness_;
  Observer observer_;
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
  std::map<std::string, std::string> readings_;
};

}  // namespace assay

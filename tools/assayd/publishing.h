// Brings what waits in the outbox of the home to the published topics.
//
// It claims on the log to be the publisher, sends what its last life left unsent, compares the
// topic of scores with the score table, and publishes the differences; from then on what every fold
// adds. A record leaves the outbox when it was acknowledged, so a kill repeats records and never
// changes one.
//
// When the log names another publisher it stands by: it looks whether what its own fold puts into
// the outbox comes onto the topics, and claims again when it does not. A record of the replaced one
// may still be on its way and come behind; so the topic is compared twice more, the last time when
// no record can be on its way any longer. Who claims so and is replaced at once was wrong about the
// other node, and waits longer each time: two that live never claim in turns.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/kafka/output_tail.h"
#include "connectors/kafka/publisher.h"
#include "tools/assay/settings.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/log.h"
#include "tools/assayd/loop.h"
#include "tools/assayd/metrics.h"
#include "tools/assayd/standby.h"

namespace assay {

// Whether a home with these settings publishes, and where to.
struct PublishingPlace {
  KafkaAddress address;
  KafkaSecurity security;
  KafkaPublisher::Formats formats;
};
// Nothing when it does not. INVALID_ARGUMENT when it shall and its journal is not on Kafka.
[[nodiscard]] absl::StatusOr<std::optional<PublishingPlace>> PublishingPlaceOf(
    const HomeSettings& settings);

// A thread of its own. What is passed in must outlive it.
class Publishing {
 public:
  struct Options {
    // Between looks into the outbox.
    std::chrono::milliseconds pause{100};
    // After a failure, and how often it is spoken of.
    std::chrono::milliseconds retry{1'000};
    std::chrono::milliseconds say_every{10'000};
    // Records that are sent and then deleted together.
    size_t records_max = 1'000;
    // What waits for so long while nothing comes is not published by the other node any more.
    Standby::Options standby;
    // Rows that are compared with the topics at a time, and how far back these are read at first.
    size_t standby_rows_max = 10'000;
    // A claim that holds for so long was right.
    std::chrono::milliseconds settled{60'000};
    // Behind a claim; the last one is longer than a producer tries to send a record.
    std::vector<std::chrono::milliseconds> compare_again{std::chrono::milliseconds{5'000},
                                                         std::chrono::milliseconds{35'000}};
  };

  Publishing(HomeKeeper& keeper, Log& log, Metrics& metrics, PublishingPlace place,
             Options options);
  Publishing(HomeKeeper& keeper, Log& log, Metrics& metrics, PublishingPlace place)
      : Publishing(keeper, log, metrics, std::move(place), Options()) {}

  // Sends nothing further. False when what is being sent was not answered within `patience`.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }

 private:
  using Steady = std::chrono::steady_clock;

  std::optional<std::chrono::milliseconds> StepAndWait();
  absl::Status Step();
  absl::Status Publish();
  // Deletes what other nodes have published of what this one keeps of their time.
  absl::Status SettleKept();
  // The same for rows of these sequences, as many as are compared at a time. Gives where the next
  // ones begin.
  absl::StatusOr<int64_t> SettleWindow(int64_t from, int64_t end);
  absl::Status Claim();
  // Deletes rows of scores and their changes, but for those that were put in these epochs.
  absl::Status DropScores(Home& home, const std::set<int64_t>& but_of = {});
  bool WaitsForJournal();
  absl::Status Compare();
  absl::Status CompareAgain();
  // Sends until nothing of that kind waits, or another node has claimed.
  enum class What { kAll, kOwn };
  absl::Status Drain(What what);
  [[nodiscard]] bool IsOwn(const v1::OutputRecord& record) const;
  // True when another node publishes.
  bool IsOver(Home& home);

  static absl::Status Delete(Home& home, const std::vector<int64_t>& sequences);
  absl::Status BeginStandby();
  absl::Status StandBy();
  // Deletes the rows that came onto the topics. Gives how many wait.
  absl::StatusOr<int64_t> Settle();
  // Notes what came onto the topics. Whether something did.
  absl::StatusOr<bool> SeeTail();
  // Of the log, asked for while others have the home.
  absl::StatusOr<std::vector<int64_t>> Ends();
  // Whether something is really missing on the topics.
  absl::StatusOr<bool> IsMissing();
  void Count(const std::vector<v1::OutputRecord>& sent);
  void Say(const absl::Status& why);

  HomeKeeper& keeper_;
  Log& log_;
  Metrics& metrics_;
  const PublishingPlace place_;
  const Options options_;
  std::unique_ptr<KafkaPublisher> publisher_;
  bool has_settled_kept_ = false;
  // 0 = nothing is claimed yet.
  int64_t epoch_ = 0;
  bool has_compared_ = false;
  Steady::time_point claimed_at_;
  size_t comparisons_ = 0;
  // While another node publishes.
  bool stands_by_ = false;
  std::optional<Standby> standby_;
  std::unique_ptr<OutputTail> tail_;
  // Whether it claimed since the other one seemed to be gone, and how often that was wrong in turn.
  bool took_over_ = false;
  int wrong_takeovers_ = 0;
  // The last epoch of this node, and the one that replaced it.
  int64_t own_epoch_ = 0;
  int64_t other_epoch_ = 0;
  std::optional<Steady::time_point> said_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay

// Brings what waits in the outbox of the home to the published topics.
//
// It claims on the log to be the publisher, sends what its last life left unsent, compares the
// topic of scores with the score table, and publishes the differences; from then on what every fold
// adds. A record leaves the outbox when it was acknowledged, so a kill repeats records and never
// changes one. When the log names another publisher it ends.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "connectors/kafka/publisher.h"
#include "tools/assay/settings.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/log.h"
#include "tools/assayd/loop.h"

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
  };

  Publishing(HomeKeeper& keeper, Log& log, PublishingPlace place, Options options);
  Publishing(HomeKeeper& keeper, Log& log, PublishingPlace place)
      : Publishing(keeper, log, std::move(place), Options()) {}

  // Sends nothing further. False when what is being sent was not answered within `patience`.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }

 private:
  using Steady = std::chrono::steady_clock;

  std::optional<std::chrono::milliseconds> StepAndWait();
  absl::Status Step();
  absl::Status Claim();
  absl::Status DropStaleScores(Home& home);
  absl::Status PublishDifferences(KafkaPublisher::Scores published);
  // Sends until the outbox is empty, or another node has claimed.
  absl::Status Drain();
  // True when another node publishes.
  bool IsOver(Home& home);
  void Say(const absl::Status& why);

  HomeKeeper& keeper_;
  Log& log_;
  const PublishingPlace place_;
  const Options options_;
  std::unique_ptr<KafkaPublisher> publisher_;
  // 0 = nothing is claimed yet.
  int64_t epoch_ = 0;
  bool has_compared_ = false;
  bool is_over_ = false;
  std::optional<Steady::time_point> said_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay

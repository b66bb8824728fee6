// Records to one topic's partitions, idempotent and acknowledged by every replica in sync.
//
// librdkafka 2.0.2 may stop for good after an error behind which a record may stand on the log. So
// any error ends the instance, the next append begins with a new one, and the error says nothing
// but *unknown*: the log itself tells what arrived.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/client.h"
#include "engine/base/time.h"

namespace assay {

// Thread-safe.
//
// Invariant: of the records that one instance was given for a partition, those that stand on the
// log are a beginning. Readers of sources rest on it (projections/facts, re-reads).
class KafkaProducer {
 public:
  struct Options {
    // How long a record may wait for company: 0 for one answer soon, more for many records.
    int linger_ms = 0;
    // After this long without any acknowledgement the outcome is unknown.
    int timeout_ms = 30'000;
  };
  struct Header {
    std::string name;
    std::string value;
  };
  struct Message {
    std::string_view key;
    // Without one: a tombstone.
    std::optional<std::string_view> value;
    // None = the broker's, or now, as the topic has it.
    std::optional<Instant> at;
    std::span<const Header> headers;
  };

  KafkaProducer(KafkaAddress address, KafkaSecurity security, Options options)
      : address_(std::move(address)), security_(std::move(security)), options_(options) {}
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // Sends the messages in their order and waits; gives the address behind the last one. Their bytes
  // need to live until the return. Any error means *unknown* (see above), but for INVALID_ARGUMENT
  // before anything was sent: a message is larger than the topic takes.
  absl::StatusOr<int64_t> Append(const std::string& topic, int32_t partition,
                                 std::span<const Message> messages);

  // Records that were taken and are not acknowledged yet, and appends that failed since the start.
  [[nodiscard]] int64_t Queued();
  [[nodiscard]] int64_t Failures() const { return failures_; }

 private:
  struct Instance;
  struct Delivery;

  using Steady = std::chrono::steady_clock;

  absl::StatusOr<std::shared_ptr<Instance>> Current();
  // Nothing more is sent by it, so that nothing stands on the log behind a record that failed.
  void Retire(const std::shared_ptr<Instance>& instance);
  rd_kafka_resp_err_t SendAll(Instance& instance, const std::string& topic, int32_t partition,
                              std::span<const Message> messages, Delivery& delivery,
                              size_t& sent) const;
  bool Await(Delivery& delivery, std::unique_lock<std::mutex>& lock) const;
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*);

  const KafkaAddress address_;
  const KafkaSecurity security_;
  const Options options_;
  std::mutex mutex_;
  std::shared_ptr<Instance> current_;
  std::atomic<int64_t> failures_{0};
};

}  // namespace assay

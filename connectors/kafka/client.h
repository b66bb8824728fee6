// What all clients of a cluster share: librdkafka's handles with an owner, its settings, and what
// its errors mean here.
//
// The rules behind the settings are measured traps of librdkafka 2.0.2: Nagle waits for delayed
// acknowledgements, an offset that is gone must be an error and never a jump, and batch reading
// with seek or pause loses records, so neither is used.

#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/kafka/kafka_address.h"
#include "engine/base/status.h"

namespace assay {

// UNAVAILABLE      the broker, the network or a leader is in trouble: try again.
// INVALID_ARGUMENT a record or setting that no repetition makes right.
// FAILED_PRECONDITION  a person must act: authentication, authorisation, a topic that is not there.
// DATA_LOSS        what was asked for is not on the log any more, or damaged.
[[nodiscard]] absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view context);

// Gives what librdkafka made back to it.
template <auto Destroy>
struct Destroyer {
  template <typename T>
  void operator()(T* made) const {
    Destroy(made);
  }
};
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using PartitionListHandle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                            Destroyer<rd_kafka_topic_partition_list_destroy>>;

// One librdkafka instance. Thread-safe, as the handle is.
class KafkaClient {
 public:
  enum class Kind : uint8_t { kProducer, kConsumer };
  using Settings = std::vector<std::pair<std::string, std::string>>;
  struct Hooks {
    void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;
  };

  // INVALID_ARGUMENT when librdkafka refuses a setting; the text names it. Connects by itself.
  static absl::StatusOr<std::unique_ptr<KafkaClient>> Make(Kind kind, const KafkaAddress& address,
                                                           const KafkaSecurity& security,
                                                           const Settings& settings,
                                                           const Hooks& hooks);
  static absl::StatusOr<std::unique_ptr<KafkaClient>> Make(Kind kind, const KafkaAddress& address,
                                                           const KafkaSecurity& security,
                                                           const Settings& settings);
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  [[nodiscard]] rd_kafka_t* Handle() const { return handle_; }
  // A topic of this instance, kept as long as it: a handle that is made again waits for metadata.
  // Null when librdkafka refuses the name.
  [[nodiscard]] rd_kafka_topic_t* Topic(const std::string& name);
  // StatusOf, with the latest trouble of the connections behind it: why nobody answers. Refused
  // credentials are FAILED_PRECONDITION whatever the call says.
  [[nodiscard]] absl::Status Explain(rd_kafka_resp_err_t error, std::string_view context);
  // Whether a broker has refused the credentials.
  [[nodiscard]] bool IsTurnedAway();
  // Bytes of messages that librdkafka holds, sent and received since the start; from its
  // statistics.
  [[nodiscard]] std::string Trouble();

 private:
  KafkaClient() = default;
  static void OnError(rd_kafka_t*, int error, const char* reason, void* opaque);

  rd_kafka_t* handle_ = nullptr;
  std::mutex mutex_;
  std::map<std::string, TopicHandle> topics_;
  int trouble_ = 0;
  std::string trouble_text_;
};

}  // namespace assay

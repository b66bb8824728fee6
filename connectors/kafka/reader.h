// Reading partitions from given offsets on, in order, without groups, seeks or pauses.
//
// Each partition has a queue of its own, filled ahead by librdkafka, so that whoever follows
// several partitions takes from each what it wants.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kafka/client.h"

namespace assay {

// One record as a topic has it.
struct KafkaRecord {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  // Whether the broker stamped it.
  bool is_append_time = false;
  MessageHandle message;

  [[nodiscard]] std::string_view Value() const {
    return {static_cast<const char*>(message->payload), message->len};
  }
  [[nodiscard]] std::string_view Key() const {
    return {static_cast<const char*>(message->key), message->key_len};
  }
  // The last header of that name; empty when there is none.
  [[nodiscard]] std::string_view Header(const char* name) const {
    return FindHeader(name).value_or(std::string_view());
  }
  [[nodiscard]] std::optional<std::string_view> FindHeader(const char* name) const;
  // A null value: the record of this key is gone.
  [[nodiscard]] bool IsTombstone() const { return message->payload == nullptr; }
};

// Reads one partition from an offset on. One thread at a time.
class PartitionReader {
 public:
  // `client` is a consumer and must outlive this; no other reader of it has this partition.
  // UNAVAILABLE when librdkafka refuses to begin.
  static absl::StatusOr<std::unique_ptr<PartitionReader>> Start(KafkaClient& client,
                                                                const std::string& topic,
                                                                int32_t partition, int64_t offset);
  ~PartitionReader();
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;

  // The next record, waiting at most that long; a record with a null message when none came.
  // Offsets rise strictly; what librdkafka hands out again is dropped and counted. DATA_LOSS when
  // the offset asked for is not on the log any more.
  absl::StatusOr<KafkaRecord> Next(int timeout_ms);

  // librdkafka 2.0.2 may oversleep a partition that was just started, by a second; a question to
  // its leader wakes it.
  void Wake();

  // The offset that the next record will have at least.
  [[nodiscard]] int64_t NextOffset() const { return next_offset_; }
  // Where the broker said that there is nothing more; -1 before it did.
  [[nodiscard]] int64_t EndSeen() const { return end_seen_; }
  [[nodiscard]] int64_t Repeats() const { return repeats_; }

 private:
  PartitionReader(KafkaClient& client, rd_kafka_topic_t* topic, int32_t partition, int64_t offset)
      : client_(client), topic_(topic), partition_(partition), next_offset_(offset) {}

  KafkaClient& client_;
  rd_kafka_topic_t* const topic_;
  const int32_t partition_;
  int64_t next_offset_;
  int64_t end_seen_ = -1;
  int64_t repeats_ = 0;
};

// How far ahead of its reader a client fetches.
struct Prefetch {
  int64_t bytes_per_partition = 16 << 20;
  // How long an idle fetch stays open; a partition that is started meanwhile waits for it.
  int wait_ms = 50;
};

// With `is_isolated` records of a transaction that is open are not there yet.
[[nodiscard]] absl::StatusOr<std::unique_ptr<KafkaClient>> MakeReaderClient(
    const KafkaAddress& address, const KafkaSecurity& security, const Prefetch& prefetch,
    bool is_isolated = true);

// The offsets behind the last record of each partition, in one request per leader.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> EndOffsets(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms);
// The same of those that have a leader, which are not kept waiting for others; nothing of the
// others. UNAVAILABLE when the cluster does not say who leads, or a leader does not answer.
[[nodiscard]] absl::StatusOr<std::vector<std::optional<int64_t>>> EndOffsetsOfLed(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms);
// The offset of the first record that was appended then or later; the end where there is none.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> OffsetsSince(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    Instant since, int timeout_ms);
// The first offset that is still there.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> BeginOffsets(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms);

}  // namespace assay

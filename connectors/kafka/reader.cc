#include "connectors/kafka/reader.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

namespace assay {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryPause(20);
// A leader that is gone does not answer at all, one that is busy takes its time.
constexpr int kFirstPatienceMs = 500;
constexpr int64_t kEndTimestamp = -1;
constexpr int64_t kBeginTimestamp = -2;

KafkaRecord RecordOf(MessageHandle message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t timestamp = rd_kafka_message_timestamp(message.get(), &type);
  return {.offset = message->offset,
          .timestamp_ms = timestamp,
          .is_append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
          .message = std::move(message)};
}

absl::StatusOr<std::vector<int64_t>> AskOffsets(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int64_t timestamp, int timeout_ms) {
  const PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = timestamp;
  }
  const auto error = rd_kafka_offsets_for_times(client.Handle(), list.get(), timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client.Explain(error, "ends of the partitions");
  std::vector<int64_t> offsets;
  for (const auto& [topic, partition] : partitions) {
    const rd_kafka_topic_partition_t* found =
        rd_kafka_topic_partition_list_find(list.get(), topic.c_str(), partition);
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client.Explain(found->err, fmt::format("end of {}/{}", topic, partition));
    }
    offsets.push_back(found->offset);
  }
  return offsets;
}

// librdkafka 2.0.2 goes on asking a leader that is gone until it hears who leads now.
void RefreshLeaders(KafkaClient& client, int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client.Handle(), 0, nullptr, &metadata, timeout_ms) == 0) {
    rd_kafka_metadata_destroy(metadata);
  }
}

// Those that have a leader, as the cluster says now.
absl::StatusOr<std::set<std::pair<std::string, int32_t>>> LedPartitions(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms) {
  std::set<std::string> topics;
  for (const auto& [topic, partition] : partitions) topics.insert(topic);
  std::set<std::pair<std::string, int32_t>> led;
  for (const std::string& topic : topics) {
    rd_kafka_topic_t* const handle = client.Topic(topic);
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error = handle == nullptr
                           ? rd_kafka_last_error()
                           : rd_kafka_metadata(client.Handle(), 0, handle, &metadata, timeout_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client.Explain(error, fmt::format("leaders of {}", topic));
    }
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      for (int j = 0; j < metadata->topics[i].partition_cnt; ++j) {
        const rd_kafka_metadata_partition_t& partition = metadata->topics[i].partitions[j];
        if (partition.leader >= 0) led.emplace(topic, partition.id);
      }
    }
    rd_kafka_metadata_destroy(metadata);
  }
  return led;
}

// A partition that was just made or has just moved has no leader for a moment.
absl::StatusOr<std::vector<int64_t>> OffsetsAt(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int64_t timestamp, int timeout_ms) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(timeout_ms);
  const auto at_most = [&](int patience_ms) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now());
    return std::max(1, std::min(patience_ms, static_cast<int>(left.count())));
  };
  // That there is no leader is answered at once, again and again.
  for (int patience_ms = kFirstPatienceMs;; patience_ms = std::min(2 * patience_ms, timeout_ms)) {
    auto offsets = AskOffsets(client, partitions, timestamp, at_most(patience_ms));
    if (!absl::IsUnavailable(offsets.status()) || Steady::now() > deadline) return offsets;
    RefreshLeaders(client, at_most(kFirstPatienceMs));
    std::this_thread::sleep_for(kRetryPause);
  }
}

}  // namespace

std::optional<std::string_view> KafkaRecord::FindHeader(const char* name) const {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (rd_kafka_message_headers(message.get(), &headers) != 0 ||
      rd_kafka_header_get_last(headers, name, &value, &size) != 0) {
    return std::nullopt;
  }
  return std::string_view(static_cast<const char*>(value), size);
}

absl::StatusOr<std::unique_ptr<PartitionReader>> PartitionReader::Start(KafkaClient& client,
                                                                        const std::string& topic,
                                                                        int32_t partition,
                                                                        int64_t offset) {
  rd_kafka_topic_t* const handle = client.Topic(topic);
  if (handle == nullptr || rd_kafka_consume_start(handle, partition, offset) != 0) {
    return client.Explain(rd_kafka_last_error(), fmt::format("read {}/{}", topic, partition));
  }
  return std::unique_ptr<PartitionReader>(new PartitionReader(client, handle, partition, offset));
}

PartitionReader::~PartitionReader() { rd_kafka_consume_stop(topic_, partition_); }

absl::StatusOr<KafkaRecord> PartitionReader::Next(int timeout_ms) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now());
    MessageHandle message(
        rd_kafka_consume(topic_, partition_, std::max<int>(0, static_cast<int>(left.count()))));
    if (message == nullptr) return KafkaRecord{};
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      end_seen_ = message->offset;
      return KafkaRecord{};
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client_.Explain(message->err,
                             fmt::format("read {}/{} at offset {}", rd_kafka_topic_name(topic_),
                                         partition_, next_offset_));
    }
    if (message->offset < next_offset_) {
      ++repeats_;
      continue;
    }
    next_offset_ = message->offset + 1;
    return RecordOf(std::move(message));
  }
}

void PartitionReader::Wake() {
  constexpr int kTimeoutMs = 500;
  (void)AskOffsets(client_, {{rd_kafka_topic_name(topic_), partition_}}, kEndTimestamp, kTimeoutMs);
}

absl::StatusOr<std::unique_ptr<KafkaClient>> MakeReaderClient(const KafkaAddress& address,
                                                              const KafkaSecurity& security,
                                                              const Prefetch& prefetch,
                                                              bool is_isolated) {
  // A full queue is not filled again for a second, so it must hold more than a second's reading.
  return KafkaClient::Make(
      KafkaClient::Kind::kConsumer, address, security,
      {{"enable.auto.commit", "false"},
       {"enable.auto.offset.store", "false"},
       {"auto.offset.reset", "error"},
       {"isolation.level", is_isolated ? "read_committed" : "read_uncommitted"},
       {"check.crcs", "true"},
       {"enable.partition.eof", "true"},
       {"queued.min.messages", "10000000"},
       {"queued.max.messages.kbytes", std::to_string(prefetch.bytes_per_partition >> 10)},
       {"fetch.message.max.bytes",
        std::to_string(std::min<int64_t>(prefetch.bytes_per_partition, 4 << 20))},
       {"fetch.wait.max.ms", std::to_string(prefetch.wait_ms)},
       {"fetch.error.backoff.ms", "50"}});
}

absl::StatusOr<std::vector<int64_t>> EndOffsets(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms) {
  return OffsetsAt(client, partitions, kEndTimestamp, timeout_ms);
}

absl::StatusOr<std::vector<std::optional<int64_t>>> EndOffsetsOfLed(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms) {
  ASSAY_ASSIGN_OR_RETURN(const auto led, LedPartitions(client, partitions, timeout_ms));
  std::vector<std::optional<int64_t>> ends(partitions.size());
  std::vector<std::pair<std::string, int32_t>> asked;
  for (const auto& partition : partitions) {
    if (led.contains(partition)) asked.push_back(partition);
  }
  if (asked.empty()) return ends;
  ASSAY_ASSIGN_OR_RETURN(const auto found, EndOffsets(client, asked, timeout_ms));
  size_t next = 0;
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (led.contains(partitions[i])) ends[i] = found[next++];
  }
  return ends;
}

absl::StatusOr<std::vector<int64_t>> OffsetsSince(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    Instant since, int timeout_ms) {
  ASSAY_ASSIGN_OR_RETURN(auto ends, EndOffsets(client, partitions, timeout_ms));
  ASSAY_ASSIGN_OR_RETURN(const auto found,
                         OffsetsAt(client, partitions, std::max<int64_t>(since.ms, 0), timeout_ms));
  for (size_t i = 0; i < ends.size(); ++i) {
    if (found[i] >= 0) ends[i] = std::min(ends[i], found[i]);
  }
  return ends;
}

absl::StatusOr<std::vector<int64_t>> BeginOffsets(
    KafkaClient& client, const std::vector<std::pair<std::string, int32_t>>& partitions,
    int timeout_ms) {
  return OffsetsAt(client, partitions, kBeginTimestamp, timeout_ms);
}

}  // namespace assay

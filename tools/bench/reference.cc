#include "tools/bench/reference.h"

#include <assay/v1/log.pb.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "connectors/kafka/client.h"
#include "connectors/kafka/reader.h"

namespace assay::bench {
namespace {

constexpr int kTimeoutMs = 10'000;
constexpr int64_t kBatch = 1'000;

struct QueueDestroyer {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};

}  // namespace

absl::StatusOr<int64_t> ConsumeAndParse(const KafkaAddress& address, int32_t partitions) {
  ASSAY_ASSIGN_OR_RETURN(const auto client,
                         KafkaClient::Make(KafkaClient::Kind::kConsumer, address, {},
                                           {{"enable.auto.commit", "false"},
                                            {"enable.auto.offset.store", "false"},
                                            {"auto.offset.reset", "error"},
                                            {"queued.min.messages", "10000000"},
                                            {"queued.max.messages.kbytes", "262144"},
                                            {"fetch.wait.max.ms", "50"}}));
  const std::string topic = address.TopicOf(FactsPartition(0));
  const std::unique_ptr<rd_kafka_queue_t, QueueDestroyer> queue(
      rd_kafka_queue_new(client->Handle()));
  rd_kafka_topic_t* const handle = client->Topic(topic);
  std::vector<std::pair<std::string, int32_t>> list;
  for (int32_t i = 0; i < partitions; ++i) {
    list.emplace_back(topic, i);
    rd_kafka_consume_start_queue(handle, i, 0, queue.get());
  }
  // The question also wakes the partitions, which librdkafka may oversleep.
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client, list, kTimeoutMs));
  const int64_t expected = std::accumulate(ends.begin(), ends.end(), int64_t{0});
  v1::Record record;
  int64_t records = 0;
  std::vector<rd_kafka_message_t*> messages(kBatch);
  while (records < expected) {
    // A call waits until it has all that it was asked for.
    const auto most = static_cast<size_t>(std::min<int64_t>(kBatch, expected - records));
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue.get(), kTimeoutMs, messages.data(), most);
    if (count <= 0) return MakeStatus(absl::StatusCode::kUnavailable, "the reference got no more");
    for (ssize_t i = 0; i < count; ++i) {
      const MessageHandle message(messages[static_cast<size_t>(i)]);
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
          !record.ParseFromArray(message->payload, static_cast<int>(message->len))) {
        return MakeStatus(absl::StatusCode::kDataLoss, "the reference got a damaged record");
      }
      ++records;
    }
  }
  for (int32_t i = 0; i < partitions; ++i) rd_kafka_consume_stop(handle, i);
  return records;
}

}  // namespace assay::bench

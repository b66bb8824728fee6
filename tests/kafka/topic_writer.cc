#include "tests/kafka/topic_writer.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "connectors/kafka/topics.h"

namespace assay::testing {
namespace {

constexpr int kTimeoutMs = 20'000;

bool IsThere(KafkaClient& client, const KafkaAddress& address, const std::string& topic) {
  const auto cluster = LookAtCluster(client, address, kTimeoutMs);
  REQUIRE(cluster.ok());
  return cluster->partitions.contains(topic);
}

void Await(KafkaClient& client, const KafkaAddress& address, const std::string& topic, bool there) {
  for (int i = 0; i < 400 && IsThere(client, address, topic) != there; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  REQUIRE(IsThere(client, address, topic) == there);
}

}  // namespace

TopicWriter::TopicWriter(const std::string& brokers, const KafkaSecurity& security)
    : address_{.brokers = brokers} {
  auto client = KafkaClient::Make(KafkaClient::Kind::kProducer, address_, security,
                                  {{"enable.idempotence", "true"},
                                   {"linger.ms", "20"},
                                   {"message.max.bytes", "3145728"},
                                   {"queue.buffering.max.messages", "2000000"}});
  REQUIRE(client.ok());
  client_ = *std::move(client);
}

void TopicWriter::Make(const std::string& topic, int32_t partitions) {
  char text[512];
  const std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>> made(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text, sizeof(text)));
  REQUIRE(made != nullptr);
  REQUIRE(rd_kafka_NewTopic_set_config(made.get(), "max.message.bytes", "3145728") ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
  const std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>> queue(
      rd_kafka_queue_new(client_->Handle()));
  rd_kafka_NewTopic_t* topics[] = {made.get()};
  rd_kafka_CreateTopics(client_->Handle(), topics, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>> event(
      rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  REQUIRE(event != nullptr);
  Await(*client_, address_, topic, true);
}

void TopicWriter::Delete(const std::string& topic) {
  const std::unique_ptr<rd_kafka_DeleteTopic_t, Destroyer<rd_kafka_DeleteTopic_destroy>> deleted(
      rd_kafka_DeleteTopic_new(topic.c_str()));
  const std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>> queue(
      rd_kafka_queue_new(client_->Handle()));
  rd_kafka_DeleteTopic_t* topics[] = {deleted.get()};
  rd_kafka_DeleteTopics(client_->Handle(), topics, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>> event(
      rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  REQUIRE(event != nullptr);
  Await(*client_, address_, topic, false);
}

void TopicWriter::DeleteBefore(const std::string& topic, int32_t partition, int64_t offset) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  const std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>> queue(
      rd_kafka_queue_new(client_->Handle()));
  rd_kafka_DeleteRecords(client_->Handle(), &request, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>> event(
      rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  rd_kafka_DeleteRecords_destroy(request);
  REQUIRE(event != nullptr);
  REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void TopicWriter::Put(const std::string& topic, int32_t partition, std::string_view key,
                      std::optional<std::string_view> value, const Headers& headers) {
  rd_kafka_headers_t* const list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, text] : headers) {
    rd_kafka_header_add(list, name.c_str(), -1, text.data(), static_cast<ssize_t>(text.size()));
  }
  rd_kafka_topic_t* const handle = client_->Topic(topic);
  const auto data = [](std::string_view text) {
    return const_cast<void*>(static_cast<const void*>(text.data()));
  };
  void* const bytes = value.has_value() ? data(*value) : nullptr;
  const size_t size = value.has_value() ? value->size() : 0;
  for (;;) {
    const auto error = rd_kafka_producev(
        client_->Handle(), RD_KAFKA_V_RKT(handle), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_KEY(data(key), key.size()), RD_KAFKA_V_VALUE(bytes, size),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    REQUIRE(error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    rd_kafka_poll(client_->Handle(), 10);
  }
}

void TopicWriter::Flush() {
  REQUIRE(rd_kafka_flush(client_->Handle(), kTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void TopicWriter::PutInTransaction(const std::string& topic, int32_t partition,
                                   std::string_view key, std::string_view value) const {
  const auto client =
      KafkaClient::Make(KafkaClient::Kind::kProducer, address_, {}, {{"transactional.id", topic}});
  REQUIRE(client.ok());
  rd_kafka_t* const handle = (*client)->Handle();
  REQUIRE(rd_kafka_init_transactions(handle, kTimeoutMs) == nullptr);
  REQUIRE(rd_kafka_begin_transaction(handle) == nullptr);
  REQUIRE(rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(topic.c_str()),
                            RD_KAFKA_V_PARTITION(partition),
                            RD_KAFKA_V_KEY(const_cast<char*>(key.data()), key.size()),
                            RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                            RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  REQUIRE(rd_kafka_commit_transaction(handle, kTimeoutMs) == nullptr);
}

}  // namespace assay::testing

#include "connectors/kafka/producer.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace assay {
namespace {

constexpr int kPollMs = 100;
// What a facts record may take at most, with framing; topics are made for it.
constexpr const char* kMessageBytesMax = "2200000";

}  // namespace

// A client with the thread that serves its acknowledgements.
struct KafkaProducer::Instance {
  explicit Instance(std::unique_ptr<KafkaClient> made)
      : client(std::move(made)), server([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) rd_kafka_poll(client->Handle(), kPollMs);
        }) {}
  ~Instance() {
    server.request_stop();
    rd_kafka_flush(client->Handle(), 0);
    server.join();
  }

  std::unique_ptr<KafkaClient> client;
  // Keeps the records of one append together and in order.
  std::mutex send_mutex;
  // Guarded by send_mutex. A record of this instance failed: what came behind it on the log would
  // stand there behind a gap.
  bool is_dead = false;
  std::jthread server;
};

// What the acknowledgements of one append come to. Kept until the last of them.
struct KafkaProducer::Delivery {
  std::mutex mutex;
  std::condition_variable done;
  size_t missing = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  int64_t last_offset = -1;
};

KafkaProducer::~KafkaProducer() = default;

void KafkaProducer::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* delivery = static_cast<Delivery*>(message->_private);
  const std::lock_guard lock(delivery->mutex);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && delivery->error == 0) {
    delivery->error = message->err;
  }
  delivery->last_offset = std::max(delivery->last_offset, message->offset);
  --delivery->missing;
  if (delivery->missing == 0 || delivery->error != 0) delivery->done.notify_one();
}

absl::StatusOr<std::shared_ptr<KafkaProducer::Instance>> KafkaProducer::Current() {
  const std::lock_guard lock(mutex_);
  if (current_ != nullptr) return current_;
  const KafkaClient::Settings settings = {
      {"enable.idempotence", "true"},
      {"enable.gapless.guarantee", "true"},
      {"acks", "all"},
      {"compression.codec", "lz4"},
      {"linger.ms", std::to_string(options_.linger_ms)},
      // librdkafka would give up single records and send those behind them; Append does it here.
      {"message.timeout.ms", "0"},
      {"max.in.flight.requests.per.connection", "1"},
      {"message.max.bytes", kMessageBytesMax},
      {"queue.buffering.max.kbytes", "262144"},
      {"queue.buffering.max.messages", "1000000"}};
  ASSAY_ASSIGN_OR_RETURN(
      auto client, KafkaClient::Make(KafkaClient::Kind::kProducer, address_, security_, settings,
                                     {.on_delivery = OnDelivery}));
  current_ = std::make_shared<Instance>(std::move(client));
  return current_;
}

void KafkaProducer::Retire(const std::shared_ptr<Instance>& instance) {
  {
    const std::lock_guard lock(mutex_);
    if (current_ == instance) current_ = nullptr;
  }
  const std::lock_guard sending(instance->send_mutex);
  if (std::exchange(instance->is_dead, true)) return;
  rd_kafka_purge(instance->client->Handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

int64_t KafkaProducer::Queued() {
  const std::lock_guard lock(mutex_);
  return current_ == nullptr ? 0 : rd_kafka_outq_len(current_->client->Handle());
}

namespace {

rd_kafka_resp_err_t Send(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                         const KafkaProducer::Message& message, void* delivery) {
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const KafkaProducer::Header& header : message.headers) {
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
  }
  // An empty value is a value and no tombstone, so it needs an address.
  static char nothing = 0;
  const std::string_view value = message.value.value_or(std::string_view());
  void* bytes = !message.value.has_value() ? nullptr
                : value.empty()            ? &nothing
                                           : const_cast<char*>(value.data());
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      handle, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(message.key.empty() ? nullptr : const_cast<char*>(message.key.data()),
                     message.key.size()),
      RD_KAFKA_V_VALUE(bytes, value.size()),
      RD_KAFKA_V_TIMESTAMP(message.at.has_value() ? message.at->ms : 0),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(delivery), RD_KAFKA_V_END);
  // Sent headers belong to the message.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) rd_kafka_headers_destroy(headers);
  return error;
}

}  // namespace

rd_kafka_resp_err_t KafkaProducer::SendAll(Instance& instance, const std::string& topic,
                                           int32_t partition, std::span<const Message> messages,
                                           Delivery& delivery, size_t& sent) const {
  const auto deadline = Steady::now() + std::chrono::milliseconds(options_.timeout_ms);
  const std::lock_guard sending(instance.send_mutex);
  if (instance.is_dead) return RD_KAFKA_RESP_ERR__PURGE_QUEUE;
  while (sent < messages.size()) {
    const auto refused =
        Send(instance.client->Handle(), topic, partition, messages[sent], &delivery);
    if (refused == RD_KAFKA_RESP_ERR__QUEUE_FULL && Steady::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return refused;
    } else {
      ++sent;
    }
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// False when nothing was acknowledged for as long as an append may take.
bool KafkaProducer::Await(Delivery& delivery, std::unique_lock<std::mutex>& lock) const {
  const auto is_whole = [&] { return delivery.missing == 0 || delivery.error != 0; };
  for (size_t missing = delivery.missing; !is_whole(); missing = delivery.missing) {
    delivery.done.wait_for(lock, std::chrono::milliseconds(options_.timeout_ms), is_whole);
    if (!is_whole() && delivery.missing == missing) return false;
  }
  return true;
}

absl::StatusOr<int64_t> KafkaProducer::Append(const std::string& topic, int32_t partition,
                                              std::span<const Message> messages) {
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<Instance> instance, Current());
  Delivery delivery;
  delivery.missing = messages.size();
  size_t sent = 0;
  rd_kafka_resp_err_t error = SendAll(*instance, topic, partition, messages, delivery, sent);
  std::unique_lock lock(delivery.mutex);
  delivery.missing -= messages.size() - sent;
  const bool is_untouched = error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && sent == 0;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && !Await(delivery, lock)) {
    error = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = delivery.error;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return delivery.last_offset + 1;
  ++failures_;
  if (!is_untouched) {
    lock.unlock();
    Retire(instance);
    lock.lock();
    // What was purged is answered for soon.
    delivery.done.wait(lock, [&] { return delivery.missing == 0; });
  }
  return instance->client->Explain(error, fmt::format("append to {}/{}", topic, partition));
}

}  // namespace assay

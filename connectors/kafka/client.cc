#include "connectors/kafka/client.h"

#include <unistd.h>

#include <array>

namespace assay {
namespace {

constexpr size_t kErrorBytes = 512;

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return absl::StatusCode::kDataLoss;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
      return absl::StatusCode::kFailedPrecondition;
    default:
      // Whatever else a broker says passes: elections, restarts, time-outs, lost connections; also
      // that it does not know a topic, which one that has just started says of all. That an unknown
      // one is tried again is safe, since repeating an append is.
      return absl::StatusCode::kUnavailable;
  }
}

bool IsAboutCredentials(int error) {
  return error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL ||
         error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

// What OpenSSL says when the broker does not take our certificate, or misses one.
bool IsAboutCertificate(std::string_view reason) {
  const auto says = [&](std::string_view words) { return reason.find(words) != reason.npos; };
  return says(" alert ") && (says("certificate") || says("unknown ca"));
}

using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, kErrorBytes> text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return absl::OkStatus();
  }
  return MakeStatus(absl::StatusCode::kInvalidArgument, "kafka setting {}: {}", name, text.data());
}

// What librdkafka would print on standard error is said by the statuses instead.
void DropLine(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view context) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return MakeStatus(CodeOf(error), "{}: {} ({})", context, rd_kafka_err2str(error),
                    rd_kafka_err2name(error));
}

absl::StatusOr<std::unique_ptr<KafkaClient>> KafkaClient::Make(Kind kind,
                                                               const KafkaAddress& address,
                                                               const KafkaSecurity& security,
                                                               const Settings& settings) {
  return Make(kind, address, security, settings, {});
}

absl::StatusOr<std::unique_ptr<KafkaClient>> KafkaClient::Make(Kind kind,
                                                               const KafkaAddress& address,
                                                               const KafkaSecurity& security,
                                                               const Settings& settings,
                                                               const Hooks& hooks) {
  std::unique_ptr<KafkaClient> client(new KafkaClient());
  ConfHandle conf(rd_kafka_conf_new());
  const Settings shared = {{"bootstrap.servers", address.brokers},
                           {"client.id", fmt::format("assay-{}", ::getpid())},
                           {"socket.nagle.disable", "true"},
                           {"socket.keepalive.enable", "true"},
                           {"allow.auto.create.topics", "false"},
                           {"reconnect.backoff.ms", "20"},
                           {"reconnect.backoff.max.ms", "1000"},
                           {"retry.backoff.ms", "20"},
                           {"topic.metadata.refresh.fast.interval.ms", "50"}};
  for (const auto& [name, value] : shared) ASSAY_RETURN_IF_ERROR(Set(conf.get(), name, value));
  for (const auto& [name, value] : security) ASSAY_RETURN_IF_ERROR(Set(conf.get(), name, value));
  for (const auto& [name, value] : settings) ASSAY_RETURN_IF_ERROR(Set(conf.get(), name, value));
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  rd_kafka_conf_set_log_cb(conf.get(), DropLine);
  if (hooks.on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), hooks.on_delivery);
  std::array<char, kErrorBytes> text{};
  client->handle_ = rd_kafka_new(kind == Kind::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                                 conf.get(), text.data(), text.size());
  if (client->handle_ == nullptr) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "no Kafka client of {}: {}",
                      address.brokers, text.data());
  }
  // The instance owns its settings now.
  (void)conf.release();
  return client;
}

KafkaClient::~KafkaClient() {
  if (handle_ == nullptr) return;
  topics_.clear();
  rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaClient::OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
  auto* client = static_cast<KafkaClient*>(opaque);
  const bool is_certificate = IsAboutCertificate(reason);
  if (is_certificate) error = RD_KAFKA_RESP_ERR__SSL;
  const std::lock_guard lock(client->mutex_);
  // "All brokers are down" follows what brought them down, which says more.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !client->trouble_text_.empty()) return;
  // Why we are refused is worth more than that we were cut off.
  if (IsAboutCredentials(client->trouble_) && !IsAboutCredentials(error)) return;
  client->trouble_ = error;
  client->trouble_text_ = reason;
  if (is_certificate) {
    client->trouble_text_ +=
        "; the broker wants a certificate that it trusts: ssl.certificate.location, "
        "ssl.key.location";
  }
}

rd_kafka_topic_t* KafkaClient::Topic(const std::string& name) {
  const std::lock_guard lock(mutex_);
  TopicHandle& topic = topics_[name];
  if (topic == nullptr) topic.reset(rd_kafka_topic_new(handle_, name.c_str(), nullptr));
  return topic.get();
}

bool KafkaClient::IsTurnedAway() {
  // Serves the callback; nothing else waits in the queue of a client that reads by partition.
  rd_kafka_poll(handle_, 0);
  const std::lock_guard lock(mutex_);
  return IsAboutCredentials(trouble_);
}

absl::Status KafkaClient::Explain(rd_kafka_resp_err_t error, std::string_view context) {
  const bool is_turned_away = IsTurnedAway();
  const absl::Status status = StatusOf(error, context);
  const std::lock_guard lock(mutex_);
  if (status.ok() || trouble_text_.empty()) return status;
  const auto code = is_turned_away ? absl::StatusCode::kFailedPrecondition : status.code();
  return MakeStatus(code, "{}; {}", MessageOf(status), trouble_text_);
}

}  // namespace assay

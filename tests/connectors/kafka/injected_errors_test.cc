// Every error that a broker can give to a produce or fetch request, injected by librdkafka's mock
// cluster: each ends in an answer, and what was acknowledged is there.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/producer.h"
#include "connectors/kafka/reader.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

constexpr int16_t kProduce = 0;
constexpr int16_t kFetch = 1;
constexpr const char* kTopic = "t";

class MockCluster {
 public:
  MockCluster() {
    char text[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  [[nodiscard]] KafkaAddress Address() const {
    return {.brokers = rd_kafka_mock_cluster_bootstraps(cluster_), .prefix = "p"};
  }
  void Inject(int16_t request, rd_kafka_resp_err_t error, int times) {
    const std::vector<rd_kafka_resp_err_t> errors(static_cast<size_t>(times), error);
    rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
  }
  // Requests wait, or are answered again.
  void Stop(bool stopped) { rd_kafka_mock_broker_set_rtt(cluster_, 1, stopped ? 60'000 : 0); }
  void Clear(int16_t request) { rd_kafka_mock_clear_request_errors(cluster_, request); }

 private:
  rd_kafka_t* handle_;
  rd_kafka_mock_cluster_t* cluster_;
};

// Those that librdkafka has a name for.
std::vector<rd_kafka_resp_err_t> BrokerErrors() {
  std::vector<rd_kafka_resp_err_t> errors;
  const rd_kafka_err_desc* table = nullptr;
  size_t count = 0;
  rd_kafka_get_err_descs(&table, &count);
  for (size_t i = 0; i < count; ++i) {
    if (table[i].code > 0 && table[i].name != nullptr) errors.push_back(table[i].code);
  }
  return errors;
}

// The suite's share of them; ASSAY_ALL_ERRORS=1 takes every one.
std::vector<rd_kafka_resp_err_t> InjectedErrors() {
  constexpr size_t kShare = 8;
  const std::vector<rd_kafka_resp_err_t> all = BrokerErrors();
  if (std::getenv("ASSAY_ALL_ERRORS") != nullptr) return all;
  std::vector<rd_kafka_resp_err_t> share;
  for (size_t i = 0; i < all.size(); i += kShare) share.push_back(all[i]);
  return share;
}

absl::StatusOr<std::vector<std::string>> ReadAll(const KafkaAddress& address, int64_t count) {
  ASSAY_ASSIGN_OR_RETURN(const auto client, MakeReaderClient(address, {}, {}));
  ASSAY_ASSIGN_OR_RETURN(const auto reader, PartitionReader::Start(*client, kTopic, 0, 0));
  std::vector<std::string> values;
  while (static_cast<int64_t>(values.size()) < count) {
    ASSAY_ASSIGN_OR_RETURN(const auto record, reader->Next(2'000));
    if (record.message == nullptr) break;
    values.emplace_back(record.Value());
  }
  return values;
}

// One code, each with a cluster of its own, takes seconds of waiting and no processor: several at
// once. `ask` makes no assertions, which belong to the thread of the case.
template <class Question, class Ask>
auto AskAtOnce(const std::vector<Question>& questions, const Ask& ask) {
  constexpr size_t kAtOnce = 8;
  std::vector<decltype(ask(questions.front()))> answers(questions.size());
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < std::min(kAtOnce, questions.size()); ++i) {
    threads.emplace_back([&] {
      for (size_t at = next++; at < questions.size(); at = next++) answers[at] = ask(questions[at]);
    });
  }
  threads.clear();
  return answers;
}

TEST_CASE("what a code means here is decided for every code", "[kafka][unit]") {
  const std::map<rd_kafka_resp_err_t, absl::StatusCode> decided = {
      {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, absl::StatusCode::kDataLoss},
      {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, absl::StatusCode::kDataLoss},
      {RD_KAFKA_RESP_ERR__BAD_MSG, absl::StatusCode::kDataLoss},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, absl::StatusCode::kFailedPrecondition},
      {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, absl::StatusCode::kFailedPrecondition},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, absl::StatusCode::kUnavailable},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, absl::StatusCode::kUnavailable},
      {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, absl::StatusCode::kUnavailable},
      {RD_KAFKA_RESP_ERR__TIMED_OUT, absl::StatusCode::kUnavailable},
      {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, absl::StatusCode::kUnavailable},
      {RD_KAFKA_RESP_ERR__FATAL, absl::StatusCode::kUnavailable}};
  for (const auto& [error, code] : decided) CHECK(StatusOf(error, "x").code() == code);
  // "Cannot read" is never "not there", and no error is a success.
  for (const rd_kafka_resp_err_t error : BrokerErrors()) {
    const absl::Status status = StatusOf(error, "read");
    INFO(Describe(status));
    CHECK_FALSE(status.ok());
    CHECK_FALSE(absl::IsNotFound(status));
    CHECK(MessageOf(status).find(rd_kafka_err2name(error)) != std::string_view::npos);
  }
}

// What Kafka documents for the request: these also last for a while.
bool IsOfProduce(rd_kafka_resp_err_t error) {
  constexpr rd_kafka_resp_err_t kErrors[] = {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                             RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                             RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                             RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                             RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                                             RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                             RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                                             RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                                             RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                                             RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR};
  return std::find(std::begin(kErrors), std::end(kErrors), error) != std::end(kErrors);
}

absl::StatusOr<int64_t> Append(KafkaProducer& producer, const std::string& value) {
  const KafkaProducer::Message message{
      .key = "", .value = value, .at = std::nullopt, .headers = {}};
  return producer.Append(kTopic, 0, {&message, 1});
}

// The broker answers a request with the error so many times.
struct Trouble {
  rd_kafka_resp_err_t error;
  int times;
};

// What an append came to meanwhile, one after it, and what stands on the log then.
struct Appended {
  absl::Status first;
  absl::Status second;
  absl::StatusOr<std::vector<std::string>> values = std::vector<std::string>();
};

Appended AppendThrough(const Trouble& trouble) {
  MockCluster cluster;
  KafkaProducer producer(cluster.Address(), {}, {.timeout_ms = 400});
  cluster.Inject(kProduce, trouble.error, trouble.times);
  Appended appended;
  appended.first = Append(producer, "one").status();
  cluster.Clear(kProduce);
  // Whatever happened, later appends are served, by a new instance if need be.
  absl::StatusOr<int64_t> second = Append(producer, "two");
  for (int i = 0; i < 20 && !second.ok(); ++i) second = Append(producer, "two");
  appended.second = second.status();
  if (second.ok()) appended.values = ReadAll(cluster.Address(), *second);
  return appended;
}

void CheckAppended(const Trouble& trouble, const Appended& appended) {
  INFO(rd_kafka_err2name(trouble.error) << " " << trouble.times << " times");
  REQUIRE(appended.second == absl::OkStatus());
  REQUIRE(appended.values.status() == absl::OkStatus());
  const std::vector<std::string>& values = *appended.values;
  CHECK(std::count(values.begin(), values.end(), "two") >= 1);
  // A broker that says "this is a repetition" says that the record is there; here it lies.
  if (appended.first.ok() && trouble.error != RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER) {
    CHECK(std::count(values.begin(), values.end(), "one") == 1);
  }
}

TEST_CASE("every error of a produce request ends in an answer that holds", "[kafka][campaign]") {
  std::vector<Trouble> troubles;
  for (const rd_kafka_resp_err_t error : InjectedErrors()) troubles.push_back({error, 1});
  for (const rd_kafka_resp_err_t error : BrokerErrors()) {
    if (!IsOfProduce(error)) continue;
    troubles.push_back({error, 1});
    troubles.push_back({error, 100});
  }
  const std::vector<Appended> all = AskAtOnce(troubles, AppendThrough);
  int accepted = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    CheckAppended(troubles[i], all[i]);
    if (all[i].first.ok()) ++accepted;
  }
  const int unknown = static_cast<int>(all.size()) - accepted;
  std::printf("%d acknowledged, %d unknown\n", accepted, unknown);
  // Passing trouble is retried within the append; what lasts is said.
  CHECK(accepted > 0);
  CHECK(unknown > 5);
}

// What a reader got of the one record while a fetch failed: nothing, it, or an error.
struct Fetched {
  bool is_said = false;
  std::string value;
};

absl::StatusOr<Fetched> FetchThrough(rd_kafka_resp_err_t error) {
  MockCluster cluster;
  KafkaProducer producer(cluster.Address(), {}, {.timeout_ms = 10'000});
  ASSAY_RETURN_IF_ERROR(Append(producer, "one").status());
  cluster.Inject(kFetch, error, 1);
  ASSAY_ASSIGN_OR_RETURN(const auto client, MakeReaderClient(cluster.Address(), {}, {}));
  ASSAY_ASSIGN_OR_RETURN(const auto reader, PartitionReader::Start(*client, kTopic, 0, 0));
  Fetched fetched;
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!fetched.is_said && fetched.value.empty() && std::chrono::steady_clock::now() < until) {
    const auto record = reader->Next(200);
    fetched.is_said = !record.ok();
    if (record.ok() && record->message != nullptr) fetched.value = record->Value();
  }
  return fetched;
}

TEST_CASE("every error of a fetch request passes or is said", "[kafka][campaign]") {
  const std::vector<rd_kafka_resp_err_t> errors = InjectedErrors();
  const auto all = AskAtOnce(errors, FetchThrough);
  int passed = 0;
  int said = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    INFO(rd_kafka_err2name(errors[i]));
    REQUIRE(all[i].status() == absl::OkStatus());
    // Never another record, and never one that is not there.
    if (!all[i]->is_said) CHECK(all[i]->value == "one");
    ++(all[i]->is_said ? said : passed);
  }
  std::printf("%d passed, %d said\n", passed, said);
  CHECK(said >= 1);
}

// What an append leaves behind that was given up: readers of sources take the highest number that
// they saw for all that came before it.
TEST_CASE("behind a time-out no record stands without those before it", "[kafka]") {
  MockCluster cluster;
  KafkaProducer producer(cluster.Address(), {}, {.linger_ms = 5, .timeout_ms = 300});
  constexpr int kBatch = 200;
  int next = 0;
  int failures = 0;
  std::atomic<bool> done = false;
  std::jthread stopper([&] {
    for (bool stopped = true; !done; stopped = !stopped) {
      std::this_thread::sleep_for(std::chrono::milliseconds(stopped ? 60 : 450));
      cluster.Stop(stopped);
    }
    cluster.Stop(false);
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
  while (next < 40 * kBatch && std::chrono::steady_clock::now() < deadline) {
    std::vector<std::string> values;
    std::vector<KafkaProducer::Message> messages;
    for (int i = 0; i < kBatch; ++i) values.push_back(std::to_string(next + i));
    for (const std::string& value : values) {
      messages.push_back({.key = "k", .value = value, .at = std::nullopt, .headers = {}});
    }
    // As a reader does: again from the last mark.
    if (producer.Append(kTopic, 0, messages).ok()) {
      next += kBatch;
    } else {
      ++failures;
    }
  }
  done = true;
  stopper.join();
  REQUIRE(next == 40 * kBatch);
  CHECK(failures > 0);
  const auto client = MakeReaderClient(cluster.Address(), {}, {});
  REQUIRE(client.ok());
  const auto ends = EndOffsets(**client, {{kTopic, 0}}, 5'000);
  REQUIRE(ends.ok());
  int highest = -1;
  const auto values = ReadAll(cluster.Address(), (*ends)[0]);
  REQUIRE(values.ok());
  for (const std::string& value : *values) {
    const int number = std::stoi(value);
    CHECK(number <= highest + 1);
    highest = std::max(highest, number);
  }
  CHECK(highest == next - 1);
}

}  // namespace
}  // namespace assay

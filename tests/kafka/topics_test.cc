#include "connectors/kafka/topics.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "connectors/kafka/kafka_journal.h"
#include "connectors/kafka/reader.h"
#include "tests/kafka/broker.h"
#include "tests/support/printing.h"

namespace assay::testing {
namespace {

std::unique_ptr<KafkaClient> Client(const KafkaAddress& address) {
  auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.status() == absl::OkStatus());
  return *std::move(client);
}

std::vector<std::string> Differences(const KafkaAddress& address, int32_t facts_partitions) {
  const auto client = Client(address);
  const auto cluster = LookAtCluster(*client, address, kAdminTimeoutMs);
  REQUIRE(cluster.status() == absl::OkStatus());
  const auto differences =
      TopicDifferences(*client, address, JournalTopics(facts_partitions, false), *cluster);
  REQUIRE(differences.status() == absl::OkStatus());
  std::vector<std::string> texts;
  for (const TopicDifference& difference : *differences) texts.push_back(difference.text);
  return texts;
}

TEST_CASE("topics are made as a journal needs them, and found so", "[kafka][integration]") {
  const KafkaAddress address = FreshAddress();
  CHECK(Differences(address, 3) ==
        std::vector<std::string>{address.Topic("decisions") + ": is not there",
                                 address.Topic("facts") + ": is not there"});
  REQUIRE(KafkaJournal::Create(address, 3, {}).ok());
  CHECK(Differences(address, 3).empty());
  // Again: nothing is to be done.
  REQUIRE(KafkaJournal::Create(address, 3, {}).ok());
  CHECK(Differences(address, 3).empty());
}

TEST_CASE("every difference of a topic is named, and nothing is changed", "[kafka][integration]") {
  const KafkaAddress address = FreshAddress();
  REQUIRE(KafkaJournal::Create(address, 3, {}).ok());
  const auto client = Client(address);
  const struct {
    std::string setting;
    std::string value;
    std::string expected;
  } changes[] = {{"retention.ms", "1000", "-1"},
                 {"retention.bytes", "5000", "-1"},
                 {"cleanup.policy", "compact", "delete"},
                 {"message.timestamp.type", "CreateTime", "LogAppendTime"},
                 {"max.message.bytes", "100000", "2200000 or more"},
                 {"unclean.leader.election.enable", "true", "false"}};
  for (const auto& change : changes) {
    INFO(change.setting);
    const std::string topic = address.Topic("facts");
    const auto before = Differences(address, 3).size();
    REQUIRE(SetTopicSetting(*client, topic, change.setting, change.value).ok());
    const auto differences = Differences(address, 3);
    CHECK(differences.size() == before + 1);
    const std::string line =
        topic + ": " + change.setting + " is " + change.value + ", expected " + change.expected;
    CHECK(std::count(differences.begin(), differences.end(), line) == 1);
    const auto opened = KafkaJournal::Open(address, {});
    REQUIRE(absl::IsFailedPrecondition(opened.status()));
    CHECK(MessageOf(opened.status()).find(line) != std::string_view::npos);
  }
  CHECK(Differences(address, 3).size() == std::size(changes));
  // More than is needed is as good; another number of partitions is another log.
  const KafkaAddress large = FreshAddress();
  REQUIRE(KafkaJournal::Create(large, 3, {}).ok());
  REQUIRE(
      SetTopicSetting(*Client(large), large.Topic("facts"), "max.message.bytes", "9000000").ok());
  CHECK(Differences(large, 3).empty());
  CHECK(Differences(large, 4) ==
        std::vector<std::string>{large.Topic("facts") + ": partitions is 3, expected 4"});
}

TEST_CASE("a journal that is not there is not there, and a broker that does not answer says so",
          "[kafka][integration]") {
  const KafkaAddress address = FreshAddress();
  const auto absent = KafkaJournal::Open(address, {});
  CHECK(absl::IsNotFound(absent.status()));
  CHECK(MessageOf(absent.status()).find(address.Topic("facts")) != std::string_view::npos);
  // Nobody listens at port 1.
  const auto silent = KafkaJournal::Open({.brokers = "127.0.0.1:1"}, {.connect_timeout_ms = 300});
  CHECK(absl::IsUnavailable(silent.status()));
  CHECK(MessageOf(silent.status()).find("127.0.0.1:1") != std::string_view::npos);
  CHECK(MessageOf(silent.status()).find("refused") != std::string_view::npos);
}

}  // namespace
}  // namespace assay::testing

#include "connectors/kafka/reader.h"

#include <librdkafka/rdkafka_mock.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

TEST_CASE("a partition without a leader keeps nobody waiting who asks for those that have one") {
  char text[512];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* const handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
  rd_kafka_mock_cluster_t* const cluster = rd_kafka_mock_cluster_new(handle, 1);
  rd_kafka_mock_topic_create(cluster, "t", 2, 1);
  const std::vector<std::pair<std::string, int32_t>> partitions = {{"t", 0}, {"t", 1}};
  {
    const auto client =
        MakeReaderClient({.brokers = rd_kafka_mock_cluster_bootstraps(cluster)}, {}, {});
    REQUIRE(client.ok());
    CHECK(EndOffsets(**client, partitions, 5'000).value() == std::vector<int64_t>{0, 0});
    const auto all = EndOffsetsOfLed(**client, partitions, 1'000);
    REQUIRE(all.ok());
    CHECK(*all == std::vector<std::optional<int64_t>>{0, 0});

    rd_kafka_mock_partition_set_leader(cluster, "t", 1, -1);
    CHECK(absl::IsUnavailable(EndOffsets(**client, partitions, 1'000).status()));
    const auto led = EndOffsetsOfLed(**client, partitions, 1'000);
    REQUIRE(led.ok());
    CHECK(*led == std::vector<std::optional<int64_t>>{0, std::nullopt});

    rd_kafka_mock_broker_set_down(cluster, 1);
    CHECK(absl::IsUnavailable(EndOffsetsOfLed(**client, partitions, 1'000).status()));
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(handle);
}

}  // namespace
}  // namespace assay

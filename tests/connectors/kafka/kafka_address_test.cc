#include "connectors/kafka/kafka_address.h"

#include <catch2/catch.hpp>

#include "tests/support/printing.h"

namespace assay {
namespace {

TEST_CASE("an address names brokers and a prefix of topics", "[kafka][unit]") {
  const auto plain = KafkaAddress::Parse("kafka://broker:9092");
  REQUIRE(plain.ok());
  CHECK(plain->brokers == "broker:9092");
  CHECK(plain->prefix == "assay");
  CHECK(plain->TopicOf(kDecisionsPartition) == "assay.decisions");
  CHECK(plain->TopicOf(FactsPartition(3)) == "assay.facts");
  const auto full = KafkaAddress::Parse("kafka://a:1,b.example:65535?prefix=acme-2.x_y");
  REQUIRE(full.ok());
  CHECK(full->brokers == "a:1,b.example:65535");
  CHECK(full->Topic("scores") == "acme-2.x_y.scores");
  CHECK(KafkaAddress::Parse(full->ToString()).value() == *full);
}

TEST_CASE("what is no address is refused with what was expected", "[kafka][unit]") {
  const auto url = GENERATE(
      as<std::string>(), "", "kafka:", "kafka://", "kafka://host", "kafka://:9092",
      "kafka://host:", "kafka://host:port", "kafka://host:123456", "kafka://a:1,",
      "kafka://a:1?prefix=", "kafka://a:1?prefix=x/y", "kafka://a:1?topic=x", "http://a:1");
  INFO(url);
  const auto parsed = KafkaAddress::Parse(url);
  REQUIRE(absl::IsInvalidArgument(parsed.status()));
  CHECK(std::string(MessageOf(parsed.status()))
            .starts_with("--journal: expected kafka://host:port[,host:port...][?prefix=assay], "
                         "found \"" +
                         url + "\""));
}

}  // namespace
}  // namespace assay

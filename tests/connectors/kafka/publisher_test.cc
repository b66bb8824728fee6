#include "connectors/kafka/publisher.h"

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay::testing {
namespace {

TopicSpec SpecOf(const std::string& name) {
  for (const TopicSpec& spec : PublishedTopics()) {
    if (spec.name == name) return spec;
  }
  FAIL("there is no topic " << name);
  return {};
}

v1::OutputRecord Score(const std::string& person) {
  return FromText<v1::OutputRecord>(R"(topic: "scores" key: "acme/2026-06/p-1" id: "0a1b"
    version { epoch: 3 sum: 44 } moment: "40@4" company: "acme"
    recorded_at { seconds: 1782806400 } score { cycle: "2026-06" person: ")" +
                                    person + R"(" status: "OK" total: "85.50" })");
}

std::string HeadersOf(const PublishedRecord& record) {
  std::string text;
  for (const auto& header : record.headers) text += header.name + "=" + header.value + "\n";
  return text;
}

TEST_CASE("a record is a CloudEvent whose value is the whole record", "[publisher][unit]") {
  const v1::OutputRecord score = Score("p-1");
  const PublishedRecord record = PublishedFrom(score, SpecOf("scores"), ValueFormat::kProtobuf);
  CHECK(record.key == "acme/2026-06/p-1");
  CHECK(record.value == score.SerializeAsString());
  CHECK(HeadersOf(record) ==
        "ce_specversion=1.0\nce_type=assay.score.v1\nce_id=0a1b\nce_source=/companies/acme\n"
        "ce_subject=acme/2026-06/p-1\nce_time=2026-06-30T08:00:00.000Z\nce_epoch=3\nce_sum=44\n"
        "content-type=application/protobuf\n");
  // As Kafka's Java client partitions it; so one key stays in one partition.
  CHECK(record.partition == PublishedFrom(Score("p-2"), SpecOf("scores"), {}).partition);
}

TEST_CASE("a topic may be written in proto3 JSON", "[publisher][unit]") {
  const PublishedRecord record = PublishedFrom(Score("p-1"), SpecOf("scores"), ValueFormat::kJson);
  CHECK(HeadersOf(record).ends_with("content-type=application/json\n"));
  CHECK(record.value.value_or("").find(R"("total":"85.50")") != std::string::npos);
  CHECK(record.value.value_or("").find(R"("version":{"epoch":"3","sum":"44"})") !=
        std::string::npos);
}

TEST_CASE("a score that is gone is a tombstone with its version", "[publisher][unit]") {
  const PublishedRecord record = PublishedFrom(Score(""), SpecOf("scores"), ValueFormat::kProtobuf);
  CHECK_FALSE(record.value.has_value());
  CHECK(HeadersOf(record).ends_with("ce_epoch=3\nce_sum=44\n"));
}

TEST_CASE("every published topic says what its records are", "[publisher][unit]") {
  for (const TopicSpec& spec : PublishedTopics()) {
    INFO(spec.name);
    CHECK_FALSE(spec.purpose.empty());
    CHECK(spec.event_type.starts_with("assay."));
    const auto* const field = v1::OutputRecord::descriptor()->FindFieldByCamelcaseName(spec.field);
    REQUIRE(field != nullptr);
    CHECK(field->containing_oneof() != nullptr);
  }
}

}  // namespace
}  // namespace assay::testing

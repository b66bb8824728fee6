#include "connectors/file/message_parser.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "connectors/file/mapper.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::kReceivedAt;

constexpr const char* kTopicContract = R"yaml(
source: erp
origin: SYSTEM
owner: {person: p-fin-01}
input: {kafka: {topic: erp.orders, format: json}}
record:
  key: ["kafka:key.no", "kafka:header.plant"]
  version: "kafka:offset"
  when: {field: "kafka:timestamp", format: epoch_ms, zone: Asia/Shanghai}
  tombstone: retract
refusals: {share: "0.25", of: 40}
entity: {type: employee, key: emp}
personal: {key: plain}
measures:
  - {name: output, value: qty, unit: pcs}
)yaml";

// 2026-06-10 01:00 in Shanghai.
constexpr Instant kSent{1'781'024'400'000};

struct Sent {
  std::string key = R"({"no": 881, "line": 1})";
  std::optional<std::string> value = R"({"emp": "E1", "qty": 5})";
  std::map<std::string, std::string> headers = {{"plant", "north"}};
};

SourceRecord Parse(const Sent& sent, const std::vector<std::string>& fields, int generation = 1) {
  v1::InputDefinition input;
  input.set_generation(generation);
  const auto parser = MessageParser::Create(input, "cluster/erp.orders/1", fields);
  REQUIRE(parser.ok());
  Message message;
  message.partition = 3;
  message.offset = 7;
  message.timestamp = kSent;
  message.key = sent.key;
  if (sent.value.has_value()) message.value = *sent.value;
  message.header = [&](const std::string& name) -> std::optional<std::string_view> {
    const auto found = sent.headers.find(name);
    if (found == sent.headers.end()) return std::nullopt;
    return found->second;
  };
  return (*parser)->Parse(message);
}

v1::Intake Map(const Sent& sent, const std::string& contract_text = kTopicContract) {
  const v1::SourceContract contract = testing::Contract(contract_text);
  auto mapper = Mapper::Create(contract, ClearSecrets());
  REQUIRE(mapper.ok());
  auto intake = mapper->Map(Parse(sent, mapper->FieldNames()), kReceivedAt);
  REQUIRE(intake.ok());
  return *std::move(intake);
}

std::string RefusedMessage(const Sent& sent) {
  const v1::Intake intake = Map(sent);
  REQUIRE(intake.has_refusal());
  return fmt::format("{} {} {}", intake.refusal().code(), intake.refusal().path(),
                     intake.refusal().expected());
}

TEST_CASE("a contract of a topic names what stands beside a value", "[file][unit]") {
  const v1::SourceContract contract = testing::Contract(kTopicContract);
  CHECK(contract.tombstones_retract());
  CHECK(contract.refusal_limit().share() == "0.25");
  CHECK(contract.refusal_limit().records() == 40);
  CHECK(contract.input().topic() == "erp.orders");
}

TEST_CASE("key, header, time and offset of a message are fields of its record",
          "[file][unit][ING-10]") {
  const v1::Intake intake = Map({});
  INFO(intake.DebugString());
  REQUIRE(intake.has_facts());
  CHECK(intake.record_key(0) == "881");
  CHECK(intake.record_key(1) == "north");
  CHECK(intake.version() == "7");
  CHECK(InstantOf(intake.event_time()) == kSent);
  CHECK(intake.day() == "2026-06-10");
  CHECK(intake.src().input_log() == "cluster/erp.orders/1");
  CHECK(intake.src().partition() == 3);
  CHECK(intake.src().offset() == 7);
  CHECK(intake.src().hash() == Sha256(*Sent().value).View());
  CHECK(intake.facts().contributions(0).value() == "5");
}

TEST_CASE("a tombstone retracts the record of its key where the contract says so", "[file][unit]") {
  const Sent gone{.value = std::nullopt};
  const v1::Intake intake = Map(gone);
  CHECK(intake.has_retraction());
  CHECK(intake.record_key(0) == "881");
  CHECK(intake.version() == "7");
  CHECK(intake.day() == "2026-06-10");
  CHECK(intake.src().hash() == Sha256("").View());
  std::string silent = kTopicContract;
  silent.replace(silent.find("tombstone: retract"), 18, "tombstone: refuse ");
  const v1::Intake refused = Map(gone, silent);
  REQUIRE(refused.has_refusal());
  CHECK(refused.refusal().code() == "MALFORMED");
  CHECK(refused.refusal().expected() == "a value, or `tombstone: retract` in the contract");
}

TEST_CASE("an offset of a later life of a topic is a higher version", "[file][unit]") {
  const std::vector<std::string> fields = {"kafka:offset"};
  CHECK(Parse({}, fields).fields[0].value.text == "7");
  CHECK(Parse({}, fields, 2).fields[0].value.text == "1000000000007");
}

TEST_CASE("a message that cannot be read is refused at its part", "[file][unit]") {
  CHECK(RefusedMessage({.key = "881"}) == "MALFORMED kafka:key one JSON object");
  CHECK(RefusedMessage({.headers = {{"plant", "\xff"}}}) ==
        "MALFORMED kafka:header.plant utf-8 text");
  CHECK(RefusedMessage({.headers = {}}) == "MISSING_KEY kafka:header.plant a value");
  CHECK(RefusedMessage({.value = "\xff"}) == "MALFORMED  utf-8 text");
  CHECK(RefusedMessage({.value = R"({"emp": "E1", "qty": 5, "kafka:x": 9})"}) ==
        "MALFORMED kafka:x no field that begins like those of a topic");
  CHECK(RefusedMessage({.value = std::string(limits::kRecordBytesMax + 1, ' ')}) ==
        "RECORD_TOO_LARGE  at most 1048576 bytes");
}

TEST_CASE("of an oversize message the beginning is kept, and hash and length of all of it",
          "[file][unit]") {
  const std::string value(limits::kRecordBytesMax + 1, 'x');
  const SourceRecord record = Parse({.value = value}, {});
  CHECK(record.raw.size() == limits::kOversizeKeptBytes);
  CHECK(record.length == static_cast<int64_t>(value.size()));
  CHECK(record.hash == Sha256(value));
}

}  // namespace
}  // namespace assay

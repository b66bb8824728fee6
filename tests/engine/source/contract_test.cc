#include "engine/source/contract.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "tests/engine/source/fixture.h"

namespace assay {
namespace {

using testing::Contract;

std::optional<Rejection> Check(const v1::SourceContract& contract) {
  return source::CheckContract("c", contract, testing::SimpleConditions());
}

TEST_CASE("a complete contract passes", "[source][unit]") {
  CHECK_FALSE(Check(Contract()).has_value());
}

TEST_CASE("what is left out has a default", "[source][unit]") {
  auto contract = Contract();
  contract.clear_owner();
  contract.clear_attributes();
  contract.clear_retract();
  contract.clear_version_field();
  contract.mutable_input()->clear_encoding();
  contract.mutable_input()->clear_delimiter();
  contract.mutable_input()->clear_decimal_mark();
  contract.mutable_measures(0)->clear_range_max();
  contract.mutable_measures(0)->clear_condition();
  CHECK_FALSE(Check(contract).has_value());
  // The record credits nobody when every measure names whom it credits.
  contract.mutable_measures()->DeleteSubrange(0, 1);
  contract.clear_entity();
  CHECK_FALSE(Check(contract).has_value());
}

struct Damage {
  std::function<void(v1::SourceContract&)> change;
  std::string_view code;
  std::string_view path;
};

void CheckEach(const std::vector<Damage>& damages) {
  for (const Damage& damage : damages) {
    INFO(damage.path << " " << damage.code);
    auto contract = Contract();
    damage.change(contract);
    const auto refused = Check(contract);
    REQUIRE(refused.has_value());
    CHECK(refused->code == damage.code);
    CHECK(refused->path == damage.path);
    CHECK(refused->rejection_class == RejectionClass::kValidation);
  }
}

using C = v1::SourceContract;

TEST_CASE("head and input of a contract are checked", "[source][unit]") {
  CheckEach({
      {[](C& c) { c.set_source("e r p"); }, "INVALID_ID", "c.source"},
      {[](C& c) { c.clear_origin(); }, "INVALID_ENUM", "c.origin"},
      {[](C& c) { c.set_owner("?"); }, "INVALID_ID", "c.owner"},
      {[](C& c) { c.clear_input(); }, "INVALID_ENUM", "c.input.format"},
      {[](C& c) { c.mutable_input()->set_encoding("latin1"); }, "INVALID_VALUE",
       "c.input.encoding"},
      {[](C& c) { c.mutable_input()->set_delimiter("||"); }, "INVALID_VALUE", "c.input.delimiter"},
      {[](C& c) { c.mutable_input()->set_delimiter("\""); }, "INVALID_VALUE", "c.input.delimiter"},
      {[](C& c) { c.mutable_input()->set_delimiter("\n"); }, "INVALID_VALUE", "c.input.delimiter"},
      {[](C& c) { c.mutable_input()->set_decimal_mark("'"); }, "INVALID_VALUE",
       "c.input.decimalMark"},
      {[](C& c) { c.mutable_input()->set_format(v1::INPUT_FORMAT_KAFKA_JSON); }, "FIELD_REQUIRED",
       "c.input.topic"},
      {[](C& c) { c.mutable_input()->set_generation(-1); }, "VALUE_OUT_OF_RANGE",
       "c.input.generation"},
  });
}

TEST_CASE("key, time and entity of a record are checked", "[source][unit]") {
  CheckEach({
      {[](C& c) { c.clear_key(); }, "INVALID_COUNT", "c.key"},
      {[](C& c) {
         for (int i = 2; i <= limits::kRecordKeyFieldsMax; ++i) c.add_key("k" + std::to_string(i));
       },
       "INVALID_COUNT", "c.key"},
      {[](C& c) { c.set_key(1, ""); }, "INVALID_TEXT", "c.key[1]"},
      {[](C& c) { c.set_key(1, "order no"); }, "DUPLICATE_ITEM", "c.key[1]"},
      {[](C& c) { c.set_version_field("r\nev"); }, "INVALID_TEXT", "c.versionField"},
      {[](C& c) { c.clear_when(); }, "INVALID_TEXT", "c.when.field"},
      {[](C& c) { c.mutable_when()->clear_format(); }, "FIELD_REQUIRED", "c.when.format"},
      {[](C& c) { c.mutable_when()->set_format("ISO"); }, "INVALID_VALUE", "c.when.format"},
      {[](C& c) { c.mutable_when()->clear_zone(); }, "FIELD_REQUIRED", "c.when.zone"},
      {[](C& c) { c.set_retract("bad"); }, "FORMULA_ERROR", "c.retract"},
      {[](C& c) { c.mutable_entity()->clear_type(); }, "INVALID_ID", "c.entity.type"},
      {[](C& c) { c.mutable_entity()->clear_key(); }, "INVALID_TEXT", "c.entity.key"},
      {[](C& c) { c.add_ignore(""); }, "INVALID_TEXT", "c.ignore[0]"},
  });
}

TEST_CASE("attributes and measures are checked", "[source][unit]") {
  CheckEach({
      {[](C& c) {
         for (int i = 1; i <= limits::kAttributesMax; ++i) c.add_attributes();
       },
       "INVALID_COUNT", "c.attributes"},
      {[](C& c) { c.mutable_attributes(0)->set_name("a.b"); }, "INVALID_TEXT",
       "c.attributes[0].name"},
      {[](C& c) { *c.add_attributes() = c.attributes(0); }, "DUPLICATE_ITEM",
       "c.attributes[1].name"},
      {[](C& c) { c.mutable_attributes(0)->clear_field(); }, "INVALID_TEXT",
       "c.attributes[0].field"},
      {[](C& c) { c.clear_measures(); }, "INVALID_COUNT", "c.measures"},
      {[](C& c) {
         for (int i = 2; i <= limits::kMeasuresMax; ++i) c.add_measures();
       },
       "INVALID_COUNT", "c.measures"},
      {[](C& c) { c.mutable_measures(0)->set_name("out put"); }, "INVALID_TEXT",
       "c.measures[0].name"},
      {[](C& c) { c.mutable_measures(1)->set_name("output"); }, "DUPLICATE_ITEM",
       "c.measures[1].name"},
      {[](C& c) { c.mutable_measures(0)->clear_value(); }, "INVALID_TEXT", "c.measures[0].value"},
      {[](C& c) { c.mutable_measures(0)->clear_unit(); }, "FIELD_REQUIRED", "c.measures[0].unit"},
      {[](C& c) { c.mutable_measures(0)->set_range_min("low"); }, "INVALID_DECIMAL",
       "c.measures[0].rangeMin"},
      {[](C& c) { c.mutable_measures(0)->set_range_max("high"); }, "INVALID_DECIMAL",
       "c.measures[0].rangeMax"},
      {[](C& c) { c.mutable_measures(0)->set_range_max("-1"); }, "VALUE_OUT_OF_RANGE",
       "c.measures[0].rangeMax"},
      {[](C& c) { c.clear_entity(); }, "FIELD_REQUIRED", "c.measures[0].entity"},
      {[](C& c) { c.mutable_measures(1)->mutable_entity()->clear_key(); }, "INVALID_TEXT",
       "c.measures[1].entity.key"},
      {[](C& c) { c.mutable_measures(0)->set_condition("bad"); }, "FORMULA_ERROR",
       "c.measures[0].condition"},
  });
}

// A topic's contract whose tombstones retract.
v1::SourceContract OfTopic() {
  auto contract = Contract();
  contract.mutable_input()->set_format(v1::INPUT_FORMAT_KAFKA_JSON);
  contract.mutable_input()->set_topic("erp.orders");
  contract.clear_key();
  contract.add_key("kafka:key.no");
  contract.set_version_field("kafka:offset");
  contract.mutable_attributes(0)->set_field("kafka:header.plant");
  contract.set_tombstones_retract(true);
  return contract;
}

TEST_CASE("what a topic says beside a value is a field of its contract", "[source][unit]") {
  CHECK_FALSE(Check(OfTopic()).has_value());
  for (const char* field : {"kafka:key", "kafka:timestamp", "kafka:key.a.b", "kafka:header.x"}) {
    auto contract = OfTopic();
    contract.set_key(0, field);
    CHECK_FALSE(Check(contract).has_value());
  }
  const auto refused = [](const std::function<void(C&)>& change) {
    auto contract = OfTopic();
    change(contract);
    const auto rejection = Check(contract);
    REQUIRE(rejection.has_value());
    return rejection->code + " " + rejection->path;
  };
  CHECK(refused([](C& c) { c.set_key(0, "kafka:keys"); }) == "INVALID_VALUE c.key");
  CHECK(refused([](C& c) { c.set_key(0, "kafka:key."); }) == "INVALID_VALUE c.key");
  CHECK(refused([](C& c) { c.set_key(0, "order no"); }) == "INVALID_VALUE c.key");
  CHECK(refused([](C& c) { c.set_version_field("rev"); }) == "INVALID_VALUE c.versionField");
  CHECK(refused([](C& c) { c.clear_version_field(); }) == "FIELD_REQUIRED c.versionField");
  CHECK(refused([](C& c) {
          c.set_key(0, "kafka:key");
          c.mutable_entity()->set_key("kafka:key.emp");
        }) == "INVALID_VALUE c.key");
  CHECK(refused([](C& c) { c.mutable_input()->set_format(v1::INPUT_FORMAT_NDJSON); }) ==
        "INVALID_VALUE c.versionField");
  CHECK(refused([](C& c) { c.mutable_refusal_limit()->set_share("0"); }) ==
        "VALUE_OUT_OF_RANGE c.refusalLimit.share");
  CHECK(refused([](C& c) { c.mutable_refusal_limit()->set_share("1.1"); }) ==
        "VALUE_OUT_OF_RANGE c.refusalLimit.share");
  CHECK(refused([](C& c) { c.mutable_refusal_limit()->set_share("0.5"); }) ==
        "VALUE_OUT_OF_RANGE c.refusalLimit.records");
  CHECK(refused([](C& c) {
          c.mutable_refusal_limit()->set_share("0.5");
          c.mutable_refusal_limit()->set_records(limits::kRefusalRecordsMax + 1);
        }) == "VALUE_OUT_OF_RANGE c.refusalLimit.records");
  auto most = OfTopic();
  most.mutable_refusal_limit()->set_share("1");
  most.mutable_refusal_limit()->set_records(limits::kRefusalRecordsMax);
  CHECK_FALSE(Check(most).has_value());
}

TEST_CASE("times that carry their zone need none, and a field may give it", "[source][unit]") {
  auto contract = Contract();
  contract.mutable_when()->clear_zone();
  contract.mutable_when()->set_zone_field("tz");
  CHECK_FALSE(Check(contract).has_value());
  contract.mutable_when()->clear_zone_field();
  for (const char* format : {"rfc3339", "epoch_ms"}) {
    contract.mutable_when()->set_format(format);
    CHECK_FALSE(Check(contract).has_value());
  }
}

TEST_CASE("a range may be one value, a delimiter a tab", "[source][unit]") {
  auto contract = Contract();
  contract.mutable_measures(0)->set_range_max("0.0");
  contract.mutable_input()->set_delimiter("\t");
  contract.mutable_input()->set_encoding("gbk");
  CHECK_FALSE(Check(contract).has_value());
}

}  // namespace
}  // namespace assay

#include "tools/assay/message_json.h"

#include <assay/v1/log.pb.h>
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <string>

#include "engine/event/effective.h"

namespace assay {

TEST_CASE("a message stands in JSON as the log means it", "[assay][unit]") {
  v1::Intake intake;
  intake.set_source("erp");
  intake.set_contract_version(2);
  intake.mutable_src()->set_offset(9'007'199'254'740'993);
  intake.mutable_src()->set_hash(std::string("\x00\xff", 2));
  intake.add_record_key("SO-1");
  intake.add_record_key("2");
  intake.set_version("");
  *intake.mutable_received_at() = TimestampOf(*Instant::Parse("2026-07-02T23:59:59+08:00"));
  intake.mutable_retraction();
  CHECK(MessageJson(intake).Dump() ==
        R"({"source":"erp","contractVersion":2,"src":{"partition":0,)"
        R"("offset":9007199254740993,"hash":"00ff"},)"
        R"("recordKey":["SO-1","2"],"version":"","receivedAt":"2026-07-02T15:59:59.000Z",)"
        R"("retraction":{}})");
}

TEST_CASE("a list of numbers and of messages is an array", "[assay][unit]") {
  v1::CutSealed cut;
  cut.set_cycle("2026-06");
  cut.add_cut(0);
  cut.add_cut(7);
  CHECK(MessageJson(cut).Dump() ==
        R"({"cycle":"2026-06","generation":0,"cut":[0,7],"lockPosition":0})");
  v1::Contributions contributions;
  contributions.add_contributions()->set_value("1");
  contributions.add_contributions()->set_value("0.5");
  CHECK(MessageJson(contributions).Dump() ==
        R"({"contributions":[{"value":"1"},{"value":"0.5"}]})");
}

TEST_CASE("a sealed text is never opened, not even one that stands in clear", "[assay][unit]") {
  v1::PersonAdded added;
  added.set_person("p-1");
  added.mutable_name()->set_key_id("person/p-1");
  added.mutable_name()->set_bytes("0123456789");
  CHECK(MessageJson(added).Dump() ==
        R"({"person":"p-1","name":{"keyId":"person/p-1","sealed":10}})");
  added.mutable_name()->clear_bytes();
  added.mutable_name()->set_clear("Zhang");
  CHECK(MessageJson(added).Dump() ==
        R"({"person":"p-1","name":{"keyId":"person/p-1","sealed":5}})");
}

TEST_CASE("every enumeration of the log loses its prefix", "[assay][unit]") {
  CHECK(EnumText(v1::UNIT_KIND_COST_CENTRE) == "COST_CENTRE");
  CHECK(EnumText(v1::DIV_ZERO_RULE_ZERO) == "ZERO");
  CHECK(EnumText(static_cast<v1::UnitKind>(99)) == "99");
  const auto* const pool = google::protobuf::DescriptorPool::generated_pool();
  int seen = 0;
  for (const char* file : {"company", "org", "metric", "agreement", "cycle", "adjustment", "source",
                           "types", "log", "state"}) {
    const auto* const descriptor = pool->FindFileByName(std::string("assay/v1/") + file + ".proto");
    REQUIRE(descriptor != nullptr);
    for (int i = 0; i < descriptor->enum_type_count(); ++i) {
      INFO(descriptor->enum_type(i)->name());
      CHECK(EnumName(*descriptor->enum_type(i), 0) == "UNSPECIFIED");
      ++seen;
    }
  }
  CHECK(seen >= 15);
}

TEST_CASE("the set field of a oneof is found", "[assay][unit]") {
  v1::Record record;
  CHECK(SetField(record, "body") == nullptr);
  record.mutable_cycle_cut();
  REQUIRE(SetField(record, "body") != nullptr);
  CHECK(SetField(record, "body")->json_name() == "cycleCut");
  CHECK(SetField(record, "nothing") == nullptr);
}

}  // namespace assay

#include "engine/event/intake.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/event/effective.h"
#include "tests/engine/event/vectors.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using testing::LogVectors;
using testing::MemberOf;
using testing::TextOf;

void AddContribution(v1::Intake& intake, std::string measure, std::string value) {
  v1::Contribution& contribution = *intake.mutable_facts()->add_contributions();
  contribution.set_entity_type("employee");
  contribution.set_entity_key("p1");
  contribution.set_measure(std::move(measure));
  contribution.set_value(std::move(value));
  contribution.set_unit("pcs");
}

v1::Intake Order881() {
  v1::Intake intake;
  intake.set_source("erp");
  intake.add_record_key("881");
  intake.add_record_key("1");
  *intake.mutable_event_time() = TimestampOf({1'782'777'600'000});
  intake.set_day("2026-06-30");
  AddContribution(intake, "output", "500");
  return intake;
}

TEST_CASE("identities and their partitions are those of the log", "[event][unit][golden]") {
  int checked = 0;
  const auto vectors = LogVectors("identity");
  for (const auto& row : vectors.list_value().values()) {
    v1::Intake intake;
    intake.set_source(TextOf(row, "source"));
    for (const auto& field : MemberOf(row, "fields").list_value().values()) {
      intake.add_record_key(field.string_value());
    }
    CHECK(ToHex(RecordIdentity(intake.source(), intake.record_key())) == TextOf(row, "bytes"));
    CHECK(ToHex(IdentityOf(intake)) == TextOf(row, "bytes"));
    for (const auto& [partitions, partition] : MemberOf(row, "partition").struct_value().fields()) {
      CHECK(PartitionOfIntake(intake, std::stoi(partitions)) ==
            static_cast<int32_t>(partition.number_value()));
    }
    ++checked;
  }
  CHECK(checked == 6);
}

TEST_CASE("content hashes of intakes are those of the log", "[event][unit][golden]") {
  int checked = 0;
  const auto vectors = LogVectors("content_hash");
  for (const auto& row : vectors.list_value().values()) {
    v1::Intake intake;
    *intake.mutable_event_time() =
        TimestampOf({static_cast<int64_t>(MemberOf(row, "event_ms").number_value())});
    intake.set_day(TextOf(row, "day"));
    for (const auto& [name, value] : MemberOf(row, "attributes").struct_value().fields()) {
      v1::Attribute& attribute = *intake.add_attributes();
      attribute.set_name(name);
      attribute.set_value(value.string_value());
    }
    if (MemberOf(row, "retraction").bool_value()) intake.mutable_retraction();
    for (const auto& texts : MemberOf(row, "contributions").list_value().values()) {
      v1::Contribution& contribution = *intake.mutable_facts()->add_contributions();
      contribution.set_entity_type(texts.list_value().values(0).string_value());
      contribution.set_entity_key(texts.list_value().values(1).string_value());
      contribution.set_measure(texts.list_value().values(2).string_value());
      contribution.set_value(texts.list_value().values(3).string_value());
      contribution.set_unit(texts.list_value().values(4).string_value());
    }
    CHECK(ContentHash(intake).Hex() == TextOf(row, "sha256"));
    ++checked;
  }
  CHECK(checked == 2);
}

TEST_CASE("an identity tells where a key field ends", "[event][unit]") {
  CHECK(ToHex(RecordIdentity("erp", {"881", "1"})) == "03657270033838310131");
  CHECK(RecordIdentity("erp", {"88", "11"}) != RecordIdentity("erp", {"881", "1"}));
  CHECK(RecordIdentity("erp", {"881"}) != RecordIdentity("erp", {"881", ""}));
}

TEST_CASE("a refusal without key is known by where it stood", "[event][unit]") {
  v1::Intake refused;
  refused.set_source("erp");
  refused.mutable_src()->set_input_log("log");
  refused.mutable_src()->set_partition(3);
  refused.mutable_src()->set_offset(17);
  refused.mutable_refusal()->set_code("MISSING_KEY");
  CHECK(ToHex(RefusalIdentity("erp", "log", 3, 17)) == "03657270036c6f670133023137");
  CHECK(IdentityOf(refused) == RefusalIdentity("erp", "log", 3, 17));
  refused.mutable_src()->set_offset(18);
  CHECK(IdentityOf(refused) != RefusalIdentity("erp", "log", 3, 17));
  refused.add_record_key("881");
  CHECK(IdentityOf(refused) == RecordIdentity("erp", {"881"}));
}

TEST_CASE("the order of attributes and contributions does not change the content",
          "[event][unit]") {
  v1::Intake intake = Order881();
  AddContribution(intake, "output", "499");
  AddContribution(intake, "scrap", "3");
  for (const char* name : {"product", "line"}) {
    v1::Attribute& attribute = *intake.add_attributes();
    attribute.set_name(name);
    attribute.set_value("A");
  }
  const Hash32 content = ContentHash(intake);
  intake.mutable_facts()->mutable_contributions()->SwapElements(0, 2);
  intake.mutable_attributes()->SwapElements(0, 1);
  CHECK(ContentHash(intake) == content);
}

TEST_CASE("the content is what the record states, and nothing of its way here", "[event][unit]") {
  const v1::Intake intake = Order881();
  const Hash32 content = ContentHash(intake);

  v1::Intake other = intake;
  other.set_source("mes");
  other.set_contract_version(2);
  other.set_version("9");
  other.mutable_src()->set_offset(5);
  other.mutable_raw()->set_bytes("sealed");
  *other.mutable_received_at() = TimestampOf({1});
  other.add_record_key("2");
  CHECK(ContentHash(other) == content);

  other = intake;
  other.set_day("2026-07-01");
  CHECK(ContentHash(other) != content);
  other = intake;
  *other.mutable_event_time() = TimestampOf({1'782'777'600'001});
  CHECK(ContentHash(other) != content);
  other = intake;
  other.mutable_facts()->mutable_contributions(0)->set_value("480");
  CHECK(ContentHash(other) != content);
  other = intake;
  other.mutable_retraction();
  CHECK(ContentHash(other) != content);
}

}  // namespace
}  // namespace assay

#include "tools/assay/event_json.h"

#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "engine/base/hash.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

v1::Record UnitRecord() {
  v1::Record record;
  v1::Commit& commit = *record.mutable_commit();
  commit.set_command_id("c-1");
  commit.set_attempt(1);
  commit.mutable_actor()->set_person("p-hr-01");
  commit.mutable_actor()->set_via(v1::AUTHENTICATION_HOME_ACCESS);
  *commit.mutable_decided_at() = TimestampOf(Instant{1'000});
  commit.mutable_basis()->set_position(3);
  commit.mutable_basis()->set_root(Hash32().ToString());
  commit.add_reads("unit/u-1");
  commit.add_writes("unit/u-1");
  commit.mutable_command()->mutable_create_unit()->set_unit("u-1");
  v1::Event& event = *commit.add_events();
  event.set_stream("unit/u-1");
  event.set_effective("2026-06-01");
  event.mutable_unit_created()->set_unit("u-1");
  event.mutable_unit_created()->set_kind(v1::UNIT_KIND_TEAM);
  return record;
}

const Json* Find(const Json& object, const std::string& key) {
  for (const auto& [name, value] : object.Entries()) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string Shown(const Json& object, const std::string& key) {
  const Json* const value = Find(object, key);
  return value == nullptr ? "(absent)" : value->Dump();
}

// Names of the fields of all messages that the oneof "body" can hold.
std::set<std::string> BodyFields(const google::protobuf::Descriptor& type) {
  std::set<std::string> names;
  const auto* const body = type.FindOneofByName("body");
  REQUIRE(body != nullptr);
  for (int i = 0; i < body->field_count(); ++i) {
    const auto* const message = body->field(i)->message_type();
    for (int k = 0; k < message->field_count(); ++k) names.insert(message->field(k)->json_name());
  }
  return names;
}

}  // namespace

TEST_CASE("a commit is shown with who, on what, what it changed", "[assay][unit]") {
  const v1::Record record = UnitRecord();
  const DecisionMark mark{.verdict = Verdict::kApplied, .recorded_at = Instant{2'000}};
  const Json line = DecisionJson({.position = 4}, &record, mark);
  CHECK(Shown(line, "position") == "4");
  CHECK(Shown(line, "recordedAt") == R"("1970-01-01T00:00:02.000Z")");
  CHECK(Shown(line, "verdict") == R"("applied")");
  CHECK(Shown(line, "actor") == R"("p-hr-01")");
  CHECK(Shown(line, "via") == R"("HOME_ACCESS")");
  CHECK(Shown(line, "decidedAt") == R"("1970-01-01T00:00:01.000Z")");
  CHECK(Shown(line, "basis") == R"({"position":3,"root":")" + std::string(64, '0') + R"("})");
  CHECK(Shown(line, "reads") == R"(["unit/u-1"])");
  CHECK(Shown(line, "touches") == "[]");
  CHECK(Shown(line, "command") == R"("createUnit")");
  CHECK(Shown(line, "events") ==
        R"([{"type":"UnitCreated","stream":"unit/u-1","effective":"2026-06-01",)"
        R"("unit":"u-1","kind":"TEAM"}])");
}

TEST_CASE("what is no commit is shown as what it is", "[assay][unit]") {
  v1::Record genesis;
  genesis.mutable_genesis()->set_company("acme");
  const Json first = DecisionJson({}, &genesis, {});
  CHECK(Shown(first, "verdict") == R"("not a commit")");
  CHECK(Shown(first, "kind") == R"("genesis")");
  CHECK(Shown(first, "genesis") ==
        R"({"company":"acme","partition":0,"partitions":0,"factsPartitions":0})");
  const Json damaged =
      DecisionJson({.position = 1, .value = "xyz"}, nullptr, {.verdict = Verdict::kMalformed});
  CHECK(Shown(damaged, "bytes") == "3");
  CHECK(Shown(damaged, "sha256") == "\"" + Sha256("xyz").Hex() + "\"");
}

TEST_CASE("a fact is shown with its place and kind", "[assay][unit]") {
  v1::Record record;
  record.mutable_cycle_cut()->set_cycle("2026-06");
  record.mutable_cycle_cut()->set_lock_position(12);
  const Json line = FactJson(3, {.position = 17}, &record);
  CHECK(line.Dump() == R"({"partition":3,"position":17,"recordedAt":"1970-01-01T00:00:00.000Z",)"
                       R"("kind":"cycleCut","cycle":"2026-06","generation":0,"lockPosition":12})");
  CHECK(Shown(FactJson(3, {.value = "x"}, nullptr), "kind") == R"("unreadable")");
}

TEST_CASE("no field of a body hides one of its line", "[assay][unit]") {
  const auto events = BodyFields(*v1::Event::descriptor());
  for (const char* name : {"type", "stream", "effective"}) CHECK(events.count(name) == 0);
  const auto outputs = BodyFields(*v1::OutputRecord::descriptor());
  for (const char* name :
       {"sequence", "topic", "key", "id", "version", "moment", "company", "kind"}) {
    CHECK(outputs.count(name) == 0);
  }
  std::set<std::string> facts;
  for (const auto* type :
       {v1::Intake::descriptor(), v1::CycleCut::descriptor(), v1::SourceMark::descriptor()}) {
    for (int i = 0; i < type->field_count(); ++i) facts.insert(type->field(i)->json_name());
  }
  for (const char* name : {"partition", "position", "recordedAt", "kind"}) {
    CHECK(facts.count(name) == 0);
  }
}

TEST_CASE("a pending output is shown with its topic and version", "[assay][unit]") {
  score_table::PendingOutput output{.sequence = 5};
  output.record.set_topic("scores");
  output.record.set_key("acme/2026-06/p-1");
  output.record.mutable_version()->set_sum(44);
  output.record.mutable_score()->set_person("p-1");
  const Json line = OutputJson(output);
  CHECK(Shown(line, "sequence") == "5");
  CHECK(Shown(line, "key") == R"("acme/2026-06/p-1")");
  CHECK(Shown(line, "kind") == R"("score")");
  CHECK(Shown(line, "version") == R"({"epoch":0,"sum":44})");
  CHECK(Shown(line, "person") == R"("p-1")");
}

}  // namespace assay

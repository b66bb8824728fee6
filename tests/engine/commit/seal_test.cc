#include "engine/commit/seal.h"

#include <assay/v1/options.pb.h>
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

class MemoryKeys : public KeyStore {
 public:
  absl::StatusOr<std::string> Key(std::string_view key_id, bool create) override {
    if (fail) return MakeStatus(absl::StatusCode::kUnavailable, "the disk refuses");
    const auto found = keys.find(std::string(key_id));
    if (found != keys.end()) return found->second;
    if (!create) return MakeStatus(absl::StatusCode::kNotFound, "no key {}", key_id);
    return keys[std::string(key_id)] = Sha256(key_id).ToString();
  }
  std::map<std::string, std::string> keys;
  bool fail = false;
};

v1::Command Adjustment() {
  return testing::FromText<v1::Command>(R"(
      command_id: "c-1" actor { person: "p-ex" } reason { clear: "because" }
      request_adjustment { adjustment: "j-1" person: "p-1" remark { clear: "生产效率超标" } })");
}

}  // namespace

TEST_CASE("every clear text of a command is sealed under the key of whom it concerns",
          "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  v1::Command command = Adjustment();
  REQUIRE(SealCommand(state, keys, command).ok());
  const v1::Sealed& remark = command.request_adjustment().remark();
  CHECK(remark.clear().empty());
  CHECK(remark.key_id() == PersonKeyId("p-1"));
  CHECK(command.reason().key_id() == PersonKeyId("p-1"));
  CHECK(*OpenSealed(keys.keys[remark.key_id()], remark) == "生产效率超标");
  CHECK(command.SerializeAsString().find("生产效率超标") == std::string::npos);
}

TEST_CASE("an honest repeat of a command gives the same bytes", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  v1::Command first = Adjustment();
  v1::Command second = Adjustment();
  REQUIRE(SealCommand(state, keys, first).ok());
  REQUIRE(SealCommand(state, keys, second).ok());
  CHECK(first.SerializeAsString() == second.SerializeAsString());
  second.mutable_request_adjustment()->mutable_remark()->set_clear("x");
  CHECK(first.SerializeAsString() != second.SerializeAsString());
}

TEST_CASE("an empty text is an absent field", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  v1::Command command = Adjustment();
  command.mutable_reason()->set_clear("");
  REQUIRE(SealCommand(state, keys, command).ok());
  CHECK_FALSE(command.has_reason());
}

TEST_CASE("a text about an agreement is sealed under its person", "[commit][unit]") {
  testing::MemoryState state;
  v1::AgreementState agreement;
  agreement.set_person("p-7");
  state.Put(streams::Agreement("a-1"), agreement);
  MemoryKeys keys;
  auto command = testing::FromText<v1::Command>(
      R"(command_id: "c" actor { person: "p-m" } propose_terms { agreement: "a-1" note { clear:
            "n" } })");
  REQUIRE(SealCommand(state, keys, command).ok());
  CHECK(command.propose_terms().note().key_id() == PersonKeyId("p-7"));
}

TEST_CASE("an entity key is bound by its pseudonym unless it is declared plain", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  auto command = testing::FromText<v1::Command>(
      R"(command_id: "c" actor { person: "p-hr" }
         bind_source_key { person: "p-1" entity_type: "employee" key: "10023" })");
  REQUIRE(SealCommand(state, keys, command).ok());
  const std::string company_key = keys.keys[std::string(kPseudonymKeyId)];
  CHECK(command.bind_source_key().key() == Pseudonym(company_key, "employee", "10023"));
  command.mutable_bind_source_key()->set_key("M12");
  command.mutable_bind_source_key()->set_plain(true);
  REQUIRE(SealCommand(state, keys, command).ok());
  CHECK(command.bind_source_key().key() == "M12");
}

TEST_CASE("a key is made for a text and for nothing else", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  auto command = testing::FromText<v1::Command>(
      R"(command_id: "c" actor { person: "p-hr" } create_unit { unit: "u-1" } reason { })");
  REQUIRE(SealCommand(state, keys, command).ok());
  CHECK(keys.keys.empty());
  CHECK_FALSE(command.has_reason());
}

TEST_CASE("a trial seals with a stand-in and makes no key", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  KeysAtHand at_hand(keys);
  v1::Command command = Adjustment();
  REQUIRE(SealCommand(state, at_hand, command).ok());
  CHECK(at_hand.Missed());
  CHECK(keys.keys.empty());
  CHECK(command.request_adjustment().remark().key_id() == PersonKeyId("p-1"));
  // What can be no key is none, and a store that fails is no store without keys.
  KeysAtHand odd(keys);
  CHECK(odd.Key("person/" + std::string(300, 'p'), true).ok());
  CHECK(odd.Missed());
  keys.fail = true;
  CHECK(absl::IsUnavailable(KeysAtHand(keys).Key("person/p-1", true).status()));
  keys.fail = false;
  REQUIRE(keys.Key(PersonKeyId("p-1"), true).ok());
  KeysAtHand again(keys);
  command = Adjustment();
  REQUIRE(SealCommand(state, again, command).ok());
  CHECK_FALSE(again.Missed());
}

TEST_CASE("whoever answers a proposed login names the same pseudonym", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  const std::string fields = R"({ person: "p-1" entity_type: "os-user" key: "bob" })";
  std::set<std::string> sealed;
  for (const char* verb : {"bind_source_key ", "confirm_binding ", "reject_binding "}) {
    auto command = testing::FromText<v1::Command>(verb + fields);
    REQUIRE(SealCommand(state, keys, command).ok());
    sealed.insert(command.bind_source_key().key() + command.confirm_binding().key() +
                  command.reject_binding().key());
  }
  CHECK(sealed == std::set<std::string>{
                      Pseudonym(keys.keys[std::string(kPseudonymKeyId)], "os-user", "bob")});
}

TEST_CASE("without keys nothing is sealed and nothing is sent", "[commit][unit]") {
  testing::MemoryState state;
  MemoryKeys keys;
  keys.fail = true;
  v1::Command command = Adjustment();
  CHECK(SealCommand(state, keys, command).code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("every command with a key that may be plain has it made a pseudonym", "[commit][unit]") {
  const auto* body = v1::Command::descriptor()->FindOneofByName("body");
  int count = 0;
  for (int i = 0; i < body->field_count(); ++i) {
    const auto* type = body->field(i)->message_type();
    INFO(type->name());
    const auto* key = type->FindFieldByName("key");
    const bool is_marked = key != nullptr && key->options().GetExtension(v1::entity_key);
    CHECK(is_marked == (type->FindFieldByName("plain") != nullptr));
    CHECK(is_marked <= (type->FindFieldByName("entity_type") != nullptr));
    count += is_marked ? 1 : 0;
  }
  CHECK(count >= 3);
}

}  // namespace assay

#include "tools/assay/taken_command.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <map>

#include "connectors/file/contract_file.h"
#include "engine/event/sealing.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

class Keys : public KeyStore {
 public:
  absl::StatusOr<std::string> Key(std::string_view key_id, bool /*create*/) override {
    if (!failure.ok()) return failure;
    const auto found = keys.find(std::string(key_id));
    if (found != keys.end()) return found->second;
    return MakeStatus(absl::StatusCode::kNotFound, "no key {}", key_id);
  }
  std::map<std::string, std::string> keys;
  absl::Status failure;
};

constexpr std::string_view kText =
    "source: erp\norigin: SYSTEM\nowner: {person: p-fin}\ninput: {format: csv}\n"
    "record:\n  key: [doc]\n  when: {field: day, format: \"%Y-%m-%d\", zone: Asia/Shanghai}\n"
    "entity: {type: employee, key: emp}\n"
    "measures:\n  - {name: weight, value: qty, unit: kg}\n";

v1::Command Register(std::string_view text) {
  v1::Command command;
  command.mutable_register_source()->set_text(std::string(text));
  return command;
}

std::string Outcome(v1::Command command) {
  testing::MemoryState state;
  Keys keys;
  const auto refused = TakeCommand(state, keys, command);
  REQUIRE(refused.ok());
  if (!refused->has_value()) return "taken";
  return fmt::format("{} {}: {}, not {}", (*refused)->code, (*refused)->path, (*refused)->expected,
                     (*refused)->actual);
}

TEST_CASE("a contract is read from its text", "[taken]") {
  v1::Command command = Register(kText);
  testing::MemoryState state;
  Keys keys;
  REQUIRE_FALSE(TakeCommand(state, keys, command)->has_value());
  CHECK(command.register_source().contract().measures(0).unit() == "kg");
  // The same beside it is taken, also with the number of its version.
  command.mutable_register_source()->mutable_contract()->set_version(2);
  CHECK(Outcome(command) == "taken");
}

TEST_CASE("a contract beside its text that says something else is refused", "[taken]") {
  v1::Command command = Register(kText);
  *command.mutable_register_source()->mutable_contract() =
      std::get<v1::SourceContract>(ParseContract(kText));
  v1::SourceContract& contract = *command.mutable_register_source()->mutable_contract();
  contract.mutable_measures(0)->set_value("4999");
  CHECK(Outcome(command) ==
        "CONTRACT_DIFFERS registerSource.contract.measures[weight].value: qty, not 4999");
  contract.mutable_measures(0)->set_value("qty");
  contract.set_owner("");
  CHECK(Outcome(command) == "CONTRACT_DIFFERS registerSource.contract.owner: p-fin, not nothing");
  command.mutable_register_source()->set_text("source: erp\n# nothing changed here\n");
  CHECK(Outcome(command).starts_with("CONTRACT_INVALID"));
  command = Register("no contract");
  CHECK(Outcome(command).starts_with("CONTRACT_INVALID"));
}

TEST_CASE("what a log has of a contract is compared with its text", "[taken]") {
  auto contract = std::get<v1::SourceContract>(ParseContract(kText));
  contract.set_version(3);
  CHECK_FALSE(CompareWithText(contract, kText).has_value());
  contract.set_raw(v1::RAW_RULE_KEEP);
  REQUIRE(CompareWithText(contract, kText).has_value());
  CHECK(CompareWithText(contract, kText)->path == "registerSource.contract.raw");
}

TEST_CASE("what is encrypted by a caller is refused", "[taken]") {
  CHECK(Outcome(FromText<v1::Command>(
            R"(add_person { person: "p-1" name { bytes: "garbage" key_id: "person/p-1" } })")) ==
        "SEALED_BY_CALLER addPerson.name: a text, which the engine encrypts, not bytes, keyId");
}

// A requested adjustment whose remark is sealed, then approved.
struct Approval {
  Approval() {
    keys.keys[PersonKeyId("p-1")] = std::string(32, 'k');
    row = FromText<v1::AdjustmentState>(
        R"(adjustment: "j-1" person: "p-1" stage: ADJUSTMENT_STAGE_REQUESTED)");
    *row.mutable_remark() = SealText(std::string(32, 'k'), PersonKeyId("p-1"), "c-1",
                                     "requestAdjustment.remark", "because");
  }
  [[nodiscard]] std::string Outcome() {
    state.Put("adjustment/j-1", row);
    auto command = FromText<v1::Command>(R"(approve_adjustment { adjustment: "j-1" })");
    const auto refused = TakeCommand(state, keys, command);
    if (!refused.ok()) return std::string(refused.status().message());
    return refused->has_value() ? fmt::format("{}: {}", (*refused)->code, (*refused)->actual)
                                : "taken";
  }
  testing::MemoryState state;
  Keys keys;
  v1::AdjustmentState row;
};

TEST_CASE("what nobody can read is not approved", "[taken]") {
  Approval approval;
  CHECK(approval.Outcome() == "taken");
  approval.row.mutable_remark()->mutable_bytes()->back() ^= 1;
  CHECK(approval.Outcome() == "REMARK_UNREADABLE: it is damaged");
  approval.keys.keys.clear();
  CHECK(approval.Outcome() == "REMARK_UNREADABLE: its key is gone or damaged");
  approval.row.mutable_remark()->set_key_id("");
  CHECK(approval.Outcome() == "REMARK_UNREADABLE: no such key");
  approval.row.set_stage(v1::ADJUSTMENT_STAGE_APPLIED);
  CHECK(approval.Outcome() == "taken");  // the domain says that it is not requested
}

TEST_CASE("keys that cannot be asked for are no reason to refuse", "[taken]") {
  Approval approval;
  approval.keys.failure = MakeStatus(absl::StatusCode::kUnavailable, "the disk refuses");
  CHECK(approval.Outcome() == "the disk refuses");
}

}  // namespace
}  // namespace assay

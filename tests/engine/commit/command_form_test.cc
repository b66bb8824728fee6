#include "engine/commit/command_form.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "engine/event/sealing.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

v1::Command AddPerson() {
  return FromText<v1::Command>(R"(command_id: "c-1" add_person { person: "p-1" })");
}

std::string Outcome(const std::optional<Rejection>& refused) {
  return refused ? fmt::format("{} {} {}", refused->code, refused->path, refused->actual) : "taken";
}

TEST_CASE("a caller gives clear text and nothing that is encrypted", "[commit][unit]") {
  struct Row {
    const char* sealed;
    const char* outcome;
  };
  for (const Row& row : {
           Row{R"(clear: "X")", "taken"},
           Row{R"()", "taken"},
           Row{R"(clear: "X" bytes: "x")", "SEALED_BY_CALLER addPerson.name bytes"},
           Row{R"(bytes: "z" key_id: "person/p-1" alg: "none")",
               "SEALED_BY_CALLER addPerson.name bytes, keyId, alg"},
           Row{R"(clear: "X" nonce: "n")", "SEALED_BY_CALLER addPerson.name nonce"},
           Row{R"(key_id: "k")", "SEALED_BY_CALLER addPerson.name keyId"},
       }) {
    v1::Command command = AddPerson();
    *command.mutable_add_person()->mutable_name() = FromText<v1::Sealed>(row.sealed);
    INFO(row.sealed);
    CHECK(Outcome(CheckGivenForm(command)) == row.outcome);
  }
}

TEST_CASE("an encrypted text is found wherever it stands", "[commit][unit]") {
  v1::Command command = AddPerson();
  command.mutable_reason()->set_bytes("y");
  CHECK(CheckGivenForm(command)->path == "reason");
  command = FromText<v1::Command>(R"(command_id: "c" propose_terms {
      items { item: "a" } items { item: "b" standard { clear: "s" key_id: "k" } } })");
  CHECK(CheckGivenForm(command)->path == "proposeTerms.items[1].standard");
}

TEST_CASE("texts and ids of a command have limits", "[commit][unit]") {
  v1::Command command = AddPerson();
  command.mutable_add_person()->mutable_name()->set_clear(
      std::string(limits::kSealedTextBytesMax, 'n'));
  CHECK(Outcome(CheckGivenForm(command)) == "taken");
  command.mutable_add_person()->mutable_name()->mutable_clear()->push_back('n');
  CHECK(Outcome(CheckGivenForm(command)) == "TEXT_TOO_LONG addPerson.name 16385 bytes");
  command = AddPerson();
  command.mutable_add_person()->set_person(std::string(70'000, 'p'));
  CHECK(Outcome(CheckGivenForm(command)) == "TEXT_TOO_LONG addPerson.person 70000 bytes");
  command.mutable_add_person()->set_person(std::string(limits::kFieldTextBytesMax, 'p'));
  CHECK(Outcome(CheckGivenForm(command)) == "taken");
  command = AddPerson();
  command.set_command_id(std::string(limits::kCommandIdBytesMax, 'c'));
  CHECK(Outcome(CheckTexts(command)) == "taken");
  command.mutable_command_id()->push_back('c');
  CHECK(Outcome(CheckTexts(command)) == "INVALID_ID commandId 129 bytes");
  command.set_command_id("a\nb");
  CHECK(Outcome(CheckTexts(command)) == "INVALID_ID commandId control characters");
  command = AddPerson();
  command.set_causation_id(std::string(limits::kCommandIdBytesMax + 1, 'c'));
  CHECK(CheckTexts(command)->path == "causationId");
  command = FromText<v1::Command>(R"(register_source { })");
  command.mutable_register_source()->set_text(std::string(limits::kContractTextBytesMax, 't'));
  CHECK(Outcome(CheckTexts(command)) == "taken");
  command.mutable_register_source()->mutable_text()->push_back('t');
  CHECK(CheckTexts(command)->path == "registerSource.text");
  command.mutable_register_source()->set_text("t");
  command.mutable_register_source()->mutable_contract()->add_key("k");
  command.mutable_register_source()->mutable_contract()->add_key(
      std::string(limits::kFieldTextBytesMax + 1, 'k'));
  CHECK(CheckTexts(command)->path == "registerSource.contract.key[1]");
}

TEST_CASE("what is decided was sealed by the engine, or looks so", "[commit][unit]") {
  const std::string key(32, 'k');
  v1::Command command = AddPerson();
  v1::Sealed& name = *command.mutable_add_person()->mutable_name();
  const v1::Sealed good = SealText(key, PersonKeyId("p-1"), "c-1", "addPerson.name", "Ann");
  name = good;
  CHECK(Outcome(CheckSealedTexts(command)) == "taken");
  name = SealText(key, PersonKeyId("p-1"), "c-1", "addPerson.name",
                  std::string(limits::kSealedTextBytesMax, 'n'));
  CHECK(Outcome(CheckSealedTexts(command)) == "taken");
  name.mutable_bytes()->push_back('n');
  CHECK(CheckSealedTexts(command)->code == "SEALED_FORM");
  const auto with = [&](const auto& change) {
    name = good;
    change(name);
    const auto refused = CheckSealedTexts(command);
    return refused ? refused->actual : "taken";
  };
  CHECK(with([](auto& text) { text.set_clear("Ann"); }) == "clear text");
  CHECK(with([](auto& text) { text.set_alg("none"); }) == "the algorithm \"none\"");
  CHECK(with([](auto& text) { text.set_nonce("n"); }) == "a nonce of 1 bytes");
  CHECK(with([](auto& text) { text.set_bytes("z"); }) == "1 encrypted bytes");
  CHECK(with([](auto& text) { text.set_key_id("company/pseudonym"); }) ==
        "a key id of 17 bytes that is no person's");
  CHECK(with([](auto& text) {
          text.set_key_id("person/" + std::string(limits::kKeyIdBytesMax, 'K'));
        }) == "a key id of 135 bytes that is no person's");
}

}  // namespace
}  // namespace assay

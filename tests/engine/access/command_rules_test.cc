#include "engine/access/command_rules.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/domain_spec.h"

namespace assay {

TEST_CASE("every command has exactly one row", "[access][unit]") {
  std::map<int, int> rows;
  for (const CommandRule& rule : CommandRules()) ++rows[rule.command];
  const auto* body = v1::Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    INFO(body->field(i)->name());
    CHECK(rows[body->field(i)->number()] == 1);
  }
  CHECK(rows.size() == static_cast<size_t>(body->field_count()));
  CHECK(RuleOf(v1::Command::BODY_NOT_SET) == nullptr);
}

TEST_CASE("a row says who may, by roles or by a function, and never by both", "[access][unit]") {
  for (const CommandRule& rule : CommandRules()) {
    INFO(v1::Command::descriptor()->FindFieldByNumber(rule.command)->name());
    const bool of_people =
        rule.sender == Sender::kPeople || rule.sender == Sender::kPeopleAndEngine;
    CHECK((rule.roles.empty() != (rule.judge == nullptr)) == of_people);
    if (rule.places != nullptr) CHECK(!rule.roles.empty());
  }
}

TEST_CASE("what nobody but the engine sends is a list that grows on purpose", "[access][unit]") {
  std::set<std::string> names;
  for (const CommandRule& rule : CommandRules()) {
    if (rule.sender != Sender::kEngine) continue;
    names.insert(v1::Command::descriptor()->FindFieldByNumber(rule.command)->name());
  }
  CHECK(names ==
        std::set<std::string>{"claim_publisher", "claim_source", "note_heads", "seal_cut"});
}

}  // namespace assay

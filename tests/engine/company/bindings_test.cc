#include "engine/company/bindings.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "tests/engine/company/company_spec.h"

namespace assay::testing {
namespace {

std::string Bind(std::string_view person, std::string_view from, std::string_view to = "") {
  return fmt::format(R"(bind_source_key {{ person: "{}" entity_type: "employee" key: "E 7"
                                           span {{ from: "{}" to: "{}" }} }})",
                     person, from, to);
}

TEST_CASE("a key is bound to one person on a day, also in hindsight", "[company][unit]") {
  CompanySpec spec;
  spec.Given("p-hr", R"(add_person { person: "p-1" })");
  spec.Given("p-hr", R"(add_person { person: "p-2" })");
  spec.When("p-hr", Bind("p-1", "2026-03-01", "2026-05-01"))
      .Then({R"(stream: "entity/employee/E 7" effective: "2026-03-01"
                source_key_bound { person: "p-1" entity_type: "employee" key: "E 7"
                                   span { from: "2026-03-01" to: "2026-05-01" } })"});
  spec.When("p-hr", Bind("p-2", "2026-04-30")).ThenRejected("SPAN_OVERLAP", "bindSourceKey.span");
  CHECK(spec.Refusal().actual == "p-1 from 2026-03-01 to 2026-05-01");
  spec.When("p-hr", Bind("p-2", "2025-01-01", "2026-03-02")).ThenRejected("SPAN_OVERLAP");
  spec.Given("p-hr", Bind("p-2", "2026-05-01"));
  spec.Given("p-hr", Bind("p-2", "2020-01-01", "2026-03-01"));
  CHECK(spec.state.Members(streams::PersonEntities("p-2")).size() == 1);
  CHECK(spec.state.Members(streams::PersonEntities("p-2"))[0].id() == "employee/E 7");
}

std::string End(std::string_view person, std::string_view to,
                std::string_view key = R"(entity_type: "employee" key: "E 7")") {
  return fmt::format(R"(end_source_key {{ person: "{}" {} to: "{}" }})", person, key, to);
}

TEST_CASE("a key ends on a day, and is free from then on", "[company][unit]") {
  CompanySpec spec;
  spec.Given("p-hr", R"(add_person { person: "p-1" })");
  spec.Given("p-hr", R"(add_person { person: "p-2" })");
  spec.Given("p-hr", Bind("p-1", "2026-03-01"));
  spec.When("p-hr", End("p-1", "2026-02-28")).ThenRejected("NOT_BOUND", "endSourceKey.to");
  CHECK(spec.Refusal().actual == "2026-03-01 to no end");
  spec.When("p-hr", End("p-2", "2026-04-01")).ThenRejected("NOT_BOUND", "endSourceKey.to");
  CHECK(spec.Refusal().actual == "never");
  spec.When("p-hr", End("p-1", "2026-05-01"))
      .Then({R"(stream: "entity/employee/E 7" effective: "2026-05-01"
                source_key_ended { person: "p-1" entity_type: "employee" key: "E 7"
                                   from: "2026-03-01" to: "2026-05-01" })"});
  CHECK(spec.Row<v1::EntityState>("entity/employee/E 7").bindings(0).span().to() == "2026-05-01");
  spec.When("p-hr", End("p-1", "2026-05-01")).ThenRejected("NOT_BOUND", "endSourceKey.to");
  spec.Given("p-hr", Bind("p-2", "2026-05-01"));
  // One that was a mistake from its first day on leaves that day free.
  spec.Given("p-hr", End("p-2", "2026-05-01")).Given("p-hr", Bind("p-2", "2026-05-01"));
  spec.Given("p-hr", End("p-2", "2026-06-01"));
  const auto row = spec.Row<v1::EntityState>("entity/employee/E 7");
  CHECK(row.bindings(1).span().to() == "2026-05-01");
  CHECK(row.bindings(2).span().to() == "2026-06-01");
}

TEST_CASE("an admin ends the own login and no other admin's", "[company][unit]") {
  constexpr std::string_view kLogin = R"(entity_type: "os-user" key: "mei" plain: true)";
  CompanySpec spec = OneAdmin();
  const auto bind = [&](std::string_view person) {
    spec.Given("p-hr", fmt::format(R"(add_person {{ person: "{}" }})", person));
    spec.Given("p-a", fmt::format(R"(bind_source_key {{ person: "{}" {} span {{
                                       from: "2026-01-01" to: "2026-06-10" }} }})",
                                  person, kLogin));
  };
  bind("p-a");
  spec.When("p-b", End("p-a", "2026-03-01", kLogin))
      .ThenRejected("ADMIN_LOGIN", "endSourceKey.person");
  spec.When("p-a", End("p-a", "2026-03-01", kLogin)).ThenAccepted();
}

TEST_CASE("binding is refused in the order shape, existence", "[company][unit]") {
  const std::vector<Refused> rows = {
      {R"(bind_source_key { person: "" })", "INVALID_ID", "bindSourceKey.person"},
      {R"(bind_source_key { person: "no" entity_type: "a/b" })", "INVALID_ID",
       "bindSourceKey.entityType"},
      {R"(bind_source_key { person: "no" entity_type: "employee" })", "INVALID_TEXT",
       "bindSourceKey.key"},
      {fmt::format(R"(bind_source_key {{ person: "no" entity_type: "employee" key: "{}" }})",
                   std::string(limits::kKeyTextBytesMax + 1, 'k')),
       "INVALID_TEXT", "bindSourceKey.key"},
      {Bind("no", "2026-03-01", "2026-03-01"), "INVALID_SPAN", "bindSourceKey.span"},
      {Bind("no", "2026-03-01"), "NOT_FOUND", "bindSourceKey.person"},
  };
  CompanySpec spec;
  for (const Refused& row : rows) spec.When("p-hr", row.command).ThenRejected(row.code, row.path);
}

// --- logins ---

std::string Login(std::string_view person, std::string_view from = "2026-03-01",
                  std::string_view type = "os-user") {
  return fmt::format(R"(bind_source_key {{ person: "{}" entity_type: "{}" key: "bob"
                                           span {{ from: "{}" }} }})",
                     person, type, from);
}

std::string Answer(std::string_view verb, std::string_view person,
                   std::string_view type = "os-user") {
  return fmt::format(R"({}_binding {{ person: "{}" entity_type: "{}" key: "bob" }})", verb, person,
                     type);
}

CompanySpec WithPeople(CompanySpec spec) {
  spec.Given("p-hr", R"(add_person { person: "p-1" })");
  spec.Given("p-hr", R"(add_person { person: "p-2" })");
  return spec;
}

TEST_CASE("a login is bound at once while there is one admin", "[company][unit]") {
  CompanySpec spec = WithPeople(OneAdmin());
  spec.When("p-a", Login("p-1"))
      .Then({R"(stream: "entity/os-user/bob" effective: "2026-03-01" source_key_bound {
                  person: "p-1" entity_type: "os-user" key: "bob"
                  span { from: "2026-03-01" } })"});
  CHECK(spec.state.reads.contains("company/admins"));
}

TEST_CASE("a login needs two admins, as a grant does", "[company][unit]") {
  for (const std::string_view type : {"os-user", "oidc-user"}) {
    CompanySpec spec = WithPeople(TwoAdmins());
    const std::string stream = fmt::format("entity/{}/bob", type);
    spec.When("p-a", Login("p-1", "2026-03-01", type))
        .Then({fmt::format(R"(stream: "{}" effective: "2026-03-01" source_key_proposed {{
                  person: "p-1" entity_type: "{}" key: "bob" span {{ from: "2026-03-01" }}
                  by: "p-a" }})",
                           stream, type)});
    CHECK(spec.Row<v1::EntityState>(stream).bindings().empty());
    CHECK(spec.state.Members(streams::PersonEntities("p-1")).empty());
    spec.When("p-a", Answer("confirm", "p-1", type)).ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
    spec.When("p-b",
              fmt::format(R"(actor {{ on_behalf_of: "p-a" }} {})", Answer("confirm", "p-1", type)))
        .ThenRejected("FOUR_EYES_SAME_PERSON");
    // The second admin names what is confirmed: another person has no proposal.
    spec.When("p-b", Answer("confirm", "p-2", type))
        .ThenRejected("NOT_FOUND", "confirmBinding.key");
    spec.When("p-b", Answer("confirm", "p-1", type))
        .Then({fmt::format(R"(stream: "{}" effective: "2026-03-01" source_key_bound {{
                  person: "p-1" entity_type: "{}" key: "bob" span {{ from: "2026-03-01" }} }})",
                           stream, type)});
    CHECK(spec.Row<v1::EntityState>(stream).proposals().empty());
    CHECK(spec.Row<v1::EntityState>(stream).bindings(0).person() == "p-1");
    spec.When("p-b", Answer("confirm", "p-1", type)).ThenRejected("NOT_FOUND");
  }
}

TEST_CASE("any other key needs no second admin", "[company][unit]") {
  WithPeople(TwoAdmins()).When("p-hr", Bind("p-1", "2026-03-01")).ThenAccepted();
  CompanySpec spec = WithPeople(TwoAdmins());
  spec.Given("p-hr", Bind("p-1", "2026-03-01"));
  CHECK_FALSE(spec.state.reads.contains("company/admins"));
}

TEST_CASE("a proposed login is refused or taken back, and may be proposed again",
          "[company][unit]") {
  CompanySpec spec = WithPeople(TwoAdmins());
  spec.Given("p-a", Login("p-1"));
  spec.When("p-b", Login("p-1")).ThenRejected("ALREADY_PROPOSED", "bindSourceKey.key");
  CHECK(spec.Refusal().actual == "proposed by p-a");
  spec.When("p-b", Answer("reject", "p-1"))
      .Then({R"(stream: "entity/os-user/bob" source_key_rejected {
                  person: "p-1" entity_type: "os-user" key: "bob" by: "p-b" })"});
  spec.When("p-b", Answer("reject", "p-1")).ThenRejected("NOT_FOUND", "rejectBinding.key");
  spec.Given("p-a", Login("p-1")).When("p-a", Answer("reject", "p-1")).ThenAccepted();
}

TEST_CASE("of two proposals for one login the second to be confirmed finds the key taken",
          "[company][unit]") {
  CompanySpec spec = WithPeople(TwoAdmins());
  spec.Given("p-a", Login("p-1")).Given("p-b", Login("p-2"));
  spec.Given("p-b", Answer("confirm", "p-1"));
  spec.When("p-a", Answer("confirm", "p-2")).ThenRejected("SPAN_OVERLAP", "confirmBinding.key");
  CHECK(spec.Row<v1::EntityState>("entity/os-user/bob").proposals(0).person() == "p-2");
}

TEST_CASE("answers to a proposed login are refused for their shape first", "[company][unit]") {
  CompanySpec spec = WithPeople(TwoAdmins());
  spec.When("p-b", R"(confirm_binding { })").ThenRejected("INVALID_ID", "confirmBinding.person");
  spec.When("p-b", R"(reject_binding { person: "p-1" })")
      .ThenRejected("INVALID_ID", "rejectBinding.entityType");
  spec.When("p-b", R"(confirm_binding { person: "p-1" entity_type: "os-user" })")
      .ThenRejected("INVALID_TEXT", "confirmBinding.key");
}

}  // namespace
}  // namespace assay::testing

#include "engine/company/decide.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "engine/company/state.h"
#include "engine/event/streams.h"
#include "tests/support/aborts.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {
namespace {

struct Refused {
  std::string command;
  std::string_view code;
  std::string_view path;
};

class CompanySpec : public DomainSpec {
 public:
  CompanySpec() : DomainSpec(&company::Decide, &company::Evolve) {}

  CompanySpec& Founded(std::string_view admins) {
    Given("p-a", fmt::format(R"(found_company {{ company: "acme" {} }})", admins));
    return *this;
  }
  [[nodiscard]] const Rejection& Refusal() const { return std::get<Rejection>(Outcome()); }
};

CompanySpec OneAdmin() { return CompanySpec().Founded(R"(admins: "p-a")"); }
CompanySpec TwoAdmins() { return CompanySpec().Founded(R"(admins: "p-a" admins: "p-b")"); }

std::string Give(std::string_view grant, std::string_view person, std::string_view role,
                 std::string_view rest = R"(span { from: "2026-01-01" })") {
  return fmt::format(R"(give_grant {{ grant: "{}" to {{ person: "{}" }} role: {} {} }})", grant,
                     person, role, rest);
}

std::string Bind(std::string_view person, std::string_view from, std::string_view to = "") {
  return fmt::format(R"(bind_source_key {{ person: "{}" entity_type: "employee" key: "E 7"
                                           span {{ from: "{}" to: "{}" }} }})",
                     person, from, to);
}

TEST_CASE("a command of another domain is the company's caller's fault", "[company][unit]") {
  CompanySpec spec;
  CHECK(Aborts([&] { spec.When("p-a", R"(create_unit { unit: "d1" })"); }));
  CHECK_FALSE(Aborts([&] { spec.When("p-a", R"(add_person { person: "p-1" })"); }));
}

// --- publishing ---

TEST_CASE("every claim to publish gets the next epoch", "[company][unit]") {
  CompanySpec spec = OneAdmin();
  spec.When("", R"(claim_publisher { node: "n-1" })")
      .Then({R"(stream: "publisher" publisher_claimed { node: "n-1" epoch: 1 })"});
  spec.Given("", R"(claim_publisher { node: "n-1" })")
      .Given("", R"(claim_publisher { node: "n-2" })")
      .When("", R"(claim_publisher { node: "n-2" })")
      .Then({R"(stream: "publisher" publisher_claimed { node: "n-2" epoch: 4 })"});
  spec.When("", R"(claim_publisher { node: "" })")
      .ThenRejected("INVALID_ID", "claimPublisher.node");
}

// --- founding ---

TEST_CASE("founding gives every admin a grant without an end", "[company][unit]") {
  CompanySpec spec;
  spec.When("", R"(found_company { company: "acme" admins: "p-a" admins: "p-b" })")
      .Then({R"(stream: "company" company_founded { company: "acme" admins: "p-a" admins: "p-b" })",
             R"(stream: "grant/founder-1" effective: "2026-06-01"
                grant_given { grant { grant: "founder-1" to { person: "p-a" } role: ROLE_ADMIN
                                      span { from: "2026-06-01" } } by: "p-a" by: "p-b" })",
             R"(stream: "grant/founder-2" effective: "2026-06-01"
                grant_given { grant { grant: "founder-2" to { person: "p-b" } role: ROLE_ADMIN
                                      span { from: "2026-06-01" } } by: "p-a" by: "p-b" })"});
  CHECK(spec.state.Members(streams::Admins()).size() == 2);
  CHECK(spec.state.Members(streams::GrantsOf("p-b")).size() == 1);
}

TEST_CASE("founding is refused in the order shape, state", "[company][unit]") {
  const std::vector<Refused> rows = {
      {R"(found_company { company: "" })", "INVALID_ID", "foundCompany.company"},
      {R"(found_company { company: "acme" })", "INVALID_ID", "foundCompany.admins"},
      {R"(found_company { company: "acme" admins: "p-a" admins: "" })", "INVALID_ID",
       "foundCompany.admins[1]"},
      {R"(found_company { company: "acme" admins: "client:erp" })", "INVALID_ID",
       "foundCompany.admins[0]"},
      {R"(found_company { company: "acme" admins: "p-a" admins: "p-a" })", "INVALID_ID",
       "foundCompany.admins[1]"},
      {R"(found_company { company: "other" admins: "p-z" })", "COMPANY_EXISTS",
       "foundCompany.company"},
  };
  CompanySpec spec = OneAdmin();
  for (const Refused& row : rows) spec.When("p-a", row.command).ThenRejected(row.code, row.path);
  CHECK(spec.Refusal().actual == "acme");
}

// --- people and keys ---

TEST_CASE("a person is added once, with a sealed name or none", "[company][unit]") {
  CompanySpec spec;
  spec.When("p-hr", R"(add_person { person: "p-1" name { key_id: "person/p-1" bytes: "x" } })")
      .Then({R"(stream: "person/p-1"
                person_added { person: "p-1" name { key_id: "person/p-1" bytes: "x" } })"});
  spec.When("p-hr", R"(add_person { person: "p-2" })")
      .Then({R"(stream: "person/p-2" person_added { person: "p-2" })"});
  spec.When("p-hr", R"(add_person { person: "p-1" })")
      .ThenRejected("ALREADY_EXISTS", "addPerson.person");
  CHECK(spec.Refusal().rejection_class == RejectionClass::kState);
}

TEST_CASE("nobody is named like a machine client", "[company][unit]") {
  CompanySpec spec;
  spec.When("p-hr", R"(add_person { person: "client:erp" })")
      .ThenRejected("INVALID_ID", "addPerson.person");
  spec.When("p-hr", R"(add_person { person: "no good" })")
      .ThenRejected("INVALID_ID", "addPerson.person");
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

// --- grants ---

TEST_CASE("while there is one admin a grant holds at once", "[company][unit]") {
  CompanySpec spec = OneAdmin();
  spec.When("p-a", R"(give_grant { grant: "g" to { person: "p-x" } role: ROLE_EXECUTIVE
                                   metrics: "output" limit: "5" span { from: "2026-01-01" } })")
      .Then({R"(stream: "grant/g" effective: "2026-01-01"
                grant_given { grant { grant: "g" to { person: "p-x" } role: ROLE_EXECUTIVE
                                      metrics: "output" limit: "5" span { from: "2026-01-01" } }
                              by: "p-a" })"});
  CHECK(spec.state.Members(streams::GrantsOf("p-x")).size() == 1);
  CHECK(spec.state.reads.contains("company/admins"));
}

TEST_CASE("with a second admin a grant needs two persons", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.When("p-a", Give("g", "p-x", "ROLE_HR")).Then({R"(stream: "grant/g" effective: "2026-01-01"
                grant_proposed { grant { grant: "g" to { person: "p-x" } role: ROLE_HR
                                         span { from: "2026-01-01" } } by: "p-a" })"});
  CHECK(spec.state.Members(streams::GrantsOf("p-x")).empty());
  spec.When("p-a", R"(confirm_grant { grant: "g" })")
      .ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
  spec.When("p-b", R"(confirm_grant { grant: "g" })")
      .Then({R"(stream: "grant/g" effective: "2026-01-01"
                grant_given { grant { grant: "g" to { person: "p-x" } role: ROLE_HR
                                      span { from: "2026-01-01" } } by: "p-a" by: "p-b" })"});
  CHECK(spec.state.Members(streams::GrantsOf("p-x")).size() == 1);
  spec.When("p-b", R"(confirm_grant { grant: "g" })").ThenRejected("ALREADY_GIVEN");
}

TEST_CASE("a delegate of the proposer cannot confirm a grant", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", Give("g", "p-x", "ROLE_HR"));
  spec.When("p-b", R"(actor { on_behalf_of: "p-a" } confirm_grant { grant: "g" })")
      .ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
  spec.When("p-b", R"(actor { on_behalf_of: "p-z" } confirm_grant { grant: "g" })").ThenAccepted();
}

TEST_CASE("an admin who has left is no second admin", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.GivenMember(streams::PersonAssignments("p-b"), R"(id: "s")");
  spec.GivenRow("assignment/s",
                FromText<v1::AssignmentState>(R"(span { from: "2026-01-01" to: "2026-05-01" })"));
  spec.When("p-a", Give("g", "p-x", "ROLE_HR")).ThenAccepted();
  CHECK(spec.Row<v1::GrantState>("grant/g").given());
  spec.When("p-a", R"(revoke_grant { grant: "founder-1" })").ThenRejected("LAST_ADMIN");
}

TEST_CASE("two grants of one person are one admin, and so is a grant that is over",
          "[company][unit]") {
  CompanySpec spec = OneAdmin();
  spec.Given("p-a", Give("g1", "p-a", "ROLE_ADMIN"));
  spec.Given("p-a",
             Give("g2", "p-b", "ROLE_ADMIN", R"(span { from: "2026-01-01" to: "2026-06-01" })"));
  spec.When("p-a", Give("g3", "p-x", "ROLE_HR")).ThenAccepted();
  CHECK(spec.Row<v1::GrantState>("grant/g3").given());
  spec.Given("p-a", Give("g4", "p-b", "ROLE_ADMIN"));
  spec.When("p-a", Give("g5", "p-x", "ROLE_HR")).ThenAccepted();
  CHECK_FALSE(spec.Row<v1::GrantState>("grant/g5").given());
}

TEST_CASE("a grant is refused in the order shape, existence, state", "[company][unit]") {
  const std::string span = R"(span { from: "2026-01-01" })";
  const auto with = [&](const std::string& rest) {
    return Give("founder-1", "p-x", "ROLE_HR", rest + span);
  };
  const std::vector<Refused> rows = {
      {R"(give_grant { grant: "" })", "INVALID_ID", "giveGrant.grant"},
      {R"(give_grant { grant: "g" })", "INVALID_ENUM", "giveGrant.role"},
      {R"(give_grant { grant: "g" role: ROLE_HR })", "INVALID_ID", "giveGrant.to"},
      {Give("g", "client:x", "ROLE_HR"), "INVALID_ID", "giveGrant.to.person"},
      {R"(give_grant { grant: "g" role: ROLE_HR to { client: "" } })", "INVALID_ID",
       "giveGrant.to.client"},
      {R"(give_grant { grant: "g" role: ROLE_ADMIN to { client: "erp" } })", "INVALID_ENUM",
       "giveGrant.role"},
      {with(R"(units: "")"), "INVALID_ID", "giveGrant.units[0]"},
      {with(R"(metrics: "output" metrics: "sales@1")"), "INVALID_ID", "giveGrant.metrics[1]"},
      {with(R"(limit: "five")"), "INVALID_DECIMAL", "giveGrant.limit"},
      {with(R"(limit: "0")"), "INVALID_DECIMAL", "giveGrant.limit"},
      {with(R"(limit: "-5")"), "INVALID_DECIMAL", "giveGrant.limit"},
      {Give("founder-1", "p-x", "ROLE_HR", ""), "INVALID_DAY", "giveGrant.span.from"},
      {Give("founder-1", "p-x", "ROLE_HR", R"(span { from: "2026-02-01" to: "2026-01-01" })"),
       "INVALID_SPAN", "giveGrant.span"},
      {Give("g", "p-x", "ROLE_ADMIN", R"(units: "d1")" + span), "INVALID_VALUE", "giveGrant.units"},
      {Give("g", "p-x", "ROLE_ADMIN", R"(metrics: "m")" + span), "INVALID_VALUE",
       "giveGrant.metrics"},
      {Give("g", "p-x", "ROLE_ADMIN", R"(limit: "5")" + span), "INVALID_VALUE", "giveGrant.limit"},
      {with(R"(units: "nowhere")"), "NOT_FOUND", "giveGrant.units[0]"},
      {with(""), "ALREADY_EXISTS", "giveGrant.grant"},
  };
  CompanySpec spec = OneAdmin();
  for (const Refused& row : rows) spec.When("p-a", row.command).ThenRejected(row.code, row.path);
  spec.When("p-a", R"(give_grant { grant: "g" })");
  CHECK(spec.Refusal().expected.find("ROLE_EXECUTIVE") != std::string::npos);
}

TEST_CASE("a machine client may hold a grant", "[company][unit]") {
  CompanySpec spec = OneAdmin();
  spec.When("p-a", R"(give_grant { grant: "g" role: ROLE_SOURCE_CLIENT to { client: "erp" }
                                   span { from: "2026-01-01" } })")
      .ThenAccepted();
  CHECK(spec.state.Members(streams::GrantsOf("client:erp")).size() == 1);
}

TEST_CASE("a revoked grant is gone from its holder, and so is a proposal", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", Give("g", "p-x", "ROLE_HR"));
  spec.Given("p-b", R"(confirm_grant { grant: "g" })");
  spec.When("p-a", R"(revoke_grant { grant: "g" })")
      .Then({R"(stream: "grant/g" grant_revoked { grant: "g" to { person: "p-x" } by: "p-a" })"});
  CHECK(spec.state.Members(streams::GrantsOf("p-x")).empty());
  spec.When("p-a", R"(revoke_grant { grant: "g" })").ThenRejected("ALREADY_REVOKED");
  spec.Given("p-a", Give("h", "p-x", "ROLE_HR"));
  spec.Given("p-a", R"(revoke_grant { grant: "h" })");
  spec.When("p-b", R"(confirm_grant { grant: "h" })").ThenRejected("ALREADY_REVOKED");
  spec.When("p-b", R"(confirm_grant { grant: "no" })")
      .ThenRejected("NOT_FOUND", "confirmGrant.grant");
  spec.When("p-b", R"(revoke_grant { grant: "no" })")
      .ThenRejected("NOT_FOUND", "revokeGrant.grant");
}

TEST_CASE("the last admin stays", "[company][unit]") {
  CompanySpec spec = OneAdmin();
  spec.When("p-a", R"(revoke_grant { grant: "founder-1" })")
      .ThenRejected("LAST_ADMIN", "revokeGrant.grant");
  // Somebody whose days are numbered is no successor.
  spec.Given("p-a",
             Give("g1", "p-b", "ROLE_ADMIN", R"(span { from: "2026-01-01" to: "2027-01-01" })"));
  spec.When("p-a", R"(revoke_grant { grant: "founder-1" })").ThenRejected("LAST_ADMIN");
  spec.Given("p-a", Give("g2", "p-c", "ROLE_ADMIN"));
  spec.Given("p-b", R"(confirm_grant { grant: "g2" })");
  spec.When("p-a", R"(revoke_grant { grant: "founder-1" })").ThenAccepted();
  spec.When("p-c", R"(revoke_grant { grant: "g2" })").ThenRejected("LAST_ADMIN");
  spec.When("p-c", R"(revoke_grant { grant: "g1" })").ThenAccepted();
}

TEST_CASE("two admins who revoke each other at once read the set that both touch",
          "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.When("p-a", R"(revoke_grant { grant: "founder-2" })").ThenAccepted();
  CHECK(spec.state.reads.contains("company/admins"));
}

}  // namespace
}  // namespace assay::testing

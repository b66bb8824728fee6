#include "engine/company/decide.h"

#include <catch2/catch.hpp>

#include "tests/engine/company/company_spec.h"
#include "tests/support/aborts.h"

namespace assay::testing {
namespace {

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

TEST_CASE("the policy of grants stands in the founding", "[company][unit]") {
  CompanySpec spec;
  spec.Founded(R"(admins: "p-a" grants { known: true })");
  CHECK(spec.Row<v1::CompanyState>("company").grants().known());
}

// --- people ---

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

}  // namespace
}  // namespace assay::testing

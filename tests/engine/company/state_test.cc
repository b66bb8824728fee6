
#include <catch2/catch.hpp>

#include "engine/company/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {
namespace {

DomainSpec Company() { return DomainSpec(company::Table()); }

TEST_CASE("every event of the company leaves its trace in the row of its stream",
          "[company][unit]") {
  DomainSpec spec = Company();
  spec.GivenEvent(R"(stream: "company" company_founded { company: "acme" admins: "p-1" })")
      .GivenEvent(R"(stream: "person/p-2" person_added { person: "p-2" name { key_id: "k" } })")
      .GivenEvent(R"(stream: "entity/employee/E 7" source_key_bound {
                       person: "p-2" entity_type: "employee" key: "E 7"
                       span { from: "2026-01-01" to: "2026-02-01" } })")
      .GivenEvent(R"(stream: "entity/employee/E 7" source_key_bound {
                       person: "p-3" entity_type: "employee" key: "E 7"
                       span { from: "2026-02-01" } })");
  CHECK(spec.Row<v1::CompanyState>("company").DebugString() ==
        FromText<v1::CompanyState>(R"(company: "acme" admins: "p-1")").DebugString());
  CHECK(spec.Row<v1::PersonState>("person/p-2").name().key_id() == "k");
  CHECK(spec.Row<v1::EntityState>("entity/employee/E 7").DebugString() ==
        FromText<v1::EntityState>(R"(
          bindings { person: "p-2" span { from: "2026-01-01" to: "2026-02-01" } }
          bindings { person: "p-3" span { from: "2026-02-01" } })")
            .DebugString());
}

TEST_CASE("the last claim says who publishes", "[company][unit]") {
  DomainSpec spec = Company();
  spec.GivenEvent(R"(stream: "publisher" publisher_claimed { node: "n-1" epoch: 1 })")
      .GivenEvent(R"(stream: "publisher" publisher_claimed { node: "n-2" epoch: 2 })");
  CHECK(spec.Row<v1::PublisherState>("publisher").node() == "n-2");
  CHECK(spec.Row<v1::PublisherState>("publisher").epoch() == 2);
}

TEST_CASE("a grant is proposed, given and revoked, and keeps who proposed it", "[company][unit]") {
  DomainSpec spec = Company();
  const auto row = [&] { return spec.Row<v1::GrantState>("grant/g"); };
  spec.GivenEvent(
      R"(stream: "grant/g" grant_proposed { grant { grant: "g" role: ROLE_HR } by: "p-1" })");
  CHECK(row().proposed_by() == "p-1");
  CHECK_FALSE(row().given());
  spec.GivenEvent(R"(stream: "grant/g" grant_given { grant { grant: "g" role: ROLE_HR }
                                                     by: "p-1" by: "p-2" })");
  CHECK(row().proposed_by() == "p-1");
  CHECK(row().given());
  CHECK_FALSE(row().revoked());
  spec.GivenEvent(R"(stream: "grant/g" grant_revoked { grant: "g" by: "p-1" })");
  CHECK(row().revoked());
  CHECK(row().grant().role() == v1::ROLE_HR);
}

TEST_CASE("a revocation is proposed, signed and refused on the row of its grant",
          "[company][unit]") {
  DomainSpec spec = Company();
  const auto row = [&] { return spec.Row<v1::GrantState>("grant/g"); };
  spec.GivenEvent(R"(stream: "grant/g" grant_given { grant { grant: "g" role: ROLE_ADMIN } })")
      .GivenEvent(R"(stream: "grant/g" grant_revocation_proposed { grant: "g" by: "p-1" })")
      .GivenEvent(R"(stream: "grant/g" grant_revocation_signed {
                       grant: "g" by: "p-2" role: ROLE_HR })");
  CHECK(row().revocation_by() == "p-1");
  CHECK(row().revocation_signatures(0).by() == "p-2");
  CHECK(row().given());
  CHECK_FALSE(row().revoked());
  spec.GivenEvent(R"(stream: "grant/g" grant_revocation_rejected { grant: "g" by: "p-3" })");
  CHECK(row().revocation_by().empty());
  CHECK(row().revocation_signatures().empty());
}

TEST_CASE("events of other domains leave the company as it is", "[company][unit]") {
  DomainSpec spec = Company();
  spec.GivenEvent(R"(stream: "unit/d1" unit_created { unit: "d1" })");
  CHECK(spec.state.rows.empty());
}

}  // namespace
}  // namespace assay::testing

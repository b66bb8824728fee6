#include "engine/commit/contract_signers.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/event/streams.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

// p-owner owns the source, p-head heads u-1 of the plant, p-fin is finance; two metrics rest on it.
struct SmallCompany {
  SmallCompany() {
    state.Put("unit/u-1", FromText<v1::UnitState>(R"(unit: "u-1" from: "2024-01-01"
        parents { from: "2024-01-01" })"));
    source.mutable_contract()->set_owner("p-owner");
    for (const char* id : {"output@1", "scrap@1"}) {
      metrics.push_back(FromText<v1::MetricState>(fmt::format(
          R"(metric: "{}" definition {{ owner_unit: "u-1" }}
             definition_signed_by: "p-head" source_signed_by: "p-fin")",
          id)));
    }
  }

  void Grant(std::string_view person, std::string_view role, std::string_view units = "") {
    const std::string id = fmt::format("g-{}-{}", person, role);
    state.Put(streams::Grant(id), FromText<v1::GrantState>(fmt::format(
                                      R"(given: true grant {{ grant: "{}" role: ROLE_{} {}
                     span {{ from: "2024-01-01" }} }})",
                                      id, role, units)));
    state.PutMember(streams::GrantsOf(person),
                    FromText<v1::Member>(fmt::format(R"(id: "{}")", id)));
  }
  void AddPerson(std::string_view person) {
    state.PutMember(streams::People(), FromText<v1::Member>(fmt::format(R"(id: "{}")", person)));
  }
  [[nodiscard]] std::string Sides(std::string_view person) {
    const auto sides = signers.SidesOf(context, state, person, source, metrics);
    return fmt::format("{}{}", sides.owner ? "owner " : "", sides.finance ? "finance" : "");
  }
  [[nodiscard]] bool IsOnlyOne(std::string_view person) {
    return signers.IsOnlyOne(context, state, person, source, metrics);
  }

  testing::MemoryState state;
  v1::SourceState source;
  std::vector<v1::MetricState> metrics;
  v1::Command command;
  DecideContext context{.command = command, .actor = "", .today = *Day::Parse("2026-06-01")};
  GrantedContractSigners signers;
};

TEST_CASE("the owner of a source, of all its metrics, and finance sign its contracts",
          "[commit][unit]") {
  SmallCompany company;
  company.Grant("p-head", "DEPARTMENT_HEAD", R"(units: "u-1")");
  company.Grant("p-other-head", "DEPARTMENT_HEAD", R"(units: "u-2")");
  company.Grant("p-fin", "FINANCE");
  company.Grant("p-hr", "HR");
  CHECK(company.Sides("p-owner") == "owner ");
  CHECK(company.Sides("p-head") == "owner ");
  CHECK(company.Sides("p-fin") == "finance");
  CHECK(company.Sides("p-other-head").empty());
  CHECK(company.Sides("p-hr").empty());
  CHECK(company.Sides("").empty());
  // A head of the unit of one metric does not own the other one.
  company.metrics[1].mutable_definition()->set_owner_unit("u-2");
  CHECK(company.Sides("p-head").empty());
  company.source.mutable_contract()->clear_owner();
  CHECK(company.Sides("").empty());
}

TEST_CASE("somebody is the only one when nobody whom the company knows could sign",
          "[commit][unit]") {
  SmallCompany company;
  company.Grant("p-fin", "FINANCE");
  CHECK_FALSE(company.IsOnlyOne("p-fin"));
  company.source.mutable_contract()->set_owner("p-fin");
  CHECK(company.IsOnlyOne("p-fin"));
  company.AddPerson("p-1");
  CHECK(company.IsOnlyOne("p-fin"));
  company.Grant("p-1", "FINANCE");
  CHECK_FALSE(company.IsOnlyOne("p-fin"));
}

TEST_CASE("a company too large to look at everybody has a second person", "[commit][unit]") {
  SmallCompany company;
  company.Grant("p-fin", "FINANCE");
  company.source.mutable_contract()->set_owner("p-fin");
  for (size_t i = 0; i < GrantedContractSigners::kPeopleMax; ++i) {
    company.AddPerson(fmt::format("p-{}", i));
  }
  CHECK(company.IsOnlyOne("p-fin"));
  company.AddPerson("p-last");
  CHECK_FALSE(company.IsOnlyOne("p-fin"));
}

}  // namespace
}  // namespace assay

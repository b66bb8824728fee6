#include "engine/company/shape.h"

#include <catch2/catch.hpp>

#include "tests/engine/company/company_spec.h"

namespace assay::testing {

TEST_CASE("a delegate acts for the delegator", "[company][unit]") {
  const auto command = FromText<v1::Command>(R"(actor { person: "p-x" on_behalf_of: "p-a" })");
  const DecideContext context{.command = command, .actor = "p-x"};
  CHECK(company::ActsFor(context, "p-x"));
  CHECK(company::ActsFor(context, "p-a"));
  CHECK_FALSE(company::ActsFor(context, "p-b"));
}

TEST_CASE("admins are people, however many grants they have", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", Give("g", "p-b", "ROLE_ADMIN"));
  spec.Given("p-b", R"(confirm_grant { grant: "g" })");
  CHECK(company::AdminsOn(spec.state, Day::Parse("2026-06-01").value()) ==
        std::set<std::string>{"p-a", "p-b"});
}

}  // namespace assay::testing

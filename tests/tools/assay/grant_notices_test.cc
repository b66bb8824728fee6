#include "tools/assay/grant_notices.h"

#include <catch2/catch.hpp>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

// A home with one admin, p-a, who is no person yet.
class Company {
 public:
  explicit Company(bool strict = false) {
    auto made = Home::Init({.directory = scratch_.Path("home"), .facts_partitions = 1},
                           {.company = "acme", .admins = {"p-a"}, .strict = strict}, false);
    REQUIRE(made.ok());
    home = *std::move(made);
  }

  // The code of a refusal, or "".
  std::string Run(const char* actor, std::string_view text) {
    auto command = testing::FromText<v1::Command>(text);
    command.mutable_actor()->set_person(actor);
    const auto answer = home->Submit(command);
    REQUIRE(answer.ok());
    const auto* refused = std::get_if<Rejection>(&*answer);
    return refused == nullptr ? "" : refused->code;
  }
  std::string Notices() {
    const auto notices = GrantNotices(*home);
    REQUIRE(notices.ok());
    std::string text;
    for (const Json& notice : *notices) text += notice.Dump();
    return text;
  }

  std::unique_ptr<Home> home;

 private:
  const testing::ScratchDirectory scratch_;
};

std::string Give(std::string_view id, std::string_view person, std::string_view role) {
  return fmt::format(R"(give_grant {{ grant: "{}" to {{ person: "{}" }} role: ROLE_{}
                                      span {{ from: "2020-01-01" }} }})",
                     id, person, role);
}

}  // namespace

TEST_CASE("a grant to an id that is no person stands among the notices", "[grants]") {
  Company company;
  CHECK(company.Run("p-a", Give("g-ghost", "p-ghost", "HR")) == "");
  CHECK(company.Notices() ==
        R"({"kind":"UNKNOWN_PERSON","grant":"founder-1","person":"p-a","by":null})"
        R"({"kind":"UNKNOWN_PERSON","grant":"g-ghost","person":"p-ghost","by":null})");
  CHECK(company.Run("p-ghost", R"(add_person { person: "p-a" })") == "");
  CHECK(company.Run("p-a", R"(revoke_grant { grant: "g-ghost" })") == "");
  CHECK(company.Notices() == "");
}

TEST_CASE("a company founded strictly gives no grant to an unknown person", "[grants]") {
  Company company(true);
  CHECK(company.Run("p-a", Give("g-hr", "p-hr", "HR")) == "UNKNOWN_PERSON");
}

TEST_CASE("what waits for a second signature stands among the notices", "[grants]") {
  Company company;
  CHECK(company.Run("p-a", Give("g-hr", "p-hr", "HR")) == "");
  CHECK(company.Run("p-a", Give("g-b", "p-b", "ADMIN")) == "");
  for (const char* id : {"p-a", "p-b", "p-hr", "p-x"}) {
    CHECK(company.Run("p-hr", fmt::format(R"(add_person {{ person: "{}" }})", id)) == "");
  }
  CHECK(company.Run("p-a", Give("g-x", "p-x", "FINANCE")) == "");
  CHECK(company.Run("p-a", R"(revoke_grant { grant: "g-b" })") == "");
  CHECK(company.Run("p-b", R"(bind_source_key { person: "p-x" entity_type: "os-user" key: "x"
                                                span { from: "2020-01-01" } })") == "");
  CHECK(company.Notices() ==
        R"({"kind":"REVOCATION_PROPOSED","grant":"g-b","person":"p-b","by":"p-a"})"
        R"({"kind":"GRANT_PROPOSED","grant":"g-x","person":"p-x","by":"p-a"})"
        R"({"kind":"LOGIN_PROPOSED","grant":null,"person":"p-x","by":"p-b"})");
}

}  // namespace assay

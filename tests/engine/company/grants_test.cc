#include "engine/company/grants.h"

#include <catch2/catch.hpp>

#include "tests/engine/company/company_spec.h"

namespace assay::testing {
namespace {

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
  spec.Given("p-a", R"(revoke_grant { grant: "founder-1" })");
  spec.Given("p-b", R"(confirm_revocation { grant: "founder-1" })");
  spec.When("p-c", R"(revoke_grant { grant: "g2" })").ThenRejected("LAST_ADMIN");
  spec.When("p-c", R"(revoke_grant { grant: "g1" })").ThenAccepted();
}

TEST_CASE("two admins who revoke each other at once read the set that both touch",
          "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.When("p-a", R"(revoke_grant { grant: "founder-2" })").ThenAccepted();
  CHECK(spec.state.reads.contains("company/admins"));
}

TEST_CASE("a delegate of the proposer cannot confirm a grant", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", Give("g", "p-x", "ROLE_HR"));
  spec.When("p-b", R"(actor { on_behalf_of: "p-a" } confirm_grant { grant: "g" })")
      .ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
  spec.When("p-b", R"(actor { on_behalf_of: "p-z" } confirm_grant { grant: "g" })").ThenAccepted();
}

TEST_CASE("a company that asks for people gives no grant to an id that nobody has",
          "[company][unit]") {
  CompanySpec spec;
  spec.Founded(R"(admins: "p-a" grants { known: true })");
  spec.When("p-a", Give("g", "p-x", "ROLE_HR"))
      .ThenRejected("UNKNOWN_PERSON", "giveGrant.to.person");
  CHECK(spec.Refusal().rejection_class == RejectionClass::kPolicy);
  spec.When("p-a", R"(give_grant { grant: "g" role: ROLE_SOURCE_CLIENT to { client: "erp" }
                                   span { from: "2026-01-01" } })")
      .ThenAccepted();
  spec.Given("p-hr", R"(add_person { person: "p-x" })");
  spec.When("p-a", Give("g-x", "p-x", "ROLE_HR")).ThenAccepted();
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

// --- revoking an admin ---

constexpr std::string_view kRevokeB = R"(revoke_grant { grant: "founder-2" })";
constexpr std::string_view kConfirmB = R"(confirm_revocation { grant: "founder-2" })";
constexpr std::string_view kRejectB = R"(reject_revocation { grant: "founder-2" })";

bool HoldsB(CompanySpec& spec) {
  return spec.state.Members(streams::GrantsOf("p-b")).size() == 1 &&
         !spec.Row<v1::GrantState>("grant/founder-2").revoked();
}

// With p-ex as an executive, p-hr as HR, p-both as both and p-ex1 as an executive of a unit.
CompanySpec WithRoles(CompanySpec spec) {
  const auto give = [&](std::string_view id, std::string_view person, std::string_view rest) {
    spec.GivenEvent(fmt::format(R"(stream: "grant/{0}" grant_given {{ grant {{ grant: "{0}"
        to {{ person: "{1}" }} {2} span {{ from: "2026-01-01" }} }} }})",
                                id, person, rest));
  };
  give("g-ex", "p-ex", "role: ROLE_EXECUTIVE");
  give("g-hr", "p-hr", "role: ROLE_HR");
  give("g-both-1", "p-both", "role: ROLE_EXECUTIVE");
  give("g-both-2", "p-both", "role: ROLE_HR");
  give("g-ex1", "p-ex1", R"(role: ROLE_EXECUTIVE units: "d1")");
  return spec;
}

TEST_CASE("revoking an admin needs another admin's signature", "[company][unit]") {
  CompanySpec spec = WithRoles(ThreeAdmins());
  spec.When("p-a", kRevokeB).Then({R"(stream: "grant/founder-2" grant_revocation_proposed {
      grant: "founder-2" to { person: "p-b" } by: "p-a" })"});
  CHECK(HoldsB(spec));
  CHECK(spec.Row<v1::GrantState>("grant/founder-2").revocation_by() == "p-a");
  spec.When("p-a", kRevokeB).ThenRejected("ALREADY_PROPOSED", "revokeGrant.grant");
  // Neither who proposed it, nor whom it concerns, nor a delegate of one of them.
  for (const char* who : {"p-a", "p-b"}) {
    spec.When(who, kConfirmB).ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
    spec.When("p-c", fmt::format(R"(actor {{ on_behalf_of: "{}" }} {})", who, kConfirmB))
        .ThenRejected("FOUR_EYES_SAME_PERSON");
  }
  for (const char* who : {"p-ex", "p-hr"}) {
    spec.When(who, kConfirmB).ThenRejected("PERMISSION_DENIED", "actor");
    CHECK(spec.Refusal().expected == "another ADMIN");
  }
  spec.When("p-c", kConfirmB)
      .Then({R"(stream: "grant/founder-2" grant_revocation_signed {
                  grant: "founder-2" by: "p-c" role: ROLE_ADMIN })",
             R"(stream: "grant/founder-2" grant_revoked {
                  grant: "founder-2" to { person: "p-b" } by: "p-a" })"});
  CHECK_FALSE(HoldsB(spec));
  spec.When("p-c", kConfirmB).ThenRejected("ALREADY_REVOKED", "confirmRevocation.grant");
}

TEST_CASE("where there is no other admin an executive and HR sign together", "[company][unit]") {
  CompanySpec spec = WithRoles(TwoAdmins());
  spec.When("p-a", kConfirmB).ThenRejected("REVOCATION_NOT_PROPOSED", "confirmRevocation.grant");
  spec.Given("p-a", kRevokeB);
  spec.When("p-b", kConfirmB).ThenRejected("FOUR_EYES_SAME_PERSON");
  spec.When("p-ex1", kConfirmB).ThenRejected("PERMISSION_DENIED");
  CHECK(spec.Refusal().expected == "EXECUTIVE, HR");
  spec.When("p-ex", kConfirmB).Then({R"(stream: "grant/founder-2" grant_revocation_signed {
      grant: "founder-2" by: "p-ex" role: ROLE_EXECUTIVE })"});
  CHECK(HoldsB(spec));
  spec.When("p-ex", kConfirmB).ThenRejected("FOUR_EYES_SAME_PERSON");
  spec.When("p-hr", kConfirmB)
      .Then({R"(stream: "grant/founder-2" grant_revocation_signed {
                  grant: "founder-2" by: "p-hr" role: ROLE_HR })",
             R"(stream: "grant/founder-2" grant_revoked {
                  grant: "founder-2" to { person: "p-b" } by: "p-a" })"});
}

TEST_CASE("one person who is both signs once", "[company][unit]") {
  CompanySpec spec = WithRoles(TwoAdmins());
  spec.Given("p-a", kRevokeB).Given("p-both", kConfirmB);
  spec.When("p-both", kConfirmB).ThenRejected("FOUR_EYES_SAME_PERSON");
  spec.When("p-ex", kConfirmB).ThenRejected("PERMISSION_DENIED");
  CHECK(spec.Refusal().expected == "HR");
  CHECK(HoldsB(spec));
  spec.When("p-hr", kConfirmB).ThenAccepted();
  CHECK_FALSE(HoldsB(spec));
}

TEST_CASE("an admin who steps down needs a signature too", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-b", kRevokeB).When("p-a", kConfirmB).ThenAccepted();
  CHECK_FALSE(HoldsB(spec));
}

TEST_CASE("a revocation is refused by anybody but whom it concerns", "[company][unit]") {
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", kRevokeB).When("p-b", kRejectB).ThenRejected("FOUR_EYES_SAME_PERSON", "actor");
  spec.When("p-a", kRejectB).Then({R"(stream: "grant/founder-2" grant_revocation_rejected {
      grant: "founder-2" by: "p-a" })"});
  CHECK(spec.Row<v1::GrantState>("grant/founder-2").revocation_by().empty());
  spec.When("p-a", kRejectB).ThenRejected("REVOCATION_NOT_PROPOSED", "rejectRevocation.grant");
  spec.When("p-a", R"(confirm_revocation { grant: "no" })").ThenRejected("NOT_FOUND");
  spec.When("p-a", R"(reject_revocation { grant: " " })")
      .ThenRejected("INVALID_ID", "rejectRevocation.grant");
}

TEST_CASE("signatures of a refused revocation do not count for the next", "[company][unit]") {
  CompanySpec spec = WithRoles(TwoAdmins());
  spec.Given("p-a", kRevokeB).Given("p-ex", kConfirmB).Given("p-a", kRejectB);
  spec.Given("p-a", kRevokeB).When("p-hr", kConfirmB).ThenAccepted();
  CHECK(HoldsB(spec));
}

TEST_CASE("a company with two admins keeps both against one of them", "[company][unit]") {
  // One admin revokes the other and then gives grants alone: was accepted once.
  CompanySpec spec = TwoAdmins();
  spec.Given("p-a", kRevokeB);
  spec.When("p-a", Give("g", "p-x", "ROLE_ADMIN")).ThenAccepted();
  CHECK_FALSE(spec.Row<v1::GrantState>("grant/g").given());
}

}  // namespace
}  // namespace assay::testing

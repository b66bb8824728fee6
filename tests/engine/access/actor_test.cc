#include "engine/access/actor.h"

#include <catch2/catch.hpp>

#include "tests/engine/access/access_spec.h"

namespace assay::testing {
namespace {

std::vector<std::string> Held(AccessSpec& spec, std::string_view actor, std::string_view day) {
  std::vector<std::string> ids;
  for (const v1::Grant& grant : GrantsHolding(spec.state, actor, D(day))) {
    ids.push_back(grant.grant());
  }
  return ids;
}

TEST_CASE("a grant holds on the days of its span", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-x", "HR", R"(span { from: "2026-03-01" to: "2026-06-01" })")
      .WithGrant("p-x", "FINANCE", R"(span { from: "2026-05-31" })");
  CHECK(Held(spec, "p-x", "2026-02-28").empty());
  CHECK(Held(spec, "p-x", "2026-03-01") == std::vector<std::string>{"g-1"});
  CHECK(Held(spec, "p-x", "2026-05-31") == std::vector<std::string>{"g-1", "g-2"});
  CHECK(Held(spec, "p-x", "2026-06-01") == std::vector<std::string>{"g-2"});
  // Authority is that of the day of the decision.
  spec.When("p-x", R"(lock_cycle { cycle: "c1" })").ThenRejected("PERMISSION_DENIED");
  spec.At("2026-05-31T12:00:00Z").When("p-x", R"(lock_cycle { cycle: "c1" })").ThenAccepted();
}

TEST_CASE("a grant that was proposed or revoked does not hold", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-x", "HR");
  auto row = spec.Row<v1::GrantState>("grant/g-1");
  row.set_given(false);
  spec.GivenRow("grant/g-1", row);
  CHECK(Held(spec, "p-x", "2026-06-01").empty());
  row.set_given(true);
  row.set_revoked(true);
  spec.GivenRow("grant/g-1", row);
  CHECK(Held(spec, "p-x", "2026-06-01").empty());
  row.set_revoked(false);
  spec.GivenRow("grant/g-1", row);
  CHECK(Held(spec, "p-x", "2026-06-01").size() == 1);
}

TEST_CASE("a command is named as in its JSON form", "[access][unit]") {
  CHECK(NameOfCommand(FromText<v1::Command>("start_assignment {}")) == "startAssignment");
  CHECK(NameOfCommand(v1::Command()) == "nothing");
}

TEST_CASE("a scope covers a unit and all below it", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-x", "HR", R"(units: "d1")");
  const v1::Command command;
  const DecideContext context{.command = command, .actor = "p-x", .today = D("2026-06-01")};
  const Authority who(context, spec.state);
  const Day day = D("2026-06-01");
  CHECK(who.Has({v1::ROLE_FINANCE, v1::ROLE_HR}));
  CHECK_FALSE(who.Has({v1::ROLE_FINANCE}));
  CHECK_FALSE(who.HasEverywhere(v1::ROLE_HR));
  CHECK(who.HasFor(v1::ROLE_HR, {{"d1", day}, {"d11", day}}));
  CHECK_FALSE(who.HasFor(v1::ROLE_HR, {{"d1", day}, {"d2", day}}));
  CHECK_FALSE(who.HasFor(v1::ROLE_HR, {{"", day}}));
  CHECK_FALSE(who.HasFor(v1::ROLE_FINANCE, {{"d1", day}}));
  CHECK_FALSE(who.Need({v1::ROLE_HR}).has_value());
  CHECK(who.Need({v1::ROLE_ADMIN})->actual == "p-x with HR");
}

}  // namespace
}  // namespace assay::testing

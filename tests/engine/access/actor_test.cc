#include "engine/access/actor.h"

#include <catch2/catch.hpp>

#include "tests/engine/access/access_spec.h"

namespace assay::testing {
namespace {

TEST_CASE("a grant that was proposed or revoked does not hold", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-x", "HR");
  auto row = spec.Row<v1::GrantState>("grant/g-1");
  const auto held = [&] {
    spec.GivenRow("grant/g-1", row);
    return GrantsHolding(spec.state, "p-x", D("2026-06-01")).size();
  };
  CHECK(held() == 1);
  row.set_given(false);
  CHECK(held() == 0);
  row.set_given(true);
  row.set_revoked(true);
  CHECK(held() == 0);
}

TEST_CASE("authority is that of the day of the decision", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-x", "HR", R"(span { from: "2026-03-01" to: "2026-06-01" })");
  spec.When("p-x", R"(lock_cycle { cycle: "c1" })").ThenRejected("PERMISSION_DENIED");
  spec.At("2026-05-31T12:00:00Z").When("p-x", R"(lock_cycle { cycle: "c1" })").ThenAccepted();
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
  CHECK_FALSE(who.HasEverywhere({v1::ROLE_HR}));
  CHECK(who.HasFor({v1::ROLE_HR}, {{"d1", day}, {"d11", day}}));
  CHECK_FALSE(who.HasFor({v1::ROLE_HR}, {{"d1", day}, {"d2", day}}));
  CHECK_FALSE(who.HasFor({v1::ROLE_HR}, {{"", day}}));
  // All of no places is nothing that units could cover.
  CHECK_FALSE(who.HasFor({v1::ROLE_HR}, {}));
  CHECK(who.NeedEverywhere({v1::ROLE_HR})->expected == "HR for the whole company");
  CHECK(who.NeedFor({v1::ROLE_HR}, {{"d2", day}})->expected == "HR for d2");
  CHECK_FALSE(who.NeedFor({v1::ROLE_HR}, {{"d11", day}}).has_value());
  CHECK_FALSE(who.HasFor({v1::ROLE_FINANCE}, {{"d1", day}}));
  CHECK_FALSE(who.Need({v1::ROLE_HR}).has_value());
  CHECK(who.Need({v1::ROLE_ADMIN})->actual == "p-x with HR");
}

}  // namespace
}  // namespace assay::testing

#include "engine/agreement/standing.h"

#include <catch2/catch.hpp>

#include "tests/engine/agreement/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using agreement::Stand;
using agreement::Standing;
using testing::DomainSpec;

std::variant<Standing, Rejection> StandAs(DomainSpec& spec, std::string_view actor,
                                          const std::string& agreement) {
  const v1::Command command;
  const DecideContext context{.command = command, .actor = std::string(actor)};
  return Stand("signAgreement", agreement, context, spec.state);
}

TEST_CASE("the side is the employee's for the person and the manager's for everybody else",
          "[agreement][unit]") {
  DomainSpec spec = testing::SignedAgreement();
  CHECK(std::get<Standing>(StandAs(spec, "p-1", "a-1")).side == v1::SIDE_EMPLOYEE);
  CHECK(std::get<Standing>(StandAs(spec, "p-boss", "a-1")).side == v1::SIDE_MANAGER);
  CHECK(std::get<Standing>(StandAs(spec, "client:hr", "a-1")).side == v1::SIDE_MANAGER);
}

TEST_CASE("an agreement that is not there is not visible", "[agreement][unit]") {
  DomainSpec spec = testing::OpenedAgreement();
  CHECK(std::get<Rejection>(StandAs(spec, "p-1", "")).code == "INVALID_ID");
  CHECK(std::get<Rejection>(StandAs(spec, "p-1", "a-2")).code == "NOT_FOUND");
  spec.state.rows.erase("cycle/2026-06");
  CHECK(std::get<Rejection>(StandAs(spec, "p-1", "a-1")).actual == "2026-06");
}

TEST_CASE("what stands says who signed and which round is the newest", "[agreement][unit]") {
  DomainSpec spec = testing::OpenedAgreement();
  spec.Given("p-boss", testing::Terms("propose_terms", testing::kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })");
  const auto employee = std::get<Standing>(StandAs(spec, "p-1", "a-1"));
  const auto manager = std::get<Standing>(StandAs(spec, "p-boss", "a-1"));
  CHECK(employee.HasSigned());
  CHECK_FALSE(manager.HasSigned());
  CHECK(employee.CheckNegotiable()->code == "AGREEMENT_IMMUTABLE");
  CHECK_FALSE(manager.CheckNegotiable().has_value());
  CHECK_FALSE(manager.CheckLiving().has_value());
  CHECK_FALSE(manager.CheckRound(1).has_value());
  CHECK(manager.CheckRound(2)->code == "ROUND_STALE");
  CHECK(manager.CheckRound(2)->expected == "1");
  // Also the only one is named.
  CHECK(manager.CheckRound(0)->code == "VERSION_REQUIRED");
  CHECK(manager.CheckRound(0)->message == "version 1 of a-1 is the only one");
  CHECK(manager.Refused("X", "e", "m", "h").actual == "AGREED");
}

TEST_CASE("asking for the newest terms where there are none is the caller's fault",
          "[agreement][unit]") {
  DomainSpec spec = testing::OpenedAgreement();
  const auto standing = std::get<Standing>(StandAs(spec, "p-1", "a-1"));
  CHECK(testing::Aborts([&] { (void)standing.Newest(); }));
}

}  // namespace
}  // namespace assay

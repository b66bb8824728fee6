#include "engine/event/grants.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/event/streams.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {
namespace {

Day DayAt(std::string_view text) { return Day::Parse(text).value(); }

// Rows as they would be folded.
class Holders {
 public:
  void Grant(std::string_view id, std::string_view actor, std::string_view rest) {
    const bool client = actor.starts_with("client:");
    const auto row = FromText<v1::GrantState>(
        fmt::format(R"(given: true grant {{ grant: "{}" to {{ {}: "{}" }} {} }})", id,
                    client ? "client" : "person", client ? actor.substr(7) : actor, rest));
    state.Put(streams::Grant(id), row);
    const auto member = FromText<v1::Member>(fmt::format(R"(id: "{}" person: "{}")", id, actor));
    state.PutMember(streams::GrantsOf(actor), member);
    if (row.grant().role() == v1::ROLE_ADMIN) state.PutMember(streams::Admins(), member);
  }
  void Assign(std::string_view id, std::string_view person, std::string_view from,
              std::string_view to = "") {
    state.Put(streams::Assignment(id),
              FromText<v1::AssignmentState>(
                  fmt::format(R"(assignment: "{}" span {{ from: "{}" to: "{}" }})", id, from, to)));
    state.PutMember(streams::PersonAssignments(person),
                    FromText<v1::Member>(fmt::format(R"(id: "{}")", id)));
  }
  std::string Held(std::string_view actor, std::string_view day) {
    return Ids(GrantsHolding(state, actor, DayAt(day)));
  }
  std::string Admins(std::string_view day) { return Ids(AdminGrants(state, DayAt(day))); }

  MemoryState state;

 private:
  static std::string Ids(const std::vector<v1::Grant>& grants) {
    std::string ids;
    for (const v1::Grant& grant : grants) ids += (ids.empty() ? "" : " ") + grant.grant();
    return ids;
  }
};

constexpr std::string_view kOpen = R"(span { from: "2026-01-01" })";

TEST_CASE("a grant holds on the days of its span", "[event][unit]") {
  Holders holders;
  holders.Grant("g-1", "p-x", R"(role: ROLE_HR span { from: "2026-03-01" to: "2026-06-01" })");
  holders.Grant("g-2", "p-x", R"(role: ROLE_FINANCE span { from: "2026-05-31" })");
  CHECK(holders.Held("p-x", "2026-02-28").empty());
  CHECK(holders.Held("p-x", "2026-03-01") == "g-1");
  CHECK(holders.Held("p-x", "2026-05-31") == "g-1 g-2");
  CHECK(holders.Held("p-x", "2026-06-01") == "g-2");
}

TEST_CASE("who had an assignment and has none has left", "[event][unit]") {
  Holders holders;
  CHECK_FALSE(HasLeft(holders.state, "p-founder", DayAt("2026-06-01")));
  holders.Assign("s-1", "p-x", "2026-01-01", "2026-03-01");
  CHECK_FALSE(HasLeft(holders.state, "p-x", DayAt("2025-12-31")));
  CHECK_FALSE(HasLeft(holders.state, "p-x", DayAt("2026-02-28")));
  CHECK(HasLeft(holders.state, "p-x", DayAt("2026-03-01")));
  holders.Assign("s-2", "p-x", "2026-05-01");
  CHECK(HasLeft(holders.state, "p-x", DayAt("2026-04-30")));
  CHECK_FALSE(HasLeft(holders.state, "p-x", DayAt("2026-05-01")));
  // One that was ended on its first day never was.
  holders.Assign("s-3", "p-y", "2026-01-01", "2026-01-01");
  CHECK_FALSE(HasLeft(holders.state, "p-y", DayAt("2026-06-01")));
}

TEST_CASE("the grants of a leaver end, those of founders and outside staff do not",
          "[event][unit]") {
  Holders holders;
  for (const char* who : {"p-left", "p-outside", "client:erp"}) {
    holders.Grant(fmt::format("g-{}", who), who, fmt::format("role: ROLE_EXECUTIVE {}", kOpen));
  }
  holders.Assign("s-1", "p-left", "2026-01-01", "2026-06-01");
  CHECK(holders.Held("p-left", "2026-05-31") == "g-p-left");
  CHECK(holders.Held("p-left", "2026-06-01").empty());
  CHECK(holders.Held("p-outside", "2026-06-01") == "g-p-outside");
  CHECK(holders.Held("client:erp", "2026-06-01") == "g-client:erp");
  // Who comes back has them again.
  holders.Assign("s-2", "p-left", "2026-07-01");
  CHECK(holders.Held("p-left", "2026-07-01") == "g-p-left");
}

TEST_CASE("an admin who has left is none, unless all have", "[event][unit]") {
  Holders holders;
  holders.Grant("g-a", "p-a", fmt::format("role: ROLE_ADMIN {}", kOpen));
  holders.Grant("g-b", "p-b", fmt::format("role: ROLE_ADMIN {}", kOpen));
  holders.Grant("g-c", "p-c", fmt::format(R"(role: ROLE_ADMIN units: "d1" {})", kOpen));
  holders.Grant("g-b2", "p-b", fmt::format("role: ROLE_HR {}", kOpen));
  CHECK(holders.Admins("2026-06-01") == "g-a g-b");
  holders.Assign("s-1", "p-b", "2026-01-01", "2026-03-01");
  CHECK(holders.Admins("2026-06-01") == "g-a");
  CHECK(holders.Held("p-b", "2026-06-01").empty());
  // Nobody else could give grants any more: the last ones go on as admins and as nothing else.
  holders.Assign("s-2", "p-a", "2026-01-01", "2026-05-01");
  CHECK(holders.Admins("2026-06-01") == "g-a g-b");
  CHECK(holders.Held("p-b", "2026-06-01") == "g-b");
}

TEST_CASE("users of the operating system and of OIDC log in", "[event][unit]") {
  CHECK(IsLogin("os-user"));
  CHECK(IsLogin("oidc-user"));
  CHECK_FALSE(IsLogin("employee"));
  CHECK_FALSE(IsLogin(""));
}

}  // namespace
}  // namespace assay::testing

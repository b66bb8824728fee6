// A company with roles, on which authority is tested.
//
//   co ─ d1 ─ d11     p-own holds q1 in d1 and reports to p-mgr
//      └ d2           today is 2026-06-01

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "engine/access/authority.h"
#include "engine/commit/domains.h"
#include "tests/engine/org/org_spec.h"

namespace assay::testing {

// `When` asks whether the actor may run the command; nothing is decided beyond that.
class AccessSpec : public DomainSpec {
 public:
  AccessSpec() : DomainSpec(&AccessSpec::Judge, org::Table()) {
    OrgSpec org;
    for (const char* id : {"p-own", "p-mgr", "p-other"}) {
      v1::PersonState person;
      person.set_person(id);
      org.GivenRow(streams::Person(id), person);
    }
    org.WithUnits();
    org.Given("p-hr", PositionCommand("q1", "d1", 5));
    org.Given("p-hr", PositionCommand("q2", "d2", 5));
    org.Given("p-hr", PositionCommand("q11", "d11", 5));
    org.Given("p-hr", StartCommand("s-own", "p-own", "q1", 10'000));
    org.Given("p-hr", LineCommand("p-own", "p-mgr"));
    state = org.state;
    GivenRow("metric/output@1", FromText<v1::MetricState>(R"(
        metric: "output@1" definition { name: "Output" owner_unit: "d1" })"));
    GivenRow("cycle/c1", FromText<v1::CycleState>(R"(
        cycle: "c1" period { from: "2026-04-01" to: "2026-07-01" })"));
    GivenRow("agreement/ag", FromText<v1::AgreementState>(R"(
        agreement: "ag" person: "p-own" position: "q1" cycle: "c1" stage: AGREEMENT_STAGE_SIGNED
        signed_version: 2
        versions { version: 1 items { item: "out" metric: "scrap@1" } }
        versions { version: 2 items { item: "out" metric: "output@1" }
                              items { item: "sell" metric: "sales@2" } })"));
    GivenMember(streams::CyclePersonAgreements("c1", "p-own"), R"(id: "ag" person: "p-own")");
    GivenRow("adjustment/adj", FromText<v1::AdjustmentState>(R"(
        adjustment: "adj" person: "p-own" cycle: "c1" item: "out" delta: "-5")"));
  }

  // A grant that holds; `rest` in text form ("units: \"d1\" limit: \"5\""), a span among it if the
  // open one from 2026-01-01 will not do.
  AccessSpec& WithGrant(std::string_view actor, std::string_view role, std::string_view rest = "") {
    const std::string id = fmt::format("g-{}", ++grants_);
    const bool client = actor.starts_with("client:");
    const std::string to =
        fmt::format("{}: \"{}\"", client ? "client" : "person", client ? actor.substr(7) : actor);
    const bool spanned = rest.find("span") != std::string_view::npos;
    GivenRow(streams::Grant(id),
             FromText<v1::GrantState>(fmt::format(
                 "given: true grant {{ grant: \"{}\" to {{ {} }} role: ROLE_{} {} {} }}", id, to,
                 role, rest, spanned ? "" : R"(span { from: "2026-01-01" })")));
    GivenMember(streams::GrantsOf(actor), fmt::format("id: \"{}\"", id));
    return *this;
  }
  [[nodiscard]] const Rejection& Refusal() const { return std::get<Rejection>(Outcome()); }

 private:
  static Decision Judge(const DecideContext& context, StateReader& state) {
    const CommandRow* row = RowOf(context.command.body_case());
    const AccessRule* rule = row == nullptr ? nullptr : &row->access;
    if (auto refusal = Authorise(rule, context, state)) return *refusal;
    return Accepted{};
  }

  int grants_ = 0;
};

}  // namespace assay::testing

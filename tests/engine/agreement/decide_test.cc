#include "engine/agreement/decide.h"

#include <catch2/catch.hpp>

#include "engine/agreement/terms.h"
#include "tests/engine/agreement/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::DomainSpec;
using testing::FromText;
using testing::GivenMetric;
using testing::kFirstTerms;
using testing::kOpenAgreement;
using testing::OpenedAgreement;
using testing::OpenJune;
using testing::SignedAgreement;
using testing::Terms;

v1::AgreementState RowOf(DomainSpec& spec) { return spec.Row<v1::AgreementState>("agreement/a-1"); }

const Rejection& RefusalOf(const DomainSpec& spec) { return std::get<Rejection>(spec.Outcome()); }

// --- opening ---

TEST_CASE("an agreement is opened by the template of its cycle", "[agreement][unit]") {
  DomainSpec spec = OpenJune();
  spec.When("p-boss", kOpenAgreement).Then({R"(stream: "agreement/a-1" agreement_opened {
      agreement: "a-1" person: "p-1" position: "pos-1" cycle: "2026-06" template: "worker@1" })"});
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_DRAFT);
  CHECK(spec.state.Members("cycle/2026-06/agreements").front().state() == "OPEN");
}

TEST_CASE("without a template of the cycle the position's is used", "[agreement][unit]") {
  DomainSpec spec = OpenJune();
  auto cycle = spec.Row<v1::CycleState>("cycle/2026-06");
  cycle.clear_template_();
  spec.GivenRow("cycle/2026-06", cycle)
      .When("p-boss", kOpenAgreement)
      .ThenRejected("FIELD_REQUIRED", "openAgreement.template")
      .GivenRow("position/pos-1",
                FromText<v1::PositionState>(R"(position: "pos-1" template: "worker@1")"))
      .When("p-boss", kOpenAgreement)
      .ThenAccepted();
  CHECK(RowOf(spec).template_() == "worker@1");
}

TEST_CASE("a metric of another grain needs a rule how it serves the cycle",
          "[agreement][unit][MET-09]") {
  DomainSpec spec = OpenJune();
  GivenMetric(spec, "output@1", R"(unit: "pcs" grain: GRAIN_QUARTER)");
  spec.When("p-boss", kOpenAgreement).ThenRejected("GRAIN_MISMATCH", "openAgreement.template");
  CHECK(RefusalOf(spec).expected == "MONTH, or a grain rule");
  CHECK(RefusalOf(spec).actual == "QUARTER");
  GivenMetric(spec, "output@1",
              R"(unit: "pcs" grain: GRAIN_QUARTER grain_rule: "LAST_CLOSED_QUARTER")");
  spec.When("p-boss", kOpenAgreement).ThenAccepted();
}

TEST_CASE("opening is refused for the first thing that is wrong", "[agreement][unit]") {
  struct Row {
    std::string_view fields;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(agreement: "a 1")", "INVALID_ID", "openAgreement.agreement"},
      {R"(agreement: "a-2")", "INVALID_ID", "openAgreement.person"},
      {R"(agreement: "a-2" person: "p-1")", "INVALID_ID", "openAgreement.position"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-1")", "INVALID_ID", "openAgreement.cycle"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-1" cycle: "x" template: "t")", "INVALID_ID",
       "openAgreement.template"},
      {R"(agreement: "a-2" person: "p-9" position: "pos-9" cycle: "x")", "NOT_FOUND",
       "openAgreement.cycle"},
      {R"(agreement: "a-2" person: "p-9" position: "pos-9" cycle: "2026-06")", "NOT_FOUND",
       "openAgreement.person"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-9" cycle: "2026-06")", "NOT_FOUND",
       "openAgreement.position"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-1" cycle: "2026-06" template: "t@1")",
       "NOT_FOUND", "openAgreement.template"},
      {R"(agreement: "a-1" person: "p-1" position: "pos-1" cycle: "2026-06")", "ALREADY_EXISTS",
       "openAgreement.agreement"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-1" cycle: "2026-06")", "AGREEMENT_EXISTS",
       "openAgreement.agreement"},
      {R"(agreement: "a-2" person: "p-1" position: "pos-2" cycle: "2026-06")", "ASSIGNMENT_MISSING",
       "openAgreement.position"},
  };
  DomainSpec spec = OpenedAgreement();
  spec.GivenRow("position/pos-2", v1::PositionState());
  for (const Row& row : rows) {
    INFO(row.fields);
    spec.When("p-boss", fmt::format("open_agreement {{ {} }}", row.fields))
        .ThenRejected(row.code, row.path);
  }
}

TEST_CASE("the assignment must overlap the period of the cycle", "[agreement][unit]") {
  DomainSpec spec = OpenJune();
  const auto assigned = [&](std::string_view span) {
    spec.GivenRow(
        "assignment/as-1",
        FromText<v1::AssignmentState>(fmt::format(
            R"(assignment: "as-1" person: "p-1" position: "pos-1" span {{ {} }})", span)));
  };
  assigned(R"(from: "2026-01-01" to: "2026-06-01")");
  spec.When("p-boss", kOpenAgreement).ThenRejected("ASSIGNMENT_MISSING");
  assigned(R"(from: "2026-07-01")");
  spec.When("p-boss", kOpenAgreement).ThenRejected("ASSIGNMENT_MISSING");
  CHECK(spec.state.reads.contains("person/p-1/assignments"));
  assigned(R"(from: "2026-06-30" to: "2026-07-15")");
  spec.When("p-boss", kOpenAgreement).ThenAccepted();
}

TEST_CASE("agreements are opened while their cycle is open", "[agreement][unit]") {
  DomainSpec spec = OpenJune();
  auto cycle = spec.Row<v1::CycleState>("cycle/2026-06");
  cycle.set_stage(v1::CYCLE_STAGE_PLANNED);
  spec.GivenRow("cycle/2026-06", cycle)
      .When("p-boss", kOpenAgreement)
      .ThenRejected("CYCLE_NOT_OPEN", "openAgreement.cycle");
  CHECK(RefusalOf(spec).actual == "PLANNED");
  cycle.set_stage(v1::CYCLE_STAGE_LOCKED);
  spec.GivenRow("cycle/2026-06", cycle)
      .When("p-boss", kOpenAgreement)
      .ThenRejected("CYCLE_LOCKED", "openAgreement.cycle");
}

TEST_CASE("after a withdrawal the same person and position get another agreement",
          "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", R"(withdraw_agreement { agreement: "a-1" })");
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_WITHDRAWN);
  spec.When("p-boss", R"(open_agreement { agreement: "a-2" person: "p-1" position: "pos-1"
                         cycle: "2026-06" })")
      .ThenAccepted()
      .When("p-boss", Terms("propose_terms", kFirstTerms))
      .ThenRejected("AGREEMENT_WITHDRAWN", "proposeTerms.agreement");
}

// --- confirming ---

TEST_CASE("one side alone never completes an agreement", "[agreement][unit][NEG-01]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms));
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_PROPOSED);
  spec.When("p-boss", R"(accept_items { agreement: "a-1" version: 1 })")
      .ThenRejected("ALREADY_CONFIRMED");
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_PROPOSED);
  spec.When("p-1", R"(accept_items { agreement: "a-1" version: 1 })").ThenAccepted();
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_AGREED);
}

TEST_CASE("every item must be confirmed by both before signing", "[agreement][unit][NEG-04]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", {{"k1", "1", 2000},
                                               {"k2", "1", 2000},
                                               {"k3", "1", 2000},
                                               {"k4", "1", 2000},
                                               {"k5", "1", 2000}}))
      .Given("p-1",
             R"(accept_items { agreement: "a-1" version: 1 items: "k1" items: "k2" items: "k3"
                                items: "k5" })")
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("ITEM_NOT_CONFIRMED", "signAgreement.items[k4]");
  CHECK(RefusalOf(spec).actual == "k4: MANAGER only");
  spec.Given("p-1", R"(accept_items { agreement: "a-1" items: "k4" version: 1 })")
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenAccepted();
}

TEST_CASE("accepting names the items it confirms", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .When("p-1", R"(accept_items { agreement: "a-1" items: "quality" version: 1 })")
      .Then({R"(stream: "agreement/a-1" item_accepted { agreement: "a-1" version: 1
                item: "quality" side: SIDE_EMPLOYEE by: "p-1" })"})
      .When("p-1", R"(accept_items { agreement: "a-1" items: "quality" version: 1 })")
      .ThenRejected("ALREADY_CONFIRMED")
      .When("p-1", R"(accept_items { agreement: "a-1" items: "output" items: "cost" version: 1 })")
      .ThenRejected("NOT_FOUND", "acceptItems.items[1]")
      .When("p-1", R"(accept_items { agreement: "a-1" version: 2 })")
      .ThenRejected("ROUND_STALE", "acceptItems.version")
      .When("p-1", R"(accept_items { agreement: "a-2" version: 1 })")
      .ThenRejected("NOT_FOUND", "acceptItems.agreement")
      .When("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .Then({R"(stream: "agreement/a-1" item_accepted { agreement: "a-1" version: 1
                item: "output" side: SIDE_EMPLOYEE by: "p-1" })"});
}

TEST_CASE("a rejected item is open on both sides, and its proposer may counter",
          "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .When("p-1", R"(reject_item { agreement: "a-1" item: "output" version: 1 })")
      .ThenRejected("REASON_REQUIRED", "reason")
      .When("p-boss",
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" version: 1 })")
      .ThenRejected("NOT_YOUR_TURN")
      .When("p-1",
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "cost" version: 1 })")
      .ThenRejected("NOT_FOUND", "rejectItem.item")
      .When("p-1",
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" version: 1 })")
      .Then({R"(stream: "agreement/a-1" item_rejected { agreement: "a-1" version: 1 item: "output"
                side: SIDE_EMPLOYEE by: "p-1" reason { bytes: "s" } })"});
  const auto row = RowOf(spec);
  CHECK(row.stage() == v1::AGREEMENT_STAGE_PROPOSED);
  CHECK_FALSE(row.versions(0).confirmations(0).employee());
  CHECK_FALSE(row.versions(0).confirmations(0).manager());
  spec.When("p-boss", Terms("counter_terms", {{"output", "900", 4000}, {"quality", "50", 6000}}))
      .ThenAccepted();
}

// --- signing ---

TEST_CASE("the second signature signs, with every definition pinned", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })");
  const std::string hash = agreement::ContentHashOf("a-1", RowOf(spec).versions(0)).ToString();
  spec.When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })").ThenAccepted();
  const auto first = std::get<Accepted>(spec.Outcome()).events;
  REQUIRE(first.size() == 1);
  CHECK(first[0].signature_given().content_hash() == hash);
  CHECK(first[0].signature_given().side() == v1::SIDE_EMPLOYEE);
  CHECK(RowOf(spec).stage() == v1::AGREEMENT_STAGE_AGREED);

  spec.When("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })").ThenAccepted();
  const auto second = std::get<Accepted>(spec.Outcome()).events;
  REQUIRE(second.size() == 2);
  CHECK(second[0].signature_given().side() == v1::SIDE_MANAGER);
  const v1::AgreementSigned& event = second[1].agreement_signed();
  CHECK(event.content_hash() == hash);
  CHECK(event.supersedes() == 0);
  CHECK(event.position() == "pos-1");
  CHECK(std::vector<std::string>(event.pinned().begin(), event.pinned().end()) ==
        std::vector<std::string>{"bands@1", "output@1", "proportional@1", "worker@1"});
  const auto row = RowOf(spec);
  CHECK(row.stage() == v1::AGREEMENT_STAGE_SIGNED);
  CHECK(row.signed_version() == 1);
  CHECK(row.versions(0).signatures_size() == 2);
  CHECK(row.versions(0).signatures(0).at() == "2026-06-01T08:00:00.000Z");
  CHECK(spec.state.Members("cycle/2026-06/person/p-1/agreements").front().state() == "SIGNED");
}

TEST_CASE("both signatures never come from one person", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .When("p-aide", R"(actor { person: "p-aide" on_behalf_of: "p-1" }
                         sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("SIGNER_CONFLICT")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .When("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("SIGNER_CONFLICT", "signAgreement.agreement")
      .When("p-boss2", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("ALREADY_SIGNED")
      .When("p-1", R"(actor { person: "p-1" on_behalf_of: "p-boss" }
                      sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("SIGNER_CONFLICT")
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenAccepted()
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("ALREADY_SIGNED");
}

TEST_CASE("signing needs terms on the table, the newest ones", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("AGREEMENT_NOT_PROPOSED")
      .Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", Terms("counter_terms", {{"output", "900", 4000}, {"quality", "50", 6000}}))
      .Given("p-boss", R"(accept_items { agreement: "a-1" version: 2 })")
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("ROUND_STALE", "signAgreement.version");
}

TEST_CASE("whoever answers terms names the version that was read", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms));
  const auto say_nothing = [&](const std::string& message) {
    const std::pair<std::string, std::string> answers[] = {
        {"acceptItems", R"(accept_items { agreement: "a-1" })"},
        {"rejectItem", R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" })"},
        {"counterTerms", Terms("counter_terms", {{"output", "70", 10000}}, "version: 0")},
        {"signAgreement", R"(sign_agreement { agreement: "a-1" })"}};
    for (const auto& [name, answer] : answers) {
      INFO(answer);
      spec.When("p-1", answer).ThenRejected("VERSION_REQUIRED", name + ".version");
      CHECK(RefusalOf(spec).message == message);
    }
  };
  // Also while there is only one: what a caller has not read, he did not mean.
  say_nothing("version 1 of a-1 is the only one");
  CHECK(RefusalOf(spec).expected == "1");
  spec.When("p-1", R"(accept_items { agreement: "a-1" items: "output" version: 1 })")
      .ThenAccepted();
  // Another one takes its place between reading and accepting.
  spec.Given("p-1", Terms("counter_terms", {{"output", "900", 4000}, {"quality", "50", 6000}}))
      .Given("p-boss", Terms("counter_terms", {{"output", "5000", 4000}, {"quality", "50", 6000}},
                             "version: 2"));
  say_nothing(
      "the newest version of a-1 is 3; against version 2 it changes items[output].target: 900 -> "
      "5000");
  CHECK(RefusalOf(spec).expected == "3");
  spec.When("p-1", R"(accept_items { agreement: "a-1" version: 2 })")
      .ThenRejected("ROUND_STALE", "acceptItems.version")
      .When("p-1", R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output"
                      version: 2 })")
      .ThenRejected("ROUND_STALE", "rejectItem.version")
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 3 })")
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 3 })")
      .ThenAccepted();
}

TEST_CASE("signing looks at the terms again", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })");
  auto row = RowOf(spec);
  row.mutable_versions(0)->mutable_items(0)->set_weight_bp(3000);
  spec.GivenRow("agreement/a-1", row)
      .When("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .ThenRejected("WEIGHT_SUM_NOT_100", "signAgreement.items");
}

TEST_CASE("a signature freezes the version for its side, and the other side may still answer",
          "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .When("p-boss", Terms("counter_terms", {{"output", "999", 4000}, {"quality", "50", 6000}}))
      .ThenRejected("AGREEMENT_IMMUTABLE")
      .When("p-1",
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" version: 1 })")
      .ThenAccepted();
  CHECK(RowOf(spec).versions(0).signatures().empty());
  spec.When("p-boss", Terms("counter_terms", {{"output", "999", 4000}, {"quality", "50", 6000}}))
      .ThenAccepted();
  CHECK(RowOf(spec).versions_size() == 2);
}

TEST_CASE("what is signed changes by a signed amendment alone", "[agreement][unit][NEG-05]") {
  DomainSpec spec = SignedAgreement();
  const std::vector<testing::TestItem> changed = {{"output", "900", 4000}, {"quality", "50", 6000}};
  for (const std::string& edit :
       {Terms("propose_terms", changed), Terms("counter_terms", changed),
        std::string(R"(accept_items { agreement: "a-1" version: 1 })"),
        std::string(
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" version: 1 })"),
        std::string(R"(withdraw_agreement { agreement: "a-1" })")}) {
    INFO(edit);
    spec.When("p-boss", edit).ThenRejected("AGREEMENT_IMMUTABLE");
  }
  spec.Given("p-boss", Terms("propose_amendment", changed));
  CHECK(RowOf(spec).signed_version() == 1);
  spec.Given("p-1", R"(accept_items { agreement: "a-1" version: 2 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 2 })")
      .When("p-boss", R"(sign_agreement { agreement: "a-1" version: 2 })")
      .ThenAccepted();
  CHECK(std::get<Accepted>(spec.Outcome()).events[1].agreement_signed().supersedes() == 1);
  const auto row = RowOf(spec);
  REQUIRE(row.versions_size() == 2);
  CHECK(row.signed_version() == 2);
  CHECK(row.versions(1).amends() == 1);
  for (const v1::AgreementVersion& version : row.versions()) {
    CHECK(version.signed_());
    CHECK(version.content_hash() == agreement::ContentHashOf("a-1", version).View());
  }
  CHECK(row.versions(0).items(0).target() == "1000");
  CHECK(row.versions(1).items(0).target() == "900");
  CHECK(row.versions(0).content_hash() != row.versions(1).content_hash());
}

TEST_CASE("an agreement is judged by the version it pinned until an amendment is signed",
          "[agreement][unit][NEG-13]") {
  DomainSpec spec = OpenJune();
  // Version 4 of the metric is published only after the signing.
  spec.state.rows.erase("metric/output@4");
  spec.Given("p-boss", kOpenAgreement)
      .Given("p-boss", Terms("propose_terms", {{"output", "1000", 10000, "output@3"}}))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })");
  GivenMetric(spec, "output@4");
  const auto pins = [&](int version) {
    const auto row = RowOf(spec);
    return std::vector<std::string>(row.versions(version).pinned().begin(),
                                    row.versions(version).pinned().end());
  };
  const std::vector<std::string> first = {"bands@1", "output@3", "proportional@1", "worker@1"};
  CHECK(pins(0) == first);
  spec.Given("p-boss", Terms("propose_amendment", {{"output", "1000", 10000, "output@4"}}));
  CHECK(RowOf(spec).signed_version() == 1);
  CHECK(pins(1).empty());
  spec.Given("p-1", R"(accept_items { agreement: "a-1" version: 2 })")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 2 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 2 })");
  CHECK(RowOf(spec).signed_version() == 2);
  CHECK(pins(0) == first);
  CHECK(pins(1) == std::vector<std::string>{"bands@1", "output@4", "proportional@1", "worker@1"});
}

TEST_CASE("a locked cycle ends every negotiation", "[agreement][unit]") {
  DomainSpec spec = SignedAgreement();
  auto cycle = spec.Row<v1::CycleState>("cycle/2026-06");
  cycle.set_stage(v1::CYCLE_STAGE_LOCKED);
  spec.GivenRow("cycle/2026-06", cycle);
  const std::vector<testing::TestItem> changed = {{"output", "900", 4000}, {"quality", "50", 6000}};
  for (const std::string& command :
       {Terms("propose_terms", changed), Terms("counter_terms", changed),
        Terms("propose_amendment", changed),
        std::string(R"(accept_items { agreement: "a-1" version: 1 })"),
        std::string(
            R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "output" version: 1 })"),
        std::string(R"(sign_agreement { agreement: "a-1" version: 1 })"),
        std::string(R"(withdraw_agreement { agreement: "a-1" })")}) {
    INFO(command);
    spec.When("p-boss", command).ThenRejected("CYCLE_LOCKED");
    CHECK(spec.state.reads.contains("cycle/2026-06"));
  }
}

TEST_CASE("a command of another domain is the caller's fault", "[agreement][unit]") {
  CHECK(testing::Aborts([] { OpenJune().When("p-hr", R"(open_cycle { cycle: "c-1" })"); }));
}

}  // namespace
}  // namespace assay

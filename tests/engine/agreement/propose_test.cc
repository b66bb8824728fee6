#include "engine/agreement/propose.h"

#include <catch2/catch.hpp>

#include "engine/agreement/diff.h"
#include "engine/base/limits.h"
#include "tests/engine/agreement/fixture.h"

namespace assay {
namespace {

using agreement::DiffTerms;
using agreement::TermsChange;
using testing::DomainSpec;
using testing::kFirstTerms;
using testing::OpenedAgreement;
using testing::SignedAgreement;
using testing::Terms;
using testing::TestItem;

v1::AgreementState ProposedRow(DomainSpec& spec) {
  return spec.Row<v1::AgreementState>("agreement/a-1");
}

TEST_CASE("terms are proposed and countered in numbered versions with their differences",
          "[agreement][unit][NEG-02]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", {{"output", "1000", 4000}, {"quality", "50", 6000}}))
      .Given("p-1", Terms("counter_terms", {{"output", "900", 3500}, {"quality", "50", 6500}}))
      .Given("p-boss", Terms("counter_terms", {{"output", "950", 4000}, {"quality", "50", 6000}},
                             "version: 2"))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 3 })");
  const auto row = ProposedRow(spec);
  CHECK(row.stage() == v1::AGREEMENT_STAGE_AGREED);
  REQUIRE(row.versions_size() == 3);
  CHECK(row.versions(1).side() == v1::SIDE_EMPLOYEE);
  CHECK(row.versions(1).by() == "p-1");
  const std::vector<TermsChange> first_to_second = {{"items[output].target", "1000", "900"},
                                                    {"items[output].weightBp", "4000", "3500"},
                                                    {"items[quality].weightBp", "6000", "6500"}};
  const std::vector<TermsChange> second_to_third = {{"items[output].target", "900", "950"},
                                                    {"items[output].weightBp", "3500", "4000"},
                                                    {"items[quality].weightBp", "6500", "6000"}};
  CHECK(DiffTerms(row.versions(0).items(), row.versions(1).items()) == first_to_second);
  CHECK(DiffTerms(row.versions(1).items(), row.versions(2).items()) == second_to_third);
}

TEST_CASE("a proposal carries the pair by which the cycle keeps its agreements",
          "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.When("p-boss", Terms("propose_terms", {{"output", "1000", 10000}}, R"(note { bytes: "n" })"))
      .Then({R"(stream: "agreement/a-1" terms_proposed { agreement: "a-1" version: 1
          side: SIDE_MANAGER items { item: "output" metric: "output@1" curve: "proportional@1"
          target: "1000" unit: "pcs" weight_bp: 10000 } note { bytes: "n" } person: "p-1"
          cycle: "2026-06" })"});
  CHECK(ProposedRow(spec).versions(0).note().bytes() == "n");
}

TEST_CASE("a quantitative goal cannot be proposed without a number and a unit",
          "[agreement][unit][NEG-12]") {
  const auto goal = [](std::string_view target) {
    return fmt::format(R"(propose_terms {{ agreement: "a-1" items {{ item: "scrap"
        metric: "scrap@1" curve: "proportional@1" weight_bp: 10000 {} }} }})",
                       target);
  };
  DomainSpec spec = OpenedAgreement();
  spec.When("p-boss", goal(""))
      .ThenRejected("TARGET_REQUIRED", "proposeTerms.items[0].target")
      .When("p-boss", goal(R"(target: "3")"))
      .ThenRejected("TARGET_REQUIRED", "proposeTerms.items[0].unit")
      .When("p-boss", goal(R"(target: "3" unit: "%")"))
      .ThenAccepted();
}

TEST_CASE("a qualitative goal needs no target", "[agreement][unit]") {
  OpenedAgreement()
      .When("p-boss", R"(propose_terms { agreement: "a-1" items { item: "teamwork"
          metric: "teamwork@1" curve: "proportional@1" weight_bp: 10000 } })")
      .ThenAccepted();
}

TEST_CASE("a counter keeps the other side's confirmation of unchanged items alone",
          "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss",
             Terms("propose_terms", {{"a", "1", 3000}, {"b", "2", 3000}, {"c", "3", 4000}}))
      .Given("p-1", Terms("counter_terms", {{"b", "2", 3000}, {"a", "9", 3000}, {"c", "3", 4000}}));
  const auto row = ProposedRow(spec);
  const v1::AgreementVersion& second = row.versions(1);
  CHECK(second.confirmations(0).item() == "b");
  CHECK(second.confirmations(0).manager());
  CHECK(second.confirmations(1).item() == "a");
  CHECK_FALSE(second.confirmations(1).manager());
  CHECK(second.confirmations(2).manager());
  for (const v1::ItemConfirmation& item : second.confirmations()) CHECK(item.employee());
  spec.When("p-boss", R"(accept_items { agreement: "a-1" version: 2 })")
      .Then({R"(stream: "agreement/a-1" item_accepted { agreement: "a-1" version: 2 item: "a"
                side: SIDE_MANAGER by: "p-boss" })"});
  CHECK(ProposedRow(spec).stage() == v1::AGREEMENT_STAGE_AGREED);
}

TEST_CASE("an unchanged item that was never confirmed stays open", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", {{"a", "1", 5000}, {"b", "2", 5000}}))
      .Given("p-1",
             R"(reason { bytes: "s" } reject_item { agreement: "a-1" item: "b" version: 1 })")
      .Given("p-boss", Terms("counter_terms", {{"a", "7", 5000}, {"b", "2", 5000}}));
  const auto row = ProposedRow(spec);
  CHECK_FALSE(row.versions(1).confirmations(1).employee());
  CHECK(row.versions(1).confirmations(1).manager());
}

TEST_CASE("proposals out of turn are refused", "[agreement][unit]") {
  const std::vector<TestItem> changed = {{"output", "900", 4000}, {"quality", "50", 6000}};
  DomainSpec spec = OpenedAgreement();
  spec.When("p-1", Terms("counter_terms", changed))
      .ThenRejected("AGREEMENT_NOT_PROPOSED", "counterTerms.agreement")
      .When("p-1", Terms("propose_amendment", changed))
      .ThenRejected("AGREEMENT_NOT_SIGNED", "proposeAmendment.agreement")
      .Given("p-boss", Terms("propose_terms", kFirstTerms))
      .When("p-1", Terms("propose_terms", changed))
      .ThenRejected("AGREEMENT_NOT_DRAFT", "proposeTerms.agreement")
      .When("p-boss", Terms("counter_terms", changed, "version: 7"))
      .ThenRejected("ROUND_STALE", "counterTerms.version")
      .When("p-boss", Terms("counter_terms", changed))
      .ThenRejected("NOT_YOUR_TURN", "counterTerms.agreement")
      .When("p-1", Terms("counter_terms", kFirstTerms))
      .ThenRejected("TERMS_UNCHANGED", "counterTerms.items")
      .When("p-1", Terms("counter_terms", changed, "version: 1"))
      .ThenAccepted();
}

TEST_CASE("a negotiation has a last round", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", {{"output", "1", 10000}}));
  for (int round = 2; round <= limits::kNegotiationRoundsMax; ++round) {
    const std::string target = std::to_string(round);
    spec.Given(
        round % 2 == 0 ? "p-1" : "p-boss",
        Terms("counter_terms", {{"output", target, 10000}}, fmt::format("version: {}", round - 1)));
  }
  spec.When("p-boss", Terms("counter_terms", {{"output", "99", 10000}}, "version: 20"))
      .ThenRejected("NEGOTIATION_CLOSED", "counterTerms.agreement")
      .When("p-boss", R"(accept_items { agreement: "a-1" version: 20 })")
      .ThenAccepted();
}

TEST_CASE("an amendment walks the same way, one at a time", "[agreement][unit]") {
  DomainSpec spec = SignedAgreement();
  spec.When("p-1", Terms("propose_amendment", kFirstTerms))
      .ThenRejected("TERMS_UNCHANGED", "proposeAmendment.items")
      .Given("p-1", Terms("propose_amendment", {{"output", "800", 4000}, {"quality", "50", 6000}}));
  CHECK(ProposedRow(spec).stage() == v1::AGREEMENT_STAGE_PROPOSED);
  // What both confirmed when they signed stays confirmed where nothing changed.
  CHECK(ProposedRow(spec).versions(1).confirmations(1).manager());
  spec.When("p-boss",
            Terms("propose_amendment", {{"output", "700", 4000}, {"quality", "50", 6000}}))
      .ThenRejected("AMENDMENT_OPEN", "proposeAmendment.agreement")
      .Given("p-boss", Terms("counter_terms", {{"output", "850", 4000}, {"quality", "50", 6000}},
                             "version: 2"));
  CHECK(ProposedRow(spec).versions(2).amends() == 1);
  CHECK(ProposedRow(spec).signed_version() == 1);
}

TEST_CASE("rounds are counted anew after a signing", "[agreement][unit]") {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", {{"output", "1", 10000}}));
  for (int round = 2; round <= limits::kNegotiationRoundsMax; ++round) {
    spec.Given(round % 2 == 0 ? "p-1" : "p-boss",
               Terms("counter_terms", {{"output", std::to_string(round), 10000}},
                     fmt::format("version: {}", round - 1)));
  }
  spec.Given("p-boss", R"(accept_items { agreement: "a-1" version: 20 })")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 20 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 20 })")
      .Given("p-1", Terms("propose_amendment", {{"output", "98", 10000}}))
      .When("p-boss", Terms("counter_terms", {{"output", "99", 10000}}, "version: 21"))
      .ThenAccepted();
}

TEST_CASE("terms that are wrong are refused before the stage is looked at", "[agreement][unit]") {
  SignedAgreement()
      .When("p-boss", R"(propose_terms { agreement: "a-1" })")
      .ThenRejected("INCOMPLETE_TERMS", "proposeTerms.items")
      .When("p-boss", Terms("propose_terms", {{"output", "1", 9000}}))
      .ThenRejected("WEIGHT_SUM_NOT_100", "proposeTerms.items")
      .When("p-boss", Terms("counter_terms", {{"output", "1", 10000, "absent@1"}}))
      .ThenRejected("NOT_FOUND", "counterTerms.items[0].metric")
      .When("p-boss", R"(propose_terms { agreement: "a-9" items { item: "a" metric: "output@1"
                         curve: "proportional@1" weight_bp: 10000 } })")
      .ThenRejected("NOT_FOUND", "proposeTerms.agreement");
}

}  // namespace
}  // namespace assay

#include "engine/source/registration.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "tests/engine/source/fixture.h"

namespace assay {
namespace {

using testing::Contract;
using testing::DomainSpec;
using testing::FromText;
using testing::Register;
using testing::SourceSpec;

v1::MetricState Metric(std::string_view id, std::string_view formula,
                       std::string_view stage = "METRIC_STAGE_PUBLISHED") {
  return FromText<v1::MetricState>(fmt::format(
      R"(metric: "{}" stage: {} definition {{ name: "M" sources: "erp" formula: "{}" }})", id,
      stage, formula));
}

// The contract of version 1, and a published metric that uses its measure `output`.
DomainSpec UnderMetric() {
  DomainSpec spec = SourceSpec();
  spec.Given("p-hr", Register(Contract()))
      .GivenRow("metric/output@1", Metric("output@1", "erp.output"));
  return spec;
}

v1::SourceContract Counting4999() {
  auto contract = Contract();
  contract.mutable_measures(0)->set_value("4999");
  return contract;
}

std::string Sign(int32_t version) {
  return fmt::format(R"(sign_contract {{ source: "erp" version: {} }})", version);
}

const Rejection& Refusal(const DomainSpec& spec) { return std::get<Rejection>(spec.Outcome()); }

TEST_CASE("a contract under a published metric waits, and the former one stays in force",
          "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.When("p-hr", Register(Counting4999(), "source: erp # nothing changed")).ThenAccepted();
  const auto& event = std::get<Accepted>(spec.Outcome()).events.front();
  REQUIRE(event.has_source_contract_proposed());
  CHECK(event.source_contract_proposed().version() == 2);
  CHECK(event.source_contract_proposed().by() == "p-hr");
  REQUIRE(event.source_contract_proposed().metrics_size() == 1);
  CHECK(event.source_contract_proposed().metrics(0) == "output@1");
  const auto row = spec.Row<v1::SourceState>("source/erp");
  CHECK(row.contract().version() == 1);
  CHECK(row.contract().measures(0).value() == "qty");
  CHECK(row.versions_size() == 1);
  CHECK(row.pending().contract().measures(0).value() == "4999");
  CHECK(row.pending().text() == "source: erp # nothing changed");
}

TEST_CASE("owner and finance sign, two people, and the version is in force with the second one",
          "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.Given("p-hr", Register(Counting4999()));
  spec.When("p-hr", Sign(2)).ThenRejected("PERMISSION_DENIED", "actor");
  spec.When("p-fin-1", Sign(2)).ThenAccepted();
  CHECK(std::get<Accepted>(spec.Outcome()).events.size() == 1);
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 1);
  spec.When("p-fin-1", Sign(2)).ThenRejected("ALREADY_SIGNED", "signContract.version");
  // A second one of finance is not the owner.
  spec.Given("p-fin-2", Sign(2));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 1);
  spec.When("p-owner", R"(actor { on_behalf_of: "p-fin-1" }
                          sign_contract { source: "erp" version: 2 })")
      .ThenRejected("SIGNER_CONFLICT", "signContract.version");
  spec.When("p-owner", Sign(2)).ThenAccepted();
  const auto& events = std::get<Accepted>(spec.Outcome()).events;
  REQUIRE(events.size() == 2);
  CHECK(events[0].source_contract_signed().as_owner());
  CHECK(events[1].source_contract_registered().version() == 2);
  CHECK(events[1].source_contract_registered().text() == "source: erp");
  const auto row = spec.Row<v1::SourceState>("source/erp");
  CHECK(row.contract().version() == 2);
  CHECK(row.versions_size() == 2);
  CHECK_FALSE(row.has_pending());
  spec.When("p-owner", Sign(2)).ThenRejected("CONTRACT_NOT_PENDING", "signContract.source");
}

TEST_CASE("who is both needs a second person, unless there is nobody else", "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.Given("p-hr", Register(Counting4999())).Given("p-both", Sign(2));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 1);
  spec.Given("p-both-2", Sign(2));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 2);

  DomainSpec small = UnderMetric();
  small.Given("p-hr", Register(Counting4999())).Given("p-both-alone", Sign(2));
  CHECK(small.Row<v1::SourceState>("source/erp").contract().version() == 2);
}

TEST_CASE("a signature names the version that was read", "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.Given("p-hr", Register(Counting4999()));
  spec.When("p-fin", R"(sign_contract { source: "erp" })")
      .ThenRejected("VERSION_REQUIRED", "signContract.version");
  CHECK(Refusal(spec).expected == "2");
  CHECK(Refusal(spec).message ==
        "version 2 of erp waits; it changes measures[output].value: qty -> 4999");
  spec.Given("p-fin", Sign(2));
  // Another text takes its place: it has a number of its own, and nobody signed it.
  auto other = Contract();
  other.mutable_measures(0)->set_value("7");
  spec.Given("p-hr", Register(other));
  spec.When("p-owner", Sign(2)).ThenRejected("VERSION_STALE", "signContract.version");
  CHECK(Refusal(spec).expected == "3");
  spec.Given("p-owner", Sign(3));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 1);
  spec.Given("p-fin", Sign(3));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().measures(0).value() == "7");
}

TEST_CASE("a version that waits can be rejected, and its number is never used again",
          "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.Given("p-hr", Register(Counting4999()));
  spec.When("p-hr", R"(reject_contract { source: "erp" version: 2 })")
      .ThenRejected("PERMISSION_DENIED");
  spec.When("p-fin", R"(reject_contract { source: "erp" })").ThenRejected("VERSION_REQUIRED");
  spec.Given("p-fin", R"(reject_contract { source: "erp" version: 2 })");
  CHECK_FALSE(spec.Row<v1::SourceState>("source/erp").has_pending());
  spec.Given("p-hr", Register(Counting4999()));
  CHECK(spec.Row<v1::SourceState>("source/erp").pending().version() == 3);
}

TEST_CASE("what is in force or waits already is not registered again", "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.When("p-hr", Register(Contract())).ThenRejected("CONTRACT_UNCHANGED");
  CHECK(Refusal(spec).message == "this is version 1 of erp");
  spec.Given("p-hr", Register(Counting4999()));
  spec.When("p-hr", Register(Counting4999(), "source: erp\n# again"))
      .ThenRejected("CONTRACT_UNCHANGED");
  CHECK(Refusal(spec).message == "this is version 2 of erp, which waits for its signatures");
}

TEST_CASE("a measure of a published formula keeps its unit and its place", "[source][unit]") {
  DomainSpec spec = UnderMetric();
  spec.GivenRow("cycle/c", FromText<v1::CycleState>(R"(cycle: "c" stage: CYCLE_STAGE_OPEN)"))
      .GivenMember("company/cycles", R"(id: "c" state: "OPEN")")
      .GivenMember("cycle/c/agreements", R"(id: "a-1" state: "SIGNED")")
      .GivenRow("agreement/a-1", FromText<v1::AgreementState>(R"(
          agreement: "a-1" signed_version: 1
          versions { version: 1 items { item: "i" metric: "output@1" } })"));
  auto tons = Contract();
  tons.mutable_measures(0)->set_unit("t");
  spec.When("p-hr", Register(tons))
      .ThenRejected("MEASURE_UNIT_IN_USE", "registerSource.contract.measures[output].unit");
  CHECK(Refusal(spec).expected == "pcs");
  CHECK(Refusal(spec).actual == "t");
  CHECK(Refusal(spec).message ==
        "the unit of the measure output of erp cannot change: the published output@1 rests on it, "
        "and by it the agreement a-1");
  auto dropped = Contract();
  dropped.mutable_measures()->DeleteSubrange(0, 1);
  spec.When("p-hr", Register(dropped))
      .ThenRejected("MEASURE_IN_USE", "registerSource.contract.measures[output]");
  // Nobody published a formula with the other one.
  auto other = Contract();
  other.mutable_measures(1)->set_unit("min");
  spec.When("p-hr", Register(other)).ThenAccepted();
}

TEST_CASE("a metric that was published meanwhile is looked at again with every signature",
          "[source][unit]") {
  DomainSpec spec = UnderMetric();
  auto minutes = Contract();
  minutes.mutable_measures(1)->set_unit("min");
  spec.Given("p-hr", Register(minutes)).Given("p-fin", Sign(2));
  spec.GivenRow("metric/hours@1", Metric("hours@1", "erp.run_time"));
  spec.When("p-owner", Sign(2)).ThenRejected("MEASURE_UNIT_IN_USE");
}

TEST_CASE("drafts and metrics of other sources let a contract through at once", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  spec.Given("p-hr", Register(Contract()))
      .GivenRow("metric/draft@1", Metric("draft@1", "erp.output", "METRIC_STAGE_SIGNED"))
      .GivenRow("metric/other@1", FromText<v1::MetricState>(R"(
          metric: "other@1" stage: METRIC_STAGE_PUBLISHED
          definition { name: "O" sources: "mes" formula: "mes.output" })"));
  auto tons = Contract();
  tons.mutable_measures(0)->set_unit("t");
  spec.Given("p-hr", Register(tons));
  CHECK(spec.Row<v1::SourceState>("source/erp").contract().version() == 2);
}

TEST_CASE("the text of a contract has a limit", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  spec.When("p-hr", Register(Contract(), std::string(limits::kContractTextBytesMax + 1, 'x')))
      .ThenRejected("TEXT_TOO_LONG", "registerSource.text");
  spec.When("p-hr", Register(Contract(), std::string(limits::kContractTextBytesMax, 'x')))
      .ThenAccepted();
}

}  // namespace
}  // namespace assay

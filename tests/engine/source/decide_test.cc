#include "engine/source/decide.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/source/state.h"
#include "tests/engine/source/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::Contract;
using testing::DomainSpec;

DomainSpec SourceSpec() {
  return {[](const DecideContext& context, StateReader& state) {
            return source::Decide(context, state, testing::SimpleConditions());
          },
          &source::Evolve};
}

std::string Register(const v1::SourceContract& contract, std::string_view text = "source: erp") {
  v1::Command command;
  command.mutable_register_source()->set_text(std::string(text));
  *command.mutable_register_source()->mutable_contract() = contract;
  return command.DebugString();
}

TEST_CASE("a contract is registered with its text and the hash of it", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  spec.When("p-fin", Register(Contract())).ThenAccepted();
  const auto& event = std::get<Accepted>(spec.Outcome()).events.front();
  CHECK(event.stream() == "source/erp");
  const v1::SourceContractRegistered& registered = event.source_contract_registered();
  CHECK(registered.source() == "erp");
  CHECK(registered.version() == 1);
  CHECK(registered.contract().version() == 1);
  CHECK(registered.text() == "source: erp");
  CHECK(registered.sha256() == Sha256("source: erp").View());
  CHECK(spec.state.Members("company/sources").front().id() == "erp");
}

TEST_CASE("a changed contract is the next version, and all are kept", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  auto contract = Contract();
  spec.Given("p-fin", Register(contract));
  contract.mutable_measures(0)->set_unit("t");
  contract.set_version(3);
  spec.When("p-fin", Register(contract))
      .ThenRejected("VERSION_GAP", "registerSource.contract.version");
  CHECK(std::get<Rejection>(spec.Outcome()).expected == "2");
  contract.set_version(2);
  spec.Given("p-fin", Register(contract));
  contract.mutable_measures(0)->set_unit("kg");
  contract.set_version(0);
  spec.Given("p-fin", Register(contract));
  const auto row = spec.Row<v1::SourceState>("source/erp");
  CHECK(row.contract().version() == 3);
  REQUIRE(row.versions_size() == 3);
  CHECK(row.versions(0).measures(0).unit() == "pcs");
  CHECK(row.versions(1).measures(0).unit() == "t");
}

TEST_CASE("a contract that means the same is no new version", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  auto contract = Contract();
  spec.Given("p-fin", Register(contract))
      .When("p-fin", Register(contract, "# a comment\nsource: erp"))
      .ThenRejected("CONTRACT_UNCHANGED", "registerSource.contract");
  contract.set_version(1);
  spec.When("p-fin", Register(contract)).ThenRejected("CONTRACT_UNCHANGED");
}

TEST_CASE("the key of a source is fixed for its life", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  auto contract = Contract();
  spec.Given("p-fin", Register(contract));
  contract.add_key("site");
  spec.When("p-fin", Register(contract))
      .ThenRejected("SOURCE_KEY_IMMUTABLE", "registerSource.contract.key");
  CHECK(std::get<Rejection>(spec.Outcome()).expected == "order no, line");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "order no, line, site");
  contract = Contract();
  contract.mutable_key()->SwapElements(0, 1);
  spec.When("p-fin", Register(contract)).ThenRejected("SOURCE_KEY_IMMUTABLE");
}

TEST_CASE("a registration is refused for the first thing that is wrong", "[source][unit]") {
  auto contract = Contract();
  contract.clear_origin();
  SourceSpec()
      .When("p-fin", Register(contract, ""))
      .ThenRejected("FIELD_REQUIRED", "registerSource.text")
      .When("p-fin", Register(contract))
      .ThenRejected("INVALID_ENUM", "registerSource.contract.origin");
}

TEST_CASE("a first version is version 1", "[source][unit]") {
  auto contract = Contract();
  contract.set_version(2);
  SourceSpec().When("p-fin", Register(contract)).ThenRejected("VERSION_GAP");
}

TEST_CASE("a command of another domain is the caller's fault", "[source][unit]") {
  CHECK(testing::Aborts([] { SourceSpec().When("p-hr", R"(open_cycle { cycle: "c-1" })"); }));
}

}  // namespace
}  // namespace assay

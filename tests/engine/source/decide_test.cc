#include "engine/source/decide.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/engine/source/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::Contract;
using testing::DomainSpec;

using testing::Register;
using testing::SourceSpec;

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

constexpr std::string_view kEngine = "actor { via: AUTHENTICATION_ENGINE } ";

std::string ByEngine(std::string_view command) { return fmt::format("{}{}", kEngine, command); }

TEST_CASE("partitions are claimed by who knows their last claim", "[source][unit]") {
  DomainSpec spec = SourceSpec();
  const auto claim = [](std::string_view node, std::string_view partitions) {
    return ByEngine(fmt::format(
        R"(claim_source {{ source: "erp" input_log: "c/t/1" node: "{}" {} }})", node, partitions));
  };
  spec.When("", claim("a", "partitions { }")).ThenRejected("NOT_FOUND", "claimSource.source");
  spec.Given("p-fin", Register(Contract()));
  spec.When("", claim("", "partitions { }")).ThenRejected("INVALID_ID", "claimSource.node");
  spec.Given("", claim("a", "partitions { } partitions { input_partition: 1 }"));
  spec.When("", claim("b", "partitions { } partitions { input_partition: 1 after_epoch: 1 }"))
      .Then({R"(stream: "reading/erp" source_claimed { source: "erp" input_log: "c/t/1"
             input_partition: 1 node: "b" epoch: 2 })"});
  spec.When("", claim("b", "partitions { }"))
      .ThenRejected("CLAIMED_BY_ANOTHER", "claimSource.partitions");
}

TEST_CASE("a source is paused by the engine or a person, and read again when somebody acts",
          "[source][unit]") {
  DomainSpec spec = SourceSpec();
  const std::string pause = R"(pause_source { source: "erp" })";
  const std::string resume = R"(resume_source { source: "erp" })";
  const std::string engines = ByEngine(
      R"(pause_source { source: "erp" code: "REFUSALS" detail: "9 of 10" contract_version: 1 })");
  spec.When("p-hr", pause).ThenRejected("NOT_FOUND", "pauseSource.source");
  spec.When("p-hr", resume).ThenRejected("NOT_FOUND", "resumeSource.source");
  auto contract = Contract();
  spec.Given("p-fin", Register(contract));
  spec.When("p-hr", resume).ThenRejected("NOT_PAUSED", "resumeSource.source");
  spec.When("p-hr", R"(pause_source { source: "erp" code: "REFUSALS" })")
      .ThenRejected("INVALID_VALUE", "pauseSource.code");
  spec.When("p-hr", pause)
      .Then({R"(stream: "reading/erp" source_paused { source: "erp" code: "BY_HAND"
             contract_version: 1 by: "p-hr" })"});
  spec.When("", engines).ThenRejected("ALREADY_PAUSED", "pauseSource.source");
  spec.When("p-hr", resume)
      .Then({R"(stream: "reading/erp" source_resumed { source: "erp" by: "p-hr" })"});
  // A newer contract ends the pause of the one before it.
  contract.mutable_measures(0)->set_unit("t");
  spec.Given("p-fin", Register(contract));
  spec.When("p-hr", resume).ThenRejected("NOT_PAUSED", "resumeSource.source");
  spec.When("", engines).ThenRejected("CONTRACT_SUPERSEDED", "pauseSource.contractVersion");
  spec.When("p-hr", pause).ThenAccepted();
}

}  // namespace
}  // namespace assay

#include "tools/assay/aside.h"

#include <catch2/catch.hpp>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tools/assay/home.h"

namespace assay {
namespace {

TEST_CASE(
    "what the engine submits gives the home to others while the journal is asked and written") {
  const testing::ScratchDirectory scratch;
  const auto made = Home::Init({.directory = scratch.Path("home"), .facts_partitions = 1},
                               {.company = "acme", .admins = {"p-admin"}}, false);
  REQUIRE(made.ok());
  Home& home = **made;
  int times = 0;
  const Aside aside = [&](const std::function<void()>& work) {
    // Somebody else writes before, and reads what stands there behind.
    v1::Command command;
    command.mutable_actor()->set_person("p-admin");
    command.mutable_add_person()->set_person("p-" + std::to_string(++times));
    CHECK(home.Submit(command).ok());
    work();
    CHECK(home.Views().CatchUp().ok());
  };
  v1::Command command;
  command.mutable_claim_publisher()->set_node("n-1");
  const auto answer = home.SubmitAsEngine("claim-publisher", command, aside);
  REQUIRE(answer.ok());
  REQUIRE(std::holds_alternative<Committed>(*answer));
  CHECK(times == 2);
  CHECK(score_table::PublisherOf(home.Rows()).node() == "n-1");
  CHECK(home.Views().Decisions().next.position - 1 == std::get<Committed>(*answer).position);
}

}  // namespace
}  // namespace assay

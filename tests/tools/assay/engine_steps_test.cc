#include "tools/assay/engine_steps.h"

#include <catch2/catch.hpp>

#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "tests/support/scratch_store.h"
#include "tools/assay/home.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

v1::Command ByHr(const char* id) {
  v1::Command command;
  command.set_command_id(id);
  command.mutable_actor()->set_person("p-hr-01");
  command.mutable_actor()->set_via(v1::AUTHENTICATION_HOME_ACCESS);
  return command;
}

v1::CycleState July(Home& home) {
  v1::CycleState cycle;
  decisions::StateAt(home.Rows(), decisions::kNewest).Get(streams::Cycle("2026-07"), &cycle);
  return cycle;
}

}  // namespace

TEST_CASE("a lock that another node left without cuts is cut and sealed by the next call",
          "[assay][unit]") {
  testing::Directory directory;
  Session session;
  session.home.directory = directory.Sub("home");
  session.format = OutputFormat::kJson;
  REQUIRE(RunDemo(session, 40, 1) == kExitOk);
  const auto home = Home::Open({.directory = session.home.directory,
                                .now = Instant::Parse("2026-08-03T08:00:00Z"),
                                .force = true});
  REQUIRE(home.ok());
  v1::Command close = ByHr("close");
  close.mutable_close_intake()->set_cycle("2026-07");
  const auto closed = (*home)->Submit(close);
  REQUIRE(closed.ok());
  REQUIRE(std::holds_alternative<Committed>(*closed));
  REQUIRE((*home)->StepFailure().ok());

  // As another node does that dies then: decided, written, and no step taken.
  Submitter other((*home)->Log(), (*home)->Views(), (*home)->Time(), {.writer = "another"});
  v1::Command lock = ByHr("lock");
  lock.mutable_lock_cycle()->set_cycle("2026-07");
  // These views keep the answers of their own writer alone.
  (void)other.Submit(lock);
  REQUIRE((*home)->Views().CatchUp().ok());
  REQUIRE(July(**home).stage() == v1::CYCLE_STAGE_LOCKED);
  CHECK_FALSE(July(**home).sealed());

  (*home)->TakeSteps();
  CHECK((*home)->StepFailure().ok());
  CHECK(July(**home).sealed());
  CHECK(July(**home).cut_size() == (*home)->Identity().facts_partitions);
}

}  // namespace assay

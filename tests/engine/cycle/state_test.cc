#include "engine/cycle/state.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/engine/cycle/fixture.h"

namespace assay {
namespace {

using testing::FromText;

TEST_CASE("another lock opens the seal of the former one", "[cycle][unit]") {
  testing::DomainSpec spec = testing::LockedJune();
  spec.Given("p-hr", testing::kSealJune);
  CHECK(spec.Row<v1::CycleState>("cycle/2026-06").sealed());
  spec.GivenEvent(R"(stream: "cycle/2026-06" cycle_locked { cycle: "2026-06" generation: 2 })");
  const auto row = spec.Row<v1::CycleState>("cycle/2026-06");
  CHECK(row.generation() == 2);
  CHECK(row.lock_position() == 6);
  CHECK_FALSE(row.sealed());
  CHECK(row.cut().empty());
}

TEST_CASE("events of other domains change no cycle", "[cycle][unit]") {
  testing::MemoryState state;
  for (const std::string_view body :
       {R"(curve_published { curve: "c@1" })", R"(agreement_opened { agreement: "a-1" })"}) {
    EvolveIn(cycle::Table(), FromText<v1::Event>(fmt::format(R"(stream: "x" {})", body)), {},
             state);
  }
  CHECK(state.rows.empty());
  CHECK(state.reads.empty());
}

}  // namespace
}  // namespace assay

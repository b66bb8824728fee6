#include "engine/event/adjustment_reading.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {
namespace {

void Put(MemoryState& state, std::string_view id, std::string_view person, std::string_view delta,
         std::string_view stage) {
  state.Put(streams::Adjustment(id), FromText<v1::AdjustmentState>(fmt::format(
                                         R"(adjustment: "{}" person: "{}" delta: "{}"
                                            requested_by: "p-{}")",
                                         id, person, delta, id.front())));
  const auto member =
      FromText<v1::Member>(fmt::format(R"(id: "{}" person: "{}" state: "{}")", id, person, stage));
  state.PutMember(streams::CyclePersonAdjustments("c", person), member);
  state.PutMember(streams::CycleAdjustments("c"), member);
}

std::string SumOf(const Adjustments& adjustments, std::string_view like,
                  std::string_view requester = "") {
  const auto sum = SumAlike(adjustments, DecimalOf(like), [&](const auto& adjustment) {
    return requester.empty() || adjustment.requested_by() == requester;
  });
  return sum ? sum->ToString() : "none";
}

TEST_CASE("what waits and what is applied stands, up and down apart", "[event][unit]") {
  MemoryState state;
  Put(state, "a1", "p-1", "5", "REQUESTED");
  Put(state, "a2", "p-1", "2.5", "APPLIED");
  Put(state, "b1", "p-1", "4", "APPLIED");
  Put(state, "a3", "p-1", "-3", "APPLIED");
  Put(state, "a4", "p-1", "100", "REJECTED");
  Put(state, "a5", "p-1", "-100", "REVOKED");
  Put(state, "a6", "p-2", "1000", "APPLIED");
  const Adjustments standing = StandingAdjustments(state, "c", "p-1");
  CHECK(standing.size() == 4);
  CHECK(SumOf(standing, "1") == "11.5");
  CHECK(SumOf(standing, "1", "p-a") == "7.5");
  CHECK(SumOf(standing, "-1") == "-3");
  CHECK(SumOf(standing, "-1", "p-b") == "0");
  CHECK(state.reads.contains("cycle/c/person/p-1/adjustments"));
  CHECK_FALSE(state.reads.contains("adjustment/a4"));
}

TEST_CASE("of a cycle only those are read that count", "[event][unit]") {
  MemoryState state;
  Put(state, "a1", "p-1", "5", "REQUESTED");
  Put(state, "a2", "p-2", "7", "APPLIED");
  const auto of_2 = [](const v1::Member& member) { return member.person() == "p-2"; };
  CHECK(SumOf(StandingAdjustments(state, "c", of_2), "1") == "7");
  CHECK(state.reads.contains("cycle/c/adjustments"));
  CHECK_FALSE(state.reads.contains("adjustment/a1"));
}

TEST_CASE("a sum that leaves the range of numbers is none", "[event][unit]") {
  MemoryState state;
  for (const char* id : {"a1", "a2", "a3"}) {
    Put(state, id, "p-1", "100000000000000000000000000", "APPLIED");
  }
  CHECK(SumOf(StandingAdjustments(state, "c", "p-1"), "1") == "none");
}

TEST_CASE("a magnitude has no sign", "[event][unit]") {
  CHECK(Magnitude(DecimalOf("-2.5")).ToString() == "2.5");
  CHECK(Magnitude(DecimalOf("2.5")).ToString() == "2.5");
}

}  // namespace
}  // namespace assay::testing

#include "engine/commit/stated_heads.h"

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay {

TEST_CASE("an event states heads of the partitions that the log has", "[commit][unit]") {
  const auto noted = testing::FromText<v1::Event>(
      R"(heads_noted { positions: [7, 3, 4] roots: ["d", "f0", "f1"] })");
  const auto heads = StatedHeads(noted, 1);
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].partition == kDecisionsPartition);
  CHECK(heads[0].position == 7);
  CHECK(heads[0].root == "d");
  CHECK(heads[1].partition == FactsPartition(0));
  CHECK(heads[1].position == 3);
  CHECK(heads[1].root == "f0");
  // A cut is the first position that is not before it; releases before 0.2 state no roots.
  const auto sealed =
      testing::FromText<v1::Event>(R"(cut_sealed { cut: [5, 0] roots: ["f0", "f1"] })");
  REQUIRE(StatedHeads(sealed, 2).size() == 2);
  CHECK(StatedHeads(sealed, 2)[0].position == 4);
  CHECK(StatedHeads(sealed, 2)[1].partition == FactsPartition(1));
  CHECK(StatedHeads(sealed, 2)[1].position == -1);
  CHECK(StatedHeads(testing::FromText<v1::Event>("cut_sealed { cut: [5, 0] }"), 2).empty());
  CHECK(StatedHeads(testing::FromText<v1::Event>("unit_created { }"), 2).empty());
}

}  // namespace assay

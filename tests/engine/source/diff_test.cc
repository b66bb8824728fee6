#include "engine/source/diff.h"

#include <catch2/catch.hpp>

#include "tests/engine/source/fixture.h"

namespace assay {
namespace {

using source::ChangesText;
using source::ContractChange;
using source::DiffContracts;
using testing::Contract;

TEST_CASE("the same contract differs in nothing, whatever its version", "[source][unit]") {
  auto after = Contract();
  after.set_version(7);
  CHECK(DiffContracts(Contract(), after).empty());
  CHECK(ChangesText({}) == "nothing");
}

TEST_CASE("every kind of field shows what it was and what it is", "[source][unit]") {
  const auto before = Contract();
  auto after = before;
  after.set_owner("p-it");
  after.set_strict(false);
  after.set_raw(v1::RAW_RULE_HASH);
  after.mutable_input()->set_generation(2);
  after.add_key("site");
  after.mutable_when()->set_zone("UTC");
  const std::vector<ContractChange> expected = {
      {"owner", "p-fin", "p-it"},
      {"input.generation", "", "2"},
      {"strict", "true", ""},
      {"key", "order no, line", "order no, line, site"},
      {"when.zone", "Asia/Shanghai", "UTC"},
      {"raw", "KEEP", "HASH"},
  };
  CHECK(DiffContracts(before, after) == expected);
}

TEST_CASE("measures are paired by name: one that moved is the same, one that went shows whole",
          "[source][unit]") {
  const auto before = Contract();
  auto after = before;
  after.mutable_measures()->SwapElements(0, 1);
  CHECK(DiffContracts(before, after).empty());
  after.mutable_measures(1)->set_value("4999");
  CHECK(DiffContracts(before, after) ==
        std::vector<ContractChange>{{"measures[output].value", "qty", "4999"}});
  after = before;
  after.mutable_measures()->RemoveLast();
  const auto gone = DiffContracts(before, after);
  REQUIRE(gone.size() == 5);
  CHECK(gone.front() == ContractChange{"measures[run_time].name", "run_time", ""});
  CHECK(gone.back() == ContractChange{"measures[run_time].entity.key", "machine_no", ""});
}

TEST_CASE("many changes are told in one line, with how many more there are", "[source][unit]") {
  CHECK(ChangesText({{"owner", "a", "b"}, {"raw", "", "KEEP"}}) ==
        "owner: a -> b; raw: nothing -> KEEP");
  CHECK(ChangesText({{"a", "1", "2"}, {"b", "1", "2"}, {"c", "1", "2"}}, 1) ==
        "a: 1 -> 2; and 2 more");
}

}  // namespace
}  // namespace assay

#include "engine/agreement/diff.h"

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using agreement::DiffTerms;
using agreement::TermsChange;
using testing::FromText;

TEST_CASE("the same terms differ in nothing", "[agreement][unit]") {
  const auto version = FromText<v1::AgreementVersion>(R"(items { item: "a" target: "1" })");
  CHECK(DiffTerms(version.items(), version.items()).empty());
}

TEST_CASE("every field of an item is compared", "[agreement][unit]") {
  const auto before = FromText<v1::AgreementVersion>(R"(items { item: "a" metric: "m@1"
      curve: "c@1" target: "1" unit: "h" weight_bp: 1 block: "x" difficulty: "1" })");
  const auto after = FromText<v1::AgreementVersion>(R"(items { item: "a" metric: "m@2"
      curve: "c@2" target: "2" unit: "s" weight_bp: 2 block: "y" difficulty: "1.1" })");
  CHECK(DiffTerms(before.items(), after.items()) ==
        std::vector<TermsChange>{{"items[a].metric", "m@1", "m@2"},
                                 {"items[a].curve", "c@1", "c@2"},
                                 {"items[a].target", "1", "2"},
                                 {"items[a].unit", "h", "s"},
                                 {"items[a].weightBp", "1", "2"},
                                 {"items[a].block", "x", "y"},
                                 {"items[a].difficulty", "1", "1.1"}});
}

TEST_CASE("items that come and go change from and to nothing", "[agreement][unit]") {
  const auto before =
      FromText<v1::AgreementVersion>(R"(items { item: "old" target: "1" weight_bp: 10000 })");
  const auto after =
      FromText<v1::AgreementVersion>(R"(items { item: "new" target: "2" weight_bp: 10000 })");
  CHECK(DiffTerms(before.items(), after.items()) ==
        std::vector<TermsChange>{{"items[new].target", "", "2"},
                                 {"items[new].weightBp", "", "10000"},
                                 {"items[old].target", "1", ""},
                                 {"items[old].weightBp", "10000", ""}});
  CHECK(DiffTerms({}, after.items()).size() == 2);
}

TEST_CASE("a sealed text shows that it changed and not what it says", "[agreement][unit]") {
  const auto before =
      FromText<v1::AgreementVersion>(R"(items { item: "a" standard { bytes: "one" } })");
  const auto after = FromText<v1::AgreementVersion>(
      R"(items { item: "a" standard { bytes: "two" } support { bytes: "two" } })");
  const auto changes = DiffTerms(before.items(), after.items());
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].path == "items[a].standard");
  CHECK(changes[0].before == "sealed " + Sha256("one").Hex().substr(0, 8));
  CHECK(changes[0].after == changes[1].after);
  CHECK(changes[1].before.empty());
}

}  // namespace
}  // namespace assay

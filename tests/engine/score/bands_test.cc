#include "engine/score/bands.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/limits.h"
#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Bands;
using testing::D;
using testing::UsualBands;

TEST_CASE("V13: a band is half-open", "[score][unit]") {
  const v1::BandTableDefinition table = UsualBands();
  CHECK(BandOf(table, D("90")) == "优秀");
  CHECK(BandOf(table, D("89.99")) == "合格");
  CHECK(BandOf(table, D("89.5")) == "合格");
  CHECK(BandOf(table, D("70")) == "合格");
  CHECK(BandOf(table, D("69.9999")) == "待改进");
  CHECK(BandOf(table, D("-5")) == "待改进");
  CHECK(BandOf(table, D("1000")) == "优秀");
}

TEST_CASE("200 people fall into bands without gap or overlap", "[score][unit][INF-02]") {
  // 50 at 90 and above, 110 from 70, 40 below.
  std::map<std::string, int> counts;
  for (int i = 0; i < 50; ++i) ++counts[BandOf(UsualBands(), D(i == 0 ? "90" : "95.25"))];
  for (int i = 0; i < 110; ++i) ++counts[BandOf(UsualBands(), D(i % 2 == 0 ? "70" : "89.9999"))];
  for (int i = 0; i < 40; ++i) ++counts[BandOf(UsualBands(), D(i == 0 ? "69.9999" : "12"))];
  CHECK(counts == std::map<std::string, int>{{"优秀", 50}, {"合格", 110}, {"待改进", 40}});
  CHECK(BandOf(UsualBands(), D("89.5")) == "合格");
  const auto gap =
      CheckBands(Bands({{"优秀", "90", ""}, {"合格", "70", "89"}, {"待改进", "", "70"}}));
  REQUIRE(gap);
  CHECK(gap->code == "BANDS_NOT_TOTAL");
  CHECK(gap->path == "bands[0].from");
  CHECK(gap->expected == "89");
  CHECK(gap->actual == "90");
}

TEST_CASE("bands that do not cover every total once are refused", "[score][unit]") {
  using Rows = std::vector<std::tuple<std::string, std::string, std::string>>;
  const std::vector<std::tuple<Rows, std::string, std::string>> cases = {
      {{}, "BANDS_NOT_TOTAL", "bands"},
      {{{"a", "0", ""}}, "BANDS_NOT_TOTAL", "bands[0].from"},
      {{{"a", "", "100"}}, "BANDS_NOT_TOTAL", "bands[0].to"},
      {{{"a", "", "70"}, {"b", "60", ""}}, "BANDS_NOT_TOTAL", "bands[1].from"},
      {{{"a", "", "70"}, {"b", "", ""}}, "BANDS_NOT_TOTAL", "bands[1].from"},
      {{{"a", "", ""}, {"b", "70", ""}}, "BANDS_NOT_TOTAL", "bands[1].from"},
      {{{"a", "", "70"}, {"b", "70", "70"}, {"c", "70", ""}}, "BANDS_NOT_TOTAL", "bands[1].to"},
      {{{"a", "", "x"}}, "INVALID_DECIMAL", "bands[0].to"},
      {{{"", "", ""}}, "REQUIRED", "bands[0].name"},
  };
  for (const auto& [rows, code, path] : cases) {
    const auto refusal = CheckBands(Bands(rows));
    REQUIRE(refusal);
    CHECK(refusal->code == code);
    CHECK(refusal->path == path);
  }
  CHECK_FALSE(CheckBands(Bands({{"all", "", ""}})));
  v1::BandTableDefinition many;
  for (int i = 0; i <= limits::kBandsMax; ++i) many.add_bands()->set_name("b");
  CHECK(CheckBands(many)->code == "LIMIT_EXCEEDED");
}

}  // namespace
}  // namespace assay

#include "engine/agreement/terms.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "engine/base/wire.h"
#include "tests/engine/agreement/fixture.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using agreement::CheckTerms;
using testing::FromText;

v1::AgreementVersion VersionWith(std::string_view items) {
  return FromText<v1::AgreementVersion>(fmt::format("version: 1 {}", items));
}

std::string CodeOf(const std::optional<Rejection>& rejection) {
  return rejection ? rejection->code : "";
}

TEST_CASE("terms are refused for the first thing that is wrong", "[agreement][unit]") {
  struct Row {
    std::string_view items;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {"", "INCOMPLETE_TERMS", "x.items"},
      {R"(items { item: "" })", "INVALID_ID", "x.items[0].item"},
      {R"(items { item: "a" metric: "m" })", "INVALID_ID", "x.items[0].metric"},
      {R"(items { item: "a" metric: "m@1" curve: "c" })", "INVALID_ID", "x.items[0].curve"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 0 })", "INVALID_WEIGHT",
       "x.items[0].weightBp"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 10001 })", "INVALID_WEIGHT",
       "x.items[0].weightBp"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 1 block: " " })", "INVALID_ID",
       "x.items[0].block"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 1 target: "1,5" })",
       "INVALID_DECIMAL", "x.items[0].target"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 1 difficulty: "hard" })",
       "INVALID_DECIMAL", "x.items[0].difficulty"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 1 difficulty: "0" })",
       "VALUE_OUT_OF_RANGE", "x.items[0].difficulty"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 5000 }
          items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 5000 })",
       "DUPLICATE_ITEM", "x.items[1].item"},
      {R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 9000 })", "WEIGHT_SUM_NOT_100",
       "x.items"},
  };
  for (const Row& row : rows) {
    INFO(row.items);
    const auto refused = CheckTerms("x", VersionWith(row.items).items());
    REQUIRE(refused.has_value());
    CHECK(refused->code == row.code);
    CHECK(refused->path == row.path);
  }
  const auto sum = CheckTerms(
      "x",
      VersionWith(R"(items { item: "a" metric: "m@1" curve: "c@1" weight_bp: 9000 })").items());
  CHECK(sum->expected == "100.00 %");
  CHECK(sum->actual == "90.00 %");
  CHECK(CodeOf(CheckTerms("x", VersionWith(R"(items { item: "a" metric: "m@1" curve: "c@1"
                                              weight_bp: 10000 difficulty: "1.1" })")
                                   .items())) == "");
}

TEST_CASE("terms have a largest number of items", "[agreement][unit]") {
  v1::AgreementVersion version;
  for (int i = 0; i <= limits::kItemsMax; ++i) version.add_items();
  CHECK(CodeOf(CheckTerms("x", version.items())) == "INVALID_COUNT");
}

TEST_CASE("definitions are looked up and must fit", "[agreement][unit]") {
  struct Row {
    std::string_view item;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(metric: "absent@1" curve: "absent@1")", "NOT_FOUND", "x.items[0].metric"},
      {R"(metric: "output@1" curve: "absent@1")", "NOT_FOUND", "x.items[0].curve"},
      {R"(metric: "output@1" curve: "proportional@1")", "TARGET_REQUIRED", "x.items[0].target"},
      {R"(metric: "output@1" curve: "proportional@1" target: "1" unit: "kg")", "UNIT_MISMATCH",
       "x.items[0].unit"},
      {R"(metric: "draft@1" curve: "proportional@1" target: "1" unit: "pcs")",
       "METRIC_NOT_PUBLISHED", "x.items[0].metric"},
      {R"(metric: "quarter@1" curve: "proportional@1" target: "1" unit: "pcs")", "GRAIN_MISMATCH",
       "x.items[0].metric"},
      {R"(metric: "output@1" curve: "proportional@1" target: "1" unit: "pcs")", "", ""},
  };
  testing::DomainSpec spec = testing::OpenJune();
  testing::GivenMetric(spec, "draft@1");
  auto draft = spec.Row<v1::MetricState>("metric/draft@1");
  draft.set_stage(v1::METRIC_STAGE_SIGNED);
  spec.GivenRow("metric/draft@1", draft);
  testing::GivenMetric(spec, "quarter@1", R"(unit: "pcs" grain: GRAIN_QUARTER)");
  for (const Row& row : rows) {
    INFO(row.item);
    const auto version = VersionWith(fmt::format(R"(items {{ item: "a" {} }})", row.item));
    const auto refused =
        agreement::CheckDefinitions("x", version.items(), v1::GRAIN_MONTH, spec.state);
    CHECK(CodeOf(refused) == row.code);
    CHECK((refused ? refused->path : "") == row.path);
  }
}

TEST_CASE("the content hash covers agreement, version and sealed bytes", "[agreement][unit]") {
  const auto version = VersionWith(R"(items { item: "a" standard { bytes: "sealed" } })");
  std::string bytes =
      "\x03"
      "a-1"
      "\x01"
      "1";
  AppendPrefixed(bytes, version.items(0).SerializeAsString());
  CHECK(agreement::ContentHashOf("a-1", version) == Sha256(bytes));

  auto other = version;
  other.mutable_items(0)->mutable_standard()->set_bytes("sealed again");
  CHECK(agreement::ContentHashOf("a-1", other) != agreement::ContentHashOf("a-1", version));
  other = version;
  other.set_version(2);
  CHECK(agreement::ContentHashOf("a-1", other) != agreement::ContentHashOf("a-1", version));
  CHECK(agreement::ContentHashOf("a-2", version) != agreement::ContentHashOf("a-1", version));
}

TEST_CASE("terms are the same whatever the order of their items", "[agreement][unit]") {
  const auto first = VersionWith(R"(items { item: "a" target: "1" } items { item: "b" })");
  const auto turned = VersionWith(R"(items { item: "b" } items { item: "a" target: "1" })");
  const auto changed = VersionWith(R"(items { item: "b" } items { item: "a" target: "2" })");
  const auto shorter = VersionWith(R"(items { item: "a" target: "1" })");
  CHECK(agreement::SameTerms(first.items(), turned.items()));
  CHECK_FALSE(agreement::SameTerms(first.items(), changed.items()));
  CHECK_FALSE(agreement::SameTerms(first.items(), shorter.items()));
  CHECK(agreement::FindItem(first.items(), "b") == &first.items(1));
  CHECK(agreement::FindItem(first.items(), "c") == nullptr);
  CHECK(agreement::SideName(v1::SIDE_MANAGER) == "MANAGER");
}

}  // namespace
}  // namespace assay

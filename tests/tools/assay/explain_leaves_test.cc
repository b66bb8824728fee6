#include "tools/assay/explain_leaves.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

constexpr int64_t kEventMs = 1'782'864'000'000;

// The record at facts/3@17: it credits an employee with two measures.
v1::Intake Stored() {
  v1::Intake intake;
  intake.set_source("erp");
  intake.set_version("4");
  intake.add_record_key("SO-1");
  intake.add_record_key("2");
  intake.set_day("2026-07-01");
  *intake.mutable_event_time() = TimestampOf(Instant{kEventMs});
  intake.mutable_src()->set_input_log("cluster-1/erp.orders/1");
  intake.mutable_src()->set_partition(5);
  intake.mutable_src()->set_offset(1'234);
  intake.mutable_src()->set_hash(Sha256("SO-1,2,8").ToString());
  for (const auto& [measure, value] : {std::pair("good", "8"), std::pair("bad", "0.5")}) {
    v1::Contribution& contribution = *intake.mutable_facts()->add_contributions();
    contribution.set_entity_type("employee");
    contribution.set_entity_key("8503e14a");
    contribution.set_measure(measure);
    contribution.set_value(value);
    contribution.set_unit("pcs");
  }
  return intake;
}

ExplainNode Leaf() {
  ExplainNode fact{.kind = ExplainKind::kFact, .label = "SO-1/2", .value = "8", .unit = "pcs"};
  fact.fact = {.source = "erp",
               .entity = "employee/8503e14a",
               .record = {"SO-1", "2"},
               .version = "4",
               .effective = "2026-07-01",
               .at = Instant{kEventMs}.ToString(),
               .src = {.log = "cluster-1/erp.orders/1",
                       .topic = "facts/3@17",
                       .partition = 5,
                       .offset = 1'234,
                       .hash = Sha256("SO-1,2,8").Hex()}};
  return fact;
}

ExplainNode TreeOver(ExplainNode leaf) {
  ExplainNode day{.kind = ExplainKind::kDay, .label = "2026-07-01"};
  day.children.push_back(std::move(leaf));
  ExplainNode measure{.kind = ExplainKind::kMeasure, .label = "sum(erp.good)"};
  measure.children.push_back(std::move(day));
  measure.children.push_back({.kind = ExplainKind::kDay, .label = "2026-07-02"});
  return measure;
}

const Moment kEnd{.decisions = 9, .facts = {-1, 40, 0, 17}};

absl::StatusOr<LeafComparison> Compare(const ExplainNode& root) {
  return CompareLeaves(root, kEnd,
                       [](int32_t partition, int64_t position) -> absl::StatusOr<v1::Intake> {
                         if (partition == 3 && position == 17) return Stored();
                         return MakeStatus(absl::StatusCode::kDataLoss, "no intake");
                       });
}

}  // namespace

TEST_CASE("a leaf as the journal holds it is found at its coordinates", "[assay][unit][AUD-05]") {
  const auto result = Compare(TreeOver(Leaf()));
  REQUIRE(result.ok());
  CHECK_FALSE(result->difference.has_value());
  CHECK(result->compared == 1);
  CHECK(result->shortened_days == 1);
}

TEST_CASE("a leaf that differs from the journal in any field is found", "[assay][unit][AUD-05]") {
  const std::vector<std::pair<std::string, std::function<void(ExplainNode&)>>> changes = {
      {"/source", [](ExplainNode& leaf) { leaf.fact->source = "mes"; }},
      {"/record", [](ExplainNode& leaf) { leaf.fact->record = {"SO-1/2"}; }},
      {"/version", [](ExplainNode& leaf) { leaf.fact->version = "5"; }},
      {"/effective", [](ExplainNode& leaf) { leaf.fact->effective = "2026-06-30"; }},
      {"/at", [](ExplainNode& leaf) { leaf.fact->at = "2026-06-30T00:00:00.000Z"; }},
      {"/src/log", [](ExplainNode& leaf) { leaf.fact->src.log = "other"; }},
      {"/src/partition", [](ExplainNode& leaf) { leaf.fact->src.partition = 6; }},
      {"/src/offset", [](ExplainNode& leaf) { leaf.fact->src.offset = 1'235; }},
      {"/src/hash", [](ExplainNode& leaf) { leaf.fact->src.hash = std::string(64, '0'); }},
      {"/value", [](ExplainNode& leaf) { leaf.value = "9"; }},
      {"/value", [](ExplainNode& leaf) { leaf.unit = "h"; }},
      // Another measure of the same record has this value.
      {"/value", [](ExplainNode& leaf) { leaf.value = "0.5"; }},
      {"/entity", [](ExplainNode& leaf) { leaf.fact->entity = "employee/0"; }},
  };
  for (const auto& [place, change] : changes) {
    ExplainNode leaf = Leaf();
    change(leaf);
    const auto result = Compare(TreeOver(std::move(leaf)));
    INFO(place);
    REQUIRE(result.ok());
    REQUIRE(result->difference.has_value());
    CHECK(result->difference->code == "LEAF_DIFFERS");
    CHECK(result->difference->path == "/children/0/children/0" + place);
  }
}

TEST_CASE("coordinates outside of the log are a difference and are not read", "[assay][unit]") {
  for (const char* topic : {"facts/3@18", "facts/4@0", "facts/0@0", "facts/-1@0", "facts/3@-1",
                            "facts/3", "facts/3@17x", "facts/@17", "erp.orders", ""}) {
    INFO(topic);
    ExplainNode leaf = Leaf();
    leaf.fact->src.topic = topic;
    const auto result = Compare(TreeOver(std::move(leaf)));
    REQUIRE(result.ok());
    REQUIRE(result->difference.has_value());
    CHECK(result->difference->path == "/children/0/children/0/src/topic");
  }
}

TEST_CASE("a journal that cannot be read is an error and no difference", "[assay][unit]") {
  ExplainNode leaf = Leaf();
  leaf.fact->src.topic = "facts/1@2";
  CHECK(Compare(TreeOver(std::move(leaf))).status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace assay

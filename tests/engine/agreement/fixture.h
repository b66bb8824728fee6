// What the tests of the agreements share: an open June with people, positions and definitions.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/agreement/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

// A published quantitative metric; the fields are those of its definition.
inline void GivenMetric(DomainSpec& spec, std::string_view id,
                        std::string_view fields = R"(unit: "pcs" grain: GRAIN_MONTH)") {
  spec.GivenRow(fmt::format("metric/{}", id), FromText<v1::MetricState>(fmt::format(
                                                  R"(metric: "{}" stage: METRIC_STAGE_PUBLISHED
                       definition {{ kind: METRIC_KIND_QUANTITATIVE {} }})",
                                                  id, fields)));
}

// Person p-1 (employee) holds pos-1 in June; output@1 .. output@4 and quality@1 are published.
inline DomainSpec OpenJune() {
  DomainSpec spec(agreement::Table());
  spec.GivenRow("cycle/2026-06", FromText<v1::CycleState>(R"(
      cycle: "2026-06" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
      template: "worker@1" stage: CYCLE_STAGE_OPEN)"));
  spec.GivenRow("person/p-1", FromText<v1::PersonState>(R"(person: "p-1")"));
  spec.GivenRow("position/pos-1", FromText<v1::PositionState>(R"(position: "pos-1")"));
  spec.GivenRow("assignment/as-1", FromText<v1::AssignmentState>(R"(
      assignment: "as-1" person: "p-1" position: "pos-1" span { from: "2026-06-20" })"));
  spec.GivenMember("person/p-1/assignments", R"(id: "as-1" person: "p-1")");
  spec.GivenRow("template/worker@1", FromText<v1::TemplateState>(R"(definition {
      name: "worker" band_table: "bands@1" items { item: "output" metric: "output@1" } })"));
  for (const std::string_view id : {"output@1", "output@3", "output@4", "quality@1"}) {
    GivenMetric(spec, id);
  }
  GivenMetric(spec, "scrap@1", R"(unit: "%" grain: GRAIN_MONTH)");
  spec.GivenRow("metric/teamwork@1", FromText<v1::MetricState>(R"(
      stage: METRIC_STAGE_PUBLISHED
      definition { kind: METRIC_KIND_QUALITATIVE grain: GRAIN_MONTH rater_class: "PEER" })"));
  spec.GivenRow("curve/proportional@1", v1::CurveState());
  return spec;
}

inline constexpr std::string_view kOpenAgreement = R"(open_agreement {
    agreement: "a-1" person: "p-1" position: "pos-1" cycle: "2026-06" })";

// The agreement a-1 of p-1, open and without terms.
inline DomainSpec OpenedAgreement() {
  DomainSpec spec = OpenJune();
  spec.Given("p-boss", kOpenAgreement);
  return spec;
}

struct TestItem {
  std::string_view item;
  std::string_view target;
  int weight_bp;
  std::string_view metric = "output@1";
};

inline std::string ItemsText(const std::vector<TestItem>& items) {
  std::string text;
  for (const TestItem& item : items) {
    text += fmt::format(R"( items {{ item: "{}" metric: "{}" curve: "proportional@1" target: "{}"
                            unit: "pcs" weight_bp: {} }})",
                        item.item, item.metric, item.target, item.weight_bp);
  }
  return text;
}

// One command on agreement a-1: Terms("propose_terms", {...}). A counter answers version 1 unless
// `more` says another one.
inline std::string Terms(std::string_view command, const std::vector<TestItem>& items,
                         std::string_view more = "") {
  if (command == "counter_terms" && more.find("version") == std::string_view::npos) {
    return fmt::format(R"(counter_terms {{ agreement: "a-1" version: 1 {} {} }})", more,
                       ItemsText(items));
  }
  return fmt::format(R"({} {{ agreement: "a-1" {} {} }})", command, more, ItemsText(items));
}

inline const std::vector<TestItem> kFirstTerms = {{"output", "1000", 4000},
                                                  {"quality", "50", 6000}};

// Proposed by p-boss, accepted by p-1, signed by both.
inline DomainSpec SignedAgreement() {
  DomainSpec spec = OpenedAgreement();
  spec.Given("p-boss", Terms("propose_terms", kFirstTerms))
      .Given("p-1", R"(accept_items { agreement: "a-1" version: 1 })")
      .Given("p-1", R"(sign_agreement { agreement: "a-1" version: 1 })")
      .Given("p-boss", R"(sign_agreement { agreement: "a-1" version: 1 })");
  return spec;
}

}  // namespace assay::testing

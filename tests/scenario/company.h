// Command files of a small company: what the scenarios have in common.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::testing {

// One document of a command file: `command` in the flow style of YAML, "openCycle: {cycle: c}".
[[nodiscard]] std::string By(std::string_view actor, std::string_view command);

// The same documents with a commandId each, "<prefix>-0", "<prefix>-1", ...: they may be repeated.
[[nodiscard]] std::string WithIds(std::string_view prefix, std::string_view documents);

// Grants of p-hr, p-fin, p-head (of u-1) and of the executives p-ex and p-ex2 (20 points); the unit
// u-1 with the position pos-op for 50 people; the manager p-mgr. From 2026-01-01.
[[nodiscard]] std::string Founding();

// A person of pos-op from 2026-01-01, led by p-mgr, whom the systems know by `key`.
[[nodiscard]] std::string Hire(std::string_view person, std::string_view key);

// The contract of a CSV source with the columns record, rev, day, emp and one per measure, each
// given as "name unit".
[[nodiscard]] std::string Contract(std::string_view source,
                                   const std::vector<std::string_view>& measures);

struct Metric {
  std::string_view id;  // "output"
  std::string_view formula;
  std::string_view unit = "pcs";
  std::string_view sources = "erp";
  std::string_view direction = "HIGHER_IS_BETTER";
  std::string_view attribution = "SPLIT";
  std::string_view missing = "NOT_COMPUTABLE";
  int version = 1;
};
// Drafted, submitted, signed by both sides and published.
[[nodiscard]] std::string Publish(const Metric& metric);

// prop@1 (proportional, at most 1.2), and bands@1 with 70 and 90.
[[nodiscard]] std::string CurveAndBands();

// An item of a template or of terms, in the flow style.
struct Item {
  std::string_view item;
  std::string_view target;
  int weight_bp = 10'000;
  std::string_view unit = "pcs";
  std::string_view curve = "prop@1";
};
[[nodiscard]] std::string Items(const std::vector<Item>& items);

// A template of these items, whose unsigned agreements count.
struct TemplateRules {
  std::string_view missing = "NOT_COMPUTABLE";
  std::string_view bands = "bands@1";
  std::string_view cap = "100";
};
[[nodiscard]] std::string Template(std::string_view id, const std::vector<Item>& items,
                                   const TemplateRules& rules = {});

// Planned and opened.
[[nodiscard]] std::string June(std::string_view scheme);

}  // namespace assay::testing

// What the tests of the sources share: a contract that is complete, and a checker that can be read.

#pragma once

#include <string_view>

#include "engine/source/condition_checker.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

// Every condition but "bad" is one.
class SimpleConditions : public source::ConditionChecker {
 public:
  std::optional<Rejection> Check(std::string_view path, std::string_view condition) const override {
    if (condition != "bad") return std::nullopt;
    return Invalid("FORMULA_ERROR", std::string(path), "a condition", "bad", "column 1");
  }
};

inline constexpr std::string_view kContract = R"(
    source: "erp" origin: ORIGIN_SYSTEM owner: "p-fin"
    input { format: INPUT_FORMAT_CSV encoding: "utf-8" delimiter: "," decimal_mark: "." }
    strict: true key: "order no" key: "line" version_field: "rev"
    when { field: "posted_at" format: "%Y-%m-%d %H:%M" zone: "Asia/Shanghai" }
    retract: "op == \"D\"" entity { type: "employee" key: "工号" } raw: RAW_RULE_KEEP
    attributes { name: "product" field: "sku" }
    measures { name: "output" value: "qty" unit: "pcs" condition: "status == \"DONE\""
               range_min: "0" range_max: "100000" }
    measures { name: "run_time" value: "hours" unit: "h"
               entity { type: "machine" key: "machine_no" } })";

inline v1::SourceContract Contract() { return FromText<v1::SourceContract>(kContract); }

}  // namespace assay::testing

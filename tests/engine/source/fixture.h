// What the tests of the sources share: a contract that is complete, and a checker that can be read.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/source/domain.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

// Every condition but "bad" is one.
class SimpleConditions : public source::ConditionChecker {
 public:
  std::optional<Rejection> Check(std::string_view path, std::string_view condition) const override {
    if (condition != "bad") return std::nullopt;
    return Invalid("FORMULA_ERROR", std::string(path), "a condition", "bad", "column 1");
  }
  // Of a formula that is "source.measure" or "source.measure + source.measure".
  std::vector<std::string> MeasuresOf(std::string_view formula) const override {
    const size_t plus = formula.find(" + ");
    if (plus == std::string_view::npos) return {std::string(formula)};
    return {std::string(formula.substr(0, plus)), std::string(formula.substr(plus + 3))};
  }
};

// Who is called p-owner… signs for the owner, p-fin… for finance, p-both… for either.
class NamedSigners : public source::ContractSigners {
 public:
  source::ContractSides SidesOf(const DecideContext&, StateReader&, std::string_view person,
                                const v1::SourceState&,
                                const std::vector<v1::MetricState>&) const override {
    const bool both = person.starts_with("p-both");
    return {.owner = both || person.starts_with("p-owner"),
            .finance = both || person.starts_with("p-fin")};
  }
  bool IsOnlyOne(const DecideContext&, StateReader&, std::string_view person,
                 const v1::SourceState&, const std::vector<v1::MetricState>&) const override {
    return person == "p-both-alone";
  }
};

inline Domain SourceTable() {
  static const SimpleConditions kConditions;
  static const NamedSigners kSigners;
  return source::Table(kConditions, kSigners);
}

inline DomainSpec SourceSpec() { return DomainSpec(SourceTable()); }

// The text form of the command that registers the contract.
inline std::string Register(const v1::SourceContract& contract,
                            std::string_view text = "source: erp") {
  v1::Command command;
  command.mutable_register_source()->set_text(std::string(text));
  *command.mutable_register_source()->mutable_contract() = contract;
  return command.DebugString();
}

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

#include "engine/score/formula.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Refusal;
using testing::Value;

std::optional<std::string> UnitOf(std::string_view measure) {
  const std::map<std::string, std::string, std::less<>> units = {
      {"mes.good", "pcs"},   {"mes.bad", "pcs"},  {"mes.hours", "h"},     {"erp.cost", "CNY"},
      {"erp.rate", "pcs/h"}, {"crm.rating", "1"}, {"odd.thing", "pcs//h"}};
  const auto found = units.find(measure);
  if (found == units.end()) return std::nullopt;
  return found->second;
}

std::string CodeOf(std::string_view formula, std::string_view unit) {
  INFO(formula);
  const auto rejection =
      Value(Formula::Parse(formula, "formula")).CheckUnits(UnitOf, unit, "formula");
  return rejection ? rejection->code : "OK";
}

TEST_CASE("a formula names its measures and sources", "[score][unit]") {
  const Formula formula =
      Value(Formula::Parse("sum(mes.good) / sum(mes.hours) + count(erp.cost)", "formula"));
  CHECK(formula.Text() == "sum(mes.good) / sum(mes.hours) + count(erp.cost)");
  CHECK(formula.Measures() == std::vector<std::string>{"erp.cost", "mes.good", "mes.hours"});
  CHECK(formula.Sources() == std::vector<std::string>{"erp", "mes"});
  CHECK(formula.Uses().size() == 3);
  CHECK(SourceOfMeasure("erp.eu.output") == "erp.eu");
  CHECK(SourceOfMeasure("output").empty());
}

TEST_CASE("a condition names its fields", "[score][unit]") {
  const Condition condition =
      Value(Condition::Parse("status == 'DONE' && qty > 0 && status != ''", "retract"));
  CHECK(condition.Fields() == std::vector<std::string>{"status", "qty"});
  CHECK(Refusal(Condition::Parse("qty +", "retract")).path == "retract");
}

TEST_CASE("units of a formula fit, or are refused", "[score][unit]") {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"sum(mes.good)", "pcs", "OK"},
      {"sum(mes.good) / sum(mes.hours)", "pcs/h", "OK"},
      {"sum(mes.good) * sum(mes.hours)", "h*pcs", "OK"},
      {"sum(mes.good) * sum(mes.hours)", "pcs*h", "OK"},
      {"sum(erp.cost) / sum(mes.good)", "CNY/pcs", "OK"},
      {"sum(mes.good) / (sum(mes.good) + sum(mes.bad))", "1", "OK"},
      {"sum(mes.good) / sum(mes.bad) * 100", "%", "OK"},
      {"sum(erp.rate) * sum(mes.hours) + sum(mes.good)", "pcs", "OK"},
      {"count(mes.good) / sum(mes.hours)", "1/h", "OK"},
      {"mean(crm.rating)", "1", "OK"},
      {"max(sum(mes.good) - sum(mes.bad), 0)", "pcs", "OK"},
      {"sum(mes.hours) == 0 ? 0 : sum(mes.good) / sum(mes.hours)", "pcs/h", "OK"},
      {"0", "pcs", "OK"},
      {"-0 * sum(mes.good)", "h", "OK"},
      {"clamp(sum(mes.good), 0, sum(mes.bad))", "pcs", "OK"},
      {"sum(mes.good)", "h", "UNIT_MISMATCH"},
      {"sum(mes.good) + sum(mes.hours)", "pcs", "UNIT_MISMATCH"},
      {"sum(mes.good) - 5", "pcs", "UNIT_MISMATCH"},
      {"min(sum(mes.good), sum(mes.hours))", "pcs", "UNIT_MISMATCH"},
      {"clamp(sum(mes.good), 0, 100)", "pcs", "UNIT_MISMATCH"},
      {"sum(mes.good) > sum(mes.hours) ? 1 : 0", "1", "UNIT_MISMATCH"},
      {"true ? sum(mes.good) : sum(mes.hours)", "pcs", "UNIT_MISMATCH"},
      {"sum(mes.good) in [sum(mes.hours)] ? 1 : 2", "1", "UNIT_MISMATCH"},
      {"sum(mes.good) / sum(mes.hours)", "h/pcs", "UNIT_MISMATCH"},
      {"count(mes.good)", "pcs", "UNIT_MISMATCH"},
      {"sum(mes.good)", "", "UNIT_MISMATCH"},
      {"sum(odd.thing)", "1", "UNIT_MISMATCH"},
      {"sum(mes.unknown)", "pcs", "FORMULA_ERROR"},
  };
  for (const auto& [formula, unit, code] : cases) {
    INFO(unit);
    CHECK(CodeOf(formula, unit) == code);
  }
}

TEST_CASE("a unit refusal says where and what", "[score][unit]") {
  const auto rejection = Value(Formula::Parse("1 + sum(mes.good) / sum(mes.hours)", "formula"))
                             .CheckUnits(UnitOf, "1", "formula");
  REQUIRE(rejection);
  CHECK(rejection->expected == "1");
  CHECK(rejection->actual == "pcs/h");
  CHECK(rejection->message == "column 3: expected 1, found pcs/h");
}

TEST_CASE("names of aggregates and statuses read back", "[score][unit]") {
  for (const Aggregate aggregate : {Aggregate::kSum, Aggregate::kCount, Aggregate::kMean,
                                    Aggregate::kMin, Aggregate::kMax, Aggregate::kLast}) {
    CHECK(AggregateFromName(AggregateName(aggregate)) == aggregate);
  }
  for (const EvalStatus status : {EvalStatus::kOk, EvalStatus::kNoData, EvalStatus::kDivZero,
                                  EvalStatus::kOverflow, EvalStatus::kNotANumber}) {
    CHECK(EvalStatusFromName(EvalStatusName(status)) == status);
  }
  CHECK_FALSE(AggregateFromName("median"));
}

}  // namespace
}  // namespace assay

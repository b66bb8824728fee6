#include "connectors/file/columns.h"

#include "engine/base/status.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

v1::SourceContract OrdersByEmployee() {
  v1::SourceContract contract;
  contract.add_key("order");
  contract.add_key("line");
  contract.set_version_field("rev");
  contract.mutable_when()->set_field("day");
  contract.mutable_entity()->set_key("emp");
  contract.add_measures()->set_value("qty");
  contract.add_measures()->set_value("scrap");
  return contract;
}

std::string Fault(const v1::SourceContract& contract, const std::vector<std::string>& columns) {
  const absl::Status status = CheckColumns(contract, columns);
  return status.ok() ? "" : Describe(status);
}

}  // namespace

TEST_CASE("a header must have what every record needs", "[file][columns]") {
  CHECK(Fault(OrdersByEmployee(), {"order", "line", "rev", "day", "emp", "qty", "scrap"}).empty());
  CHECK(Fault(OrdersByEmployee(), {"order;line;rev;day;emp;qty"}) ==
        "INVALID_ARGUMENT: header: expected the column \"order\" of the contract, found "
        "order;line;rev;day;emp;qty");
  for (const char* left_out : {"order", "line", "rev", "day", "emp"}) {
    std::vector<std::string> columns = {"order", "line", "rev", "day", "emp", "qty"};
    std::erase(columns, left_out);
    INFO(left_out);
    CHECK(
        Fault(OrdersByEmployee(), columns).find("expected the column \"" + std::string(left_out)) !=
        std::string::npos);
  }
}

TEST_CASE("a header must have the column of one measure at least", "[file][columns]") {
  const std::vector<std::string> without = {"order", "line", "rev", "day", "emp"};
  CHECK(Fault(OrdersByEmployee(), {"order", "line", "rev", "day", "emp", "scrap"}).empty());
  CHECK(Fault(OrdersByEmployee(), without) ==
        "INVALID_ARGUMENT: header: expected the column of a measure (qty, scrap), found "
        "order | line | rev | day | emp");
  v1::SourceContract counted = OrdersByEmployee();
  counted.add_measures()->set_value("1");
  CHECK(Fault(counted, without).empty());
  v1::SourceContract retracting = OrdersByEmployee();
  retracting.set_retract("op == \"D\"");
  CHECK(Fault(retracting, without).empty());
}

TEST_CASE("what was found is shown short, and without control characters", "[file][columns]") {
  const std::string fault = Fault(OrdersByEmployee(), {std::string(300, '\0')});
  CHECK(fault.ends_with("found " + std::string(200, '?') + "..."));
}

TEST_CASE("an input without a header fits", "[file][columns]") {
  CHECK(Fault(OrdersByEmployee(), {}).empty());
}

}  // namespace assay

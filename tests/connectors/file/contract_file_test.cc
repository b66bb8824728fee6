#include "connectors/file/contract_file.h"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "connectors/file/yaml_map.h"
#include "engine/base/limits.h"
#include "engine/score/formula.h"
#include "engine/source/contract.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::Orders;
using testing::OrdersText;

using Changes = std::vector<std::pair<std::string, std::string>>;

Rejection Refused(const std::string& text) {
  const auto parsed = ParseContract(text);
  CAPTURE(text);
  REQUIRE(std::holds_alternative<Rejection>(parsed));
  return std::get<Rejection>(parsed);
}

class Checker : public source::ConditionChecker {
 public:
  std::optional<Rejection> Check(std::string_view path, std::string_view condition) const override {
    auto parsed = Condition::Parse(condition, path);
    if (auto* rejection = std::get_if<Rejection>(&parsed)) return *rejection;
    return std::nullopt;
  }
  std::vector<std::string> MeasuresOf(std::string_view) const override { return {}; }
};

// The contract of the documentation, to the letter.
constexpr const char* kDocumented = R"yaml(
source: erp
origin: SYSTEM                      # MACHINE | SYSTEM | MANUAL
owner: {person: p-fin-01}
input: {format: csv, encoding: utf-8, delimiter: ",", decimal: "."}     # or ndjson
strict: true                        # unknown fields are refused
record:
  key: [order_no, line]             # identity within the source
  version: rev                      # integer unless {field: rev, type: decimal|instant}
  when: {field: posted_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
  retract: 'op == "D"'
entity: {type: employee, key: emp_no}     # a measure may name its own
raw: keep                           # keep (sealed) | hash
personal: {key: pseudonymise}       # how the entity key goes onto the log
attributes: {product: sku}          # up to 8 named texts that formulas may filter by
measures:
  - {name: output, value: qty, unit: pcs, if: 'status == "DONE"', range: ["0", "100000"]}
  - {name: scrap,  value: ng,  unit: pcs}
  - {name: run_time, value: hours, unit: h, entity: {type: machine, key: machine_no}}
)yaml";

TEST_CASE("the documented contract is understood field by field", "[file][unit]") {
  const v1::SourceContract contract = testing::Contract(kDocumented);
  CHECK(contract.DebugString() == R"(source: "erp"
origin: ORIGIN_SYSTEM
owner: "p-fin-01"
input {
  format: INPUT_FORMAT_CSV
  encoding: "utf-8"
  delimiter: ","
  decimal_mark: "."
}
strict: true
key: "order_no"
key: "line"
version_field: "rev"
version_type: VERSION_TYPE_INTEGER
when {
  field: "posted_at"
  format: "%Y-%m-%d %H:%M"
  zone: "Asia/Shanghai"
}
retract: "op == \"D\""
entity {
  type: "employee"
  key: "emp_no"
}
raw: RAW_RULE_KEEP
attributes {
  name: "product"
  field: "sku"
}
measures {
  name: "output"
  value: "qty"
  unit: "pcs"
  condition: "status == \"DONE\""
  range_min: "0"
  range_max: "100000"
}
measures {
  name: "scrap"
  value: "ng"
  unit: "pcs"
}
measures {
  name: "run_time"
  value: "hours"
  unit: "h"
  entity {
    type: "machine"
    key: "machine_no"
  }
}
)");
  CHECK_FALSE(source::CheckContract("contract", contract, Checker()));
}

TEST_CASE("what a contract leaves out has a safe default", "[file][unit]") {
  const v1::SourceContract contract = testing::Contract(R"yaml(
source: crm
origin: MANUAL
owner: {person: p-1}
input: {format: ndjson}
record:
  key: id
  when: {field: at, format: rfc3339, zone: UTC}
entity: {type: customer, key: customer.id}
measures: [{name: 投诉, value: 1, unit: pcs}]
)yaml");
  CHECK(contract.strict());
  CHECK(contract.raw() == v1::RAW_RULE_HASH);
  CHECK_FALSE(contract.entity().plain());
  CHECK(contract.input().encoding() == "utf-8");
  CHECK(contract.input().decimal_mark() == ".");
  CHECK(contract.input().delimiter().empty());
  CHECK(contract.key_size() == 1);
  CHECK(contract.version_field().empty());
  CHECK(contract.version_type() == v1::VERSION_TYPE_UNSPECIFIED);
  CHECK(contract.version() == 0);
  CHECK(contract.measures(0).name() == "投诉");
  CHECK_FALSE(source::CheckContract("contract", contract, Checker()));
}

TEST_CASE("every other form of a contract is read", "[file][unit]") {
  using Differencer = google::protobuf::util::MessageDifferencer;
  SECTION("version with a type") {
    const auto contract = Orders({{"version: rev", "version: {field: changed, type: instant}"}});
    CHECK(contract.version_field() == "changed");
    CHECK(contract.version_type() == v1::VERSION_TYPE_INSTANT);
    CHECK(Orders({{"version: rev", "version: {field: rev, type: decimal}"}}).version_type() ==
          v1::VERSION_TYPE_DECIMAL);
    CHECK(Differencer::Equals(Orders({{"version: rev", "version: {field: rev}"}}), Orders()));
  }
  SECTION("topics") {
    const std::string csv = R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})";
    const auto nested =
        Orders({{csv, "{kafka: {topic: erp.orders, format: json, generation: 2}}"}});
    CHECK(nested.input().format() == v1::INPUT_FORMAT_KAFKA_JSON);
    CHECK(nested.input().topic() == "erp.orders");
    CHECK(nested.input().generation() == 2);
    const auto flat = Orders({{csv, "{topic: erp.orders, format: json, generation: 2}"}});
    CHECK(Differencer::Equals(flat, nested));
    CHECK(Orders({{csv, "{kafka: {topic: t, format: json}}"}}).input().generation() == 1);
  }
  SECTION("zone of a field, open ranges, units of a field") {
    CHECK(Orders({{"zone: Asia/Shanghai", "zone: {field: tz}"}}).when().zone_field() == "tz");
    const auto open = Orders({{R"(["0", "100000"])", "[-1.50, null]"}});
    CHECK(open.measures(0).range_min() == "-1.5");
    CHECK(open.measures(0).range_max().empty());
    CHECK(Orders({{"unit: h,", "unit: h, unit_field: uom,"}}).measures(1).unit_field() == "uom");
  }
  SECTION("delimiters, encodings, decimal marks") {
    const auto input = Orders({{R"(encoding: utf-8, delimiter: ",", decimal: ".")",
                                R"(encoding: gbk, delimiter: "\t", decimal: ",")"}})
                           .input();
    CHECK(input.encoding() == "gbk");
    CHECK(input.delimiter() == "\t");
    CHECK(input.decimal_mark() == ",");
  }
  SECTION("what is personal") {
    CHECK(Orders().measures(1).entity().plain());
    CHECK_FALSE(Orders().entity().plain());
    CHECK(Orders({{"{key: pseudonymise, plain: [machine]}", "{key: plain}"}}).entity().plain());
    const auto one = Orders({{"personal: {key: pseudonymise, plain: [machine]}\n", ""},
                             {"key: machine_no}", "key: machine_no, personal: false}"}});
    CHECK(one.measures(1).entity().plain());
    CHECK_FALSE(one.entity().plain());
  }
}

TEST_CASE("an unknown key is refused with its line and the nearest known name", "[file][unit]") {
  const Rejection rejection = Refused(OrdersText({{"strict: true", "stirct: true"}}));
  CHECK(rejection.code == "CONTRACT_INVALID");
  CHECK(rejection.rejection_class == RejectionClass::kValidation);
  CHECK(rejection.path == "stirct");
  CHECK(rejection.actual == "stirct");
  CHECK(rejection.hint == "did you mean \"strict\"?");
  CHECK(rejection.message.starts_with("line 5: expected one of source, origin, owner"));

  CHECK(Refused(OrdersText({{"unit: h,", "units: h,"}})).path == "measures[1].units");
  CHECK(Refused(OrdersText({{"unit: h,", "units: h,"}})).hint == "did you mean \"unit\"?");
  CHECK(Refused(OrdersText({{"unit: h,", "banana: h,"}})).hint.empty());
}

TEST_CASE("what a limit of refusals leaves out is the default", "[file][unit]") {
  const auto limit = [](const std::string& text) {
    return testing::Contract(OrdersText({{"strict: true", "strict: true\nrefusals: " + text}}))
        .refusal_limit();
  };
  CHECK(limit("{of: 7}").share() == limits::kRefusalShareDefault);
  CHECK(limit("{share: \"0.25\"}").records() == limits::kRefusalRecordsDefault);
}

TEST_CASE("a key that stands twice is refused", "[file][unit]") {
  const Rejection top = Refused(OrdersText() + "strict: false\n");
  CHECK(top.path == "strict");
  CHECK(top.expected == "each name once");
  CHECK(top.message.starts_with("line 19:"));
  CHECK(Refused(OrdersText({{"{product: sku}", "{product: sku, product: name}"}})).path ==
        "attributes.product");
  CHECK(Refused(OrdersText({{"unit: h,", "unit: h, unit: min,"}})).path == "measures[1].unit");
}

TEST_CASE("every wrong value of a contract is told by path, value, expectation and line",
          "[file][unit]") {
  struct Row {
    Changes changes;
    std::string path;
    std::string actual;
    int line;
  };
  const std::vector<Row> rows = {
      {{{"source: erp", "source: e r p"}}, "source", "e r p", 1},
      {{{"source: erp\n", ""}}, "source", "nothing", 1},
      {{{"SYSTEM", "System"}}, "origin", "System", 2},
      {{{"{person: p-fin-01}", "p-fin-01"}}, "owner", "p-fin-01", 3},
      {{{"{person: p-fin-01}", "{person: }"}}, "owner.person", "nothing", 3},
      {{{"format: csv", "format: xlsx"}}, "input.format", "xlsx", 4},
      {{{"utf-8", "utf8"}}, "input.encoding", "utf8", 4},
      {{{"delimiter: \",\"", "delimiter: \"::\""}}, "input.delimiter", "::", 4},
      {{{"decimal: \".\"", "decimal: \"'\""}}, "input.decimal", "'", 4},
      {{{"format: csv", "format: ndjson"}}, "input.delimiter", "another format", 4},
      {{{"{format: csv", "{format: csv, generation: 2"}}, "input.generation", "none", 4},
      {{{"{format: csv", "{format: json, topic: t, generation: 0"}}, "input.generation", "0", 4},
      {{{"strict: true", "strict: yes"}}, "strict", "yes", 5},
      {{{"[order_no, line]", "[]"}}, "record.key", "0", 7},
      {{{"[order_no, line]", "[a, a]"}}, "record.key", "a, a", 7},
      {{{"[order_no, line]", "[a, {b: c}]"}}, "record.key[1]", "a mapping", 7},
      {{{"version: rev", "version: {field: rev, type: text}"}}, "record.version.type", "text", 8},
      {{{"version: rev", "version: emp_no"}}, "record", "emp_no", 7},
      {{{"%H:%M", "%I:%M"}}, "record.when.format", "%Y-%m-%d %I:%M", 9},
      {{{"Asia/Shanghai", "Asia/Atlantis"}}, "record.when.zone", "Asia/Atlantis", 9},
      {{{", zone: Asia/Shanghai", ""}}, "record.when.zone", "nothing", 9},
      {{{"op == \"D\"", "op = D"}}, "record.retract", "op = D", 10},
      {{{"type: employee", "type: an employee"}}, "entity.type", "an employee", 11},
      {{{"raw: hash", "raw: drop"}}, "raw", "drop", 12},
      {{{"pseudonymise", "hide"}}, "personal.key", "hide", 13},
      {{{"key: emp_no", "key: machine_no"}}, "personal", "pseudonymised here and plain there", 13},
      {{{"{product: sku}", "[sku]"}}, "attributes", "a list", 14},
      {{{"{product: sku}", "{\"a.b\": sku}"}}, "attributes", "a.b", 14},
      {{{"{product: sku}", "{a: f, b: f, c: f, d: f, e: f, f: f, g: f, h: f, i: f}"}},
       "attributes",
       "9",
       14},
      {{{"name: output", "name: out.put"}}, "measures[0].name", "out.put", 17},
      {{{"name: run_time", "name: output"}}, "measures[1].name", "output", 18},
      {{{"unit: pcs", "unit: pcs//h"}}, "measures[0].unit", "pcs//h", 17},
      {{{"status == \"DONE\"", "status =="}}, "measures[0].if", "status ==", 17},
      {{{"status == \"DONE\"", "sum(erp.output)"}}, "measures[0].if", "sum(erp.output)", 17},
      {{{R"(["0", "100000"])", R"(["0"])"}}, "measures[0].range", "0", 17},
      {{{R"(["0", "100000"])", R"(["9", "1"])"}}, "measures[0].range", "9, 1", 17},
      {{{R"(["0", "100000"])", R"(["0", "many"])"}}, "measures[0].range", "many", 17},
      {{{"value: hours, ", ""}}, "measures[1].value", "nothing", 18},
      {{{"entity: {type: employee, key: emp_no}\n", ""}}, "measures[0].entity", "nothing", 16},
  };
  for (const Row& row : rows) {
    const std::string text = OrdersText(row.changes);
    const Rejection rejection = Refused(text);
    INFO(rejection.ToString());
    CHECK(rejection.code == "CONTRACT_INVALID");
    CHECK(rejection.path == row.path);
    CHECK(rejection.actual == row.actual);
    CHECK_FALSE(rejection.expected.empty());
    CHECK(rejection.message.starts_with(fmt::format("line {}: ", row.line)));
  }
}

TEST_CASE("what is no YAML, or more than one document, is refused", "[file][unit]") {
  CHECK(Refused("source: [").message.starts_with("line 1:"));
  CHECK(Refused("a: b: c").path.empty());
  CHECK(Refused("").actual == "0 documents");
  CHECK(Refused(OrdersText() + "---\nsource: b\n").actual == "2 documents");
  CHECK(Refused("- a").actual == "a list");
  CHECK(Refused("? [a]\n: b").expected == "a name before the colon");
  CHECK(Refused(std::string(100'000, ' ')).actual == "100000 bytes");
  CHECK(Refused(std::string(20'000, '[')).path.empty());
  CHECK(Refused(OrdersText({{"measures:", "<<: {source: x}\nmeasures:"}})).path == "<<");
}

TEST_CASE("a contract has a limited number of measures", "[file][unit]") {
  std::string measures = "measures:\n";
  for (int i = 0; i < 65; ++i) {
    measures += fmt::format("  - {{name: m{}, value: v{}, unit: pcs}}\n", i, i);
  }
  const std::string text = OrdersText();
  const Rejection rejection = Refused(text.substr(0, text.find("measures:")) + measures);
  CHECK(rejection.path == "measures");
  CHECK(rejection.expected == "1 to 64 measures");
  CHECK(rejection.actual == "65");
}

TEST_CASE("the nearest name is told only when it is near", "[file][unit]") {
  const YamlMap::Known known = {"format", "encoding", "decimal"};
  CHECK(NearestName("fromat", known) == "format");
  CHECK(NearestName("encodnig", known) == "encoding");
  CHECK(NearestName("decimals", known) == "decimal");
  CHECK(NearestName("x", known).empty());
  CHECK(NearestName("password", known).empty());
  CHECK(NearestName("", known).empty());
}

}  // namespace
}  // namespace assay

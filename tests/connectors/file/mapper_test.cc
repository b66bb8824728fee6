#include "connectors/file/mapper.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::IntakesOf;
using testing::kOrdersHeader;
using testing::kReceivedAt;
using testing::MemoryKeys;
using testing::Opened;
using testing::Orders;

const std::string kDone = "881,1,3,2026-06-30 08:00,,10023,M12,A,DONE,500,7.50,\n";

v1::Intake OnlyOf(const v1::SourceContract& contract, const std::string& text) {
  auto intakes = IntakesOf(contract, text);
  REQUIRE(intakes.size() == 1);
  return intakes.front();
}

// "employee/10023 output 500 pcs", one for each contribution.
std::vector<std::string> Facts(const v1::Intake& intake) {
  INFO(intake.refusal().DebugString());
  REQUIRE(intake.has_facts());
  std::vector<std::string> facts;
  for (const v1::Contribution& fact : intake.facts().contributions()) {
    facts.push_back(fmt::format("{}/{} {} {} {}", fact.entity_type(), fact.entity_key(),
                                fact.measure(), fact.value(), fact.unit()));
  }
  return facts;
}

using Texts = std::vector<std::string>;

TEST_CASE("an ERP record is a canonical fact with the coordinates of its source",
          "[file][unit][ING-01]") {
  const std::string text = kOrdersHeader + kDone;
  MemoryKeys keys;
  const v1::Intake intake = IntakesOf(Orders(), text, SecretsOf(keys).value()).front();
  CHECK(intake.source() == "erp");
  CHECK(intake.src().input_log() == Sha256(text).Hex());
  CHECK(intake.src().partition() == 0);
  CHECK(intake.src().offset() == 0);
  CHECK(intake.src().hash() == Sha256(kDone.substr(0, kDone.size() - 1)).View());
  CHECK(Texts(intake.record_key().begin(), intake.record_key().end()) == Texts{"881", "1"});
  CHECK(ToHex(IdentityOf(intake)) == "03657270033838310131");
  CHECK(PartitionOfIntake(intake, 12) == 9);
  CHECK(intake.version() == "3");
  CHECK(InstantOf(intake.event_time()).ToString() == "2026-06-30T00:00:00.000Z");
  CHECK(InstantOf(intake.received_at()) == kReceivedAt);
  CHECK(intake.day() == "2026-06-30");
  REQUIRE(intake.attributes_size() == 1);
  CHECK(intake.attributes(0).name() == "product");
  CHECK(intake.attributes(0).value() == "A");
  CHECK(intake.content_hash() == ContentHash(intake).View());
  CHECK_FALSE(intake.has_raw());
  CHECK(Facts(intake)[0] == "employee/8503e14a9808c82e6913efc64dccbb0c output 500 pcs");
}

TEST_CASE("one record credits a person and a machine", "[file][unit]") {
  CHECK(Facts(OnlyOf(Orders(), kOrdersHeader + kDone)) ==
        Texts{"employee/10023 output 500 pcs", "machine/M12 run_time 7.5 h"});
}

TEST_CASE("a personal key is a pseudonym wherever it stands, a plain one is not", "[file][unit]") {
  const auto contract = Orders({{"[order_no, line]", "[order_no, emp_no, machine_no]"},
                                {"{product: sku}", "{worker: emp_no, station: machine_no}"}});
  MemoryKeys keys;
  const auto intake = IntakesOf(contract,
                                "order_no,rev,posted_at,op,emp_no,machine_no,status,qty,hours\n"
                                "881,3,2026-06-30 08:00,,10023,M12,DONE,500,7.50\n",
                                SecretsOf(keys).value())
                          .front();
  const std::string pseudonym = "8503e14a9808c82e6913efc64dccbb0c";
  CHECK(Texts(intake.record_key().begin(), intake.record_key().end()) ==
        Texts{"881", pseudonym, "M12"});
  CHECK(intake.attributes(0).value() == pseudonym);
  CHECK(intake.attributes(1).value() == "M12");
  CHECK(Facts(intake) ==
        Texts{"employee/" + pseudonym + " output 500 pcs", "machine/M12 run_time 7.5 h"});
  CHECK(intake.SerializeAsString().find("10023") == std::string::npos);
}

TEST_CASE("raw bytes are kept sealed under the key of the entity", "[file][unit]") {
  MemoryKeys keys;
  const auto contract = Orders({{"raw: hash", "raw: keep"}});
  const auto intakes = IntakesOf(contract,
                                 kOrdersHeader + kDone +
                                     "882,1,3,2026-06-30 08:00,,,M12,A,,500,7.50,\n"
                                     "883,1,3,2026-06-30 08:00,D,,,A,,500,,\n",
                                 SecretsOf(keys).value());
  REQUIRE(intakes.size() == 3);
  CHECK(intakes[0].raw().key_id() == "entity/employee/8503e14a9808c82e6913efc64dccbb0c");
  CHECK(Opened(keys, intakes[0].raw()) + "\n" == kDone);
  // Nobody but the machine is credited: the key is named by a pseudonym all the same.
  CHECK(intakes[1].raw().key_id() ==
        "entity/machine/" + Pseudonym(testing::kCompanyKey, "machine", "M12"));
  CHECK(intakes[2].raw().key_id() == "quarantine/2026-07");
  CHECK(intakes[0].SerializeAsString().find("10023") == std::string::npos);
}

TEST_CASE("the same record always gives the same bytes", "[file][unit]") {
  MemoryKeys keys;
  const auto contract = Orders({{"raw: hash", "raw: keep"}});
  const std::string text = kOrdersHeader + kDone + "bad\n";
  const auto once = IntakesOf(contract, text, SecretsOf(keys).value());
  const auto again = IntakesOf(contract, text, SecretsOf(keys).value());
  REQUIRE(once.size() == 2);
  for (size_t i = 0; i < once.size(); ++i) {
    CHECK(once[i].SerializeAsString() == again[i].SerializeAsString());
  }
}

TEST_CASE("an empty, null or missing value contributes nothing and is no zero", "[file][unit]") {
  const v1::Intake csv =
      OnlyOf(Orders(), kOrdersHeader + "881,1,3,2026-06-30 08:00,,10023,,A,DONE,0,,\n");
  CHECK(Facts(csv) == Texts{"employee/10023 output 0 pcs"});

  const auto contract = Orders(
      {{R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})", "{format: ndjson}"}});
  const std::string common =
      R"("order_no":881,"line":1,"rev":3,"posted_at":"2026-06-30 08:00","status":"DONE")";
  CHECK(Facts(OnlyOf(contract, "{" + common + R"(,"qty":null,"hours":""})")).empty());
  const v1::Intake nothing = OnlyOf(contract, "{" + common + "}");
  CHECK(Facts(nothing).empty());
  CHECK(nothing.content_hash() == ContentHash(nothing).View());
}

TEST_CASE("a marker for nothing is left out by a condition, or refuses the record",
          "[file][unit][ING-10]") {
  const std::string text = kOrdersHeader + "881,1,3,2026-06-30 08:00,,10023,M12,A,DONE,NA,7.50,\n";
  const v1::Intake refused = OnlyOf(Orders(), text);
  CHECK(refused.refusal().code() == "NOT_A_NUMBER");
  CHECK(refused.refusal().path() == "qty");
  const auto contract = Orders(
      {{"'status == \"DONE\"'", "'qty != \"NA\" && qty > 0'"}, {"[memo]", "[memo, status]"}});
  CHECK(Facts(OnlyOf(contract, text)) == Texts{"machine/M12 run_time 7.5 h"});
  CHECK(Facts(OnlyOf(contract, kOrdersHeader + kDone)) ==
        Texts{"employee/10023 output 500 pcs", "machine/M12 run_time 7.5 h"});
}

TEST_CASE("a measure whose condition does not hold contributes nothing", "[file][unit]") {
  // Not even its value, unit or entity are looked at.
  const v1::Intake intake =
      OnlyOf(Orders(), kOrdersHeader + "881,1,3,2026-06-30 08:00,,,M12,A,OPEN,many,1,\n");
  CHECK(Facts(intake) == Texts{"machine/M12 run_time 1 h"});
}

TEST_CASE("a record that its source retracts states nothing more", "[file][unit]") {
  const v1::Intake intake =
      OnlyOf(Orders(), kOrdersHeader + "881,1,4,2026-06-30 09:00,D,10023,M12,A,DONE,500,1,\n");
  CHECK(intake.has_retraction());
  CHECK(intake.record_key(0) == "881");
  CHECK(intake.version() == "4");
  CHECK(intake.day() == "2026-06-30");
  CHECK(intake.content_hash() == ContentHash(intake).View());
}

TEST_CASE("a number instead of a field counts every record the same", "[file][unit]") {
  const auto contract = Orders({{"value: qty", "value: 1.50"}, {"[memo]", "[memo, qty]"}});
  CHECK(Facts(OnlyOf(contract, kOrdersHeader + kDone))[0] == "employee/10023 output 1.5 pcs");
}

TEST_CASE("values are canonical and exact", "[file][unit]") {
  for (const auto& [written, canonical] :
       std::vector<std::pair<std::string, std::string>>{{"007", "7"},
                                                        {"7.500", "7.5"},
                                                        {"+1", "1"},
                                                        {"1e3", "1000"},
                                                        {"0.000000000001", "0.000000000001"},
                                                        {"-0", "0"}}) {
    CAPTURE(written);
    const auto contract = Orders({{R"(, range: ["0", "100000"])", ""}});
    CHECK(Facts(OnlyOf(contract, kOrdersHeader + "881,1,3,2026-06-30 08:00,,10023,,A,DONE," +
                                     written + ",,\n")) ==
          Texts{"employee/10023 output " + canonical + " pcs"});
  }
}

TEST_CASE("a declared decimal comma is one for values and conditions of texts", "[file][unit]") {
  const auto contract =
      Orders({{R"(delimiter: ",", decimal: ".")", R"(delimiter: ";", decimal: ",")"},
              {"status == \"DONE\"", "hours > 7.4 && sku != \"1,5\""},
              {"strict: true", "strict: false"}});
  std::string text = kOrdersHeader + "881,1,3,2026-06-30 08:00,,10023,M12,A,,500;25,7;5,\n";
  for (char& c : text) c = c == ',' ? ';' : c == ';' ? ',' : c;
  CHECK(Facts(OnlyOf(contract, text)) ==
        Texts{"employee/10023 output 500.25 pcs", "machine/M12 run_time 7.5 h"});
  const auto json = Orders({{R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})",
                             R"({format: ndjson, decimal: ","})"}});
  CHECK(Facts(OnlyOf(json, R"({"order_no":"1","line":2,"rev":3,"posted_at":"2026-06-30 08:00",)"
                           R"("machine_no":"M1","hours":1.5})")) ==
        Texts{"machine/M1 run_time 1.5 h"});
}

TEST_CASE("nested JSON and odd names are fields like others", "[file][unit]") {
  const auto contract = testing::Contract(R"yaml(
source: crm
origin: SYSTEM
owner: {person: p-1}
input: {kafka: {topic: crm.calls, format: json}}
record:
  key: call.id
  when: {field: call.at, format: epoch_ms, zone: {field: tz}}
entity: {type: employee, key: agent.no}
measures:
  - {name: satisfaction, value: answers.score, unit: "1",
     if: '`survey sent` == "true" && call.kind in ["in", "out"]'}
)yaml");
  const v1::Intake intake = OnlyOf(
      contract, R"({"call":{"id":"c-1","at":1782777600000,"kind":"in"},"agent":{"no":10023},)"
                R"("survey sent":true,"answers":{"score":"4.50"},"tz":"America/New_York"})");
  CHECK(Facts(intake) == Texts{"employee/10023 satisfaction 4.5 1"});
  CHECK(intake.day() == "2026-06-29");
  CHECK_FALSE(intake.has_version());
}

TEST_CASE("versions are canonical texts of their type", "[file][unit]") {
  const auto version = [](const std::string& type, const std::string& written) {
    const auto contract = Orders({{"version: rev", "version: {field: rev, type: " + type + "}"}});
    return OnlyOf(contract,
                  kOrdersHeader + "881,1," + written + ",2026-06-30 08:00,,1,,A,DONE,5,,\n")
        .version();
  };
  CHECK(version("integer", "007") == "7");
  CHECK(version("integer", "-9223372036854775808") == "-9223372036854775808");
  CHECK(version("decimal", "1.50") == "1.5");
  CHECK(version("instant", "2026-06-30T08:00:00+08:00") == "2026-06-30T00:00:00.000Z");
}

TEST_CASE("a field that a strict contract does not know is refused with its path",
          "[file][unit][ING-10]") {
  // A producer that knows nothing but the contract.
  const auto contract = testing::Contract(R"yaml(
source: shop
origin: SYSTEM
owner: {person: p-1}
input: {format: ndjson}
record: {key: id, version: rev, when: {field: at, format: rfc3339, zone: UTC}}
entity: {type: employee, key: seller}
measures: [{name: sales, value: amount, unit: CNY}]
)yaml");
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += fmt::format(
        R"({{"id":"s-{}","rev":{},"at":"2026-06-30T08:00:00Z","seller":"p{}","amount":{}}})", i, 1,
        i % 7, i * 10);
    text += '\n';
  }
  for (const v1::Intake& intake : IntakesOf(contract, text)) CHECK(Facts(intake).size() == 1);

  const v1::Intake refused = OnlyOf(
      contract,
      R"({"id":"s-1","at":"2026-06-30T08:00:00Z","seller":"p1","amount":1,"extra":{"tip":2}})");
  CHECK(refused.refusal().code() == "SCHEMA_REJECTED");
  CHECK(refused.refusal().path() == "extra.tip");
  CHECK(refused.record_key(0) == "s-1");
}

TEST_CASE("a contract that is not strict drops what it does not know", "[file][unit]") {
  const auto contract = Orders({{"strict: true", "strict: false"}, {"ignore: [memo]\n", ""}});
  CHECK(Facts(OnlyOf(contract, kOrdersHeader + kDone)).size() == 2);
}

TEST_CASE("a unit that differs from the declared one is refused", "[file][unit][ING-20]") {
  const auto contract = Orders({{"{name: output, value: qty, unit: pcs",
                                 "{name: weight, value: qty, unit: kg, unit_field: memo"},
                                {"ignore: [memo]\n", ""}});
  const std::string record = "881,1,3,2026-06-30 08:00,,10023,M12,A,DONE,500,7.50,";
  CHECK(Facts(OnlyOf(contract, kOrdersHeader + record + "kg\n"))[0] ==
        "employee/10023 weight 500 kg");
  for (const char* unit : {"h", "KG", " kg", ""}) {
    CAPTURE(unit);
    const v1::Refusal refusal = OnlyOf(contract, kOrdersHeader + record + unit + "\n").refusal();
    CHECK(refusal.code() == "UNIT_MISMATCH");
    CHECK(refusal.path() == "memo");
    CHECK(refusal.expected() == "kg");
  }
}

TEST_CASE("a contract that cannot be used here is told when the mapper is made", "[file][unit]") {
  const auto problem = [](auto change) {
    v1::SourceContract contract = Orders();
    change(contract);
    return Mapper::Create(contract, ClearSecrets()).status();
  };
  CHECK(problem([](auto&) {}).ok());
  for (const absl::Status& status :
       {problem([](auto& contract) { contract.mutable_when()->set_zone("Mars/Olympus"); }),
        problem([](auto& contract) { contract.mutable_when()->set_format("%q"); }),
        problem([](auto& contract) { contract.set_retract("op = D"); }),
        problem([](auto& contract) { contract.mutable_measures(0)->set_condition("1 +"); }),
        problem([](auto& contract) { contract.clear_entity(); })}) {
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(MessageOf(status).starts_with("erp: "));
  }
}

TEST_CASE("a key store that fails is an error and no refusal", "[file][unit]") {
  SourceSecrets secrets = ClearSecrets();
  secrets.seal = [](auto...) -> absl::StatusOr<v1::Sealed> {
    return MakeStatus(absl::StatusCode::kUnavailable, "disk");
  };
  auto mapper = Mapper::Create(Orders(), secrets).value();
  const auto records = testing::RecordsOf(Orders().input(), kOrdersHeader + kDone + "bad\n");
  CHECK(mapper.Map(records[0], kReceivedAt).ok());
  CHECK(mapper.Map(records[1], kReceivedAt).status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("records of changing layouts are mapped by name", "[file][unit]") {
  const auto contract = Orders(
      {{R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})", "{format: ndjson}"}});
  const std::string a = R"({"order_no":1,"line":2,"rev":3,"posted_at":"2026-06-30 08:00",)"
                        R"("machine_no":"M1","hours":1})";
  const std::string b = R"({"hours":2,"machine_no":"M2","posted_at":"2026-06-30 08:00",)"
                        R"("rev":4,"line":3,"order_no":2})";
  const auto intakes =
      IntakesOf(contract, a + "\n" + b + "\n" + a.substr(0, a.find(",\"hours\"")) + "}\n" + a);
  REQUIRE(intakes.size() == 4);
  CHECK(Facts(intakes[0]) == Texts{"machine/M1 run_time 1 h"});
  CHECK(Facts(intakes[1]) == Texts{"machine/M2 run_time 2 h"});
  CHECK(intakes[1].record_key(0) == "2");
  CHECK(Facts(intakes[2]).empty());
  CHECK(intakes[3].content_hash() == intakes[0].content_hash());
}

}  // namespace
}  // namespace assay

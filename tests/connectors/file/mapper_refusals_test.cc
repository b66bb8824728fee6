// Why records are refused: one row for each way, with the exact code, path and expectation.

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "connectors/file/mapper.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::IntakesOf;
using testing::kOrdersHeader;
using testing::MemoryKeys;
using testing::Opened;
using testing::Orders;

using Changes = std::vector<std::pair<std::string, std::string>>;

struct Row {
  std::string record;
  std::string code;
  std::string path;
  std::string expected;
  // The key that the refusal stands under.
  std::string key = "881";
};

void CheckRefused(const v1::Intake& intake, const Row& row) {
  CAPTURE(row.record);
  INFO(intake.ShortDebugString());
  REQUIRE(intake.has_refusal());
  CHECK(intake.refusal().code() == row.code);
  CHECK(intake.refusal().path() == row.path);
  CHECK(intake.refusal().expected() == row.expected);
  CHECK(intake.refusal().original().bytes() == row.record);
  CHECK((intake.record_key_size() == 0 ? "" : intake.record_key(0)) == row.key);
  CHECK_FALSE(intake.has_event_time());
  CHECK(intake.day().empty());
  CHECK_FALSE(intake.has_version());
  CHECK(intake.attributes().empty());
  CHECK(intake.content_hash().empty());
  CHECK_FALSE(intake.has_raw());
}

void CheckRows(const v1::SourceContract& contract, const std::string& header,
               const std::vector<Row>& rows) {
  std::string text = header;
  for (const Row& row : rows) text += row.record + "\n";
  const auto intakes = IntakesOf(contract, text);
  REQUIRE(intakes.size() == rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    CHECK(intakes[i].src().offset() == static_cast<int64_t>(i));
    CheckRefused(intakes[i], rows[i]);
  }
}

const std::string kFormat = "%Y-%m-%d %H:%M, from 1900 on";
const std::string kPoint = "a number with \".\" before its fraction";

TEST_CASE("every bad CSV record is refused with its code, path and expectation", "[file][unit]") {
  CheckRows(
      Orders({{"range: [\"0\", \"100000\"]", "range: [-10, 100000]"}}), kOrdersHeader,
      {
          // What the reader finds: there is no key yet.
          {"881,1", "MALFORMED", "", "12 fields, not 2", ""},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,5,,,", "MALFORMED", "", "12 fields, not 13", ""},
          {"8\"81,1,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MALFORMED", "order_no",
           "quotes around a field with a quote or a carriage return", ""},
          {"881,\"1\"x,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MALFORMED", "line",
           "a delimiter after the closing quote", ""},
          {"881,1,3,2026-06-30 08:00,,\xff,,A,DONE,5,,", "MALFORMED", "", "utf-8 text", ""},
          // The key.
          {",1,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MISSING_KEY", "order_no", "a value", ""},
          {"881,,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MISSING_KEY", "line", "a value", ""},
          {" 881,1,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MALFORMED", "order_no",
           "no space before or behind a key", ""},
          {"881,\"1\t\",3,2026-06-30 08:00,,1,,A,DONE,5,,", "MALFORMED", "line",
           "no space before or behind a key", ""},
          {std::string(513, '8') + ",1,3,2026-06-30 08:00,,1,,A,DONE,5,,", "MALFORMED", "order_no",
           "at most 512 bytes", ""},
          // The time.
          {"881,1,3,,,1,,A,DONE,5,,", "MISSING_TIME", "posted_at", "a value"},
          {"881,1,3,30.06.2026,,1,,A,DONE,5,,", "BAD_TIME", "posted_at", kFormat},
          {"881,1,3,2026-02-30 08:00,,1,,A,DONE,5,,", "BAD_TIME", "posted_at", kFormat},
          {"881,1,3,2026-06-30 08:00 ,,1,,A,DONE,5,,", "BAD_TIME", "posted_at", kFormat},
          {"881,1,3,0001-01-01 00:00,,1,,A,DONE,5,,", "BAD_TIME", "posted_at", kFormat},
          {"881,1,3,2026-07-01 08:01,,1,,A,DONE,5,,", "FUTURE_DATED", "posted_at",
           "a time not after its receipt"},
          {"881,1,3,9998-12-31 00:00,,1,,A,DONE,5,,", "FUTURE_DATED", "posted_at",
           "a time not after its receipt"},
          // The version.
          {"881,1,,2026-06-30 08:00,,1,,A,DONE,5,,", "BAD_VERSION", "rev", "an integer of 64 bits"},
          {"881,1,1.0,2026-06-30 08:00,,1,,A,DONE,5,,", "BAD_VERSION", "rev",
           "an integer of 64 bits"},
          {"881,1, 3,2026-06-30 08:00,,1,,A,DONE,5,,", "BAD_VERSION", "rev",
           "an integer of 64 bits"},
          {"881,1,9223372036854775808,2026-06-30 08:00,,1,,A,DONE,5,,", "BAD_VERSION", "rev",
           "an integer of 64 bits"},
          // Attributes.
          {"881,1,3,2026-06-30 08:00,,1,," + std::string(513, 'A') + ",DONE,5,,", "MALFORMED",
           "sku", "at most 512 bytes"},
          // Values.
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,many,,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,\"1,234\",,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE, 5,,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,５,,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,NaN,,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,0x10,,", "NOT_A_NUMBER", "qty", kPoint},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,0.0000000000001,,", "PRECISION", "qty",
           "at most 12 fractional digits"},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,-10.000000000001,,", "VALUE_OUT_OF_RANGE", "qty",
           "-10 to 100000"},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,100000.1,,", "VALUE_OUT_OF_RANGE", "qty",
           "-10 to 100000"},
          {"881,1,3,2026-06-30 08:00,,1,M1,A,OPEN,5,1e27,", "VALUE_OUT_OF_RANGE", "hours",
           "a number below 1.7e26"},
          // Entities, of measures that would contribute.
          {"881,1,3,2026-06-30 08:00,,,,A,DONE,5,,", "MISSING_ENTITY", "emp_no", "a value"},
          {"881,1,3,2026-06-30 08:00,,1,,A,DONE,5,2,", "MISSING_ENTITY", "machine_no", "a value"},
          {"881,1,3,2026-06-30 08:00,,1 ,,A,DONE,5,,", "MALFORMED", "emp_no",
           "no space before or behind a key"},
          {"881,1,3,2026-06-30 08:00,,1," + std::string(513, 'M') + ",A,OPEN,,1,", "MALFORMED",
           "machine_no", "at most 512 bytes"},
      });
}

TEST_CASE("every bad JSON record is refused with its code, path and expectation", "[file][unit]") {
  const auto contract = Orders(
      {{R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})", "{format: ndjson}"}});
  const std::string ok = R"({"order_no":881,"line":1,"rev":3,"posted_at":"2026-06-30 08:00",)"
                         R"("emp_no":"1","status":"DONE",)";
  CheckRows(
      contract, "",
      {
          {"{", "MALFORMED", "", "one JSON object", ""},
          {"[1]", "MALFORMED", "", "one JSON object", ""},
          {ok + R"("qty":[5]})", "MALFORMED", "qty", "no array", ""},
          {ok + R"("line":2})", "MALFORMED", "line", "each key once", ""},
          {ok + R"("colour":"red"})", "SCHEMA_REJECTED", "colour", "a field of the contract"},
          {ok + R"("qty":{"n":5}})", "SCHEMA_REJECTED", "qty.n", "a field of the contract"},
          {ok + R"("x":{}})", "SCHEMA_REJECTED", "x", "a field of the contract"},
          {R"({"line":1,"orderNo":881})", "SCHEMA_REJECTED", "orderNo", "a field of the contract",
           ""},
          {R"({"order_no":null,"line":1})", "MISSING_KEY", "order_no", "a value", ""},
          {R"({"order_no":881})", "MISSING_KEY", "line", "a value", ""},
          {R"({"order_no":881,"line":1})", "MISSING_TIME", "posted_at", "a value"},
          {R"({"order_no":881,"line":1,"posted_at":1782777600000})", "BAD_TIME", "posted_at",
           kFormat},
          {R"({"order_no":881,"line":1,"posted_at":"2026-06-30 08:00"})", "BAD_VERSION", "rev",
           "an integer of 64 bits"},
          {R"({"order_no":881,"line":1,"posted_at":"2026-06-30 08:00","rev":true})", "BAD_VERSION",
           "rev", "an integer of 64 bits"},
          {ok + R"("qty":true})", "NOT_A_NUMBER", "qty", kPoint},
          {ok + R"("qty":"5 pcs"})", "NOT_A_NUMBER", "qty", kPoint},
          {ok + R"("qty":1.0000000000001})", "PRECISION", "qty", "at most 12 fractional digits"},
          {ok + R"("qty":-1})", "VALUE_OUT_OF_RANGE", "qty", "0 to 100000"},
          {ok + R"("qty":1e400})", "VALUE_OUT_OF_RANGE", "qty", "a number below 1.7e26"},
          {ok + R"("hours":1})", "MISSING_ENTITY", "machine_no", "a value"},
      });
}

TEST_CASE("a local time that the zone left out or had twice is refused", "[file][unit]") {
  const auto in = [](const std::string& zone, const std::string& when) {
    const auto contract = Orders({{"Asia/Shanghai", zone}});
    const auto refusal =
        IntakesOf(contract, kOrdersHeader + "881,1,3," + when + ",,1,,A,DONE,5,,\n", ClearSecrets(),
                  *Instant::Parse("2027-01-01T00:00:00Z"))
            .front()
            .refusal();
    return refusal.code() + " " + refusal.path() + " " + refusal.expected();
  };
  const std::string ambiguous =
      "AMBIGUOUS_TIME posted_at a local time that the zone has, and has once";
  CHECK(in("America/New_York", "2026-03-08 02:30") == ambiguous);
  CHECK(in("America/New_York", "2026-11-01 01:30") == ambiguous);
  CHECK(in("Europe/Berlin", "2026-03-29 02:30") == ambiguous);
  CHECK(in("Europe/Berlin", "2026-10-25 02:30") == ambiguous);
  CHECK(in("Europe/Berlin", "2026-10-25 03:30") == "  ");
  CHECK(in("Asia/Shanghai", "2026-03-29 02:30") == "  ");
}

TEST_CASE("a zone that a record names wrongly is the fault of that field", "[file][unit]") {
  const auto contract =
      Orders({{"zone: Asia/Shanghai", "zone: {field: memo}"}, {"ignore: [memo]\n", ""}});
  for (const char* zone : {"", "Mars/Olympus", "/etc/localtime"}) {
    const auto intakes = IntakesOf(
        contract, kOrdersHeader + "881,1,3,2026-06-30 08:00,,1,,A,DONE,5,," + zone + "\n");
    CHECK(intakes[0].refusal().code() == "BAD_TIME");
    CHECK(intakes[0].refusal().path() == "memo");
  }
}

TEST_CASE("a condition that cannot be told refuses the record", "[file][unit]") {
  const auto contract = Orders({{"status == \"DONE\"", "hours > 1 && 10 / hours < 5"},
                                {"op == \"D\"", "memo < 0"},
                                {"strict: true", "strict: false"}});
  const std::string start = "881,1,3,2026-06-30 08:00,,1,M,A,,5,";
  CheckRows(
      contract, kOrdersHeader,
      {{start + "2,x", "NOT_A_NUMBER", "record.retract", "fields of which memo < 0 can be told"},
       {start + ",1", "NOT_A_NUMBER", "measures.output.if",
        "fields of which hours > 1 && 10 / hours < 5 can be told"}});
  const auto divides =
      Orders({{"status == \"DONE\"", "10 / hours < 5"}, {"strict: true", "strict: false"}});
  CheckRows(divides, kOrdersHeader,
            {{start + "0,", "VALUE_OUT_OF_RANGE", "measures.output.if",
              "fields of which 10 / hours < 5 can be told"}});
}

TEST_CASE("a decimal comma is not guessed to be something else", "[file][unit]") {
  const auto contract =
      Orders({{R"(delimiter: ",", decimal: ".")", R"(delimiter: "|", decimal: ",")"}});
  std::string header = kOrdersHeader;
  for (char& c : header) c = c == ',' ? '|' : c;
  const std::string start = "881|1|3|2026-06-30 08:00||1||A|DONE|";
  const std::string comma = "a number with \",\" before its fraction";
  CheckRows(contract, header,
            {{start + "1.5||", "NOT_A_NUMBER", "qty", comma},
             {start + "1.234,5||", "NOT_A_NUMBER", "qty", comma},
             {start + "1,234,5||", "NOT_A_NUMBER", "qty", comma},
             {start + "1,||", "NOT_A_NUMBER", "qty", comma},
             {start + "0,1234567890123||", "PRECISION", "qty", "at most 12 fractional digits"}});
}

TEST_CASE("a record cannot credit more than the limit", "[file][unit]") {
  v1::SourceContract contract = Orders();
  const v1::MeasureDefinition measure = contract.measures(0);
  contract.clear_measures();
  for (int i = 0; i < 65; ++i) {
    *contract.add_measures() = measure;
    contract.mutable_measures(i)->set_name(fmt::format("m{}", i));
  }
  const std::string done = kOrdersHeader + "881,1,3,2026-06-30 08:00,,1,,A,DONE,5,,\n";
  v1::SourceContract strict_free = contract;
  strict_free.set_strict(false);
  const v1::Refusal refusal = IntakesOf(strict_free, done)[0].refusal();
  CHECK(refusal.code() == "TOO_MANY_MEASURES");
  CHECK(refusal.expected() == "at most 64");
  strict_free.mutable_measures()->RemoveLast();
  CHECK(IntakesOf(strict_free, done)[0].facts().contributions_size() == 64);
}

TEST_CASE("the original of a refusal is sealed under the key of the month", "[file][unit]") {
  MemoryKeys keys;
  const std::string bad = "881,1,3,2026-06-30 08:00,,10023,,A,DONE,many,,";
  const auto intakes = IntakesOf(Orders(), kOrdersHeader + bad + "\n", SecretsOf(keys).value(),
                                 *Instant::Parse("2026-06-30T23:59:59Z"));
  const v1::Refusal& refusal = intakes[0].refusal();
  CHECK(refusal.original().key_id() == "quarantine/2026-06");
  CHECK(refusal.original().clear().empty());
  CHECK(Opened(keys, refusal.original()) == bad);
  CHECK(refusal.original_length() == 0);
  CHECK(intakes[0].SerializeAsString().find("10023") == std::string::npos);
}

TEST_CASE("equal originals at two places are not seen to be equal", "[file][unit]") {
  MemoryKeys keys;
  const auto intakes = IntakesOf(Orders(), kOrdersHeader + "bad\nbad\n", SecretsOf(keys).value());
  CHECK(intakes[0].refusal().original().bytes() != intakes[1].refusal().original().bytes());
}

TEST_CASE("a record that is too large is refused with its beginning and length", "[file][unit]") {
  const std::string large = "881,1," + std::string(2'000'000, 'x');
  const auto intakes = IntakesOf(Orders(), kOrdersHeader + large + "\n");
  const v1::Intake& intake = intakes[0];
  CHECK(intake.refusal().code() == "RECORD_TOO_LARGE");
  CHECK(intake.refusal().original().bytes() == large.substr(0, 65'536));
  CHECK(intake.refusal().original_length() == static_cast<int64_t>(large.size()));
  CHECK(intake.src().hash() == Sha256(large).View());
  CHECK(intake.record_key().empty());
}

TEST_CASE("a long field name of a record is shortened at a character", "[file][unit]") {
  const auto contract = Orders(
      {{R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})", "{format: ndjson}"}});
  std::string name = "x";
  for (int i = 0; i < 200; ++i) name += "张";
  const v1::Refusal refusal = IntakesOf(contract, "{\"" + name + "\":1}")[0].refusal();
  CHECK(refusal.code() == "SCHEMA_REJECTED");
  CHECK(refusal.path() == name.substr(0, 256));
  CHECK(refusal.path().size() == 256);
  const v1::Refusal shifted = IntakesOf(contract, "{\"y" + name + "\":1}")[0].refusal();
  CHECK(shifted.path().size() == 254);
}

}  // namespace
}  // namespace assay

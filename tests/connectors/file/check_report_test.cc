#include "connectors/file/check_report.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::kOrdersHeader;
using testing::kReceivedAt;
using testing::Orders;

CheckReport Check(const v1::SourceContract& contract, const std::string& text,
                  size_t intakes_max = 10'000) {
  auto reader = ReadRecords(contract.input(), BytesOf(text));
  REQUIRE(reader.ok());
  return CheckRecords(contract, **reader, {.received_at = kReceivedAt, .intakes_max = intakes_max})
      .value();
}

bool Warns(const CheckReport& report, std::string_view text) {
  return std::any_of(report.warnings.begin(), report.warnings.end(),
                     [&](const auto& warning) { return warning.find(text) != std::string::npos; });
}

const std::string kGood = ",3,2026-06-30 08:00,,10023,M12,A,DONE,500,7.50,\n";

TEST_CASE("a dry run counts what a file would become", "[file][unit]") {
  const CheckReport report =
      Check(Orders(), kOrdersHeader + "881,1" + kGood + "881,2" + kGood + "881,1" + kGood +
                          "882,1,4,2026-06-30 08:00,D,10023,M12,A,DONE,500,7.50,\n"
                          "883,1,4,2026-06-30 08:00,,10023,M12,A,OPEN,500,,\n"
                          "884,1,4,2026-06-30 08:00,,10023,M12,A,DONE,many,,\n"
                          "885\n");
  CHECK(report.records == 7);
  CHECK(report.with_facts == 3);
  CHECK(report.without_facts == 1);
  CHECK(report.retractions == 1);
  CHECK(report.refusals == 2);
  CHECK(report.refusals_by_code ==
        std::map<std::string, int64_t>{{"MALFORMED", 1}, {"NOT_A_NUMBER", 1}});
  CHECK(report.repeated_keys == 1);
  REQUIRE(report.intakes.size() == 7);
  CHECK(report.intakes[0].facts().contributions(0).entity_key() == "10023");
  CHECK(report.intakes[6].refusal().original().bytes() == "885");
  CHECK(report.warnings.empty());
}

TEST_CASE("only the first intakes are kept, all are counted", "[file][unit]") {
  std::string text = kOrdersHeader;
  for (int i = 0; i < 50; ++i) text += fmt::format("881,{}", i) + kGood;
  const CheckReport report = Check(Orders(), text, 3);
  CHECK(report.intakes.size() == 3);
  CHECK(report.records == 50);
}

TEST_CASE("a contract without a version is warned of", "[file][unit]") {
  const auto contract = Orders({{"  version: rev\n", ""}, {"[memo]", "[memo, rev]"}});
  const CheckReport report = Check(contract, kOrdersHeader + "881,1" + kGood + "881,1" + kGood);
  CHECK(Warns(report, "no version is declared"));
  CHECK(Warns(report, "1 records have the key of an earlier one"));
  CHECK_FALSE(Warns(Check(Orders(), kOrdersHeader + "881,1" + kGood), "no version"));
}

TEST_CASE("fields that one side has and the other has not are warned of", "[file][unit]") {
  const auto contract =
      Orders({{"value: hours", "value: worked"}, {"strict: true", "strict: false"}});
  const CheckReport report = Check(contract, kOrdersHeader + "881,1" + kGood);
  CHECK(Warns(report, "no record has the field \"worked\""));
  CHECK(Warns(report, "the field \"hours\" is dropped"));
  CHECK_FALSE(Warns(report, "memo"));
  CHECK(report.warnings.size() == 2);
}

TEST_CASE("refusals are told by reason, with the text that most of them have", "[file][unit]") {
  const std::string kBefore = ",1,3,2026-06-30 08:00,,10023,M12,A,DONE,";
  const CheckReport report =
      Check(Orders(), kOrdersHeader + "881" + kBefore + "500,7.50,\n" + "882" + kBefore +
                          "NA,7.50,\n" + "883" + kBefore + "-,7.50,\n" + "884" + kBefore +
                          "NA,7.50,\n" + "885" + kBefore + "500,99h,\n" + "886\n");
  REQUIRE(report.refused.size() == 3);
  const RefusedRecords& quantity = report.refused[0];
  CHECK(quantity.code == "NOT_A_NUMBER");
  CHECK(quantity.path == "qty");
  CHECK(quantity.expected == "a number with \".\" before its fraction");
  CHECK(quantity.records == 3);
  CHECK(quantity.first == 2);
  CHECK(quantity.field == "qty");
  CHECK(quantity.text == "NA");
  CHECK(quantity.text_records == 2);
  CHECK(report.refused[1].code == "MALFORMED");
  CHECK(report.refused[1].field.empty());
  CHECK(report.refused[2].path == "hours");
  CHECK(report.refused[2].text == "99h");
}

TEST_CASE("a refusal by a condition names the field that the condition reads", "[file][unit]") {
  const auto contract =
      Orders({{"if: 'status == \"DONE\"'", "if: 'qty > 0'"}, {"[memo]", "[memo, status]"}});
  const CheckReport report =
      Check(contract, kOrdersHeader + "881,1,3,2026-06-30 08:00,,10023,M12,A,DONE,NA,7.50,\n");
  REQUIRE(report.refused.size() == 1);
  CHECK(report.refused[0].path == "measures.output.if");
  CHECK(report.refused[0].field == "qty");
  CHECK(report.refused[0].text == "NA");
}

TEST_CASE("the fields that a strict contract does not name are named at once", "[file][unit]") {
  const auto contract = Orders({{"ignore: [memo]\n", ""}, {"attributes: {product: sku}\n", ""}});
  const CheckReport report = Check(contract, kOrdersHeader + "881,1" + kGood);
  REQUIRE(report.refused.size() == 1);
  CHECK(report.refused[0].code == "SCHEMA_REJECTED");
  CHECK(report.refused[0].text.empty());
  CHECK(Warns(report, "does not name the fields memo, sku: every record"));
}

TEST_CASE("an input that gives nothing is warned of", "[file][unit]") {
  CHECK(Warns(Check(Orders(), kOrdersHeader), "the input has no records"));
  CHECK(Warns(Check(Orders(), kOrdersHeader + "bad\n"), "no record gives a fact"));
}

}  // namespace
}  // namespace assay

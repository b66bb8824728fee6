// Noise: whatever the bytes are, every record of an input becomes exactly one intake.

#include <simdjson.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "connectors/file/json_fields.h"
#include "connectors/file/mapper.h"
#include "connectors/file/record_splitter.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::kOrdersHeader;
using testing::kReceivedAt;
using testing::Orders;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

// Draws texts that are nearly right, for that is where the mistakes are.
class Noise {
 public:
  explicit Noise(uint64_t seed) : random_(seed) {}

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

  const std::string& OneOf(const std::vector<std::string>& texts) {
    return texts[Below(texts.size())];
  }

  std::string Bytes(size_t size_max) {
    std::string bytes(Below(size_max + 1), '\0');
    for (char& c : bytes) c = static_cast<char>(Below(256));
    return bytes;
  }

  // `text` with a few bytes changed, dropped, doubled or moved in from the alphabet.
  std::string Damaged(std::string text, std::string_view alphabet) {
    for (size_t edits = Below(4); edits > 0 && !text.empty(); --edits) {
      const size_t at = Below(text.size());
      switch (Below(4)) {
        case 0:
          text[at] = static_cast<char>(Below(256));
          break;
        case 1:
          text.erase(at, Below(3) + 1);
          break;
        case 2:
          text.insert(at, 1, alphabet[Below(alphabet.size())]);
          break;
        default:
          text.insert(at, text.substr(Below(text.size()), Below(8)));
      }
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

std::string CsvLine(Noise& noise) {
  std::string line;
  const std::vector<std::string> values = {"",
                                           "881",
                                           "1",
                                           "3",
                                           "2026-06-30 08:00",
                                           "2026-03-29 02:30",
                                           "D",
                                           "10023",
                                           "M12",
                                           "DONE",
                                           "500",
                                           "7.50",
                                           "1,5",
                                           "\"a\"\"b\"",
                                           "\"x\ny\"",
                                           " 1 ",
                                           "1e27",
                                           "0.0000000000001",
                                           "张伟",
                                           "-1",
                                           "\""};
  for (int i = 0; i < 12; ++i) line += (i == 0 ? "" : ",") + noise.OneOf(values);
  return line;
}

std::string JsonLine(Noise& noise) {
  const std::vector<std::string> names = {"order_no", "line",    "rev", "posted_at", "op",
                                          "emp_no",   "status",  "qty", "hours",     "machine_no",
                                          "x",        "\\u0061", "张"};
  const std::vector<std::string> values = {"881",
                                           "1",
                                           "-0.5e3",
                                           "1e400",
                                           "\"2026-06-30 08:00\"",
                                           "\"DONE\"",
                                           "\"10023\"",
                                           "true",
                                           "null",
                                           "{}",
                                           "{\"a\":1}",
                                           "[1]",
                                           "\"\\n\"",
                                           "01",
                                           "\"\\ud83d\\ude00\"",
                                           "123456789012345678901234567890"};
  std::string line = "{";
  for (size_t i = noise.Below(12); i > 0; --i) {
    line += "\"" + noise.OneOf(names) + "\":" + noise.OneOf(values) + (i == 1 ? "" : ",");
  }
  return line + "}";
}

// Maps everything and checks what must hold for any bytes.
void CheckInput(const v1::SourceContract& contract, const std::string& text) {
  auto reader = ReadRecords(contract.input(), BytesOf(text));
  if (!reader.ok()) {
    CHECK(reader.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  Mapper mapper = Mapper::Create(contract, ClearSecrets()).value();
  int64_t expected_offset = 0;
  while (true) {
    const auto record = (*reader)->Next().value();
    if (!record) break;
    const v1::Intake intake = mapper.Map(*record, kReceivedAt).value();
    const bool exact = intake.outcome_case() != v1::Intake::OUTCOME_NOT_SET &&
                       intake.src().offset() == expected_offset &&
                       intake.has_refusal() == intake.content_hash().empty() &&
                       intake.has_refusal() == intake.day().empty();
    // Text that is no UTF-8 would not survive the log.
    v1::Intake read_back;
    if (!exact || !read_back.ParseFromString(intake.SerializeAsString())) {
      FAIL("record " << expected_offset << ": " << intake.ShortDebugString());
    }
    if (intake.has_refusal()) CHECK(record->raw == intake.refusal().original().bytes());
    ++expected_offset;
  }
}

TEST_CASE("a campaign of noise gives exactly one intake for each record", "[file][campaign]") {
  const auto seed = static_cast<uint64_t>(FromEnvironment("ASSAY_SEED", 20260630));
  const int64_t inputs = FromEnvironment("ASSAY_FILE_INPUTS", 600);
  CAPTURE(seed);
  Noise noise(seed);
  const std::string csv_format = R"({format: csv, encoding: utf-8, delimiter: ",", decimal: "."})";
  const auto csv = Orders();
  const auto gbk = Orders({{csv_format, "{format: csv, encoding: gbk, decimal: \",\"}"}});
  const auto json = Orders({{csv_format, "{format: ndjson}"}, {"strict: true", "strict: false"}});
  for (int64_t i = 0; i < inputs; ++i) {
    CAPTURE(i);
    std::string lines;
    std::string objects;
    for (int n = 0; n < 20; ++n) {
      lines += noise.Damaged(CsvLine(noise), ",\"\n\r;") + noise.OneOf({"\n", "\r\n", "\n\n"});
      objects += noise.Damaged(JsonLine(noise), "{}[]\",:\n0.eE-") + "\n";
    }
    CheckInput(csv, kOrdersHeader + lines);
    CheckInput(gbk, kOrdersHeader + lines + noise.Bytes(200));
    CheckInput(json, objects);
    CheckInput(csv, noise.Bytes(300));
    CheckInput(json, noise.Bytes(300));
  }
}

TEST_CASE("a campaign of damaged JSON is judged as a strict parser judges it", "[file][campaign]") {
  const auto seed = static_cast<uint64_t>(FromEnvironment("ASSAY_SEED", 20260630));
  const int64_t lines = FromEnvironment("ASSAY_FILE_INPUTS", 600) * 100;
  CAPTURE(seed);
  Noise noise(seed);
  JsonFields json;
  simdjson::dom::parser strict;
  int accepted = 0;
  for (int64_t i = 0; i < lines; ++i) {
    std::string line = noise.Damaged(JsonLine(noise), "{}[]\",:\n0.eE-");
    const size_t size = line.size();
    const auto parsed = strict.parse(line).get_object();
    line.append(kRecordPaddingBytes, '}');
    std::vector<Field> fields;
    const auto fault = json.Parse(std::string_view(line).substr(0, size), fields);
    // Long numbers are JSON that the strict parser cannot hold.
    const bool valid = parsed.error() == simdjson::SUCCESS;
    const bool judged = valid || parsed.error() != simdjson::NUMBER_ERROR;
    if (judged && !valid) CHECK(fault == RecordFault{"MALFORMED", "", "one JSON object"});
    if (valid) CHECK((!fault || fault->expected != "one JSON object"));
    accepted += fault ? 0 : 1;
  }
  CHECK(accepted > lines / 20);
}

}  // namespace
}  // namespace assay

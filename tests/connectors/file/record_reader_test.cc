#include "connectors/file/record_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/file/encoding.h"
#include "engine/base/limits.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::RecordsOf;

v1::InputDefinition Csv(const std::string& delimiter = ",", const std::string& encoding = "utf-8") {
  v1::InputDefinition input;
  input.set_format(v1::INPUT_FORMAT_CSV);
  input.set_delimiter(delimiter);
  input.set_encoding(encoding);
  return input;
}

v1::InputDefinition Ndjson() {
  v1::InputDefinition input;
  input.set_format(v1::INPUT_FORMAT_NDJSON);
  return input;
}

// "name=text" of every field; JSON kinds other than text behind it.
std::string Shown(const SourceRecord& record) {
  if (record.fault) {
    return fmt::format("{} {}: {}", record.fault->code, record.fault->path, record.fault->expected);
  }
  std::string shown;
  for (const Field& field : record.fields) {
    constexpr std::string_view kKinds[] = {"", "#", "?", "0", "!"};
    shown += fmt::format("{}{}={}{}", shown.empty() ? "" : " ", field.name, field.value.text,
                         kKinds[static_cast<int>(field.value.kind)]);
  }
  return shown;
}

std::string OnlyRecord(const v1::InputDefinition& input, const std::string& text) {
  const auto records = RecordsOf(input, text);
  REQUIRE(records.size() == 1);
  return Shown(records.front());
}

TEST_CASE("CSV fields have the names of the header", "[file][unit]") {
  const std::string text = "order_no,line\n881,1\r\n882,\"2, \"\"b\"\"\nc\"\n,\n";
  const auto records = RecordsOf(Csv(), text);
  REQUIRE(records.size() == 3);
  CHECK(Shown(records[0]) == "order_no=881 line=1");
  CHECK(Shown(records[1]) == "order_no=882 line=2, \"b\"\nc");
  CHECK(Shown(records[2]) == "order_no= line=");
  CHECK(records[1].raw == "882,\"2, \"\"b\"\"\nc\"");
  CHECK(records[1].offset == 1);
  CHECK(records[1].hash == Sha256(records[1].raw));
  CHECK(records[1].input_log == Sha256(text).Hex());
  CHECK(records[1].partition == 0);
}

TEST_CASE("nothing of a CSV field is trimmed", "[file][unit]") {
  CHECK(OnlyRecord(Csv(), "a,b\n 1 ,\t\n") == "a= 1  b=\t");
}

TEST_CASE("the declared delimiter separates fields", "[file][unit]") {
  CHECK(OnlyRecord(Csv(";"), "a;b\n1,5;2\n") == "a=1,5 b=2");
  CHECK(OnlyRecord(Csv("\t"), "a\tb\n1\t2\n") == "a=1 b=2");
}

TEST_CASE("a byte order mark is no part of the first name", "[file][unit]") {
  CHECK(OnlyRecord(Csv(),
                   "\xef\xbb\xbf"
                   "a,b\n1,2\n") == "a=1 b=2");
  CHECK(OnlyRecord(Ndjson(), "\xef\xbb\xbf{\"a\":1}\n") == "a=1#");
}

TEST_CASE("what is not CSV is refused record by record", "[file][unit]") {
  const auto records = RecordsOf(Csv(), "a,b\n1\n1,2,3\n1,x\"y\n\"1\"2,3\n1,c\rd\n5,6\n7,\"8\n");
  REQUIRE(records.size() == 7);
  CHECK(Shown(records[0]) == "MALFORMED : 2 fields, not 1");
  CHECK(Shown(records[1]) == "MALFORMED : 2 fields, not 3");
  CHECK(Shown(records[2]) ==
        "MALFORMED b: quotes around a field with a quote or a carriage return");
  CHECK(Shown(records[3]) == "MALFORMED a: a delimiter after the closing quote");
  CHECK(Shown(records[4]) ==
        "MALFORMED b: quotes around a field with a quote or a carriage return");
  CHECK(Shown(records[5]) == "a=5 b=6");
  CHECK(Shown(records[6]) == "MALFORMED b: a closing quote");
  CHECK(records[6].raw == "7,\"8\n");
}

TEST_CASE("a GBK file is read as text, and its raw bytes are kept as they were", "[file][unit]") {
  // 工号,姓名 / 1,张伟
  const auto records =
      RecordsOf(Csv(",", "gbk"),
                "\xb9\xa4\xba\xc5,\xd0\xd5\xc3\xfb\n1,\xd5\xc5\xce\xb0\n2,\xff\xff\n3,\xd5\n");
  REQUIRE(records.size() == 3);
  CHECK(Shown(records[0]) == "工号=1 姓名=张伟");
  CHECK(records[0].raw == "1,\xd5\xc5\xce\xb0");
  CHECK(Shown(records[1]) == "MALFORMED : gbk text");
  CHECK(Shown(records[2]) == "MALFORMED : gbk text");
}

TEST_CASE("invalid bytes refuse their record and not the file", "[file][unit]") {
  const auto records = RecordsOf(Csv(), "a\n\xff\nok\n\xc3\n\xed\xa0\x80\n张\n");
  REQUIRE(records.size() == 5);
  CHECK(Shown(records[0]) == "MALFORMED : utf-8 text");
  CHECK(Shown(records[1]) == "a=ok");
  CHECK(Shown(records[2]) == "MALFORMED : utf-8 text");
  CHECK(Shown(records[3]) == "MALFORMED : utf-8 text");
  CHECK(Shown(records[4]) == "a=张");
  CHECK(records[0].fields.empty());
  CHECK(records[0].raw == "\xff");
}

TEST_CASE("a header that cannot name fields refuses the file", "[file][unit]") {
  for (const std::string text :
       {"", "\n\n", "a,a\n1,2\n", "a,\n1,2\n", "a,b\"c\n", "\xff,b\n1,2\n", "\"a\n"}) {
    CAPTURE(text);
    CHECK(ReadRecords(Csv(), BytesOf(text)).status().code() == absl::StatusCode::kInvalidArgument);
  }
  CHECK(MessageOf(ReadRecords(Csv(), BytesOf("a,b,a\n")).status()) ==
        "header: columns 0 and 2 are both named \"a\"");
  CHECK(RecordsOf(Csv(), "a,b\n").empty());
}

TEST_CASE("the columns of an input are those of its reader, or its error", "[file][unit]") {
  for (const std::string text :
       {"a,b\n1,2\n", "\xef\xbb\xbf\"a\nb\",c\n", "a", "", "a,a\n", "\xff\n"}) {
    CAPTURE(text);
    const auto reader = ReadRecords(Csv(), BytesOf(text));
    const auto columns = ReadColumns(Csv(), BytesOf(text));
    REQUIRE(columns.status() == reader.status());
    if (columns.ok()) CHECK(*columns == (*reader)->Columns());
  }
  CHECK(ReadColumns(Ndjson(), BytesOf("{\"a\":1}\n")).value().empty());
}

TEST_CASE("for its columns a file is not read to its end", "[file][unit]") {
  // Its header, then a disk that fails.
  class Failing : public ByteSource {
   public:
    absl::StatusOr<size_t> Read(char* out, size_t size) override {
      if (std::exchange(was_read_, true)) return absl::UnavailableError("read on");
      return std::string_view("a,b\n1,").copy(out, size);
    }

   private:
    bool was_read_ = false;
  };
  CHECK(ReadColumns(Csv(), std::make_unique<Failing>()).value() ==
        std::vector<std::string>{"a", "b"});
}

TEST_CASE("an encoding that nobody knows is said so", "[file][unit]") {
  CHECK(MakeDecoder("latin-9").status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("JSON is flattened to paths and numbers keep their text", "[file][unit]") {
  CHECK(
      OnlyRecord(
          Ndjson(),
          R"({"order":{"no":881,"lines":{"n":1.50}},"who":"张\u4f1f","ok":true,"x":null,"e":{}})") ==
      "order.no=881# order.lines.n=1.50# who=张伟 ok=true? x=0 e=0");
  CHECK(OnlyRecord(Ndjson(), "{}") == "");
  CHECK(OnlyRecord(Ndjson(), R"( { "a" : -0.0e+10 , "b" : "" } )") == "a=-0.0e+10# b=");
}

TEST_CASE("a number may be longer than any machine word", "[file][unit]") {
  CHECK(OnlyRecord(Ndjson(), R"({"a":123456789012345678901234567890,"b":1e400})") ==
        "a=123456789012345678901234567890# b=1e400#");
}

TEST_CASE("what is not one JSON object is refused", "[file][unit]") {
  for (const std::string text : {"{",
                                 "[]",
                                 "1",
                                 "null",
                                 "\"a\"",
                                 "{\"a\":1}x",
                                 "{\"a\":1} {\"b\":2}",
                                 "{'a':1}",
                                 "{a:1}",
                                 "{\"a\":1,}",
                                 "{\"a\" 1}",
                                 "{\"a\":01}",
                                 "{\"a\":1.}",
                                 "{\"a\":.5}",
                                 "{\"a\":+1}",
                                 "{\"a\":tru}",
                                 "{\"a\":nul}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\\ud800\"}",
                                 "{\"a\":1e}",
                                 "{\"a\":1e999999999999999999999,\"b\":tru}",
                                 "{\"a\":1e400}x",
                                 "{\"a\":1e400}}",
                                 "   "}) {
    CAPTURE(text);
    CHECK(OnlyRecord(Ndjson(), text) == "MALFORMED : one JSON object");
  }
}

TEST_CASE("JSON that would be ambiguous is refused with its path", "[file][unit]") {
  CHECK(OnlyRecord(Ndjson(), R"({"a":{"b":[1]}})") == "MALFORMED a.b: no array");
  CHECK(OnlyRecord(Ndjson(), R"({"a":1,"a":2})") == "MALFORMED a: each key once");
  CHECK(OnlyRecord(Ndjson(), R"({"a":{"b":1},"a":{"c":2}})") == "MALFORMED a: each key once");
  CHECK(OnlyRecord(Ndjson(), R"({"a":{"b":1},"a.b":2})") == "MALFORMED a.b: each key once");
  CHECK(OnlyRecord(Ndjson(), R"({"a":1,"\u0061":2})") == "MALFORMED a: each key once");
}

TEST_CASE("JSON may be nested to the limit and no deeper", "[file][unit]") {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += "{\"a\":";
    return text + "1" + std::string(static_cast<size_t>(levels), '}');
  };
  CHECK(RecordsOf(Ndjson(), nested(limits::kRecordDepthMax))[0].fields.size() == 1);
  const auto fault = RecordsOf(Ndjson(), nested(limits::kRecordDepthMax + 1))[0].fault;
  REQUIRE(fault);
  CHECK(fault->expected == "at most 64 levels");
  CHECK(OnlyRecord(Ndjson(), nested(100'000)) == "MALFORMED : at most 64 levels");
}

TEST_CASE("a record has a limited number of fields", "[file][unit]") {
  std::string text = "{";
  for (int i = 0; i <= kRecordFieldsMax; ++i) text += fmt::format("\"f{}\":1,", i);
  text.back() = '}';
  CHECK(OnlyRecord(Ndjson(), text) == "MALFORMED : at most 1024 fields");
}

TEST_CASE("a record over the limit is refused with its beginning, length and hash",
          "[file][unit]") {
  const std::string large = "1," + std::string(3'000'000, 'x');
  const auto records = RecordsOf(Csv(), "a,b\n" + large + "\n1,2\n");
  REQUIRE(records.size() == 2);
  CHECK(Shown(records[0]) == "RECORD_TOO_LARGE : at most 1048576 bytes");
  CHECK(records[0].raw == large.substr(0, 65'536));
  CHECK(records[0].length == static_cast<int64_t>(large.size()));
  CHECK(records[0].hash == Sha256(large));
  CHECK(Shown(records[1]) == "a=1 b=2");
  CHECK(records[1].offset == 1);
}

TEST_CASE("reading goes on at a record number", "[file][unit]") {
  auto reader = ReadRecords(Csv(), BytesOf("a\nx\n\"y\nz\"\n\nw\n"), 2);
  REQUIRE(reader.ok());
  const auto record = (*reader)->Next().value();
  REQUIRE(record);
  CHECK(record->offset == 2);
  CHECK(Shown(*record) == "a=w");
  CHECK_FALSE((*reader)->Next().value());
  auto beyond = ReadRecords(Csv(), BytesOf("a\nx\n"), 5);
  REQUIRE(beyond.ok());
  CHECK_FALSE((*beyond)->Next().value());
  CHECK((*beyond)->Columns() == std::vector<std::string>{"a"});
}

TEST_CASE("an error of a file names the file", "[file][unit]") {
  const auto status = OpenRecords(Csv(), "absent.csv").status();
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(MessageOf(status).find("absent.csv") != std::string_view::npos);
}

}  // namespace
}  // namespace assay

#include "connectors/file/record_splitter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

constexpr Framing kLines;
constexpr Framing kCsv{.csv = true};

std::vector<std::string> Split(std::string text, const Framing& framing) {
  RecordSplitter splitter(BytesOf(std::move(text)), framing);
  std::vector<std::string> records;
  while (true) {
    const auto record = splitter.Next().value();
    if (!record) return records;
    CHECK(record->length == static_cast<int64_t>(record->bytes.size()));
    CHECK(record->hash == Sha256(record->bytes));
    records.emplace_back(record->bytes);
  }
}

using Records = std::vector<std::string>;

TEST_CASE("records end at line feeds, with or without a carriage return", "[file][unit]") {
  CHECK(Split("a\nb\r\nc", kLines) == Records{"a", "b", "c"});
  CHECK(Split("a\n", kLines) == Records{"a"});
  CHECK(Split("a\rb\n", kLines) == Records{"a\rb"});
  CHECK(Split("a\r", kLines) == Records{"a"});
  CHECK(Split("", kLines) == Records{});
}

TEST_CASE("empty lines are no records", "[file][unit]") {
  CHECK(Split("\n\na\n\r\n\nb\n\n", kLines) == Records{"a", "b"});
  CHECK(Split("\"\"\n\n", kCsv) == Records{"\"\""});
}

TEST_CASE("a byte order mark is skipped at the beginning and nowhere else", "[file][unit]") {
  CHECK(Split("\xef\xbb\xbf"
              "a\n\xef\xbb\xbf"
              "b",
              kLines) == Records{"a",
                                 "\xef\xbb\xbf"
                                 "b"});
  CHECK(Split("\xef\xbb\xbf", kLines) == Records{});
}

TEST_CASE("a quoted line feed is content of CSV", "[file][unit]") {
  CHECK(Split("a,\"b\nc\",d\ne", kCsv) == Records{"a,\"b\nc\",d", "e"});
  CHECK(Split("\"a\r\n\"\"b\n\"\r\nc", kCsv) == Records{"\"a\r\n\"\"b\n\"", "c"});
  CHECK(Split("{\"a\": \"b\nc", kLines) == Records{"{\"a\": \"b", "c"});
}

TEST_CASE("a stray quote costs its own record and not the next", "[file][unit]") {
  CHECK(Split("5\" pipe,1\nb,2", kCsv) == Records{"5\" pipe,1", "b,2"});
  CHECK(Split("\"a\"b\nc", kCsv) == Records{"\"a\"b", "c"});
  CHECK(Split("a,\"b\nc", kCsv) == Records{"a,\"b\nc"});
}

TEST_CASE("the second byte of a GBK character is no delimiter", "[file][unit]") {
  // 0x81 0x7c is one character, and so is 0x8d 0x7c: a quote after it is in the middle of a field.
  const Framing pipes{.csv = true, .delimiter = '|', .gbk = true};
  CHECK(Split("\x81|\"b\nc", pipes) == Records{"\x81|\"b", "c"});
  const Framing utf8{.csv = true, .delimiter = '|'};
  CHECK(Split("\x81|\"b\nc", utf8) == Records{"\x81|\"b\nc"});
  // A first byte without its second does not hide the end of the record.
  CHECK(Split("a\x81\nb", pipes) == Records{"a\x81", "b"});
}

TEST_CASE("records are the same wherever the pieces that are read end", "[file][unit]") {
  // Longer than several pieces, with a line feed at every distance from their ends.
  std::string text;
  Records expected;
  for (size_t i = 0; text.size() < 1'500'000; ++i) {
    expected.push_back(std::string(i % 1009 + 1, static_cast<char>('a' + i % 26)));
    text += expected.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  CHECK(Split(text, kLines) == expected);
  CHECK(Split(text, kCsv) == expected);
}

TEST_CASE("a record of exactly the limit is whole, one byte more is not", "[file][unit]") {
  const std::string limit(limits::kRecordBytesMax, 'x');
  for (const char* ending : {"", "\n", "\r\n"}) {
    const Records records = Split(limit + ending + (*ending == '\0' ? "" : "y\n"), kLines);
    REQUIRE(records.size() == (*ending == '\0' ? 1U : 2U));
    CHECK(records[0] == limit);

    RecordSplitter splitter(BytesOf("x" + limit + ending + (*ending == '\0' ? "" : "y\n")), kLines);
    const auto record = splitter.Next().value();
    REQUIRE(record);
    CHECK(record->bytes == std::string_view(limit).substr(0, limits::kOversizeKeptBytes));
    CHECK(record->length == static_cast<int64_t>(limit.size()) + 1);
    CHECK(record->hash == Sha256("x" + limit));
    if (*ending != '\0') CHECK(splitter.Next().value()->bytes == "y");
  }
}

TEST_CASE("a record of many megabytes is hashed and measured to its end", "[file][unit]") {
  std::string large = "begin,";
  while (large.size() < 5'000'000) large += "carriage\r returns\r";
  RecordSplitter splitter(BytesOf("a\n" + large + "\r\nb\n"), kLines);
  CHECK(splitter.Next().value()->bytes == "a");
  const auto record = splitter.Next().value();
  CHECK(record->bytes == std::string_view(large).substr(0, limits::kOversizeKeptBytes));
  CHECK(record->length == static_cast<int64_t>(large.size()));
  CHECK(record->hash == Sha256(large));
  CHECK(splitter.Next().value()->bytes == "b");
  CHECK_FALSE(splitter.Next().value());
  CHECK_FALSE(splitter.Next().value());
}

}  // namespace
}  // namespace assay

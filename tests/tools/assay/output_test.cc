#include "tools/assay/output.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <thread>

namespace assay {
namespace {

TEST_CASE("what a thread prints is gathered, and of that thread alone") {
  OutputCapture capture;
  CHECK(Out() != stdout);
  fmt::print(Out(), "data {}\n", 1);
  fmt::print(Err(), "words\n");
  std::thread([] {
    CHECK(Out() == stdout);
    OutputCapture other;
    fmt::print(Out(), "of another call");
    CHECK(other.Take().out == "of another call");
  }).join();
  const auto printed = capture.Take();
  CHECK(printed.out == "data 1\n");
  CHECK(printed.err == "words\n");
  CHECK(Out() == stdout);
  CHECK(Err() == stderr);
}

TEST_CASE("what is gathered has a limit, and going beyond it is told") {
  OutputCapture capture(5);
  fmt::print(Out(), "1234");
  fmt::print(Out(), "56789");
  const auto printed = capture.Take();
  CHECK(printed.out == "12345");
  CHECK(printed.overflowed);
}

TEST_CASE("an error that is gathered stands behind the data that came before it") {
  OutputCapture capture;
  PrintObject(OutputFormat::kNdjson, Json::Object().Put("a", "b"));
  PrintUsageError(OutputFormat::kTable, "wrong", "do better");
  const auto printed = capture.Take();
  CHECK(printed.out == "{\"a\":\"b\"}\n");
  CHECK(printed.err == "error USAGE: wrong\nhint: do better\n");
}

TEST_CASE("no row, value or word carries what a terminal obeys", "[output]") {
  const std::string text = "x\n\x1b[2J\u009b1m\u202ey";
  const std::string shown = "x\\n\\u001b[2J\\u009b1m\\u202ey";
  const std::vector<Column> columns = {{"name", "NAME"}, {"next", "NEXT"}};
  const Json row = Json::Object().Put("name", text).Put("next", "z");
  OutputCapture capture;
  PrintRows(OutputFormat::kTable, columns, {row});
  PrintRows(OutputFormat::kCsv, columns, {row});
  PrintRows(OutputFormat::kNdjson, columns, {row});
  PrintObject(OutputFormat::kTable, Json::Object().Put("a" + text, text));
  PrintPlain(Out(), "{} {:>3}\n", text, 7);
  PrintError(OutputFormat::kTable, MakeStatus(absl::StatusCode::kNotFound, "no {}", text),
             "not " + text);
  const auto printed = capture.Take();
  CHECK(printed.out == "NAME" + std::string(shown.size() - 4, ' ') + "  NEXT\n" + shown +
                           "  z\nname,next\n" + shown + ",z\n{\"name\":\"" + shown +
                           "\",\"next\":\"z\"}\na" + shown + "  " + shown + "\n" + shown +
                           "   7\n");
  CHECK(printed.err == "error NOT_FOUND: no " + shown + "\nhint: not " + shown + "\n");
}

TEST_CASE("a CSV cell that a spreadsheet would compute is guarded, and a number is none",
          "[output]") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"},
      {"@SUM(1+1)", "'@SUM(1+1)"},
      {"+1+1", "'+1+1"},
      {"-2+3", "'-2+3"},
      {"\tx", "'\\tx"},
      {"\rx", "'\\rx"},
      {"=1,\"2\"", "\"'=1,\"\"2\"\"\""},
      {"＝1+1", "'＝1+1"},
      {"-5", "-5"},
      {"-0.25", "-0.25"},
      {"+7", "+7"},
      {"-1.2.3", "'-1.2.3"},
      {"-", "-"},
      {"a=b", "a=b"},
      {"", ""},
  };
  for (const auto& [value, cell] : table) {
    OutputCapture capture;
    PrintRows(OutputFormat::kCsv, {}, {Json::Object().Put("v", value)});
    CHECK(capture.Take().out == fmt::format("v\n{}\n", cell));
  }
}

}  // namespace
}  // namespace assay

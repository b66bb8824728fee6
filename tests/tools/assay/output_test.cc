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

}  // namespace
}  // namespace assay

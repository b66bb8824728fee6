// `assay ingest` as its caller meets it: files that cannot be read, a call that is stopped, a file
// that is in already.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

constexpr const char* kHeader = "record,rev,day,emp,output\n";

std::string Rows(int first, int count) {
  std::string rows;
  for (int i = first; i < first + count; ++i) rows += fmt::format("r-{},1,2026-06-03,E1,1\n", i);
  return rows;
}

std::vector<std::string> Ingest(const std::vector<std::string>& files) {
  std::vector<std::string> words = {"--home", "home", "-o", "ndjson", "ingest", "erp"};
  words.insert(words.end(), files.begin(), files.end());
  return words;
}

std::string Applied(int64_t records) {
  return fmt::format(
      "{{\"received\":{0},\"applied\":{0},\"unattributed\":0,\"duplicate\":0,\"stale\":0,"
      "\"rejected\":0,\"held\":0}}\n",
      records);
}

uintmax_t BytesOf(const std::string& directory) {
  uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    const auto size = std::filesystem::file_size(entry.path(), error);
    if (!error) bytes += size;
  }
  return bytes;
}

// A company whose source erp has sent nothing.
Scene Quiet() {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  return scene;
}

}  // namespace

TEST_CASE("files are looked at before the first is ingested", "[scenario][ingest]") {
  const Scene scene = Quiet();
  const Program& files = scene.Files();
  files.Write("a.csv", kHeader + Rows(1, 2));
  files.Write("narrow.csv", "record,rev,day,emp\nr-1,1,2026-06-03,E1\n");
  files.Write("empty.csv", "");
  std::filesystem::create_directory(files.Path("folder"));
  const std::pair<const char*, int> bad[] = {
      {"nofile.csv", 3}, {"folder", 1}, {"narrow.csv", 2}, {"empty.csv", 2}};
  for (const auto& [name, code] : bad) {
    const Ended ended = files.Run(Ingest({"a.csv", name}));
    INFO(ended.err);
    CHECK(ended.code == code);
    CHECK(ended.out.empty());
    CHECK(ended.err.find(name) != std::string::npos);
  }
  const Ended ended = files.Run(Ingest({"a.csv"}));
  CHECK(ended.out == Applied(2));
  CHECK(ended.err.empty());
}

TEST_CASE("a file that fails half way leaves the counts so far", "[scenario][ingest]") {
  const Scene scene = Quiet();
  const Program& files = scene.Files();
  constexpr int kRecords = 60'000;
  files.Write("a.csv", kHeader + Rows(1, 2));
  files.Write("b.csv", kHeader + Rows(3, kRecords));
  const std::string journal = files.Path("home/journal");
  const uintmax_t before = BytesOf(journal);
  const Ended ended = files.RunAndSignal(Ingest({"a.csv", "b.csv"}), SIGINT, [&] {
    if (BytesOf(journal) < before + 500'000) return false;
    // The file changes while it is read.
    std::ofstream(files.Path("b.csv"), std::ios::app) << Rows(kRecords + 3, 1);
    return false;
  });
  INFO(ended.err);
  CHECK(ended.code == 1);
  CHECK(ended.out.starts_with("{\"received\":"));
  CHECK(ended.out.find("\"received\":0,") == std::string::npos);
  CHECK(ended.err.find("b.csv: the file changed while it was read") != std::string::npos);
}

TEST_CASE("a call that is stopped says how far it came, and the same call goes on",
          "[scenario][ingest]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Scene scene = Quiet();
    const Program& files = scene.Files();
    constexpr int kRecords = 60'000;
    files.Write("a.csv", kHeader + Rows(1, kRecords));
    const std::string journal = files.Path("home/journal");
    const uintmax_t before = BytesOf(journal);
    std::chrono::steady_clock::time_point sent;
    const Ended stopped = files.RunAndSignal(Ingest({"a.csv"}), signal, [&] {
      sent = std::chrono::steady_clock::now();
      return BytesOf(journal) > before + 500'000;
    });
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - sent);
    INFO(stopped.out << stopped.err);
    REQUIRE(stopped.code == 130);
    // Never at the end of the file.
    fmt::print("a call was stopped {} ms after the signal\n", waited.count());
    simdjson::dom::parser parser;
    const int64_t in = parser.parse(simdjson::padded_string(stopped.out))["applied"].get_int64();
    CHECK(in > 0);
    CHECK(in < kRecords);
    CHECK(stopped.out == Applied(in));
    CHECK(stopped.err.find("\"code\":\"INTERRUPTED\"") != std::string::npos);
    CHECK(stopped.err.find("run the same command again to go on") != std::string::npos);

    const Ended rest = files.Run(Ingest({"a.csv"}));
    CHECK(rest.code == 0);
    CHECK(rest.out == Applied(kRecords - in));
    CHECK(rest.err ==
          fmt::format("a.csv: went on behind record {}, where an earlier call ended\n", in));
    CHECK(files.Run({"--home", "home", "verify"}).code == 0);
  }
}

TEST_CASE("a file that is in already is told, and so is where refused records are",
          "[scenario][ingest]") {
  const Scene scene = Quiet();
  const Program& files = scene.Files();
  files.Write("a.csv", kHeader + Rows(1, 3) + "r-4,1,2026-06-03,E1,many\n");
  CHECK(files.Run(Ingest({"a.csv"})).err ==
        "1 rejected: see `assay rejection list --source erp`\n");
  const Ended again = files.Run(Ingest({"a.csv"}));
  CHECK(again.code == 0);
  CHECK(again.out == Applied(0));
  CHECK(again.err == "a.csv: its 4 records are in already\n");
}

}  // namespace assay::testing

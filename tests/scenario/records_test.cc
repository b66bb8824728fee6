// What is said of records that do not count: before they are ingested, and in the quarantine.

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

constexpr const char* kHeader = "record,rev,day,emp,output\n";

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Ended Home(const Scene& scene, std::vector<std::string> words) {
  words.insert(words.begin(), {"--home", "home"});
  return scene.Files().Run(words);
}

}  // namespace

TEST_CASE("a dry run compares the records of the file with each other", "[scenario][records]") {
  const Scene scene;
  scene.Files().Write("c.yaml", Contract("erp", {"output pcs"}));
  scene.Files().Write("a.csv", std::string(kHeader) +
                                   "r-1,2,2026-06-01,E1,5\n"
                                   "r-1,2,2026-06-01,E1,5\n"
                                   "r-1,2,2026-06-01,E1,6\n"
                                   "r-1,1,2026-06-01,E1,4\n"
                                   "r-1,3,2026-06-01,E1,7\n");
  const Ended ended = scene.Files().Run({"source", "check", "c.yaml", "a.csv"});
  INFO(ended.out << ended.err);
  CHECK(ended.code == 1);
  CHECK(Has(ended.out, "     1  r-1  2026-06-01  facts"));
  CHECK(Has(ended.out, "DUPLICATE of record 1; output 5 pcs"));
  CHECK(Has(ended.out,
            "     3  r-1  2026-06-01  VERSION_CONTENT_CONFLICT  rev: expected a higher version for "
            "other content than that of record 1, found r-1,2,2026-06-01,E1,6"));
  CHECK(Has(ended.out, "STALE behind record 1; output 4 pcs"));
  CHECK(Has(ended.out, "replaces record 1; output 7 pcs"));
  CHECK(Has(ended.err,
            "5 records: 4 with facts, 0 without, 0 retractions, 1 refused\n"
            "of them 1 duplicate and 1 stale, by earlier records of the file\n"));
}

TEST_CASE("the dry run and the ledger agree on every record of a file", "[scenario][records]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  CHECK(scene.Feed("output",
                   {"r-1,2,2026-06-01,E1,5", "r-1,2,2026-06-01,E1,5", "r-1,2,2026-06-01,E1,6",
                    "r-1,1,2026-06-01,E1,4", "r-1,3,2026-06-01,E1,7"}) ==
        "applied 2 duplicate 1 stale 1 rejected 1");
}

TEST_CASE("a quote that swallows lines says how many", "[scenario][records]") {
  const Scene scene;
  scene.Files().Write("c.yaml", Contract("erp", {"output pcs"}));
  scene.Files().Write("a.csv", std::string(kHeader) +
                                   "r-1,1,2026-06-01,\"E1,5\n"
                                   "r-2,1,2026-06-01,E1,5\n"
                                   "r-3,1,2026-06-01,E1,5\n");
  const Ended ended = scene.Files().Run({"source", "check", "c.yaml", "a.csv"});
  INFO(ended.out << ended.err);
  CHECK(Has(ended.err,
            "refused: 1 MALFORMED at emp, first record 1: expected a closing quote; it "
            "goes over 3 lines, which is what a quote does that does not close\n"));
}

TEST_CASE("the quarantine names file, record and what was found, in the text of the source",
          "[scenario][records]") {
  const Scene scene;
  std::string contract = Contract("erp", {"output pcs"});
  const std::string csv = "{format: csv}";
  contract.replace(contract.find(csv), csv.size(), "{format: csv, encoding: gbk}");
  scene.Files().Write("c.yaml", contract);
  REQUIRE(Home(scene, {"source", "add", "c.yaml"}).code == 0);
  // "多" in GBK.
  scene.Files().Write("a.csv", std::string(kHeader) +
                                   "r-1,1,2026-06-01,E1,5\n"
                                   "r-2,1,2026-06-01,E1,\xb6\xe0\n");
  REQUIRE(Home(scene, {"ingest", "erp", "a.csv"}).code == 0);
  const std::string list = Home(scene, {"rejection", "list"}).out;
  INFO(list);
  CHECK(Has(list, "r-2,1,2026-06-01,E1,多  file "));
  CHECK(Has(list, "       2  20"));
  simdjson::dom::parser parser;
  const std::string rows = Home(scene, {"-o", "json", "rejection", "list"}).out;
  const auto row = parser.parse(simdjson::padded_string(rows)).at(0).value();
  const std::string id = TextIn(row, "id");
  CHECK(TextIn(row, "inputRecord") == "2");
  const Ended table = Home(scene, {"rejection", "show", id});
  INFO(table.out);
  CHECK(table.out.ends_with("\nr-2,1,2026-06-01,E1,多\n"));
  const std::string shown = Home(scene, {"-o", "json", "rejection", "show", id}).out;
  const auto object = parser.parse(simdjson::padded_string(shown)).value();
  CHECK(TextIn(object, "original") == "r-2,1,2026-06-01,E1,多");
  CHECK(TextIn(object, "originalHex").ends_with("2cb6e0"));
}

TEST_CASE("a part of the log that is not there is named", "[scenario][records]") {
  const Scene scene;
  const auto answer = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"log", "show"});
    const Ended ended = Home(scene, words);
    return fmt::format("exit {} {}", ended.code, ended.err.substr(0, ended.err.find('\n')));
  };
  CHECK(answer({"decisions", "--stream", "agreement/none"}) ==
        "exit 3 error NOT_FOUND: there is no stream \"agreement/none\" (--stream)");
  CHECK(answer({"decisions", "--from", "5", "--to", "4"}) ==
        "exit 2 error USAGE: --to: expected 5 (--from) or a later position, found 4");
  CHECK(answer({"decisions", "--from", "900"})
            .starts_with("exit 2 error USAGE: --from: expected a position up to "));
  CHECK(answer({"decisions", "--stream", "unit/u-1"}) == "exit 0 ");
  CHECK(answer({"decisions", "--stream", "company/people"}) == "exit 0 ");
  CHECK(answer({"facts"}) == "exit 0 ");
}

}  // namespace assay::testing

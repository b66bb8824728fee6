// A table of bad command files, contracts, records and words, with the exact answer to each.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/call_table.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"

namespace assay::testing {
namespace {

constexpr const char* kTable = "tests/scenario/golden/bad_inputs.txt";
constexpr const char* kNow = "2026-07-02T10:00:00Z";

// A company to be wrong about.
class Company {
 public:
  Company() : program_(scratch_.path()) {
    program_.Write("erp.yaml", Contract("erp", {"output pcs"}));
    program_.Write("people.yaml",
                   Founding() + Hire("p-1", "E1") + Hire("p-2", "E2") +
                       By("p-hr",
                          "createPosition: {position: pos-lead, unit: u-1, title: Lead, "
                          "headcount: 1, from: 2026-01-01}"));
    program_.Write("rules.yaml",
                   Publish({.id = "output", .formula = "sum(erp.output)"}) + CurveAndBands() +
                       Template("std@1", {{.item = "output", .target = "100"}}) + June("std@1") +
                       By("p-hr",
                          "openAgreement: {agreement: a-1, person: p-1, "
                          "position: pos-op, cycle: 2026-06}") +
                       Draft("m-fn", "total(erp.output)", "pcs") +
                       Draft("m-unit", "sum(erp.output)", "h") +
                       Draft("m-source", "sum(mes.hours)", "h") +
                       "---\ncommandId: opened\nactor: {person: p-hr}\n"
                       "planCycle: {cycle: 2026-07, period: {from: 2026-07-01, to: 2026-08-01}, "
                       "grain: MONTH, template: std@1}\n");
    Must({"--now", kNow, "init", "--company", "acme", "--admin", "p-admin", "--partitions", "3"});
    Must({"--now", kNow, "run", "people.yaml"});
    Must({"--now", kNow, "source", "add", "erp.yaml"});
    Must({"--now", kNow, "run", "rules.yaml"});
  }

  // The answer to a case, as it stands in the table.
  std::string Answer(const CallCase& bad) {
    for (const auto& [name, text] : bad.files) program_.Write(name, text);
    std::vector<std::string> words = bad.words;
    const bool has_home = std::find(words.begin(), words.end(), "--home") != words.end();
    if (!has_home && !words.empty()) words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program_.Run(words);
    for (const auto& [name, text] : bad.files) std::filesystem::remove(scratch_.Path(name));
    std::filesystem::remove_all(scratch_.Path("other"));
    return AnswerOf(ended);
  }

  std::string Digest() { return Must({"digest"}); }

 private:
  static std::string Draft(const char* id, const char* formula, const char* unit) {
    return By("p-hr", fmt::format("draftMetric: {{metric: {0}@1, definition: {{name: {0}, "
                                  "ownerUnit: u-1, kind: QUANTITATIVE, sources: [erp], "
                                  "formula: \"{1}\", unit: {2}, grain: MONTH, "
                                  "direction: HIGHER_IS_BETTER, attribution: SPLIT, "
                                  "missing: ZERO, divZero: ZERO, rounding: HALF_UP}}}}",
                                  id, formula, unit));
  }
  std::string Must(std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program_.Run(words);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  }

  ScratchDirectory scratch_;
  Program program_;
};

}  // namespace

TEST_CASE("bad inputs are answered with field, value, expectation and place, and change nothing",
          "[scenario][inputs]") {
  PreferMemory();
  const CallTable table(kTable);
  REQUIRE(table.Cases().size() >= 140);
  std::vector<std::string> answers;
  Company company;
  const std::string digest = company.Digest();
  for (const CallCase& bad : table.Cases()) {
    INFO(bad.title);
    const std::string answer = company.Answer(bad);
    if (!CallTable::Writes()) CHECK(answer == bad.answer);
    CHECK(answer.substr(0, 7) != "exit 0\n");
    answers.push_back(answer);
  }
  CHECK(company.Digest() == digest);
  if (CallTable::Writes()) table.Write(answers);
}

}  // namespace assay::testing

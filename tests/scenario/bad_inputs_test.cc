// A table of bad command files, contracts, records and words, with the exact answer to each.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/paths.h"

namespace assay::testing {
namespace {

constexpr const char* kTable = "tests/scenario/golden/bad_inputs.txt";
constexpr const char* kNow = "2026-07-02T10:00:00Z";

struct Case {
  std::string title;
  std::map<std::string, std::string> files;
  std::vector<std::string> words;
  // The lines as they stand in the table: what is given, and the answer.
  std::string given;
  std::string answer;
};

// "\xHH" becomes a byte.
std::string Unescaped(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\x") == 0 && i + 4 <= text.size()) {
      bytes.push_back(static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16)));
      i += 3;
    } else {
      bytes.push_back(text[i]);
    }
  }
  return bytes;
}

// Words by blanks; double quotes hold one together.
std::vector<std::string> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  bool is_quoted = false;
  bool is_word = false;
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
      if (!is_word) words.emplace_back();
      is_word = true;
    } else if (c == ' ' && !is_quoted) {
      is_word = false;
    } else {
      if (!is_word) words.emplace_back();
      is_word = true;
      words.back().push_back(c);
    }
  }
  return words;
}

class Table {
 public:
  explicit Table(const std::string& text) {
    std::stringstream lines(text);
    for (std::string line; std::getline(lines, line);) Take(line);
    Replace();
  }

  [[nodiscard]] const std::vector<Case>& Cases() const { return cases_; }
  // What stands before the first case.
  [[nodiscard]] const std::string& Preface() const { return preface_; }

 private:
  void Take(const std::string& line) {
    if (line.starts_with("== ")) {
      Replace();
      cases_.push_back({.title = line.substr(3)});
      file_.clear();
    } else if (cases_.empty()) {
      preface_ += line + "\n";
    } else if (line.starts_with("exit ") || line.starts_with("out ") || line.starts_with("err ")) {
      cases_.back().answer += line + "\n";
    } else if (!line.empty()) {
      cases_.back().given += line + "\n";
      TakeGiven(line);
    }
  }

  void TakeGiven(const std::string& line) {
    Case& now = cases_.back();
    const std::string rest = line.size() > 2 ? line.substr(2) : "";
    if (!line.starts_with("+ ")) Replace();
    if (line.starts_with("file ")) {
      file_ = line.substr(5);
      now.files[file_] = "";
    } else if (line.starts_with("contract ")) {
      file_ = line.substr(9);
      now.files[file_] = Contract("erp", {"output pcs"});
    } else if (line.starts_with("|")) {
      now.files[file_] += Unescaped(rest) + "\n";
    } else if (line.starts_with("- ")) {
      replaced_ = rest;
    } else if (line.starts_with("+ ") && replaced_.empty()) {
      now.files[file_] += Unescaped(rest) + "\n";
    } else if (line.starts_with("+ ")) {
      Replace(Unescaped(rest));
    } else if (line.starts_with("$ assay")) {
      now.words = WordsOf(line.substr(7));
    } else {
      FAIL("no such line in " << kTable << ": " << line);
    }
  }

  // Puts `with` in the place of what the last "- " named.
  void Replace(const std::string& with = "") {
    if (replaced_.empty()) return;
    std::string& text = cases_.back().files[file_];
    const size_t place = text.find(replaced_);
    INFO(cases_.back().title << ": " << replaced_);
    REQUIRE(place != std::string::npos);
    text.replace(place, replaced_.size(), with);
    replaced_.clear();
  }

  std::string preface_;
  std::vector<Case> cases_;
  std::string file_;
  std::string replaced_;
};

std::string Prefixed(const char* prefix, const std::string& text) {
  std::string prefixed;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);) prefixed += prefix + line + "\n";
  return prefixed;
}

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
  std::string Answer(const Case& bad) {
    for (const auto& [name, text] : bad.files) program_.Write(name, text);
    std::vector<std::string> words = bad.words;
    const bool has_home = std::find(words.begin(), words.end(), "--home") != words.end();
    if (!has_home && !words.empty()) words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program_.Run(words);
    for (const auto& [name, text] : bad.files) std::filesystem::remove(scratch_.Path(name));
    std::filesystem::remove_all(scratch_.Path("other"));
    return fmt::format("exit {}\n", ended.code) + Prefixed("out ", ended.out) +
           Prefixed("err ", ended.err);
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

std::string TableText() {
  std::ifstream file(SourceDir() + "/" + kTable, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("bad inputs are answered with field, value, expectation and place, and change nothing",
          "[scenario][inputs]") {
  PreferMemory();
  const Table table(TableText());
  REQUIRE(table.Cases().size() >= 140);
  const bool writes = std::getenv("ASSAY_GOLDEN_WRITE") != nullptr;
  std::string text = table.Preface();
  Company company;
  const std::string digest = company.Digest();
  for (const Case& bad : table.Cases()) {
    INFO(bad.title);
    const std::string answer = company.Answer(bad);
    if (!writes) CHECK(answer == bad.answer);
    CHECK(answer.substr(0, 7) != "exit 0\n");
    text += fmt::format("== {}\n{}{}\n", bad.title, bad.given, answer);
  }
  CHECK(company.Digest() == digest);
  if (writes) std::ofstream(SourceDir() + "/" + kTable, std::ios::binary) << text;
}

}  // namespace assay::testing

#include "tests/scenario/call_table.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "tests/scenario/company.h"
#include "tests/support/paths.h"

namespace assay::testing {
namespace {

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

bool IsAnswer(const std::string& line) {
  return line.starts_with("exit ") || line == "out" || line.starts_with("out ") || line == "err" ||
         line.starts_with("err ");
}

std::string Prefixed(std::string_view prefix, const std::string& text) {
  std::string prefixed;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    prefixed += line.empty() ? fmt::format("{}\n", prefix) : fmt::format("{} {}\n", prefix, line);
  }
  return prefixed;
}

}  // namespace

std::string AnswerOf(const Ended& ended) {
  return fmt::format("exit {}\n", ended.code) + Prefixed("out", ended.out) +
         Prefixed("err", ended.err);
}

CallTable::CallTable(std::string path) : path_(std::move(path)) {
  std::ifstream lines(SourceDir() + "/" + path_, std::ios::binary);
  for (std::string line; std::getline(lines, line);) Take(line);
  Replace();
}

bool CallTable::Writes() { return std::getenv("ASSAY_GOLDEN_WRITE") != nullptr; }

void CallTable::Write(const std::vector<std::string>& answers) const {
  REQUIRE(answers.size() == cases_.size());
  std::ofstream file(SourceDir() + "/" + path_, std::ios::binary);
  file << preface_;
  for (size_t i = 0; i < cases_.size(); ++i) {
    file << fmt::format("== {}\n{}{}\n", cases_[i].title, cases_[i].given, answers[i]);
  }
}

void CallTable::Take(const std::string& line) {
  if (line.starts_with("== ")) {
    Replace();
    cases_.push_back({.title = line.substr(3)});
    file_.clear();
  } else if (cases_.empty()) {
    preface_ += line + "\n";
  } else if (IsAnswer(line)) {
    cases_.back().answer += line + "\n";
  } else if (!line.empty()) {
    cases_.back().given += line + "\n";
    TakeGiven(line);
  }
}

void CallTable::TakeGiven(const std::string& line) {
  CallCase& now = cases_.back();
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
    FAIL("no such line in " << path_ << ": " << line);
  }
}

// Puts `with` in the place of what the last "- " named.
void CallTable::Replace(const std::string& with) {
  if (replaced_.empty()) return;
  std::string& text = cases_.back().files[file_];
  const size_t place = text.find(replaced_);
  INFO(cases_.back().title << ": " << replaced_);
  REQUIRE(place != std::string::npos);
  text.replace(place, replaced_.size(), with);
  replaced_.clear();
}

}  // namespace assay::testing

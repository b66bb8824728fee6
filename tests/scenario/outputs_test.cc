// What every verb prints, in every format and in both languages, as the tables of golden/outputs
// hold it. The home is the demo company, which is the same each time, with story.yaml run on it.

#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/call_table.h"
#include "tests/scenario/program.h"
#include "tests/support/paths.h"
#include "tools/assay/verb_table.h"
#include "tools/assay/version.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "tests/scenario/golden/outputs";
constexpr const char* kNow = "2026-07-20T01:00:00Z";
// Of a longer output the table has these, and the hash of all of it.
constexpr size_t kLinesMax = 30;

// "name.txt" below the folder, in order.
std::vector<std::string> Tables() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(SourceDir() + "/" + kFolder)) {
    if (file.path().extension() == ".txt") names.push_back(file.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

// Without what is another one each time: ids that are drawn, hashes that rest on them, the user of
// the operating system, times of the machine's clock.
std::string Steady(std::string text) {
  static const std::pair<std::regex, const char*> kDrawn[] = {
      {std::regex("assay/[0-9.]+-[0-9]+-[0-9A-Z]{26}"), "assay/WRITER"},
      {std::regex("\\b0[0-9A-HJKMNP-TV-Z]{25}\\b"), "ULID"},
      {std::regex("embedded:[0-9a-f]{32}"), "embedded:MEDIUM"},
      {std::regex("\"user\":( ?)\"[0-9a-f]{32}\""), "\"user\":$1\"USER\""},
      {std::regex("\\b[0-9a-f]{64}\\b"), "HASH"},
      {std::regex("\\b[0-9a-f]{16}\\b"), "KEY"}};
  for (const auto& [pattern, with] : kDrawn) text = std::regex_replace(text, pattern, with);
  constexpr std::string_view version = kVersion;
  for (size_t at = 0; (at = text.find(version, at)) != std::string::npos;) {
    text.replace(at, version.size(), "VERSION");
  }
  return text;
}

// The beginning of a long text, and the hash of the whole.
std::string Shortened(const std::string& text) {
  std::string shortened;
  size_t lines = 0;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line); ++lines) {
    if (lines < kLinesMax) shortened += line + "\n";
  }
  if (lines <= kLinesMax) return text;
  return fmt::format("{}... {} lines, SHA-256 {}\n", shortened, lines,
                     Sha256(text).Hex().substr(0, 16));
}

// Of the command line, from what it completes: `source) ... -W "add list" ...`, `*) ... -W "init
// ..."`.
std::set<std::string> Verbs() {
  const ScratchDirectory scratch;
  const std::string script = Program(scratch.path()).Out({"completion", "bash"});
  std::set<std::string> verbs;
  std::set<std::string> nouns;
  const std::regex line("\\n    ([a-z*]+)\\) [^\\n]*-W \"([^\"]*)\"");
  for (std::sregex_iterator found(script.begin(), script.end(), line), end; found != end; ++found) {
    const std::string noun = (*found)[1];
    nouns.insert(noun);
    std::istringstream words((*found)[2]);
    for (std::string word; words >> word;) verbs.insert(noun == "*" ? word : noun + " " + word);
  }
  for (const std::string& noun : nouns) verbs.erase(noun);
  return verbs;
}

class Demo {
 public:
  Demo() : program_(scratch_.path()) {
    (void)program_.Out({"--home", "demo", "demo", "--people", "40"});
    fs::copy(SourceDir() + "/" + kFolder + "/story.yaml", program_.Path("story.yaml"));
    (void)program_.Out({"--home", "demo", "--now", kNow, "run", "story.yaml"});
  }

  // A home of the table's own.
  void Renew() const {
    fs::remove_all(program_.Path("home"));
    fs::copy(program_.Path("demo"), program_.Path("home"), fs::copy_options::recursive);
  }

  std::string Answer(const CallCase& call) const {
    for (const auto& [name, text] : call.files) program_.Write(name, text);
    std::vector<std::string> words = {"--now", kNow};
    if (std::ranges::find(call.words, "--home") == call.words.end())
      words.insert(words.begin(), {"--home", "home"});
    words.insert(words.end(), call.words.begin(), call.words.end());
    Ended ended = program_.Run(words);
    ended.out = Shortened(Steady(ended.out));
    ended.err = Shortened(Steady(ended.err));
    return AnswerOf(ended);
  }

 private:
  ScratchDirectory scratch_;
  Program program_;
};

}  // namespace

TEST_CASE("every verb prints in every format what its table holds", "[scenario][golden][outputs]") {
  PreferMemory();
  const Demo demo;
  for (const std::string& name : Tables()) {
    INFO(name);
    demo.Renew();
    const CallTable table(fmt::format("{}/{}", kFolder, name));
    std::vector<std::string> answers;
    for (const CallCase& call : table.Cases()) {
      INFO(call.title);
      answers.push_back(demo.Answer(call));
      if (!CallTable::Writes()) CHECK(answers.back() == call.answer);
    }
    if (CallTable::Writes()) table.Write(answers);
  }
}

TEST_CASE("every verb of the command line has a row, and a table of its outputs",
          "[scenario][outputs]") {
  std::set<std::string> called;
  for (const std::string& name : Tables()) {
    const CallTable table(fmt::format("{}/{}", kFolder, name));
    for (const CallCase& call : table.Cases()) {
      // The verb's words come after the options, which begin with a dash and have a value each.
      const auto& words = call.words;
      size_t at = 0;
      while (at < words.size() && words[at].starts_with("-")) at += 2;
      for (size_t size = 1; size <= 2 && at + size <= words.size(); ++size) {
        called.insert(size == 1 ? words[at] : words[at] + " " + words[at + 1]);
      }
    }
  }
  std::set<std::string> rows;
  for (const VerbRow& row : VerbTable()) rows.emplace(row.verb);
  CHECK(Verbs() == rows);
  for (const std::string& verb : rows) {
    INFO(verb);
    CHECK(called.contains(verb));
  }
}

}  // namespace assay::testing

// The table of attacks names cases that are there.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/paths.h"

namespace assay::testing {
namespace {

struct Row {
  std::string name;
  std::string file;
};

std::string TextOf(const std::string& path) {
  std::ifstream file(SourceDir() + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// "| attack | by | case | `file` |", without the head of the table.
std::vector<Row> RowsOf(const std::string& text) {
  std::vector<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    for (size_t at = 0, next = 0; (next = line.find(" | ", at)) != line.npos; at = next + 3) {
      cells.push_back(line.substr(at, next - at));
    }
    const size_t file = line.rfind("| `");
    if (cells.size() != 3 || file == line.npos || !line.ends_with("` |")) continue;
    rows.push_back({cells[2], line.substr(file + 3, line.size() - file - 6)});
  }
  return rows;
}

// The rows whose case is not in their file.
std::vector<std::string> Missing(const std::vector<Row>& rows) {
  std::vector<std::string> missing;
  for (const Row& row : rows) {
    std::string text = TextOf(row.file);
    // A name may be broken into two literals.
    for (size_t at = 0; (at = text.find("\"\n", at)) != text.npos;) {
      const size_t next = text.find_first_not_of(" \n", at + 1);
      if (next != text.npos && text[next] == '"') {
        text.erase(at, next - at + 1);
      } else {
        ++at;
      }
    }
    if (text.find(fmt::format("TEST_CASE(\"{}\"", row.name)) == text.npos) {
      missing.push_back(row.file + ": " + row.name);
    }
  }
  return missing;
}

}  // namespace

TEST_CASE("every attack of the table has its case", "[attack]") {
  const std::vector<Row> rows = RowsOf(TextOf("tests/attack/README.md"));
  CHECK(rows.size() > 40);
  CHECK(Missing(rows) == std::vector<std::string>{});
}

TEST_CASE("a case that is gone is found", "[attack][self]") {
  const std::vector<Row> rows = RowsOf(
      "| a | b | c | in |\n|---|---|---|---|\n"
      "| the table | nobody | every attack of the table has its case | "
      "`tests/attack/coverage_test.cc` |\n"
      "| a ghost | nobody | no case has this name | `tests/attack/coverage_test.cc` |\n");
  REQUIRE(rows.size() == 2);
  CHECK(Missing(rows) ==
        std::vector<std::string>{"tests/attack/coverage_test.cc: no case has this name"});
}

}  // namespace assay::testing

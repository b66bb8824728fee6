// The house style as functions: each check takes the files of a tree and returns what it found.
//
// Nothing here reads the disk but ReadTree, so that every check is tested with injected faults.
// The tables are in rules.h, the reading of C++ text in scan.h.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::tidy {

struct File {
  std::string path;  // from the repository root, "engine/base/hash.h"
  std::string text;
};
using Files = std::vector<File>;

struct Finding {
  std::string path;
  int line = 0;  // from 1; 0 when the whole file is meant
  std::string rule;
  std::string message;  // what is wrong, and what to write instead
};
using Findings = std::vector<Finding>;

// "path:line: [rule] message", one line each.
[[nodiscard]] std::string Print(const Findings& findings);

// Every file below `root` by path, without .git, hidden folders but .ci, and the folders that
// .gitignore names. Files that hold a zero byte are listed with an empty text.
[[nodiscard]] Files ReadTree(const std::string& root);

// Includes against kLayers, includes from the repository root, `#pragma once`.
[[nodiscard]] Findings CheckLayers(const Files& files);
[[nodiscard]] Findings CheckIncludeForm(const Files& files);
// Vendor headers against kFences.
[[nodiscard]] Findings CheckFences(const Files& files);
// Words against kBans, and engine/base/log.h inside the engine.
[[nodiscard]] Findings CheckBans(const Files& files);
// Tests mirror engine and projections, in both directions.
[[nodiscard]] Findings CheckMirror(const Files& files);
// Columns, function and file length; folder depth and names.
[[nodiscard]] Findings CheckSizes(const Files& files);
[[nodiscard]] Findings CheckNames(const Files& files);
// Unfinished work and commented-out code.
[[nodiscard]] Findings CheckLeftovers(const Files& files);
// Test names that ctest can select, and the campaign marker.
[[nodiscard]] Findings CheckTestNames(const Files& files);
// Paths in documents exist; every point of STYLE.md says who holds it.
[[nodiscard]] Findings CheckDocuments(const Files& files);
// Text that belongs to one machine.
[[nodiscard]] Findings CheckMachineText(const Files& files);

// Numbers to report, not to gate: one per line, ready to print.
[[nodiscard]] std::string Figures(const Files& files);

}  // namespace assay::tidy

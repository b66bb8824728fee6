// Looking at text: lines, comments apart from code, includes, function bodies, globs.
//
// Heuristics without a compiler: they know comments, strings, raw strings and digit separators,
// and match braces. Code in the project's own format is read exactly; strange code may be misread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::tidy {

// The lines without their ends; the last one only if it is not empty.
[[nodiscard]] std::vector<std::string_view> Lines(std::string_view text);

// The line, from 1, on which `position` stands.
[[nodiscard]] int LineOf(std::string_view text, size_t position);

// Whether `path` matches `pattern`; `*` stands for any characters but a slash.
[[nodiscard]] bool Matches(std::string_view pattern, std::string_view path);

// The text of a C++ or proto file twice, same length and lines: code with comments and the inside
// of strings blanked, and comments with everything else blanked.
struct Separated {
  std::string code;
  std::string comments;
};
[[nodiscard]] Separated Separate(std::string_view text);

struct Include {
  std::string path;
  int line = 0;
  bool quoted = false;
};
// The includes of a C++ file; none that stand in comments.
[[nodiscard]] std::vector<Include> FindIncludes(std::string_view text);

// Where `word` stands in `code` as a whole token; it may hold "::".
[[nodiscard]] std::vector<size_t> FindWord(std::string_view code, std::string_view word);

struct Function {
  std::string head;  // "bool Day::Parse(std::string_view text)", blanks collapsed
  int line = 0;      // where the head begins
  int lines = 0;     // from the head to the closing brace, both included
};
// The functions defined at namespace or class level; lambdas belong to what surrounds them.
[[nodiscard]] std::vector<Function> FindFunctions(std::string_view text);

}  // namespace assay::tidy

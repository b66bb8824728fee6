#include "tests/tidy/tidy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/tidy/rules.h"
#include "tests/tidy/scan.h"

namespace assay::tidy {
namespace {

bool IsHeader(const File& file) { return file.path.ends_with(".h"); }
bool IsSource(const File& file) { return file.path.ends_with(".cc"); }
bool IsCpp(const File& file) { return IsHeader(file) || IsSource(file); }
bool IsCode(const File& file) { return IsCpp(file) || file.path.ends_with(".proto"); }
bool IsDocument(const File& file) { return file.path.ends_with(".md"); }

// Files whose comments begin with `#`.
bool IsScript(const File& file) {
  return file.path.ends_with(".sh") || file.path.ends_with(".py") ||
         file.path.ends_with(".cmake") || file.path.ends_with("CMakeLists.txt") ||
         file.text.starts_with("#!");
}

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

// "engine/base" of "engine/base/hash.h"; the top folder alone for tools and tests; "proto" for
// generated messages; empty for what is none of ours.
std::string ModuleOf(std::string_view path) {
  const std::vector<std::string> segments = Segments(path);
  if (segments.size() < 2) return "";
  const std::string& top = segments[0];
  if (top == "assay" && path.ends_with(".pb.h")) return "proto";
  if (top == "tools" || top == "tests") return top;
  if (top == "engine" || top == "projections" || top == "connectors") {
    return top + "/" + segments[1];
  }
  return "";
}

bool MatchesAny(const std::vector<std::string_view>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return Matches(pattern, path); });
}

bool IsBelowAny(const std::vector<std::string_view>& folders, std::string_view path) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return path.starts_with(folder); });
}

const LayerRow* RowOf(std::string_view module) {
  for (const LayerRow& row : kLayers) {
    if (MatchesAny(row.modules, module)) return &row;
  }
  return nullptr;
}

bool Has(const Files& files, std::string_view path) {
  return std::any_of(files.begin(), files.end(),
                     [&](const File& file) { return file.path == path; });
}

// The number of code points, which is the number of columns of what we write in code.
int Columns(std::string_view line) {
  return static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string StemOf(std::string_view path) { return std::string(path.substr(0, path.rfind('.'))); }

}  // namespace

std::string Print(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out +=
        fmt::format("{}:{}: [{}] {}\n", finding.path, finding.line, finding.rule, finding.message);
  }
  return out;
}

// --- reading ---

namespace {

struct Ignored {
  std::set<std::string> anywhere;
  std::set<std::string> at_root;
};

// The plain folder patterns of .gitignore: "name/" and "/name/".
Ignored ReadIgnored(const std::filesystem::path& root) {
  Ignored ignored{{".git", "node_modules", "__pycache__"}, {"build"}};
  std::ifstream in(root / ".gitignore");
  for (std::string line; std::getline(in, line);) {
    if (!line.ends_with('/')) continue;
    line.pop_back();
    if (line.starts_with('/')) {
      ignored.at_root.insert(line.substr(1));
    } else {
      ignored.anywhere.insert(line);
    }
  }
  return ignored;
}

bool IsSkipped(const Ignored& ignored, const std::string& path, const std::string& name) {
  if (name.starts_with('.') && name != ".ci") return true;
  return ignored.anywhere.contains(name) || ignored.at_root.contains(path);
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  std::string out = std::move(text).str();
  return out.find('\0') == std::string::npos ? out : std::string();
}

}  // namespace

Files ReadTree(const std::string& root) {
  const Ignored ignored = ReadIgnored(root);
  Files files;
  auto walk = std::filesystem::recursive_directory_iterator(root);
  for (auto it = begin(walk); it != end(walk); ++it) {
    const std::string path = it->path().lexically_relative(root).generic_string();
    if (it->is_directory() && IsSkipped(ignored, path, it->path().filename().string())) {
      it.disable_recursion_pending();
    }
    // In a linked worktree .git is a file that names a folder of this machine.
    if (it->is_regular_file() && path != ".git") files.push_back({path, ReadText(it->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

// --- includes ---

Findings CheckLayers(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    const std::string module = ModuleOf(file.path);
    if (!IsCpp(file) || module.empty()) continue;
    const LayerRow* row = RowOf(module);
    if (row == nullptr) {
      findings.push_back({file.path, 0, "layers",
                          fmt::format("{} has no row in kLayers of tests/tidy/rules.h; add it to "
                                      "one, with the reason for each folder it may include",
                                      module)});
      continue;
    }
    for (const Include& include : FindIncludes(file.text)) {
      const std::string target = ModuleOf(include.path);
      if (target.empty() || target == module) continue;
      if (MatchesAny(row->may_include, target) || MatchesAny(row->may_include, include.path)) {
        continue;
      }
      findings.push_back({file.path, include.line, "layers",
                          fmt::format("{} may not include {} (\"{}\"); take what it needs as an "
                                      "argument or declare a port, or add the edge to kLayers of "
                                      "tests/tidy/rules.h with its reason",
                                      module, target, include.path)});
    }
  }
  return findings;
}

Findings CheckIncludeForm(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    if (!IsCpp(file)) continue;
    if (IsHeader(file) && Separate(file.text).code.find("#pragma once") == std::string::npos) {
      findings.push_back(
          {file.path, 1, "pragma-once", "write `#pragma once` after the opening comment"});
    }
    for (const Include& include : FindIncludes(file.text)) {
      const bool is_ours = !ModuleOf(include.path).empty();
      if (include.quoted && !is_ours) {
        findings.push_back({file.path, include.line, "include-form",
                            fmt::format("\"{}\" is not a path from the repository root; write "
                                        "\"engine/base/hash.h\", or <...> for what is not ours",
                                        include.path)});
      }
      if (!include.quoted && is_ours && !include.path.starts_with("assay/")) {
        findings.push_back({file.path, include.line, "include-form",
                            fmt::format("<{0}> is ours; write \"{0}\"", include.path)});
      }
    }
  }
  return findings;
}

Findings CheckFences(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    if (!IsCpp(file) || file.path.starts_with("tests/")) continue;
    for (const Include& include : FindIncludes(file.text)) {
      for (const Fence& fence : kFences) {
        if (!include.path.starts_with(fence.header)) continue;
        if (MatchesAny(fence.allowed, file.path)) continue;
        findings.push_back(
            {file.path, include.line, "fence",
             fmt::format("<{}> is fenced in; use {} instead", include.path, fence.instead)});
      }
    }
  }
  return findings;
}

// --- words ---

namespace {

void FindBanned(const File& file, std::string_view code, const Ban& ban, Findings& findings) {
  if (!IsBelowAny(ban.where, file.path) || MatchesAny(ban.free, file.path)) return;
  for (const std::string_view word : ban.words) {
    for (const size_t at : FindWord(code, word)) {
      findings.push_back({file.path, LineOf(code, at), std::string(ban.rule),
                          fmt::format("`{}` is banned here; use {}", word, ban.instead)});
    }
  }
}

}  // namespace

Findings CheckBans(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    if (!IsCode(file)) continue;
    const std::string code = Separate(file.text).code;
    for (const Ban& ban : kBans) FindBanned(file, code, ban, findings);
    if (!file.path.starts_with("engine/") || file.path.starts_with("engine/base/")) continue;
    for (const Include& include : FindIncludes(file.text)) {
      if (include.path != "engine/base/log.h") continue;
      findings.push_back({file.path, include.line, "engine-log",
                          "the engine does not log; return a value that says what happened"});
    }
  }
  return findings;
}

Findings CheckLeftovers(const Files& files) {
  // Statements that nobody writes as prose, at the left edge of a comment: samples are indented.
  static constexpr std::string_view kStatements[] = {"if (",  "for (",    "while (", "return ",
                                                     "auto ", "#include", "std::",   "const "};
  static constexpr std::string_view kKinds[] = {"(soon)", "(perf)", "(test)"};
  Findings findings;
  for (const File& file : files) {
    if (!IsCode(file) && !IsScript(file)) continue;
    const Separated separated = IsCode(file) ? Separate(file.text) : Separated{"", file.text};
    const std::vector<std::string_view> lines = Lines(separated.comments);
    for (size_t i = 0; i < lines.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      const size_t begin = lines[i].find(IsCode(file) ? "//" : "#");
      if (begin == std::string_view::npos) continue;
      std::string_view comment = lines[i].substr(begin);
      if (comment.find("FIX"
                       "ME") != std::string_view::npos) {
        findings.push_back({file.path, number, "leftover",
                            "FIX"
                            "ME: mend it, or file it"});
      }
      const size_t todo = comment.find(
          "TO"
          "DO");
      if (todo != std::string_view::npos &&
          std::none_of(std::begin(kKinds), std::end(kKinds), [&](std::string_view kind) {
            return comment.substr(todo + 4).starts_with(kind);
          })) {
        findings.push_back({file.path, number, "leftover",
                            "a TO"
                            "DO that stays names its kind: (soon), (perf) or (test)"});
      }
      if (!IsCode(file)) continue;
      comment.remove_prefix(comment.starts_with("// ") ? 3 : 2);
      const bool is_statement =
          std::any_of(std::begin(kStatements), std::end(kStatements),
                      [&](std::string_view statement) { return comment.starts_with(statement); });
      if ((is_statement && (comment.ends_with(';') || comment.ends_with('{'))) || comment == "}") {
        findings.push_back(
            {file.path, number, "leftover", "commented-out code: delete it, the history keeps it"});
      }
    }
    for (const size_t at : FindWord(separated.code, "if 0")) {
      if (at == 0 || separated.code[at - 1] != '#') continue;
      findings.push_back({file.path, LineOf(separated.code, at), "leftover",
                          "code switched off by the preprocessor: delete it"});
    }
  }
  return findings;
}

// --- tests ---

namespace {

// "engine/base/hash_test.cc" of tests/ mirrors "engine/base/hash".
std::string MirroredStem(std::string_view test) {
  constexpr std::string_view kPrefix = "tests/";
  constexpr std::string_view kSuffix = "_test.cc";
  return std::string(test.substr(kPrefix.size(), test.size() - kPrefix.size() - kSuffix.size()));
}

void CheckMirrorExceptions(const Files& files, Findings& findings) {
  for (const MirrorException& exception : kMirrorExceptions) {
    for (const std::string_view path : {exception.source, exception.covered_by}) {
      if (Has(files, path)) continue;
      findings.push_back({std::string(path), 0, "mirror",
                          "named in kMirrorExceptions of tests/tidy/rules.h but not there; "
                          "take the row out"});
    }
  }
}

}  // namespace

Findings CheckMirror(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    const bool is_mirrored =
        file.path.starts_with("engine/") || file.path.starts_with("projections/");
    if (is_mirrored && IsSource(file)) {
      const std::string test = fmt::format("tests/{}_test.cc", StemOf(file.path));
      const bool excepted =
          std::any_of(kMirrorExceptions.begin(), kMirrorExceptions.end(),
                      [&](const MirrorException& row) { return row.source == file.path; });
      if (!excepted && !Has(files, test)) {
        findings.push_back({file.path, 0, "mirror",
                            fmt::format("has no test; write {}, or name the test that covers it "
                                        "in kMirrorExceptions of tests/tidy/rules.h",
                                        test)});
      }
    }
    const bool is_mirror =
        file.path.starts_with("tests/engine/") || file.path.starts_with("tests/projections/");
    if (is_mirror && file.path.ends_with("_test.cc")) {
      const std::string stem = MirroredStem(file.path);
      const bool excepted =
          std::any_of(kMirrorExceptions.begin(), kMirrorExceptions.end(),
                      [&](const MirrorException& row) { return row.covered_by == file.path; });
      if (!excepted && !Has(files, stem + ".cc") && !Has(files, stem + ".h")) {
        findings.push_back({file.path, 0, "mirror",
                            fmt::format("mirrors nothing: neither {0}.cc nor {0}.h is there; "
                                        "name it after what it tests",
                                        stem)});
      }
    }
  }
  CheckMirrorExceptions(files, findings);
  return findings;
}

Findings CheckTestNames(const Files& files) {
  Findings findings;
  // Whether the build puts the word before the name of every test with the tag.
  const bool prefixed = std::any_of(files.begin(), files.end(), [](const File& file) {
    return file.path.starts_with("cmake/") &&
           file.text.find("TEST_SPEC \"[campaign]\"") != std::string::npos;
  });
  for (const File& file : files) {
    if (!IsSource(file) || !file.path.starts_with("tests/")) continue;
    const std::string code = Separate(file.text).code;
    for (const size_t at : FindWord(code, "TEST_CASE")) {
      // The quotes are in the code, what they hold is only in the text.
      std::vector<std::string> parts;
      size_t quote = at;
      const size_t end = std::min(code.find('{', at), code.size());
      while ((quote = code.find('"', quote)) < end) {
        const size_t close = std::min(code.find('"', quote + 1), code.size());
        parts.push_back(file.text.substr(quote + 1, close - quote - 1));
        quote = close + 1;
      }
      if (parts.empty()) continue;
      std::string tags = parts.size() > 1 && parts.back().starts_with('[') ? parts.back() : "";
      const std::string name =
          fmt::format("{}", fmt::join(parts.begin(), parts.end() - (tags.empty() ? 0 : 1), ""));
      const int line = LineOf(code, at);
      if (name.find_first_of(";\"\\") != std::string::npos || name.starts_with('-') ||
          name.starts_with('~') || name.starts_with('*') || name.ends_with('*')) {
        findings.push_back({file.path, line, "test-name",
                            "ctest would never run it: write the name without ; \" \\, and "
                            "without - ~ * at its ends"});
      }
      const bool tagged = tags.find("[campaign]") != std::string::npos;
      const bool named = name.find("campaign") != std::string::npos;
      if (named && !tagged) {
        findings.push_back({file.path, line, "test-name",
                            "the fast suite leaves out what says campaign: add the tag "
                            "[campaign], or take another word"});
      }
      if (tagged && !named && !prefixed) {
        findings.push_back({file.path, line, "test-name",
                            "the fast suite would run it: say campaign in the name, or let "
                            "assay_tests of cmake/AssayModules.cmake discover [campaign] with "
                            "that word as its prefix"});
      }
      // The entry of a child process that another case starts is no test of its own.
      const bool child = tags == "[.child]";
      if (!child &&
          (tags.find("[.") != std::string::npos || tags.find("[!") != std::string::npos)) {
        findings.push_back({file.path, line, "test-name",
                            "a hidden or excused test: take the tag away, or the test"});
      }
    }
  }
  return findings;
}

// --- sizes and names ---

Findings CheckSizes(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    if (!IsCode(file) && !IsScript(file)) continue;
    const std::vector<std::string_view> lines = Lines(file.text);
    if (static_cast<int>(lines.size()) > kFileLinesMax) {
      findings.push_back({file.path, 0, "file-lines",
                          fmt::format("{} lines; split it by subject to at most {}", lines.size(),
                                      kFileLinesMax)});
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      const int columns = Columns(lines[i]);
      if (columns <= kColumnsMax) continue;
      findings.push_back(
          {file.path, static_cast<int>(i) + 1, "columns",
           fmt::format("{} columns; break the line at {} or before", columns, kColumnsMax)});
    }
    if (!IsCpp(file)) continue;
    for (const Function& function : FindFunctions(file.text)) {
      if (function.lines <= kFunctionLinesMax) continue;
      findings.push_back(
          {file.path, function.line, "function-lines",
           fmt::format("{} lines in `{}`; keep the branches and move pure parts "
                       "into functions of their own, at most {} lines",
                       function.lines, function.head.substr(0, 60), kFunctionLinesMax)});
    }
  }
  return findings;
}

namespace {

bool IsSnakeCase(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

// Modules lie flat below their top folder; the mirror of tests and the package of proto need one
// folder more, and so does data beside the code that reads it.
size_t FoldersMax(const File& file, const std::string& top) {
  const size_t code = top == "engine" || top == "projections" || top == "connectors" ? 1 : 2;
  return IsCode(file) || IsScript(file) ? code : code + 1;
}

}  // namespace

Findings CheckNames(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    const std::vector<std::string> segments = Segments(file.path);
    if (segments.size() < 2) continue;
    const size_t folders = segments.size() - 2;
    const size_t folders_max = FoldersMax(file, segments[0]);
    if (folders > folders_max) {
      findings.push_back({file.path, 0, "depth",
                          fmt::format("{} folders below {}; keep it at {}, a flat module is "
                                      "easier to walk",
                                      folders, segments[0], folders_max)});
    }
    for (size_t i = 0; i + 1 < segments.size(); ++i) {
      if (!MatchesAny(kBannedFolders, segments[i])) continue;
      findings.push_back({file.path, 0, "folder-name",
                          fmt::format("`{}` says nothing; name the folder after what it holds, or "
                                      "move the file to engine/base",
                                      segments[i])});
    }
    const bool is_named = IsCode(file) || file.path.ends_with(".py") || file.path.ends_with(".sh");
    if (is_named && !IsSnakeCase(segments.back())) {
      findings.push_back({file.path, 0, "file-name", "write the name in snake_case"});
    }
  }
  return findings;
}

// --- documents and text ---

namespace {

bool Exists(const Files& files, const std::string& path) {
  const std::string pattern = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  return std::any_of(files.begin(), files.end(), [&](const File& file) {
    if (file.path.starts_with(pattern + "/") || Matches(pattern, file.path)) return true;
    // A glob over folders: compare as many segments as the pattern has.
    const auto depth = std::count(pattern.begin(), pattern.end(), '/') + 1;
    size_t end = 0;
    for (auto i = depth; i > 0 && end != std::string::npos; --i) {
      end = file.path.find('/', end + (i == depth ? 0 : 1));
    }
    return end != std::string::npos && Matches(pattern, std::string_view(file.path).substr(0, end));
  });
}

// "state.{h,cc}" as "state.h" and "state.cc".
std::vector<std::string> ExpandBraces(const std::string& path) {
  const size_t open = path.find('{');
  const size_t close = path.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return {path};
  std::vector<std::string> out;
  std::stringstream choices(path.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(choices, choice, ',');) {
    for (const std::string& tail : ExpandBraces(path.substr(close + 1))) {
      out.push_back(path.substr(0, open) + choice + tail);
    }
  }
  return out;
}

// The paths a piece of quoted text names: its first word, when that begins with a top folder.
std::vector<std::string> NamedPaths(std::string_view quoted) {
  static constexpr std::string_view kTops[] = {"engine/", "projections/", "connectors/",
                                               "tools/",  "tests/",       "deploy/",
                                               "proto/",  "cmake/",       ".ci/"};
  std::string_view word = quoted.substr(0, quoted.find(' '));
  if (word.starts_with("./")) word.remove_prefix(2);
  word = word.substr(0, word.find(':'));
  const bool is_path = std::any_of(std::begin(kTops), std::end(kTops),
                                   [&](std::string_view top) { return word.starts_with(top); });
  const bool is_document = word.ends_with(".md") && word.find('/') == std::string_view::npos;
  if ((!is_path && !is_document) || word.find_first_of("<$") != std::string_view::npos) return {};
  return ExpandBraces(std::string(word));
}

void CheckPaths(const Files& files, const File& document, Findings& findings) {
  const std::vector<std::string_view> lines = Lines(document.text);
  const std::string folder = document.path.substr(0, document.path.rfind('/') + 1);
  bool in_block = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("```")) in_block = !in_block;
    if (in_block) continue;
    for (size_t open = lines[i].find('`'); open != std::string_view::npos;) {
      const size_t close = lines[i].find('`', open + 1);
      if (close == std::string_view::npos) break;
      for (const std::string& path : NamedPaths(lines[i].substr(open + 1, close - open - 1))) {
        if (Exists(files, path) || (!folder.empty() && Exists(files, folder + path))) continue;
        findings.push_back({document.path, static_cast<int>(i) + 1, "document-path",
                            fmt::format("`{}` is not there; name the place it moved to", path)});
      }
      open = lines[i].find('`', close + 1);
    }
  }
}

std::vector<size_t> FindAll(std::string_view text, std::string_view word) {
  std::vector<size_t> found;
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    found.push_back(at);
  }
  return found;
}

// Every point of STYLE.md, "3. **...", ends with who holds it.
void CheckStylePoints(const File& document, Findings& findings) {
  const std::vector<std::string_view> lines = Lines(document.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t dot = lines[i].find_first_not_of("0123456789");
    if (dot == 0 || dot == std::string_view::npos || lines[i][dot] != '.') continue;
    size_t last = i;
    while (last + 1 < lines.size() && lines[last + 1].starts_with(' ')) ++last;
    if (lines[last].ends_with("[test]") || lines[last].ends_with("[build]") ||
        lines[last].ends_with("[review]")) {
      continue;
    }
    findings.push_back({document.path, static_cast<int>(i) + 1, "style-point",
                        "end the point with [test], [build] or [review], whichever is true"});
  }
}

}  // namespace

Findings CheckDocuments(const Files& files) {
  Findings findings;
  for (const File& file : files) {
    if (!IsDocument(file)) continue;
    CheckPaths(files, file, findings);
    if (file.path == "STYLE.md") CheckStylePoints(file, findings);
  }
  return findings;
}

Findings CheckMachineText(const Files& files) {
  Findings findings;
  const auto report = [&](const File& file, size_t at, std::string_view word,
                          std::string_view instead) {
    findings.push_back({file.path, LineOf(file.text, at), "machine-text",
                        fmt::format("`{}` belongs to one machine; use {}", word, instead)});
  };
  for (const File& file : files) {
    for (const std::string_view word : kMachinePaths) {
      for (const size_t at : FindAll(file.text, word)) {
        // In the middle of a longer path it is a folder of ours.
        const char before = at == 0 ? ' ' : file.text[at - 1];
        if (std::isalnum(static_cast<unsigned char>(before)) != 0 || before == '_') continue;
        report(file, at, word, "a path from the repository root, or a variable");
      }
    }
    for (const std::string_view word : kRegistryHosts) {
      for (const size_t at : FindAll(file.text, word)) {
        report(file, at, word, "the registry that the tool is configured with");
      }
    }
  }
  return findings;
}

// --- figures ---

namespace {

bool IsComment(std::string_view line) {
  const size_t first = line.find_first_not_of(' ');
  return first != std::string_view::npos && line.substr(first).starts_with("//");
}

int Percent(int part, int whole) { return whole == 0 ? 0 : (100 * part + whole / 2) / whole; }

}  // namespace

std::string Figures(const Files& files) {
  int header_lines = 0;
  int header_comments = 0;
  std::map<bool, int> engine_lines;  // by whether it is a test
  std::vector<int> functions;
  for (const File& file : files) {
    if (!IsCpp(file)) continue;
    const std::vector<std::string_view> lines = Lines(file.text);
    for (const std::string_view line : lines) {
      if (!IsHeader(file) || line.empty()) continue;
      ++header_lines;
      if (IsComment(line)) ++header_comments;
    }
    const bool is_test = file.path.starts_with("tests/");
    if (IsBelowAny({"engine/", "projections/", "tests/engine/", "tests/projections/"}, file.path)) {
      engine_lines[is_test] += static_cast<int>(lines.size());
    }
    if (is_test) continue;
    for (const Function& function : FindFunctions(file.text)) functions.push_back(function.lines);
  }
  std::sort(functions.begin(), functions.end());
  const auto quantile = [&](size_t percent) {
    return functions.empty() ? 0 : functions[(functions.size() - 1) * percent / 100];
  };
  return fmt::format(
      "comment lines in headers: {} % (aim: about 30)\n"
      "function lines: {} functions, median {}, p90 {}, longest {} (aim: 10, 30; limit {})\n"
      "test lines per 100 lines of engine and projections: {} (aim: 100)\n",
      Percent(header_comments, header_lines), functions.size(), quantile(50), quantile(90),
      quantile(100), kFunctionLinesMax, Percent(engine_lines[true], engine_lines[false]));
}

}  // namespace assay::tidy

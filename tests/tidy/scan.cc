#include "tests/tidy/scan.h"

#include <algorithm>
#include <cctype>

namespace assay::tidy {
namespace {

bool IsWordChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Walks once over a text and sorts every character into code or comment.
class Separator {
 public:
  explicit Separator(std::string_view text)
      : text_(text), out_{std::string(text), std::string(text.size(), ' ')} {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') out_.comments[i] = '\n';
    }
  }

  Separated Run() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("//")) {
        Comment(rest.find('\n'));
      } else if (rest.starts_with("/*")) {
        const size_t end = rest.find("*/", 2);
        Comment(end == std::string_view::npos ? end : end + 2);
      } else if (rest.front() == '"') {
        IsRaw() ? RawString() : Quoted('"');
      } else if (rest.front() == '\'' && !IsDigitSeparator()) {
        Quoted('\'');
      } else {
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  void Comment(size_t length) {
    const size_t end = length == std::string_view::npos ? text_.size() : at_ + length;
    for (; at_ < end; ++at_) {
      if (text_[at_] == '\n') continue;
      out_.comments[at_] = text_[at_];
      out_.code[at_] = ' ';
    }
  }

  void Blank(size_t end) {
    for (; at_ < std::min(end, text_.size()); ++at_) {
      if (text_[at_] != '\n') out_.code[at_] = ' ';
    }
  }

  // Blanks the inside and keeps the quotes. An end of line ends it: broken code, or an apostrophe.
  void Quoted(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    Blank(end);
    ++at_;
  }

  [[nodiscard]] bool IsRaw() const {
    return at_ > 0 && text_[at_ - 1] == 'R' &&
           (at_ < 2 || !IsWordChar(text_[at_ - 2]) || text_[at_ - 2] == '8' ||
            text_[at_ - 2] == 'L' || text_[at_ - 2] == 'u' || text_[at_ - 2] == 'U');
  }

  void RawString() {
    const size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return Blank(text_.size());
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const size_t end = text_.find(close, open);
    ++at_;
    Blank(end == std::string_view::npos ? text_.size() : end + close.size() - 1);
    ++at_;
  }

  // 86'400'000: between two digits of a token that begins with a digit.
  [[nodiscard]] bool IsDigitSeparator() const {
    if (at_ == 0 || at_ + 1 >= text_.size()) return false;
    if (!IsWordChar(text_[at_ - 1]) || !IsWordChar(text_[at_ + 1])) return false;
    size_t begin = at_;
    while (begin > 0 && (IsWordChar(text_[begin - 1]) || text_[begin - 1] == '\'')) --begin;
    return std::isdigit(static_cast<unsigned char>(text_[begin])) != 0;
  }

  std::string_view text_;
  Separated out_;
  size_t at_ = 0;
};

// Blanks preprocessor lines with their continuations: braces of macros do not pair.
void BlankDirectives(std::string& code) {
  bool in_directive = false;
  size_t begin = 0;
  while (begin < code.size()) {
    const size_t end = std::min(code.find('\n', begin), code.size());
    const size_t first = code.find_first_not_of(" \t", begin);
    in_directive = in_directive || (first < end && code[first] == '#');
    const bool goes_on = end > begin && code[end - 1] == '\\';
    if (in_directive) std::fill(code.begin() + begin, code.begin() + end, ' ');
    in_directive = in_directive && goes_on;
    begin = end + 1;
  }
}

std::string Collapse(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Takes "template <...>", attributes, access labels and specifiers off the front.
std::string_view StripPrefix(std::string_view head) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view word :
         {"public:", "private:", "protected:", "inline ", "static ", "typedef ", "export "}) {
      if (!head.starts_with(word)) continue;
      head.remove_prefix(word.size());
      again = true;
    }
    if (head.starts_with("template")) {
      size_t at = std::min(head.find('<'), head.size());
      int depth = 0;
      for (; at < head.size(); ++at) {
        depth += head[at] == '<' ? 1 : head[at] == '>' ? -1 : 0;
        if (depth == 0) break;
      }
      head.remove_prefix(std::min(at + 1, head.size()));
      again = true;
    }
    if (head.starts_with("[[") && head.find("]]") != std::string_view::npos) {
      head.remove_prefix(head.find("]]") + 2);
      again = true;
    }
    while (head.starts_with(' ')) head.remove_prefix(1);
  }
  return head;
}

enum class Brace { kScope, kFunction, kOther };

// Whether an `=` stands outside of parentheses, as in a table of values; operators do not count.
bool IsValue(std::string_view head) {
  int depth = 0;
  for (size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '(') ++depth;
    if (head[i] == ')') --depth;
    if (head[i] != '=' || depth > 0) continue;
    const std::string_view before = head.substr(0, i);
    if (before.find("operator") == std::string_view::npos) return true;
  }
  return false;
}

// What a brace opens, judged by the text between the last statement and it.
Brace Classify(std::string_view collapsed) {
  const std::string_view head = StripPrefix(collapsed);
  if (head.starts_with("namespace")) return Brace::kScope;
  if (head.starts_with("enum ")) return Brace::kOther;
  for (const std::string_view word : {"class ", "struct ", "union ", "extern "}) {
    if (head.starts_with(word) && !head.ends_with(')')) return Brace::kScope;
  }
  // Nothing between two braces: a body after a member initialised with braces.
  if (head.empty() || head.starts_with(",")) return Brace::kFunction;
  if (head.find('(') == std::string_view::npos || IsValue(head)) return Brace::kOther;
  return Brace::kFunction;
}

// Finds the closing brace of the one at `open`, or the end.
size_t CloseOf(std::string_view code, size_t open) {
  int depth = 0;
  for (size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i;
  }
  return code.size();
}

}  // namespace

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

int LineOf(std::string_view text, size_t position) {
  const size_t end = std::min(position, text.size());
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + end, '\n'));
}

bool Matches(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == '*') {
    if (Matches(pattern.substr(1), path)) return true;
    return !path.empty() && path.front() != '/' && Matches(pattern, path.substr(1));
  }
  return !path.empty() && pattern.front() == path.front() &&
         Matches(pattern.substr(1), path.substr(1));
}

Separated Separate(std::string_view text) { return Separator(text).Run(); }

std::vector<Include> FindIncludes(std::string_view text) {
  const std::string code = Separate(text).code;
  const std::vector<std::string_view> raw = Lines(text);
  const std::vector<std::string_view> masked = Lines(code);
  std::vector<Include> includes;
  for (size_t i = 0; i < masked.size(); ++i) {
    const std::string head = Collapse(masked[i]);
    if (!head.starts_with("#include") && !head.starts_with("# include")) continue;
    const size_t open = raw[i].find_first_of("<\"");
    if (open == std::string_view::npos) continue;
    const bool quoted = raw[i][open] == '"';
    const size_t close = raw[i].find(quoted ? '"' : '>', open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back(
        {std::string(raw[i].substr(open + 1, close - open - 1)), static_cast<int>(i) + 1, quoted});
  }
  return includes;
}

std::vector<size_t> FindWord(std::string_view code, std::string_view word) {
  std::vector<size_t> found;
  for (size_t at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    const bool begins = at == 0 || !IsWordChar(code[at - 1]);
    const size_t end = at + word.size();
    const bool ends = end >= code.size() || !IsWordChar(code[end]);
    if (begins && ends) found.push_back(at);
  }
  return found;
}

std::vector<Function> FindFunctions(std::string_view text) {
  std::string code = Separate(text).code;
  BlankDirectives(code);
  std::vector<Function> functions;
  size_t head_begin = 0;
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == ';' || code[i] == '}') head_begin = i + 1;
    if (code[i] != '{') continue;
    const std::string head = Collapse(std::string_view(code).substr(head_begin, i - head_begin));
    const Brace brace = Classify(head);
    if (brace != Brace::kScope) {
      const size_t close = CloseOf(code, i);
      if (brace == Brace::kFunction) {
        const size_t first = code.find_first_not_of(" \t\n", head_begin);
        const int line = LineOf(code, first);
        functions.push_back({head, line, LineOf(code, close) - line + 1});
      }
      i = close;
    }
    head_begin = i + 1;
  }
  return functions;
}

}  // namespace assay::tidy

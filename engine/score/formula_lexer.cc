#include "engine/score/formula_lexer.h"

#include <array>
#include <optional>
#include <utility>

namespace assay {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Bytes of characters beyond ASCII are letters: field names are in the language of the source.
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

// Nothing when the escape is unknown.
std::optional<char> Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '\\':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return std::nullopt;
  }
}

std::string_view WhyNoNumber(Decimal::ParseError error) {
  return error == Decimal::ParseError::kTooPrecise ? "a number has at most 12 fractional digits"
                                                   : "the number is out of range";
}

}  // namespace

FormulaToken FormulaLexer::Next() {
  SkipSpace();
  token_column_ = column_;
  if (rest_.empty()) return {.kind = FormulaTokenKind::kEnd, .column = token_column_};
  const char c = rest_.front();
  if (IsDigit(c)) return TakeNumber();
  if (c == '"' || c == '\'' || c == '`') return TakeQuoted(c);
  if (IsNameStart(c)) return TakeName();
  return TakeSymbol();
}

std::string_view FormulaLexer::Take(size_t count) {
  const std::string_view taken = rest_.substr(0, count);
  for (const char c : taken) {
    const bool continues_character = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    column_ += continues_character ? 0 : 1;
  }
  rest_.remove_prefix(count);
  return taken;
}

void FormulaLexer::SkipSpace() {
  size_t count = 0;
  while (count < rest_.size() &&
         std::string_view(" \t\r\n").find(rest_[count]) != std::string_view::npos) {
    ++count;
  }
  Take(count);
}

FormulaToken FormulaLexer::TakeNumber() {
  size_t count = 0;
  while (count < rest_.size() && IsDigit(rest_[count])) ++count;
  if (count + 1 < rest_.size() && rest_[count] == '.' && IsDigit(rest_[count + 1])) {
    ++count;
    while (count < rest_.size() && IsDigit(rest_[count])) ++count;
  }
  if (count < rest_.size() && (IsNameStart(rest_[count]) || rest_[count] == '.')) {
    return Error("a number is written as 12 or 0.8");
  }
  Decimal::ParseError error = Decimal::ParseError::kNone;
  const std::string_view text = Take(count);
  const std::optional<Decimal> number = Decimal::Parse(text, &error);
  if (!number) return Error(std::string(WhyNoNumber(error)));
  return {.kind = FormulaTokenKind::kNumber,
          .column = token_column_,
          .text = std::string(text),
          .number = *number};
}

FormulaToken FormulaLexer::TakeQuoted(char quote) {
  std::string content;
  size_t count = 1;
  for (; count < rest_.size() && rest_[count] != quote; ++count) {
    char c = rest_[count];
    if (c == '\\') {
      if (++count == rest_.size()) break;
      const std::optional<char> escaped = Unescape(rest_[count]);
      if (!escaped) return Error("unknown escape in a quoted text");
      c = *escaped;
    }
    content += c;
  }
  if (count >= rest_.size()) return Error("a quoted text has no end");
  Take(count + 1);
  const bool is_name = quote == '`';
  if (is_name && content.empty()) return Error("a quoted name is empty");
  return {.kind = is_name ? FormulaTokenKind::kName : FormulaTokenKind::kText,
          .column = token_column_,
          .text = std::move(content),
          .quoted = true};
}

FormulaToken FormulaLexer::TakeName() {
  size_t count = 0;
  while (count < rest_.size() &&
         (IsNamePart(rest_[count]) ||
          (rest_[count] == '.' && count + 1 < rest_.size() && IsNamePart(rest_[count + 1])))) {
    ++count;
  }
  return {
      .kind = FormulaTokenKind::kName, .column = token_column_, .text = std::string(Take(count))};
}

FormulaToken FormulaLexer::TakeSymbol() {
  // The longer ones first.
  constexpr std::array<std::string_view, 21> kSymbols = {"==", "!=", "<=", ">=", "&&", "||", "<",
                                                         ">",  "+",  "-",  "*",  "/",  "!",  "?",
                                                         ":",  "(",  ")",  "[",  "]",  ",",  "."};
  for (const std::string_view symbol : kSymbols) {
    if (rest_.starts_with(symbol)) {
      Take(symbol.size());
      return {
          .kind = FormulaTokenKind::kSymbol, .column = token_column_, .text = std::string(symbol)};
    }
  }
  return Error(rest_.front() == '='   ? "equality is written =="
               : rest_.front() == '%' ? "% is no operator: multiply by 100 or divide"
                                      : "unexpected character");
}

FormulaToken FormulaLexer::Error(std::string text) const {
  return {.kind = FormulaTokenKind::kError, .column = token_column_, .text = std::move(text)};
}

}  // namespace assay

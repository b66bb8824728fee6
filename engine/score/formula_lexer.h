// Tokens of a formula.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/decimal.h"

namespace assay {

enum class FormulaTokenKind : uint8_t { kNumber, kText, kName, kSymbol, kEnd, kError };

struct FormulaToken {
  FormulaTokenKind kind = FormulaTokenKind::kEnd;
  // 1-based, in characters of UTF-8.
  int column = 1;
  // As written; of a quoted text or name the content, of an error what is wrong.
  std::string text;
  Decimal number;
  // A name between backquotes is never a keyword or function.
  bool quoted = false;

  [[nodiscard]] bool IsSymbol(std::string_view symbol) const {
    return kind == FormulaTokenKind::kSymbol && text == symbol;
  }
  [[nodiscard]] bool IsWord(std::string_view word) const {
    return kind == FormulaTokenKind::kName && !quoted && text == word;
  }
};

// Takes tokens off the front of a text, which must outlive it.
class FormulaLexer {
 public:
  explicit FormulaLexer(std::string_view text) : rest_(text) {}

  // kEnd at the end, again and again. After a kError nothing sensible follows.
  FormulaToken Next();

 private:
  // Drops `count` bytes and counts the characters that they are.
  std::string_view Take(size_t count);
  void SkipSpace();
  FormulaToken TakeNumber();
  FormulaToken TakeQuoted(char quote);
  FormulaToken TakeName();
  FormulaToken TakeSymbol();
  [[nodiscard]] FormulaToken Error(std::string text) const;

  std::string_view rest_;
  int column_ = 1;
  // Where the current token begins.
  int token_column_ = 1;
};

}  // namespace assay

#include "engine/score/formula_lexer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace assay {
namespace {

using Kind = FormulaTokenKind;

std::vector<FormulaToken> Tokens(std::string_view text) {
  FormulaLexer lexer(text);
  std::vector<FormulaToken> tokens;
  do {
    tokens.push_back(lexer.Next());
  } while (tokens.back().kind != Kind::kEnd && tokens.back().kind != Kind::kError);
  return tokens;
}

std::string Texts(std::string_view text) {
  std::string texts;
  for (const FormulaToken& token : Tokens(text)) texts += "[" + token.text + "]";
  return texts;
}

TEST_CASE("a formula falls into numbers, names, texts and symbols", "[score][unit]") {
  CHECK(Texts("sum(mes.good)/0.5>=12") == "[sum][(][mes.good][)][/][0.5][>=][12][]");
  CHECK(Texts("a&&!b||c!=d") == "[a][&&][!][b][||][c][!=][d][]");
  CHECK(Texts(R"(状态 == "完成")") == "[状态][==][完成][]");
  CHECK(Texts(R"('it\'s' "a\\b\n" `order no`)") == "[it's][a\\b\n][order no][]");
}

TEST_CASE("columns count characters and not bytes", "[score][unit]") {
  const std::vector<FormulaToken> tokens = Tokens("状态 == \"完成\" x");
  REQUIRE(tokens.size() == 5);
  CHECK(tokens[0].column == 1);
  CHECK(tokens[1].column == 4);
  CHECK(tokens[2].column == 7);
  CHECK(tokens[3].column == 12);
  CHECK(tokens[4].kind == Kind::kEnd);
}

TEST_CASE("a quoted name is never a keyword", "[score][unit]") {
  CHECK(Tokens("true").front().IsWord("true"));
  CHECK_FALSE(Tokens("`true`").front().IsWord("true"));
  CHECK(Tokens("`true`").front().kind == Kind::kName);
}

TEST_CASE("what is no token is an error where it begins", "[score][unit]") {
  for (const std::string_view text :
       {"12abc", "1.", "1.2.3", "\"open", "'open", "`", "``", "\"bad \\q\"", "\"\\", "=", "&", "|",
        "#", "%", "$", "0.0000000000001", "99999999999999999999999999999999999999999"}) {
    INFO(text);
    CHECK(Tokens(text).back().kind == Kind::kError);
    CHECK(Tokens("  " + std::string(text)).back().column == 3);
    CHECK_FALSE(Tokens(text).back().text.empty());
  }
}

}  // namespace
}  // namespace assay

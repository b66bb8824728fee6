#include "tools/assay/chinese.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("a word without a Chinese one stays as it is", "[chinese]") {
  CHECK(WordInChinese("SIGNED") == "已签署");
  CHECK(WordInChinese("UNHEARD_OF") == "UNHEARD_OF");
}

TEST_CASE("an error in Chinese keeps what scripts read and its particulars", "[chinese]") {
  const Rejection english = NotVisible("unit", "unit", "u-7");
  const Rejection chinese = InChinese(english);
  CHECK(chinese.message == "找不到: there is no unit \"u-7\"");
  CHECK(chinese.hint == "请检查编号；无权查看与不存在显示相同");
  CHECK(chinese.code == english.code);
  CHECK(chinese.path == english.path);
  CHECK(chinese.expected == english.expected);
  CHECK(chinese.actual == english.actual);
  Rejection unknown{.code = "UNHEARD_OF", .message = "so it is", .hint = "leave it"};
  CHECK(InChinese(unknown).message == "so it is");
  CHECK(InChinese(unknown).hint == "leave it");
}

}  // namespace assay

#include "engine/score/explain_words.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::Card;
using testing::ItemSpec;

// A project of which 0.8 is done, by one record.
void FillProject(Card& card) {
  ItemSpec progress{.item = "progress", .formula = "last(jira.progress)"};
  progress.target = "1";
  progress.weight_bp = 2'500;
  progress.unit = "1";
  ItemSpec output{.item = "output", .weight_bp = 7'500};
  card.Part("a-1", {progress, output});
  card.UseBands(testing::UsualBands());
  card.Adjust("adj-1", "5");
  auto& fact = card.facts.Add("employee/e-1", "jira.progress", "2026-06-20", "0.80");
  fact.record = "RD-7";
  fact.version = "4";
  card.facts.Add("employee/e-1", "erp.output", "2026-06-20", "30");
  card.facts.Add("employee/e-1", "erp.output", "2026-06-21", "50");
}

TEST_CASE("languages are known by their names", "[score][unit]") {
  CHECK(LanguageFromName("en") == Language::kEnglish);
  CHECK(LanguageFromName("zh-CN") == Language::kChinese);
  CHECK_FALSE(LanguageFromName("fr"));
}

TEST_CASE("a computation is shown in words and numbers", "[score][unit][MET-17]") {
  Card card;
  FillProject(card);
  const std::string words = ExplainWords(card.Explain().tree, Language::kEnglish);
  INFO(words);
  CHECK(words.find("    item progress: 0.8 x 25 = 20.0000, achieved 0.8, target 1; "
                   "source: jira RD-7, version 4\n") != std::string::npos);
  CHECK(words.find("source: erp (2 facts)\n") != std::string::npos);
  CHECK(
      words.starts_with("p-0001, cycle 2026-06: total 85 = computed 80 + adjustments 5 - "
                        "overflow 0, band 合格\n  part a-1"));
  CHECK(words.find("curve progress-curve@1 PROPORTIONAL, actual 0.8, target 1: share 0.8") !=
        std::string::npos);
  CHECK(words.find("rounded HALF_UP 4: 20 -> 20.0000\n") != std::string::npos);
  CHECK(words.find("RD-7: 0.8, source jira, version 4, from topic erp.orders/3@") !=
        std::string::npos);
  CHECK(words.find("adjustment adj-1 of total: 5, reason BUSINESS_IMPACT, remark saved the "
                   "\"June\" order, requested by p-0900, approved by p-0901") != std::string::npos);
}

// Every fact as if it had come from that input.
void MoveTo(ExplainNode& node, const std::string& log) {
  if (node.fact.has_value()) {
    node.fact->src = {.log = log, .topic = "facts/9@4", .partition = 2, .offset = 7, .hash = "ab"};
  }
  for (ExplainNode& child : node.children) MoveTo(child, log);
}

TEST_CASE("a record of a topic is named as its owner finds it", "[score][unit][MET-17]") {
  Card card;
  FillProject(card);
  ExplainNode tree = card.Explain().tree;
  const auto says = [&](const std::string& text, Language language = Language::kEnglish) {
    return ExplainWords(tree, language).find(text) != std::string::npos;
  };
  MoveTo(tree, "c-1/erp.orders/1");
  CHECK(says("version 4, from topic erp.orders/2@7, at facts/9@4, hash ab\n"));
  CHECK(says(",来自主题 erp.orders/2@7,位置 facts/9@4,", Language::kChinese));
  // A file has no name of its own.
  MoveTo(tree, "5f0c");
  CHECK(says("version 4, at facts/9@4[2]@7, hash ab\n"));
}

TEST_CASE("the same in Chinese", "[score][unit][MET-17]") {
  Card card;
  FillProject(card);
  const std::string words = ExplainWords(card.Explain().tree, Language::kChinese);
  INFO(words);
  CHECK(words.find("    指标 progress: 0.8 x 25 = 20.0000,实际 0.8,目标 1;"
                   "来源: jira RD-7,版本 4\n") != std::string::npos);
  CHECK(words.starts_with("p-0001,周期 2026-06:总分 85 = 计算分 80 + 调整 5 - 溢出 0,等级 合格\n"));
}

TEST_CASE("every aggregate shows the figures that it is made of", "[score][unit][MET-17]") {
  const struct {
    const char* aggregate;
    const char* measure;
    const char* share;
    const char* day;
  } rows[] = {
      {"sum", "sum(q.a) = 4.8\n", ": 4.8\n", ": 7 (2 facts)\n"},
      {"count", "count(q.a) = 1.8\n", ": count 1.8\n", ": count 2 (2 facts)\n"},
      {"mean", " = sum 4.8 / count 1.8\n", ": sum 4.8, count 1.8\n",
       ": sum 7, count 2 (2 facts)\n"},
      {"min", "min(q.a) = 1\n", ": min 1\n", ": min 2 (2 facts)\n"},
      {"max", "max(q.a) = 5\n", ": max 5\n", ": max 5 (2 facts)\n"},
      {"last", "last(q.a) = 1\n", ": last 1, at 2026-06-21T", ": last 5, at 2026-06-20T"},
  };
  for (const auto& [aggregate, measure, share, day] : rows) {
    Card card;
    card.Part("a-1", {{.item = "x", .formula = std::string(aggregate) + "(q.a)"}}, 6'000, 10'000);
    card.facts.Add("employee/e-1", "q.a", "2026-06-20", "2");
    card.facts.Add("employee/e-1", "q.a", "2026-06-20", "5");
    card.facts.Add("employee/e-1", "q.a", "2026-06-21", "1");
    const std::string words = ExplainWords(card.Explain().tree, Language::kEnglish);
    INFO(words);
    CHECK(words.find(measure) != std::string::npos);
    CHECK(words.find(share) != std::string::npos);
    CHECK(words.find("2026-06-20" + std::string(day)) != std::string::npos);
  }
}

TEST_CASE("what has no value says why", "[score][unit]") {
  Card card;
  card.Part("a-1", {{.item = "x"}});
  const std::string words = ExplainWords(card.Explain().tree, Language::kEnglish);
  INFO(words);
  CHECK(words.starts_with("p-0001, cycle 2026-06: total no value (NOT_COMPUTABLE(NO_DATA))\n"));
  CHECK(words.find("item x: no value (NOT_COMPUTABLE(NO_DATA))") != std::string::npos);
  CHECK(words.find("sum(erp.output) = no value (NO_DATA)\n") != std::string::npos);
}

}  // namespace
}  // namespace assay

#include "tests/scenario/scene.h"

#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace assay::testing {
namespace {

std::unique_ptr<ScratchDirectory> MakeScratch() {
  PreferMemory();
  return std::make_unique<ScratchDirectory>();
}

}  // namespace

std::string TextIn(simdjson::dom::element object, std::string_view key) {
  const simdjson::dom::element value = object[key].value();
  if (value.is_null()) return "?";
  return value.is_string() ? std::string(value.get_string().value()) : simdjson::minify(value);
}

Scene::Scene(std::string_view now)
    : scratch_(MakeScratch()), program_(scratch_->path()), now_(now) {
  MustCall({"init", "--company", "acme", "--admin", "p-admin", "--partitions", "2"});
  Do(Founding() + Hire("p-1", "E1"));
}

Scene& Scene::At(std::string_view now) {
  now_ = now;
  return *this;
}

Ended Scene::Call(const std::vector<std::string>& words) {
  std::vector<std::string> all = {"--home", "home", "--now", now_};
  all.insert(all.end(), words.begin(), words.end());
  return program_.Run(all);
}

Ended Scene::MustCall(const std::vector<std::string>& words) {
  Ended ended = Call(words);
  std::string call;
  for (const std::string& word : words) call += " " + word;
  INFO("assay" << call << "\n" << ended.out << ended.err);
  REQUIRE(ended.code == 0);
  return ended;
}

Scene& Scene::Do(std::string_view documents) {
  const std::string file = fmt::format("{}.yaml", ++files_);
  program_.Write(file, documents);
  MustCall({"run", file});
  return *this;
}

std::string Scene::Refusal(std::string_view documents) {
  const std::string file = fmt::format("{}.yaml", ++files_);
  program_.Write(file, documents);
  const Ended ended = Call({"run", file});
  REQUIRE(ended.code == 1);
  std::string line = ended.err.substr(0, ended.err.find('\n'));
  // Without the place in the file.
  const size_t place = line.find(file + ": document ");
  INFO(line);
  REQUIRE(place != std::string::npos);
  return line.erase(place, line.find(": ", place + file.size() + 2) + 2 - place);
}

Scene& Scene::Source(std::string_view source, const std::vector<std::string_view>& measures) {
  program_.Write("contract.yaml", Contract(source, measures));
  MustCall({"source", "add", "contract.yaml"});
  const simdjson::dom::element shown = Json({"source", "show", std::string(source)});
  if (shown["pending"].is_null()) return *this;
  // Under a published metric it waits: for p-fin, who owns it, and the head of the metrics' unit.
  const std::string sign = fmt::format("signContract: {{source: {}, version: {}}}", source,
                                       TextIn(shown["pending"].value(), "version"));
  return Do(By("p-fin", sign) + By("p-head", sign));
}

Scene& Scene::Score(const Rules& rules) {
  std::vector<std::string> named;
  for (const Line& line : rules.lines) named.push_back(fmt::format("{} {}", line.item, line.unit));
  Source("erp", rules.measures.empty() ? std::vector<std::string_view>(named.begin(), named.end())
                                       : rules.measures);
  std::string documents;
  std::vector<Item> items;
  for (const Line& line : rules.lines) {
    const std::string formula =
        line.formula.empty() ? fmt::format("sum(erp.{})", line.item) : std::string(line.formula);
    documents += Publish({.id = line.item,
                          .formula = formula,
                          .unit = line.unit,
                          .direction = line.direction,
                          .attribution = line.attribution,
                          .missing = line.missing});
    items.push_back({.item = line.item,
                     .target = line.target,
                     .weight_bp = line.weight_bp,
                     .unit = line.unit,
                     .curve = line.curve});
  }
  Do(documents + CurveAndBands() + rules.curves + Template("std@1", items, rules.card) +
     June("std@1"));
  return Agree("a-1");
}

Scene& Scene::Agree(std::string_view agreement, std::string_view position) {
  return Do(By("p-hr", fmt::format("openAgreement: {{agreement: {}, person: p-1, position: {}, "
                                   "cycle: 2026-06}}",
                                   agreement, position)));
}

std::string Scene::Feed(std::string_view columns, const std::vector<std::string_view>& rows,
                        std::string_view source) {
  std::string text = fmt::format("record,rev,day,emp,{}\n", columns);
  for (const std::string_view row : rows) {
    if (row.starts_with("20")) text += fmt::format("r-{},1,", ++records_);
    text += fmt::format("{}\n", row);
  }
  const std::string file = fmt::format("{}.csv", ++files_);
  program_.Write(file, text);
  std::string counts;
  for (const auto& [name, count] :
       simdjson::dom::object(Json({"ingest", std::string(source), file}))) {
    if (name == "received" || int64_t(count) == 0) continue;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : " ", name, int64_t(count));
  }
  return counts;
}

std::string Scene::Tell(const std::vector<std::string>& words) { return MustCall(words).out; }

simdjson::dom::element Scene::Json(std::vector<std::string> words) {
  words.insert(words.begin(), {"-o", "json"});
  return parser_.parse(Tell(words)).value();
}

simdjson::dom::element Scene::Card(const std::vector<std::string>& words, std::string_view person,
                                   std::string_view cycle) {
  std::vector<std::string> all = words;
  all.insert(all.end(), {"score", "show", std::string(cycle), std::string(person)});
  return Json(all);
}

std::string Scene::Total(const std::vector<std::string>& words, std::string_view person,
                         std::string_view cycle) {
  const auto card = Card(words, person, cycle);
  return fmt::format("{} {} + {} - {} = {} {}", TextIn(card, "status"), TextIn(card, "computed"),
                     TextIn(card, "adjustments"), TextIn(card, "overflow"), TextIn(card, "total"),
                     TextIn(card, "band"));
}

std::string Scene::Items(const std::vector<std::string>& words, std::string_view person,
                         std::string_view cycle) {
  std::string text;
  for (const simdjson::dom::element item :
       simdjson::dom::array(Card(words, person, cycle)["items"])) {
    const std::string status = TextIn(item, "status");
    text += fmt::format("{}{} {} -> {}{}", text.empty() ? "" : ", ", TextIn(item, "item"),
                        TextIn(item, "achieved"), TextIn(item, "points"),
                        status == "OK" ? "" : " " + status);
  }
  return text;
}

std::string Scene::Parts(std::string_view person) {
  std::string text;
  for (const simdjson::dom::element part :
       simdjson::dom::array(Card({}, person, "2026-06")["parts"])) {
    text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", TextIn(part, "position"),
                        TextIn(part, "weightBp"), TextIn(part, "computed"));
  }
  return text;
}

}  // namespace assay::testing

#include "engine/score/explain.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace assay {
namespace {

ExplainNode Leaf() {
  return {.kind = ExplainKind::kFact,
          .label = "o-1/2",
          .value = "5",
          .unit = "pcs",
          .fact = FactOrigin{.source = "erp",
                             .entity = "employee/e-1",
                             .record = {"o-1", "2"},
                             .version = "4",
                             .effective = "2026-06-30",
                             .at = "2026-06-30T08:00:00.000Z",
                             .src = {"cluster/erp/1", "erp", 3, 77, "ab"}}};
}

TEST_CASE("names of kinds read back", "[score][unit]") {
  for (int i = 0; i <= static_cast<int>(ExplainKind::kRounding); ++i) {
    const auto kind = static_cast<ExplainKind>(i);
    CHECK(ExplainKindFromName(ExplainKindName(kind)) == kind);
  }
  CHECK(ExplainKindName(ExplainKind::kAttribution) == "attribution");
  CHECK_FALSE(ExplainKindFromName("guess"));
}

TEST_CASE("a tree is one line of JSON in a fixed order", "[score][unit]") {
  ExplainNode day{.kind = ExplainKind::kDay, .label = "2026-06-30", .value = "5"};
  day.AddInput("sum", "5");
  day.AddInput("count", "1");
  day.children.push_back(Leaf());
  day.children[0].digest = "d0";
  day.digest = "d1";
  CHECK(ExplainJson(day) ==
        R"({"kind":"day","label":"2026-06-30","value":"5","inputs":{"sum":"5","count":"1"},)"
        R"("children":[{"kind":"fact","label":"o-1/2","value":"5","unit":"pcs","source":"erp",)"
        R"("entity":"employee/e-1","record":["o-1","2"],"version":"4","effective":"2026-06-30",)"
        R"("at":"2026-06-30T08:00:00.000Z","src":{"log":"cluster/erp/1","topic":"erp",)"
        R"("partition":3,"offset":77,"hash":"ab"},"children":[],"digest":"d0"}],"digest":"d1"})");
}

TEST_CASE("JSON escapes what must be escaped and keeps other text", "[score][unit]") {
  const ExplainNode node{.kind = ExplainKind::kAdjustment,
                         .label = "a \"quoted\" \\ text\n\x01 中文",
                         .status = "S",
                         .rule = "r",
                         .adjustment = AdjustmentOrigin{.id = "adj-1",
                                                        .delta = "5",
                                                        .reason_code = "R",
                                                        .remark = "tab\t",
                                                        .requested_by = "p-1",
                                                        .approved_by = {"p-2", "p-3"},
                                                        .at = "2026-07-02T10:00:00.000Z"}};
  CHECK(ExplainJson(node) ==
        "{\"kind\":\"adjustment\",\"label\":\"a \\\"quoted\\\" \\\\ text\\n\\u0001 中文\","
        "\"value\":null,\"status\":\"S\",\"rule\":\"r\",\"id\":\"adj-1\",\"delta\":\"5\","
        "\"reasonCode\":\"R\",\"remark\":\"tab\\t\",\"requestedBy\":\"p-1\","
        "\"approvedBy\":[\"p-2\",\"p-3\"],\"at\":\"2026-07-02T10:00:00.000Z\",\"children\":[],"
        "\"digest\":\"\"}");
}

TEST_CASE("a digest covers every field and keeps fields apart", "[score][unit]") {
  std::set<std::string> digests;
  const auto add = [&](const auto& change) {
    ExplainNode node = Leaf();
    node.inputs = {{"a", "b"}};
    node.children.resize(1);
    change(node);
    digests.insert(DigestOf(node));
  };
  add([](ExplainNode&) {});
  add([](ExplainNode& n) { n.kind = ExplainKind::kDay; });
  add([](ExplainNode& n) { n.label = "o-1"; });
  add([](ExplainNode& n) { n.value = "6"; });
  add([](ExplainNode& n) { n.value.reset(); });
  add([](ExplainNode& n) { n.value = ""; });
  add([](ExplainNode& n) { n.status = "OK"; });
  add([](ExplainNode& n) { n.unit = "h"; });
  add([](ExplainNode& n) { n.rule = "pcs"; });
  add([](ExplainNode& n) { n.inputs = {{"ab", ""}}; });
  add([](ExplainNode& n) { n.inputs.clear(); });
  add([](ExplainNode& n) { n.fact.reset(); });
  add([](ExplainNode& n) { n.fact->record = {"o-12"}; });
  add([](ExplainNode& n) { n.fact->record = {"o-1", "2", ""}; });
  add([](ExplainNode& n) { n.fact->src.partition = 4; });
  add([](ExplainNode& n) { n.fact->src.offset = 78; });
  add([](ExplainNode& n) { n.fact->src.hash = "ac"; });
  add([](ExplainNode& n) { n.adjustment.emplace(); });
  add([](ExplainNode& n) { n.children.clear(); });
  add([](ExplainNode& n) { n.children.resize(2); });
  add([](ExplainNode& n) { n.children[0].digest = "x"; });
  add([](ExplainNode& n) { n.of.emplace(); });
  add([](ExplainNode& n) { n.of.emplace().moment = "1@2"; });
  CHECK(digests.size() == 23);
  // The node's own digest is no part of it.
  ExplainNode node = Leaf();
  const std::string digest = DigestOf(node);
  node.digest = "anything";
  CHECK(DigestOf(node) == digest);
}

TEST_CASE("sealing sets digests from the leaves up", "[score][unit]") {
  ExplainNode day{.kind = ExplainKind::kDay, .children = {Leaf(), Leaf()}};
  SealDigests(day);
  CHECK(day.children[0].digest == DigestOf(day.children[0]));
  CHECK(day.digest == DigestOf(day));
  CHECK(day.digest.size() == 64);
  const std::string before = day.digest;
  day.children[1].value = "6";
  SealDigests(day);
  CHECK(day.digest != before);
}

TEST_CASE("an item is found wherever it stands", "[score][unit]") {
  const ExplainNode item{.kind = ExplainKind::kItem, .label = "output"};
  const ExplainNode block{.kind = ExplainKind::kBlock, .label = "output", .children = {item}};
  const ExplainNode root{.kind = ExplainKind::kTotal, .children = {{.children = {block}}}};
  REQUIRE(FindItem(root, "output") != nullptr);
  CHECK(FindItem(root, "output")->kind == ExplainKind::kItem);
  CHECK(FindItem(root, "quality") == nullptr);
}

}  // namespace
}  // namespace assay

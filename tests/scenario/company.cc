#include "tests/scenario/company.h"

#include <fmt/core.h>

namespace assay::testing {

std::string By(std::string_view actor, std::string_view command) {
  return fmt::format("---\nactor: {{person: {}}}\n{}\n", actor, command);
}

std::string WithIds(std::string_view prefix, std::string_view documents) {
  constexpr std::string_view kStart = "---\n";
  std::string text;
  int number = 0;
  for (size_t begin = documents.find(kStart); begin != documents.npos;) {
    const size_t next = documents.find(kStart, begin + 1);
    text += fmt::format("---\ncommandId: {}-{}\n", prefix, number++);
    text += documents.substr(begin + kStart.size(), next - begin - kStart.size());
    begin = next;
  }
  return text;
}

std::string Founding() {
  const auto grant = [](std::string_view id, std::string_view person, std::string_view rest) {
    return By("p-admin", fmt::format("giveGrant: {{grant: {}, to: {{person: {}}}, {}, "
                                     "span: {{from: 2026-01-01}}}}",
                                     id, person, rest));
  };
  return grant("g-hr", "p-hr", "role: HR") + grant("g-fin", "p-fin", "role: FINANCE") +
         By("p-hr", "createUnit: {unit: u-1, name: Plant, kind: SITE, from: 2026-01-01}") +
         grant("g-head", "p-head", "role: DEPARTMENT_HEAD, units: [u-1]") +
         grant("g-ex", "p-ex", "role: EXECUTIVE, limit: \"20\"") +
         grant("g-ex2", "p-ex2", "role: EXECUTIVE, limit: \"20\"") +
         By("p-hr",
            "createPosition: {position: pos-op, unit: u-1, title: Operator, headcount: 50, "
            "from: 2026-01-01}") +
         By("p-hr", "addPerson: {person: p-mgr, name: 王经理}");
}

std::string Hire(std::string_view person, std::string_view key) {
  return By("p-hr", fmt::format("addPerson: {{person: {0}, name: 员工 {0}}}", person)) +
         By("p-hr", fmt::format("startAssignment: {{assignment: as-{0}, person: {0}, "
                                "position: pos-op, allocationBp: 10000, kind: PRIMARY, "
                                "span: {{from: 2026-01-01}}}}",
                                person)) +
         By("p-hr", fmt::format("setReportingLine: {{person: {}, manager: p-mgr, line: SOLID, "
                                "span: {{from: 2026-01-01}}}}",
                                person)) +
         By("p-hr", fmt::format("bindSourceKey: {{person: {}, entityType: employee, key: {}, "
                                "span: {{from: 2026-01-01}}}}",
                                person, key));
}

std::string Contract(std::string_view source, const std::vector<std::string_view>& measures) {
  std::string text = fmt::format(
      "source: {}\norigin: SYSTEM\nowner: {{person: p-fin}}\ninput: {{format: csv}}\n"
      "record:\n  key: [record]\n  version: rev\n"
      "  when: {{field: day, format: \"%Y-%m-%d\", zone: Asia/Shanghai}}\n"
      "entity: {{type: employee, key: emp}}\nmeasures:\n",
      source);
  for (const std::string_view measure : measures) {
    const size_t space = measure.find(' ');
    text += fmt::format("  - {{name: {0}, value: {0}, unit: {1}}}\n", measure.substr(0, space),
                        measure.substr(space + 1));
  }
  return text;
}

std::string Publish(const Metric& metric) {
  const auto step = [&](std::string_view actor, std::string_view verb) {
    return By(actor, fmt::format("{}: {{metric: {}@{}}}", verb, metric.id, metric.version));
  };
  return By("p-hr",
            fmt::format("draftMetric:\n"
                        "  metric: {0}@{7}\n"
                        "  definition: {{name: {0}, ownerUnit: u-1, kind: QUANTITATIVE,\n"
                        "    sources: [{1}], formula: \"{2}\", unit: \"{3}\",\n"
                        "    grain: MONTH, direction: {4}, attribution: {5},\n"
                        "    missing: {6}, divZero: NOT_COMPUTABLE, rounding: HALF_UP}}",
                        metric.id, metric.sources, metric.formula, metric.unit, metric.direction,
                        metric.attribution, metric.missing, metric.version)) +
         step("p-hr", "submitMetric") + step("p-head", "signDefinition") +
         step("p-fin", "signSource") +
         By("p-hr", fmt::format("publishMetric: {{metric: {}@{}, from: 2026-0{}-01}}", metric.id,
                                metric.version, metric.version));
}

std::string CurveAndBands() {
  return By("p-hr",
            "publishCurve: {curve: prop@1, definition: {kind: PROPORTIONAL, "
            "direction: HIGHER_IS_BETTER, cap: \"1.2\"}}") +
         By("p-hr",
            "publishBandTable: {table: bands@1, definition: {bands: [{name: 待改进, to: \"70\"}, "
            "{name: 合格, from: \"70\", to: \"90\"}, {name: 优秀, from: \"90\"}]}}");
}

std::string Items(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) {
    text += fmt::format(
        "{}{{item: {}, metric: {}@1, curve: {}, weightBp: {}, target: \"{}\", unit: \"{}\"}}",
        text.empty() ? "[" : ",\n    ", item.item, item.item, item.curve, item.weight_bp,
        item.target, item.unit);
  }
  return text + "]";
}

std::string Template(std::string_view id, const std::vector<Item>& items,
                     const TemplateRules& rules) {
  return By("p-hr", fmt::format("publishTemplate:\n"
                                "  template: {}\n"
                                "  definition: {{name: {}, items: {},\n"
                                "    bandTable: {}, totalCap: \"{}\", missing: {},\n"
                                "    scoreUnsigned: true}}",
                                id, id.substr(0, id.find('@')), Items(items), rules.bands,
                                rules.cap, rules.missing));
}

std::string June(std::string_view scheme) {
  return By("p-hr", fmt::format("planCycle: {{cycle: 2026-06, period: {{from: 2026-06-01, "
                                "to: 2026-07-01}}, grain: MONTH, template: {}}}",
                                scheme)) +
         By("p-hr", "openCycle: {cycle: 2026-06}");
}

}  // namespace assay::testing

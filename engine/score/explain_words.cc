#include "engine/score/explain_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/shown_text.h"
#include "engine/score/curve.h"
#include "engine/score/formula.h"
#include "engine/score/ratio.h"

namespace assay {
namespace {

// What an item rests on.
struct Origins {
  std::vector<std::string_view> sources;
  int64_t count = 0;
  // The last fact node that was met.
  const ExplainNode* fact = nullptr;
};

std::string_view WordOr(const ExplainNode& node, std::string_view name) {
  const std::string* const text = node.Input(name);
  return text ? std::string_view(*text) : std::string_view();
}

void Collect(const ExplainNode& node, Origins& origins) {
  if (node.kind == ExplainKind::kMeasure && !node.children.empty()) {
    const std::string_view label = node.label;
    const size_t open = label.find('(') + 1;
    const std::string_view source = SourceOfMeasure(label.substr(open));
    if (std::ranges::find(origins.sources, source) == origins.sources.end()) {
      origins.sources.push_back(source);
    }
  }
  if (node.kind == ExplainKind::kDay) {
    const std::string_view text = WordOr(node, "count");
    int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    origins.count += count;
  }
  if (node.kind == ExplainKind::kFact) origins.fact = &node;
  for (const ExplainNode& child : node.children) Collect(child, origins);
}

std::string Fixed(const std::optional<std::string>& value) {
  const std::optional<Decimal> number = value ? Decimal::Parse(*value) : std::nullopt;
  return number ? number->ToFixed(kPointsDigits) : std::string("-");
}

std::string Percent(std::string_view basis_points) {
  const std::optional<Decimal> number = Decimal::Parse(basis_points);
  return number ? number->DividedBy(Decimal::FromInt(100))->ToString() + " %" : std::string();
}

// A ratio as people write it.
std::string Plain(std::string_view exact) {
  const std::optional<Ratio> ratio = Ratio::Parse(exact);
  const std::optional<Decimal> number =
      ratio ? ratio->Rounded(kPointsDigits, Rounding::kHalfEven) : std::nullopt;
  return number ? number->ToString() : std::string(exact);
}

class WordWriter {
 public:
  explicit WordWriter(Language language) : chinese_(language == Language::kChinese) {}

  void Write(const ExplainNode& node, int depth) {
    if (node.kind == ExplainKind::kMeasure) aggregate_ = node.rule;
    out_ += fmt::format("{:{}}{}\n", "", depth * 2, PlainText(Line(node)));
    for (const ExplainNode& child : node.children) Write(child, depth + 1);
  }

  std::string Take() { return std::move(out_); }

 private:
  std::string_view Say(std::string_view english, std::string_view chinese) const {
    return chinese_ ? chinese : english;
  }

  // ", name value" when there is one.
  std::string Part(std::string_view english, std::string_view chinese,
                   std::string_view value) const {
    if (value.empty()) return {};
    return fmt::format("{}{} {}", Say(", ", ","), Say(english, chinese), value);
  }

  // The value, or why there is none.
  std::string Value(const ExplainNode& node) const {
    if (!node.value) return fmt::format("{} ({})", Say("no value", "无值"), node.status);
    std::string text = *node.value;
    if (!node.unit.empty() && node.unit != "1" && node.unit != "points") text += " " + node.unit;
    if (!node.status.empty()) text += fmt::format(" ({})", node.status);
    return text;
  }

  std::string Line(const ExplainNode& node) const {
    switch (node.kind) {
      case ExplainKind::kTotal:
        return Total(node);
      case ExplainKind::kPart:
        return PartLine(node);
      case ExplainKind::kBlock:
        return fmt::format("{} {}: {}", Say("block", "模块"), node.label, Value(node));
      case ExplainKind::kItem:
        return Item(node);
      case ExplainKind::kCurve:
        return CurveLine(node);
      case ExplainKind::kFormula:
        return FormulaLine(node);
      case ExplainKind::kMeasure:
        return MeasureLine(node);
      case ExplainKind::kAttribution:
        return AttributionLine(node);
      case ExplainKind::kDay:
        return DayLine(node);
      case ExplainKind::kFact:
        return FactLine(node);
      case ExplainKind::kAdjustment:
        return AdjustmentLine(node);
      case ExplainKind::kCap:
        return fmt::format("{} {}: {} {}", Say("cap", "封顶"), WordOr(node, "cap"),
                           Say("overflow", "溢出"), Value(node));
      case ExplainKind::kRounding:
        return fmt::format("{} {} {}: {} -> {}", Say("rounded", "舍入"), node.rule,
                           WordOr(node, "digits"), WordOr(node, "exact"), Fixed(node.value));
    }
    return {};
  }

  std::string Total(const ExplainNode& node) const {
    const std::string head = fmt::format("{}{} {}{}", node.label, Say(", cycle", ",周期"),
                                         WordOr(node, "cycle"), Say(": ", ":"));
    if (!node.value) return fmt::format("{}{} {}", head, Say("total", "总分"), Value(node));
    return fmt::format("{}{} {} = {} {} + {} {} - {} {}{}", head, Say("total", "总分"), *node.value,
                       Say("computed", "计算分"), WordOr(node, "computed"),
                       Say("adjustments", "调整"), WordOr(node, "adjustments"),
                       Say("overflow", "溢出"), WordOr(node, "overflow"),
                       Part("band", "等级", WordOr(node, "band")));
  }

  std::string PartLine(const ExplainNode& node) const {
    std::string line =
        fmt::format("{} {}{}{}: {}", Say("part", "部分"), node.label,
                    Part("position", "岗位", WordOr(node, "position")),
                    Part("weight", "权重", Percent(WordOr(node, "weightBp"))), Value(node));
    if (node.Input("includedBp")) line += fmt::format(" ({})", node.rule);
    return line;
  }

  std::string Item(const ExplainNode& node) const {
    const std::string head = fmt::format("{} {}: ", Say("item", "指标"), node.label);
    const ExplainNode* const curve = node.children.empty() ? nullptr : &node.children.front();
    const bool is_scored = curve && curve->value && node.value && node.status.empty();
    const std::string sum = is_scored
                                ? fmt::format("{} x {} = {}", *curve->value,
                                              Plain(WordOr(node, "weight")), Fixed(node.value))
                                : Value(node);
    return head + sum + Part("achieved", "实际", WordOr(node, "achieved")) +
           Part("target", "目标", WordOr(node, "target")) + Sources(node);
  }

  std::string Sources(const ExplainNode& node) const {
    Origins origins;
    Collect(node, origins);
    if (origins.count == 0) return {};
    const std::string_view head = Say("; source:", ";来源:");
    if (origins.count == 1 && origins.fact && origins.fact->fact) {
      const FactOrigin& fact = *origins.fact->fact;
      return fmt::format("{} {} {}{}", head, fact.source, origins.fact->label,
                         Part("version", "版本", fact.version));
    }
    return fmt::format("{} {} ({} {})", head, fmt::join(origins.sources, ", "), origins.count,
                       Say(origins.count == 1 ? "fact" : "facts", "条事实"));
  }

  std::string CurveLine(const ExplainNode& node) const {
    return fmt::format("{} {} {}{}{}: {} {}{}", Say("curve", "曲线"), node.label, node.rule,
                       Part("actual", "实际", WordOr(node, "actual")),
                       Part("target", "目标", WordOr(node, "target")), Say("share", "得分比例"),
                       Value(node), Part("branch", "分支", WordOr(node, "branch")));
  }

  std::string FormulaLine(const ExplainNode& node) const {
    std::string line =
        fmt::format("{} {}: {} = {}", Say("metric", "口径"), node.label, node.rule, Value(node));
    std::vector<std::string_view> steps;
    for (const NamedText& input : node.inputs) {
      if (input.name.starts_with("step.")) steps.push_back(input.value);
    }
    if (steps.empty()) return line;
    return line + fmt::format("{} {}", Say("; steps:", ";步骤:"), fmt::join(steps, "; "));
  }

  std::string MeasureLine(const ExplainNode& node) const {
    const std::string line = fmt::format("{} = {}", node.label, Value(node));
    if (aggregate_ != AggregateName(Aggregate::kMean) || !node.value) return line;
    return fmt::format("{} = {} {} / {} {}", line, Say("sum", "合计"), WordOr(node, "sum"),
                       Say("count", "计数"), WordOr(node, "count"));
  }

  // Of a day or an attribution: what the aggregate of the measure above is made of.
  std::string Figures(const ExplainNode& node) const {
    const std::string_view figure = WordOr(node, aggregate_);
    const std::string_view count = WordOr(node, AggregateName(Aggregate::kCount));
    if (aggregate_ == AggregateName(Aggregate::kMean) && node.value) {
      return fmt::format("{} {}{}", Say("sum", "合计"), *node.value, Part("count", "计数", count));
    }
    if (aggregate_ == AggregateName(Aggregate::kCount) && !figure.empty()) {
      return fmt::format("{} {}", Say("count", "计数"), figure);
    }
    if (aggregate_ == AggregateName(Aggregate::kMin) && !figure.empty()) {
      return fmt::format("{} {}", Say("min", "最小"), figure);
    }
    if (aggregate_ == AggregateName(Aggregate::kMax) && !figure.empty()) {
      return fmt::format("{} {}", Say("max", "最大"), figure);
    }
    if (aggregate_ == AggregateName(Aggregate::kLast) && !figure.empty()) {
      return fmt::format("{} {}{}", Say("last", "最后"), figure,
                         Part("at", "时间", WordOr(node, "lastAt")));
    }
    return Value(node);
  }

  std::string AttributionLine(const ExplainNode& node) const {
    return fmt::format("{} {} {}/{} [{}, {}): {}", node.label, node.rule, WordOr(node, "partBp"),
                       WordOr(node, "totalBp"), WordOr(node, "from"), WordOr(node, "to"),
                       Figures(node));
  }

  std::string DayLine(const ExplainNode& node) const {
    const std::string_view count = WordOr(node, "count");
    return fmt::format("{}: {} ({} {}){}", node.label, Figures(node), count,
                       Say(count == "1" ? "fact" : "facts", "条事实"),
                       Part("hash", "摘要", WordOr(node, "factsHash")));
  }

  std::string FactLine(const ExplainNode& node) const {
    const FactOrigin fact = node.fact.value_or(FactOrigin());
    return fmt::format("{}: {}{}{}{}{}", node.label, Value(node),
                       Part("source", "来源", fact.source), Part("version", "版本", fact.version),
                       Place(fact.src), Part("hash", "摘要", fact.src.hash));
  }

  // The log of a topic is "cluster/topic/generation": its records are found under its own name.
  std::string Place(const SourcePlace& src) const {
    const size_t first = src.log.find('/');
    const size_t last = src.log.rfind('/');
    if (first == last) {
      return Part("at", "位置",
                  fmt::format("{}[{}]@{}", src.topic.empty() ? src.log : src.topic, src.partition,
                              src.offset));
    }
    return Part("from topic", "来自主题",
                fmt::format("{}/{}@{}", src.log.substr(first + 1, last - first - 1), src.partition,
                            src.offset)) +
           Part("at", "位置", src.topic);
  }

  std::string AdjustmentLine(const ExplainNode& node) const {
    const AdjustmentOrigin origin = node.adjustment.value_or(AdjustmentOrigin());
    return fmt::format(
        "{} {} {} {}: {}{}{}{}{}{}", Say("adjustment", "调整"), origin.id, Say("of", "对象"),
        node.label, Value(node), Part("reason", "原因", origin.reason_code),
        Part("remark", "备注", origin.remark), Part("requested by", "申请人", origin.requested_by),
        Part("approved by", "批准人", fmt::format("{}", fmt::join(origin.approved_by, ", "))),
        Part("at", "时间", origin.at));
  }

  bool chinese_;
  // Of the measure node above.
  std::string_view aggregate_;
  std::string out_;
};

}  // namespace

std::optional<Language> LanguageFromName(std::string_view name) {
  if (name == "en") return Language::kEnglish;
  if (name == "zh-CN") return Language::kChinese;
  return std::nullopt;
}

std::string ExplainWords(const ExplainNode& root, Language language) {
  WordWriter writer(language);
  writer.Write(root, 0);
  return writer.Take();
}

}  // namespace assay

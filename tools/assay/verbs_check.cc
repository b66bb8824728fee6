// `score check`: a derivation on its own, and against the home that it came from.

#include <algorithm>
#include <utility>

#include "engine/score/check.h"
#include "engine/score/compare.h"
#include "tools/assay/explain_file.h"
#include "tools/assay/explain_leaves.h"
#include "tools/assay/text_file.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// What comparing with a home gives: the first difference, or what was compared.
struct HomeComparison {
  std::optional<Rejection> difference;
  int64_t facts = 0;
  int64_t shortened_days = 0;
};

Rejection CheckDiffers(const CheckResult& result) {
  return {.code = "EXPLAIN_DIFFERS",
          .rejection_class = RejectionClass::kIntegrity,
          .path = result.pointer,
          .message = fmt::format("{}: {}", result.place, result.reason),
          .hint = "ask for the derivation again: assay score explain"};
}

Rejection ScopeDiffers(std::string field, std::string expected, std::string actual,
                       std::string message, std::string hint = "") {
  return {.code = "EXPLAIN_OF_ANOTHER_LOG",
          .rejection_class = RejectionClass::kIntegrity,
          .path = "/of/" + std::move(field),
          .expected = std::move(expected),
          .actual = std::move(actual),
          .message = std::move(message),
          .hint = std::move(hint)};
}

Rejection WithoutMoment() {
  return {.code = "EXPLAIN_WITHOUT_MOMENT",
          .rejection_class = RejectionClass::kIntegrity,
          .path = "/of",
          .expected = "the company, cycle, person and moment that were explained",
          .message =
              "the file does not say what it explains and as of which moment, so that the "
              "home cannot compute it anew",
          .hint =
              "ask for the derivation again: assay -o json score explain; without --home its "
              "arithmetic alone is checked"};
}

// Whether the file is of this home's log and of a moment that lies in it.
std::optional<Rejection> WrongHome(Home& home, const ExplainScope& scope) {
  const LogIdentity& identity = home.Identity();
  const std::string message = "the derivation is not of the company in this home";
  const std::string hint = "name the home that it came from: --home DIR";
  if (scope.company != identity.company) {
    return ScopeDiffers("company", identity.company, scope.company, message, hint);
  }
  if (scope.log != identity.log_id) {
    return ScopeDiffers("log", identity.log_id, scope.log, message, hint);
  }
  const Moment end = home.Views().Now();
  const auto moment = Moment::Parse(scope.moment);
  bool is_inside = moment.has_value() && moment->facts.size() == end.facts.size() &&
                   moment->decisions <= end.decisions;
  for (size_t i = 0; is_inside && i < end.facts.size(); ++i) {
    is_inside = moment->facts[i] <= end.facts[i];
  }
  if (is_inside) return std::nullopt;
  return ScopeDiffers("moment",
                      fmt::format("a moment up to the end of the log, {}", end.ToString()),
                      scope.moment, "the derivation is of a moment that this home does not have");
}

bool HasShortenedDay(const ExplainNode& node) {
  return node.Input("factsHash") != nullptr || std::ranges::any_of(node.children, HasShortenedDay);
}

// The same part of the same score, explained by the home at the moment that the file names; null
// when the home has none.
absl::StatusOr<std::optional<ExplainNode>> ExplainAnew(Home& home, const ExplainNode& root) {
  const ExplainScope& scope = *root.of;
  ASSAY_ASSIGN_OR_RETURN(
      auto explained,
      home.Scores().Explain(score_table::At(*Moment::Parse(scope.moment)), scope.cycle,
                            scope.person, {.all = !HasShortenedDay(root)}));
  std::optional<ExplainNode> anew;
  if (!explained.has_value()) return anew;
  if (scope.item.empty()) return std::optional(std::move(explained->tree));
  for (const PartItem& found : ItemsCalled(explained->tree, scope.item)) {
    if (found.part->label == scope.agreement) anew = *found.item;
  }
  return anew;
}

Rejection HomeDiffers(const ExplainDifference& difference) {
  const auto shown = [](const std::string& text) { return text.empty() ? "nothing" : text; };
  return {.code = "HOME_DIFFERS",
          .rejection_class = RejectionClass::kIntegrity,
          .path = fmt::format("{}/{}", difference.place.pointer, difference.field),
          .expected = shown(difference.expected),
          .actual = shown(difference.found),
          .message = fmt::format("{}: {} is not what the home computes at that moment",
                                 difference.place.words, difference.field),
          .hint = "the file was changed after it was printed"};
}

absl::StatusOr<HomeComparison> CompareWithHome(Home& home, const ExplainNode& root) {
  if (!root.of.has_value()) return HomeComparison{.difference = WithoutMoment()};
  if (auto wrong = WrongHome(home, *root.of)) return HomeComparison{.difference = *wrong};
  ASSAY_ASSIGN_OR_RETURN(auto leaves, CompareLeaves(root, home.Views().Now(),
                                                    [&](int32_t partition, int64_t position) {
                                                      return home.IntakeAt(partition, position);
                                                    }));
  HomeComparison compared{.difference = std::move(leaves.difference),
                          .facts = leaves.compared,
                          .shortened_days = leaves.shortened_days};
  if (compared.difference.has_value()) return compared;
  ASSAY_ASSIGN_OR_RETURN(const auto anew, ExplainAnew(home, root));
  if (!anew.has_value()) {
    compared.difference =
        ScopeDiffers("person", "a person with this score at that moment",
                     fmt::format("{} {} {}", root.of->cycle, root.of->person, root.of->item),
                     "the home has no such score at that moment");
  } else if (const auto difference = CompareExplain(root, *anew, kTextOfAGoneKey)) {
    compared.difference = HomeDiffers(*difference);
  }
  return compared;
}

// "1 fact", "2 facts"
std::string Counted(const Session& session, int64_t count, const char* one, const char* many,
                    const char* chinese) {
  return fmt::format("{} {}", count, session.Say(count == 1 ? one : many, chinese));
}

// A tree that was read, and how it fared.
struct CheckedTree {
  std::optional<Rejection> difference;
  std::optional<HomeComparison> compared;
};

// With a home, that is asked first: it knows the field that was changed, which a digest does not.
absl::StatusOr<CheckedTree> CheckTree(Home* home, const ExplainNode& root) {
  CheckedTree checked;
  const CheckResult alone = CheckExplain(root);
  if (home != nullptr && (alone.ok || root.of.has_value())) {
    ASSAY_ASSIGN_OR_RETURN(checked.compared, CompareWithHome(*home, root));
    checked.difference = checked.compared->difference;
  }
  if (!checked.difference.has_value() && !alone.ok) checked.difference = CheckDiffers(alone);
  return checked;
}

void PrintWords(const Session& session, const ExplainNode& root,
                const std::optional<HomeComparison>& compared) {
  PrintPlain(Out(), "ok {}\n", root.value.value_or(root.status));
  if (!compared.has_value()) return;
  PrintPlain(Err(), "{} {}: {}, {}\n",
             session.Say("equal to what the home computes at", "与主目录重新计算的结果一致,时点"),
             root.of->moment,
             Counted(session, compared->facts, "fact read at its place in the journal",
                     "facts read at their places in the journal", "条事实已按其日志位置核对"),
             Counted(session, compared->shortened_days, "shortened day by its count and hash",
                     "shortened days by their counts and hashes", "个折叠日按计数与摘要核对"));
}

Json CheckedJson(const ExplainNode& root, const std::optional<HomeComparison>& compared) {
  Json object = Json::Object();
  object.Put("ok", true)
      .Put("total", root.value.has_value() ? Json(*root.value) : Json())
      .Put("status", root.status.empty() ? "OK" : root.status);
  if (compared.has_value()) {
    object.Put("moment", root.of->moment)
        .Put("compared", compared->facts)
        .Put("shortenedDays", compared->shortened_days);
  }
  return object;
}

}  // namespace

int RunScoreCheck(const Session& session, const std::string& file, bool home) {
  std::variant<std::vector<ExplainNode>, Rejection> parsed;
  const absl::Status read = ReadAside(session, [&]() -> absl::Status {
    ASSAY_ASSIGN_OR_RETURN(const std::string text, ReadText(file, kExplainBytesMax));
    parsed = ParseExplains(text);
    return absl::OkStatus();
  });
  if (!read.ok()) return Fail(session, read);
  if (const auto* refused = std::get_if<Rejection>(&parsed)) {
    return Fail(session, InFile(*refused, file));
  }
  const auto& trees = std::get<std::vector<ExplainNode>>(parsed);
  std::shared_ptr<Home> opened;
  if (home) {
    ASSAY_OR_FAIL(opened, session, OpenHome(session));
  }
  std::vector<Json> rows;
  std::vector<CheckedTree> all;
  for (const ExplainNode& root : trees) {
    ASSAY_OR_FAIL(CheckedTree checked, session, CheckTree(opened.get(), root));
    if (checked.difference.has_value()) {
      if (trees.size() > 1) {
        checked.difference->path = fmt::format("/{}{}", all.size(), checked.difference->path);
      }
      return Fail(session, *checked.difference);
    }
    rows.push_back(CheckedJson(root, checked.compared));
    all.push_back(std::move(checked));
  }
  if (session.format == OutputFormat::kTable) {
    for (size_t i = 0; i < trees.size(); ++i) PrintWords(session, trees[i], all[i].compared);
  } else if (rows.size() == 1) {
    PrintObject(session.format, rows.front());
  } else {
    PrintRows(session.format, {}, rows);
  }
  return kExitOk;
}

}  // namespace assay

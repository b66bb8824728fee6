#include <assay/v1/output.pb.h>

#include <map>
#include <utility>

#include "engine/base/check.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "engine/score/explain_words.h"
#include "tools/assay/show.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// --- list ---

// Tells whether a unit counts to another one, or lies below it.
class UnitFilter {
 public:
  UnitFilter(decisions::StateAt state, std::string unit, Day day)
      : state_(std::move(state)), unit_(LivingUnit(state_, unit, day)), day_(day) {}

  [[nodiscard]] bool Exists() const { return !unit_.empty(); }
  [[nodiscard]] bool Has(const std::string& unit) {
    const auto [known, is_new] = known_.emplace(unit, false);
    if (is_new && !unit.empty()) {
      for (const std::string& above : PathToRoot(state_, unit, day_)) {
        known->second = known->second || above == unit_;
      }
    }
    return known->second;
  }
  [[nodiscard]] const StateReader& State() const { return state_; }

 private:
  decisions::StateAt state_;
  std::string unit_;
  Day day_;
  std::map<std::string, bool> known_;
};

// The organisation that a cycle is scored by, on the day asked for or its last.
UnitFilter FilterOf(const Session& session, const View& view, const v1::CycleState& cycle,
                    const std::string& unit) {
  const bool is_locked = cycle.stage() >= v1::CYCLE_STAGE_LOCKED;
  decisions::StateAt state(view.home->Rows(),
                           is_locked ? cycle.lock_position() : view.moment.decisions);
  return {std::move(state), unit, session.on.value_or(SpanOf(cycle.period()).to.Plus(-1))};
}

// By person. The stored rows are those of the end of the log.
absl::StatusOr<std::vector<v1::ScoreRecord>> ScoresOf(const View& view, const std::string& cycle) {
  if (view.at_end) return score_table::StoredScores(view.home->Rows(), cycle);
  ASSAY_ASSIGN_OR_RETURN(const auto people, view.home->Scores().People(view.ScoreMoment(), cycle));
  Progress progress("scoring");
  std::vector<v1::ScoreRecord> records;
  for (const std::string& person : people) {
    ASSAY_ASSIGN_OR_RETURN(auto score,
                           view.home->Scores().Evaluate(view.ScoreMoment(), cycle, person));
    if (score.has_value()) records.push_back(std::move(score->record));
    progress.Report(static_cast<int64_t>(records.size()), static_cast<int64_t>(people.size()));
  }
  return records;
}

Json ListRow(const v1::ScoreRecord& record, Json name) {
  Json row = Json::Object();
  row.Put("person", record.person())
      .Put("name", std::move(name))
      .Put("unit", Json::TextOrNull(record.unit()))
      .Put("computed", Json::TextOrNull(record.computed()))
      .Put("adjustments", Json::TextOrNull(record.adjustments()))
      .Put("overflow", Json::TextOrNull(record.overflow()))
      .Put("total", Json::TextOrNull(record.total()))
      .Put("band", Json::TextOrNull(record.band()))
      .Put("status", record.status());
  return row;
}

std::vector<Column> ListColumns(const Session& session) {
  return {{"person", session.Say("PERSON", "人员")},
          {"name", session.Say("NAME", "姓名")},
          {"unit", session.Say("UNIT", "部门")},
          {"computed", session.Say("COMPUTED", "计算分"), true},
          {"adjustments", session.Say("ADJUSTMENTS", "调整"), true},
          {"overflow", session.Say("OVERFLOW", "溢出"), true},
          {"total", session.Say("TOTAL", "总分"), true},
          {"band", session.Say("BAND", "等级")},
          {"status", session.Say("STATUS", "状态")}};
}

// --- show ---

// Says why there is no score.
int FailNoScore(const Session& session, const View& view, const std::string& cycle,
                const std::string& person) {
  auto state = view.State();
  if (!state.Find<v1::CycleState>(streams::Cycle(cycle)).has_value()) {
    return FailMissing(session, state, NotVisible("cycle", "cycle", cycle));
  }
  if (!state.Find<v1::PersonState>(streams::Person(person)).has_value()) {
    return FailMissing(session, state, NotVisible("person", "person", person));
  }
  Rejection rejection = NotVisible("person", "agreement in this cycle of", person);
  rejection.expected = fmt::format("a person with an agreement in {}", cycle);
  return Fail(session, rejection);
}

Json ItemRow(const v1::ScoreItem& item) {
  Json row = Json::Object();
  row.Put("item", item.item())
      .Put("metric", item.metric())
      .Put("status", item.status())
      .Put("achieved", Json::TextOrNull(item.achieved()))
      .Put("points", Json::TextOrNull(item.points()))
      .Put("max", Json::TextOrNull(item.max()))
      .Put("weightBp", item.weight_bp())
      .Put("target", Json::TextOrNull(item.target()))
      .Put("unit", Json::TextOrNull(item.unit()));
  return row;
}

Json Card(const v1::ScoreRecord& record, Json name, const Moment& moment) {
  Json items = Json::Array();
  for (const v1::ScoreItem& item : record.items()) items.Add(ItemRow(item));
  Json parts = Json::Array();
  for (const v1::ScorePart& part : record.parts()) {
    Json part_items = Json::Array();
    for (const v1::ScoreItem& item : part.items()) part_items.Add(ItemRow(item));
    Json object = Json::Object();
    object.Put("agreement", part.agreement())
        .Put("position", part.position())
        .Put("weightBp", part.weight_bp())
        .Put("status", part.status())
        .Put("computed", Json::TextOrNull(part.computed()))
        .Put("items", std::move(part_items));
    parts.Add(std::move(object));
  }
  Json card = Json::Object();
  card.Put("cycle", record.cycle())
      .Put("person", record.person())
      .Put("name", std::move(name))
      .Put("unit", Json::TextOrNull(record.unit()))
      .Put("status", record.status())
      .Put("computed", Json::TextOrNull(record.computed()))
      .Put("adjustments", Json::TextOrNull(record.adjustments()))
      .Put("overflow", Json::TextOrNull(record.overflow()))
      .Put("total", Json::TextOrNull(record.total()))
      .Put("band", Json::TextOrNull(record.band()))
      .Put("items", std::move(items))
      .Put("parts", std::move(parts))
      .Put("moment", moment.ToString());
  return card;
}

// "40 %"
std::string Percent(int32_t basis_points) {
  const auto percent = Decimal::FromInt(basis_points).DividedBy(Decimal::FromInt(100));
  return fmt::format("{} %", percent.value_or(Decimal()).ToString());
}

// Every item with its part: the table below a card.
std::vector<Json> PartItemRows(const v1::ScoreRecord& record) {
  std::vector<Json> rows;
  for (const v1::ScorePart& part : record.parts()) {
    for (const v1::ScoreItem& item : part.items()) {
      Json row = ItemRow(item);
      row.Put("agreement", part.agreement())
          .Put("position", part.position())
          .Put("weight", Percent(item.weight_bp()))
          .Put("partWeight", Percent(part.weight_bp()));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<Column> ItemColumns(const Session& session, bool has_parts) {
  std::vector<Column> columns = {{"item", session.Say("ITEM", "指标")},
                                 {"metric", session.Say("METRIC", "口径")},
                                 {"achieved", session.Say("ACHIEVED", "实际"), true},
                                 {"target", session.Say("TARGET", "目标"), true},
                                 {"unit", session.Say("UNIT", "单位")},
                                 {"weight", session.Say("WEIGHT", "权重"), true},
                                 {"points", session.Say("POINTS", "得分"), true},
                                 {"max", session.Say("MAX", "满分"), true},
                                 {"status", session.Say("STATUS", "状态")}};
  if (has_parts) {
    columns.push_back({"position", session.Say("POSITION", "岗位")});
    columns.push_back({"partWeight", session.Say("PART", "占比"), true});
  }
  return columns;
}

void PrintCard(const Session& session, const v1::ScoreRecord& record, const Json& name,
               const Moment& moment) {
  Json head = Json::Object();
  head.Put(session.Say("person", "人员"), fmt::format("{} {}", record.person(), name.Cell()))
      .Put(session.Say("cycle", "周期"), record.cycle())
      .Put(session.Say("unit", "部门"), record.unit())
      .Put(session.Say("status", "状态"), record.status())
      .Put(session.Say("computed", "计算分"), record.computed())
      .Put(session.Say("adjustments", "调整"), WithSign(record.adjustments()))
      .Put(session.Say("overflow", "溢出"), record.overflow())
      .Put(session.Say("total", "总分"), record.total())
      .Put(session.Say("band", "等级"), record.band())
      .Put(session.Say("moment", "时点"), moment.ToString());
  PrintObject(OutputFormat::kTable, head);
  PrintPlain(Out(), "\n");
  PrintRows(OutputFormat::kTable, ItemColumns(session, record.parts_size() > 1),
            PartItemRows(record));
}

// --- explain ---

void AddNodeRows(const ExplainNode& node, const std::string& place, std::vector<Json>& rows) {
  Json row = Json::Object();
  row.Put("place", place)
      .Put("kind", ExplainKindName(node.kind))
      .Put("label", node.label)
      .Put("value", node.value.has_value() ? Json(*node.value) : Json())
      .Put("status", Json::TextOrNull(node.status))
      .Put("unit", Json::TextOrNull(node.unit))
      .Put("rule", Json::TextOrNull(node.rule))
      .Put("digest", node.digest);
  rows.push_back(std::move(row));
  for (size_t i = 0; i < node.children.size(); ++i) {
    AddNodeRows(node.children[i], fmt::format("{}/children/{}", place, i), rows);
  }
}

// `words` are what a table shows of them. Several trees are an array, or a line each.
void PrintTrees(const Session& session, const std::vector<ExplainNode>& trees,
                const std::vector<ExplainNode>& words) {
  if (session.format == OutputFormat::kTable) {
    const Language language = LanguageFromName(session.lang).value_or(Language::kEnglish);
    for (const ExplainNode& node : words) PrintReady(Out(), ExplainWords(node, language));
    return;
  }
  std::vector<Json> rows;
  if (session.format == OutputFormat::kCsv) {
    for (size_t i = 0; i < trees.size(); ++i) {
      AddNodeRows(trees[i], trees.size() == 1 ? "" : fmt::format("/{}", i), rows);
    }
    PrintRows(session.format, {}, rows);
    return;
  }
  std::vector<std::string> texts;
  for (const ExplainNode& tree : trees) texts.push_back(ExplainJson(tree));
  if (session.format == OutputFormat::kJson && trees.size() > 1) {
    PrintReady(Out(), fmt::format("[{}]\n", fmt::join(texts, ",")));
  } else {
    PrintReady(Out(), fmt::format("{}\n", fmt::join(texts, "\n")));
  }
}

// What a tree explains, for `score check` to compute it anew.
void SetScope(ExplainNode& root, const View& view, const std::string& cycle,
              const std::string& person) {
  root.of = ExplainScope{.company = view.home->Identity().company,
                         .log = view.home->Identity().log_id,
                         .cycle = cycle,
                         .person = person,
                         .moment = view.moment.ToString()};
}

}  // namespace

int RunScoreList(const Session& session, const std::string& cycle, const std::string& unit) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  const auto cycle_row = state.Find<v1::CycleState>(streams::Cycle(cycle));
  if (!cycle_row.has_value()) {
    return FailMissing(session, state, NotVisible("cycle", "cycle", cycle));
  }
  UnitFilter filter = FilterOf(session, view, *cycle_row, unit);
  if (!unit.empty() && !filter.Exists()) {
    return FailMissing(session, filter.State(), NotVisible("unit", "unit", unit));
  }
  ASSAY_OR_FAIL(const auto records, session, ScoresOf(view, cycle));
  std::vector<Json> rows;
  for (const v1::ScoreRecord& record : records) {
    if (!unit.empty() && !filter.Has(record.unit())) continue;
    rows.push_back(ListRow(record, PersonName(view, state, record.person())));
  }
  if (!filter.State().status().ok()) return Fail(session, filter.State().status());
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format, ListColumns(session), rows);
  return kExitOk;
}

int RunScoreShow(const Session& session, const std::string& cycle, const std::string& person) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  ASSAY_OR_FAIL(const auto score, session,
                view.home->Scores().Evaluate(view.ScoreMoment(), cycle, person));
  if (!score.has_value()) return FailNoScore(session, view, cycle, person);
  auto state = view.State();
  Json name = PersonName(view, state, person);
  if (!state.status().ok()) return Fail(session, state.status());
  if (session.format == OutputFormat::kTable) {
    PrintCard(session, score->record, name, view.moment);
  } else if (session.format == OutputFormat::kCsv) {
    PrintRows(session.format, ItemColumns(session, true), PartItemRows(score->record));
  } else {
    PrintObject(session.format, Card(score->record, std::move(name), view.moment));
  }
  return kExitOk;
}

int RunScoreExplain(const Session& session, const std::string& cycle, const std::string& person,
                    const std::string& item, bool all) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  ASSAY_OR_FAIL(const auto explained, session,
                view.home->Scores().Explain(view.ScoreMoment(), cycle, person, {.all = all}));
  if (!explained.has_value()) return FailNoScore(session, view, cycle, person);
  const std::vector<PartItem> items = ItemsCalled(explained->tree, item);
  if (!item.empty() && items.empty()) return Fail(session, NotVisible("item", "item", item));
  std::vector<ExplainNode> trees;
  std::vector<ExplainNode> words;
  if (item.empty()) {
    SetScope(trees.emplace_back(explained->tree), view, cycle, person);
  }
  for (const auto& [part, node] : items) {
    ExplainNode& tree = trees.emplace_back(*node);
    SetScope(tree, view, cycle, person);
    tree.of->item = item;
    tree.of->agreement = part->label;
    // With the line of its part above, for there are others.
    ExplainNode shown = *part;
    shown.children = {*node};
    words.push_back(std::move(shown));
  }
  for (ExplainNode& tree : trees) tree.digest = DigestOf(tree);
  PrintTrees(session, trees, words.size() > 1 ? words : trees);
  return kExitOk;
}

}  // namespace assay

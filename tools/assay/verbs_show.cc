#include <utility>

#include "engine/agreement/diff.h"
#include "engine/base/hash.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"
#include "tools/assay/agreement_answers.h"
#include "tools/assay/chinese.h"
#include "tools/assay/message_json.h"
#include "tools/assay/show.h"
#include "tools/assay/show_origin.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// --- agreements ---

Json OpenedText(const View& view, bool has_text, const v1::Sealed& sealed) {
  return has_text ? Json::TextOrNull(view.home->OpenText(sealed)) : Json();
}

Json TermsJson(const View& view, const v1::TermsItem& item) {
  Json object = Json::Object();
  object.Put("item", item.item())
      .Put("metric", item.metric())
      .Put("curve", item.curve())
      .Put("target", Json::TextOrNull(item.target()))
      .Put("unit", Json::TextOrNull(item.unit()))
      .Put("weightBp", item.weight_bp())
      .Put("block", Json::TextOrNull(item.block()))
      .Put("difficulty", Json::TextOrNull(item.difficulty()))
      .Put("standard", OpenedText(view, item.has_standard(), item.standard()))
      .Put("support", OpenedText(view, item.has_support(), item.support()));
  return object;
}

// Against the version before it, or nothing.
std::vector<agreement::TermsChange> ChangesOf(const v1::AgreementState& state, int index) {
  const v1::AgreementVersion nothing;
  const v1::AgreementVersion& before = index == 0 ? nothing : state.versions(index - 1);
  return agreement::DiffTerms(before.items(), state.versions(index).items());
}

Json ChangeJson(const agreement::TermsChange& change) {
  Json object = Json::Object();
  object.Put("path", change.path)
      .Put("before", Json::TextOrNull(change.before))
      .Put("after", Json::TextOrNull(change.after));
  return object;
}

// What an agreement went through, and from where.
struct AgreementSteps {
  const v1::AgreementState& state;
  AgreementAnswers answers;
  // Of the versions, then of the answers, then of the signatures.
  ShownOrigins origins;

  [[nodiscard]] size_t FirstAnswer() const { return static_cast<size_t>(state.versions_size()); }
  [[nodiscard]] size_t FirstSignature() const { return FirstAnswer() + answers.items.size(); }
};

absl::StatusOr<AgreementSteps> StepsOf(const Session& session, const View& view,
                                       const v1::AgreementState& state) {
  ASSAY_ASSIGN_OR_RETURN(AgreementAnswers answers, AnswersOf(view, state.agreement()));
  std::vector<StepTaken> taken;
  for (const auto& version : state.versions()) taken.push_back({version.by(), version.position()});
  for (const ItemAnswer& answer : answers.items) taken.push_back({answer.by, answer.position});
  for (const GivenSignature& given : answers.signatures) {
    taken.push_back({given.event.by(), given.position});
  }
  ASSAY_ASSIGN_OR_RETURN(ShownOrigins origins, ShownOrigins::Of(session, view, taken));
  return AgreementSteps{state, std::move(answers), std::move(origins)};
}

Json VersionJson(const View& view, const AgreementSteps& steps, int index, OutputFormat format) {
  const v1::AgreementState& state = steps.state;
  const v1::AgreementVersion& version = state.versions(index);
  Json items = Json::Array();
  for (const v1::TermsItem& item : version.items()) items.Add(TermsJson(view, item));
  Json changes = Json::Array();
  for (const auto& change : ChangesOf(state, index)) changes.Add(ChangeJson(change));
  Json confirmations = Json::Array();
  for (const v1::ItemConfirmation& confirmation : version.confirmations()) {
    Json sides = Json::Object();
    sides.Put("item", confirmation.item())
        .Put("employee", confirmation.employee())
        .Put("manager", confirmation.manager());
    confirmations.Add(std::move(sides));
  }
  Json object = Json::Object();
  object.Put("version", version.version())
      .Put("by", version.by())
      .Put("side", EnumText(version.side()))
      .Put("at", version.at())
      .Put("position", int64_t{version.position()})
      .Put("signed", version.signed_())
      .Put("amends", version.amends() == 0 ? Json() : Json(version.amends()))
      .Put("note", OpenedText(view, version.has_note(), version.note()))
      .Put("items", std::move(items))
      .Put("changes", std::move(changes))
      .Put("confirmations", std::move(confirmations));
  steps.origins.Put(static_cast<size_t>(index), format, object);
  return object;
}

// The version that is under negotiation; 0 = none.
int32_t ProposedVersion(const v1::AgreementState& state) {
  if (state.versions().empty()) return 0;
  const v1::AgreementVersion& newest = state.versions(state.versions_size() - 1);
  const bool is_open =
      state.stage() == v1::AGREEMENT_STAGE_PROPOSED || state.stage() == v1::AGREEMENT_STAGE_AGREED;
  return is_open && newest.version() != state.signed_version() ? newest.version() : 0;
}

std::vector<Json> AnswerRows(const View& view, const AgreementSteps& steps, OutputFormat format) {
  std::vector<Json> rows;
  for (const ItemAnswer& answer : steps.answers.items) {
    Json row = Json::Object();
    row.Put("version", answer.version)
        .Put("item", answer.item)
        .Put("answer", answer.accepted ? "ACCEPTED" : "REJECTED")
        .Put("by", answer.by)
        .Put("side", EnumText(answer.side))
        .Put("at", answer.at.ToString())
        .Put("position", int64_t{answer.position})
        .Put("reason",
             OpenedText(view, answer.reason.has_value(), answer.reason.value_or(v1::Sealed())));
    steps.origins.Put(steps.FirstAnswer() + rows.size(), format, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Json> SignatureRows(const AgreementSteps& steps, OutputFormat format) {
  std::vector<Json> rows;
  for (const GivenSignature& given : steps.answers.signatures) {
    Json row = Json::Object();
    row.Put("version", given.event.version())
        .Put("by", given.event.by())
        .Put("side", EnumText(given.event.side()))
        .Put("at", given.at.ToString())
        .Put("contentHash", ToHex(given.event.content_hash()));
    steps.origins.Put(steps.FirstSignature() + rows.size(), format, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

Json AgreementJson(const View& view, const AgreementSteps& steps, Json name) {
  const v1::AgreementState& state = steps.state;
  constexpr OutputFormat kJson = OutputFormat::kJson;
  const int32_t proposed = ProposedVersion(state);
  Json answers = Json::Array();
  for (Json& row : AnswerRows(view, steps, kJson)) answers.Add(std::move(row));
  Json versions = Json::Array();
  for (int i = 0; i < state.versions_size(); ++i) {
    versions.Add(VersionJson(view, steps, i, kJson));
  }
  Json signatures = Json::Array();
  for (Json& row : SignatureRows(steps, kJson)) signatures.Add(std::move(row));
  Json object = Json::Object();
  object.Put("id", state.agreement())
      .Put("person", state.person())
      .Put("name", std::move(name))
      .Put("position", state.position())
      .Put("cycle", state.cycle())
      .Put("template", Json::TextOrNull(state.template_()))
      .Put("state", EnumText(state.stage()))
      .Put("inForce", state.signed_version() == 0 ? Json() : Json(state.signed_version()))
      .Put("proposed", proposed == 0 ? Json() : Json(proposed))
      .Put("versions", std::move(versions))
      .Put("answers", std::move(answers))
      .Put("signatures", std::move(signatures));
  return object;
}

// One row per field that a version changed, from the version at `first` on.
std::vector<Json> ChangeRows(const v1::AgreementState& state, int first) {
  std::vector<Json> rows;
  for (int i = first; i < state.versions_size(); ++i) {
    const v1::AgreementVersion& version = state.versions(i);
    for (const auto& change : ChangesOf(state, i)) {
      Json row = Json::Object();
      row.Put("version", version.version())
          .Put("by", version.by())
          .Put("at", version.at())
          .Put("path", change.path)
          .Put("before", Json::TextOrNull(change.before))
          .Put("after", Json::TextOrNull(change.after));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<Column> ChangeColumns(const Session& session) {
  return {{"version", session.Say("VERSION", "版本"), true},
          {"by", session.Say("BY", "提出人")},
          {"at", session.Say("AT", "时间")},
          {"path", session.Say("FIELD", "字段")},
          {"before", session.Say("BEFORE", "原值")},
          {"after", session.Say("AFTER", "新值")}};
}

// With where each step came from, before the text that is last.
std::vector<Column> StepColumns(const Session& session, const ShownOrigins& origins,
                                std::vector<Column> columns) {
  const std::vector<Column> more = origins.Columns(session);
  columns.insert(columns.end() - 1, more.begin(), more.end());
  return columns;
}

std::vector<Column> VersionColumns(const Session& session) {
  return {{"version", session.Say("VERSION", "版本"), true},
          {"by", session.Say("BY", "提出人")},
          {"side", session.Say("SIDE", "方"), false, StatesOf(session)},
          {"at", session.Say("AT", "时间")},
          {"signed", session.Say("SIGNED", "已签署"), false, StatesOf(session)},
          {"note", session.Say("NOTE", "说明")}};
}

void PrintTerms(const Session& session, const View& view, const v1::AgreementVersion& version,
                const char* what) {
  std::vector<Json> rows;
  for (const v1::TermsItem& item : version.items()) rows.push_back(TermsJson(view, item));
  PrintPlain(Out(), "\n{} {}{}\n", session.Say("terms of version", "条款版本"), version.version(),
             what);
  PrintRows(OutputFormat::kTable,
            {{"item", session.Say("ITEM", "指标")},
             {"metric", session.Say("METRIC", "口径")},
             {"curve", session.Say("CURVE", "曲线")},
             {"target", session.Say("TARGET", "目标"), true},
             {"unit", session.Say("UNIT", "单位")},
             {"weightBp", session.Say("WEIGHT BP", "权重(万分之)"), true},
             {"standard", session.Say("STANDARD", "标准")},
             {"support", session.Say("SUPPORT", "支持")}},
            rows);
}

// What counts stands first; what is proposed behind it.
void PrintAllTerms(const Session& session, const View& view, const v1::AgreementState& state) {
  const int32_t proposed = ProposedVersion(state);
  for (const v1::AgreementVersion& version : state.versions()) {
    if (version.version() == state.signed_version()) {
      PrintTerms(session, view, version, session.Say(" (signed, in force)", "(已签署,生效)"));
    }
  }
  if (state.versions().empty()) return;
  const v1::AgreementVersion& newest = state.versions(state.versions_size() - 1);
  if (newest.version() == proposed) {
    PrintTerms(session, view, newest, session.Say(" (proposed, not in force)", "(提议,未生效)"));
  } else if (state.signed_version() == 0) {
    PrintTerms(session, view, newest, "");
  }
}

// "SIGNED: version 2 in force; version 3 is PROPOSED": an open amendment changes nothing yet.
std::string StageText(const Session& session, const v1::AgreementState& state) {
  const int32_t proposed = ProposedVersion(state);
  const auto said = [&](v1::AgreementStage stage) {
    return session.Chinese() ? WordInChinese(EnumText(stage)) : EnumText(stage);
  };
  if (state.signed_version() == 0 || proposed == 0) return said(state.stage());
  return fmt::format("{}: {} {} {}; {} {} {}", said(v1::AGREEMENT_STAGE_SIGNED),
                     session.Say("version", "版本"), state.signed_version(),
                     session.Say("is in force", "生效"), session.Say("version", "版本"), proposed,
                     said(state.stage()));
}

void PrintAnswers(const Session& session, const View& view, const AgreementSteps& steps) {
  if (steps.answers.items.empty()) return;
  PrintPlain(Out(), "\n{}\n", session.Say("answers", "答复"));
  PrintRows(OutputFormat::kTable,
            StepColumns(session, steps.origins,
                        {{"version", session.Say("VERSION", "版本"), true},
                         {"item", session.Say("ITEM", "指标")},
                         {"answer", session.Say("ANSWER", "答复"), false, StatesOf(session)},
                         {"by", session.Say("BY", "答复人")},
                         {"side", session.Say("SIDE", "方"), false, StatesOf(session)},
                         {"at", session.Say("AT", "时间")},
                         {"reason", session.Say("REASON", "原因")}}),
            AnswerRows(view, steps, OutputFormat::kTable));
}

void PrintAgreement(const Session& session, const View& view, const AgreementSteps& steps,
                    const Json& name) {
  constexpr OutputFormat kTable = OutputFormat::kTable;
  const v1::AgreementState& state = steps.state;
  Json head = Json::Object();
  head.Put(session.Say("agreement", "协议"), state.agreement())
      .Put(session.Say("person", "人员"), fmt::format("{} {}", state.person(), name.Cell()))
      .Put(session.Say("position", "岗位"), state.position())
      .Put(session.Say("cycle", "周期"), state.cycle())
      .Put(session.Say("state", "状态"), StageText(session, state));
  PrintObject(kTable, head);
  PrintAllTerms(session, view, state);
  PrintPlain(Out(), "\n{}\n", session.Say("versions", "版本"));
  std::vector<Json> versions;
  for (int i = 0; i < state.versions_size(); ++i) {
    versions.push_back(VersionJson(view, steps, i, kTable));
  }
  PrintRows(kTable, StepColumns(session, steps.origins, VersionColumns(session)), versions);
  // All of a first version is new: its terms stand above, or before the changes.
  if (state.versions_size() > 1) {
    PrintPlain(Out(), "\n{}\n", session.Say("changes", "变更"));
    PrintRows(kTable, ChangeColumns(session), ChangeRows(state, 1));
  }
  PrintAnswers(session, view, steps);
  PrintPlain(Out(), "\n{}\n", session.Say("signatures", "签署"));
  PrintRows(kTable,
            StepColumns(session, steps.origins,
                        {{"version", session.Say("VERSION", "版本"), true},
                         {"by", session.Say("BY", "签署人")},
                         {"side", session.Say("SIDE", "方"), false, StatesOf(session)},
                         {"at", session.Say("AT", "时间")},
                         {"contentHash", session.Say("CONTENT HASH", "内容摘要")}}),
            SignatureRows(steps, kTable));
  steps.origins.Tell(session);
}

// --- adjustments ---

std::string AdjustmentState(const v1::AdjustmentState& state) { return EnumText(state.stage()); }

// Of a request that waits: who requested it has left since, and would not be asked again.
bool RequesterHasLeft(const View& view, const v1::AdjustmentState& state) {
  if (state.stage() != v1::ADJUSTMENT_STAGE_REQUESTED) return false;
  auto rows = view.State();
  return HasLeft(rows, state.requested_by(), view.day);
}

Json AdjustmentRow(const View& view, const v1::AdjustmentState& state, Json name,
                   OutputFormat format) {
  const bool left = RequesterHasLeft(view, state);
  Json row = Json::Object();
  row.Put("id", state.adjustment())
      .Put("person", state.person())
      .Put("name", std::move(name))
      .Put("cycle", state.cycle())
      .Put("item", Json::TextOrNull(state.item()))
      .Put("delta", format == OutputFormat::kTable ? WithSign(state.delta()) : state.delta())
      .Put("state", AdjustmentState(state))
      .Put("before", Json::TextOrNull(state.before()))
      .Put("after", Json::TextOrNull(state.after()))
      .Put("reasonCode", Json::TextOrNull(state.reason_code()))
      .Put("remark", OpenedText(view, state.has_remark(), state.remark()))
      .Put("requestedBy", state.requested_by())
      .Put("requesterLeft", HasCells(format) ? Json::TextOrNull(left ? "LEFT" : "") : Json(left))
      .Put("approvedBy", TextsJson(state.approved_by(), HasCells(format), ", "))
      .Put("appliedAt", Json::TextOrNull(state.applied_at()));
  return row;
}

std::vector<Column> AdjustmentColumns(const Session& session) {
  return {{"id", session.Say("ID", "编号")},
          {"person", session.Say("PERSON", "人员")},
          {"name", session.Say("NAME", "姓名")},
          {"cycle", session.Say("CYCLE", "周期")},
          {"item", session.Say("ITEM", "指标")},
          {"delta", session.Say("DELTA", "调整"), true},
          {"state", session.Say("STATE", "状态"), false, StatesOf(session)},
          {"before", session.Say("BEFORE", "调整前"), true},
          {"after", session.Say("AFTER", "调整后"), true},
          {"remark", session.Say("REASON", "原因")},
          {"requestedBy", session.Say("REQUESTED BY", "申请人")},
          {"requesterLeft", session.Say("LEFT", "已离职"), false, StatesOf(session)},
          {"approvedBy", session.Say("APPROVED BY", "批准人")},
          {"appliedAt", session.Say("APPLIED AT", "生效时间")}};
}

absl::StatusOr<ShownOrigins> OriginsOf(const Session& session, const View& view,
                                       const v1::AdjustmentState& state) {
  std::vector<StepTaken> taken;
  for (const v1::HistoryLine& line : state.history()) {
    taken.push_back({line.actor(), line.position()});
  }
  return ShownOrigins::Of(session, view, taken);
}

std::vector<Json> HistoryRows(const View& view, const v1::AdjustmentState& state,
                              const ShownOrigins& origins, OutputFormat format) {
  std::vector<Json> rows;
  for (const v1::HistoryLine& line : state.history()) {
    Json row = Json::Object();
    row.Put("event", line.event())
        .Put("actor", line.actor())
        .Put("at", line.at())
        .Put("position", int64_t{line.position()})
        .Put("reason", OpenedText(view, line.has_reason(), line.reason()));
    origins.Put(rows.size(), format, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Column> HistoryColumns(const Session& session, const ShownOrigins& origins) {
  return StepColumns(session, origins,
                     {{"event", session.Say("EVENT", "事件"), false, StatesOf(session)},
                      {"actor", session.Say("ACTOR", "操作人")},
                      {"at", session.Say("AT", "时间")},
                      {"position", session.Say("POSITION", "位置"), true},
                      {"reason", session.Say("REASON", "原因")}});
}

Json AdjustmentJson(const View& view, const v1::AdjustmentState& state, const ShownOrigins& origins,
                    Json name) {
  Json object = AdjustmentRow(view, state, std::move(name), OutputFormat::kJson);
  Json evidence = Json::Array();
  for (const v1::EvidenceRef& reference : state.evidence()) evidence.Add(MessageJson(reference));
  Json seen = Json::Object();
  seen.Put("computed", Json::TextOrNull(state.seen().computed()))
      .Put("total", Json::TextOrNull(state.seen().total()));
  Json history = Json::Array();
  for (Json& row : HistoryRows(view, state, origins, OutputFormat::kJson)) {
    history.Add(std::move(row));
  }
  object.Put("seen", std::move(seen))
      .Put("evidence", std::move(evidence))
      .Put("history", std::move(history));
  return object;
}

void PrintEvidence(const Session& session, const v1::AdjustmentState& state) {
  if (state.evidence().empty()) return;
  std::vector<Json> rows;
  for (const v1::EvidenceRef& reference : state.evidence()) {
    Json row = Json::Object();
    row.Put("source", reference.source()).Put("record", TextsJson(reference.record(), true));
    rows.push_back(std::move(row));
  }
  PrintPlain(Out(), "\n{}\n", session.Say("evidence", "证据"));
  PrintRows(OutputFormat::kTable,
            {{"source", session.Say("SOURCE", "来源")}, {"record", session.Say("RECORD", "记录")}},
            rows);
}

void PrintAdjustment(const Session& session, const View& view, const v1::AdjustmentState& state,
                     const ShownOrigins& origins, const Json& name) {
  const Json remark = OpenedText(view, state.has_remark(), state.remark());
  Json head = Json::Object();
  head.Put(session.Say("adjustment", "调整"), state.adjustment())
      .Put(session.Say("person", "人员"), fmt::format("{} {}", state.person(), name.Cell()))
      .Put(session.Say("cycle", "周期"), state.cycle())
      .Put(session.Say("item", "指标"), state.item().empty() ? "total" : state.item())
      .Put(session.Say("delta", "分值"), WithSign(state.delta()))
      .Put(session.Say("state", "状态"),
           session.Chinese() ? WordInChinese(AdjustmentState(state)) : AdjustmentState(state))
      .Put(session.Say("requested by", "申请人"),
           state.requested_by() +
               (RequesterHasLeft(view, state) ? session.Say(" (has left)", "（已离职）") : ""))
      .Put(session.Say("before", "调整前"), state.before())
      .Put(session.Say("after", "调整后"), state.after())
      .Put(session.Say("reason", "原因"),
           fmt::format("{}{}{}", state.reason_code(), state.reason_code().empty() ? "" : ": ",
                       remark.Cell()));
  PrintObject(OutputFormat::kTable, head);
  PrintEvidence(session, state);
  PrintPlain(Out(), "\n");
  PrintRows(OutputFormat::kTable, HistoryColumns(session, origins),
            HistoryRows(view, state, origins, OutputFormat::kTable));
  origins.Tell(session);
}

// The cycle that is named, or all of them.
std::vector<std::string> CyclesOf(StateReader& state, const std::string& cycle) {
  if (!cycle.empty()) return {cycle};
  std::vector<std::string> cycles;
  for (const v1::Member& member : state.Members(streams::Cycles())) cycles.push_back(member.id());
  return cycles;
}

}  // namespace

int RunAgreementShow(const Session& session, const std::string& agreement) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  const auto row = state.Find<v1::AgreementState>(streams::Agreement(agreement));
  if (!row.has_value()) {
    return FailMissing(session, state, NotVisible("agreement", "agreement", agreement));
  }
  Json name = PersonName(view, state, row->person());
  if (!state.status().ok()) return Fail(session, state.status());
  ASSAY_OR_FAIL(const AgreementSteps steps, session, StepsOf(session, view, *row));
  if (session.format == OutputFormat::kTable) {
    PrintAgreement(session, view, steps, name);
  } else if (session.format == OutputFormat::kCsv) {
    PrintRows(session.format, ChangeColumns(session), ChangeRows(*row, 0));
  } else {
    PrintObject(session.format, AgreementJson(view, steps, std::move(name)));
  }
  return kExitOk;
}

int RunAdjustmentList(const Session& session, const std::string& person, const std::string& cycle) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  if (!person.empty() && !state.Find<v1::PersonState>(streams::Person(person)).has_value()) {
    return FailMissing(session, state, NotVisible("person", "person", person));
  }
  if (!cycle.empty() && !state.Find<v1::CycleState>(streams::Cycle(cycle)).has_value()) {
    return FailMissing(session, state, NotVisible("cycle", "cycle", cycle));
  }
  std::vector<Json> rows;
  for (const std::string& id : CyclesOf(state, cycle)) {
    for (const v1::Member& member : state.Members(streams::CycleAdjustments(id))) {
      if (!person.empty() && member.person() != person) continue;
      const auto row = state.Find<v1::AdjustmentState>(streams::Adjustment(member.id()));
      if (!row.has_value()) continue;
      rows.push_back(
          AdjustmentRow(view, *row, PersonName(view, state, row->person()), session.format));
    }
  }
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format, AdjustmentColumns(session), rows);
  return kExitOk;
}

int RunAdjustmentShow(const Session& session, const std::string& adjustment) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  const auto row = state.Find<v1::AdjustmentState>(streams::Adjustment(adjustment));
  if (!row.has_value()) {
    return FailMissing(session, state, NotVisible("adjustment", "adjustment", adjustment));
  }
  Json name = PersonName(view, state, row->person());
  if (!state.status().ok()) return Fail(session, state.status());
  ASSAY_OR_FAIL(const ShownOrigins origins, session, OriginsOf(session, view, *row));
  if (session.format == OutputFormat::kTable) {
    PrintAdjustment(session, view, *row, origins, name);
  } else if (session.format == OutputFormat::kCsv) {
    PrintRows(session.format, HistoryColumns(session, origins),
              HistoryRows(view, *row, origins, session.format));
  } else {
    PrintObject(session.format, AdjustmentJson(view, *row, origins, std::move(name)));
  }
  return kExitOk;
}

}  // namespace assay

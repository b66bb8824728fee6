#include "engine/event/streams.h"
#include "engine/source/diff.h"
#include "projections/decisions/query.h"
#include "tools/assay/message_json.h"
#include "tools/assay/show.h"
#include "tools/assay/show_origin.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

Json ChangesJson(const v1::SourceState& source) {
  Json changes = Json::Array();
  for (const auto& change : source::DiffContracts(source.contract(), source.pending().contract())) {
    Json row = Json::Object();
    row.Put("path", change.path)
        .Put("before", Json::TextOrNull(change.before))
        .Put("after", Json::TextOrNull(change.after));
    changes.Add(std::move(row));
  }
  return changes;
}

std::string SideText(const v1::SourceContractSigned& signature) {
  if (signature.as_owner() && signature.as_finance()) return "OWNER, FINANCE";
  return signature.as_owner() ? "OWNER" : "FINANCE";
}

// Who signed versions that waited, and from where. The state forgets it when a version is in force.
struct ContractSignatures {
  std::vector<v1::SourceContractSigned> given;
  std::vector<Instant> at;
  ShownOrigins origins;
};

absl::StatusOr<ContractSignatures> SignaturesOf(const Session& session, const View& view,
                                                const std::string& source) {
  ContractSignatures signatures;
  std::vector<StepTaken> taken;
  for (const int64_t position : PositionsOf(view, streams::Source(source))) {
    ASSAY_ASSIGN_OR_RETURN(const v1::Commit commit, view.home->CommitAt(position));
    const auto mark = decisions::MarkOf(view.home->Rows(), position);
    for (const v1::Event& event : commit.events()) {
      if (!event.has_source_contract_signed()) continue;
      signatures.given.push_back(event.source_contract_signed());
      signatures.at.push_back(mark.has_value() ? mark->recorded_at : Instant{});
      taken.push_back({event.source_contract_signed().by(), position});
    }
  }
  ASSAY_RETURN_IF_ERROR(view.home->Rows().status());
  ASSAY_ASSIGN_OR_RETURN(signatures.origins, ShownOrigins::Of(session, view, taken));
  return signatures;
}

std::vector<Json> SignatureRows(const ContractSignatures& signatures, OutputFormat format) {
  std::vector<Json> rows;
  for (const v1::SourceContractSigned& given : signatures.given) {
    Json row = Json::Object();
    row.Put("version", given.version())
        .Put("by", given.by())
        .Put("side", SideText(given))
        .Put("at", signatures.at[rows.size()].ToString());
    signatures.origins.Put(rows.size(), format, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

void PrintSignatures(const Session& session, const ContractSignatures& signatures) {
  if (signatures.given.empty()) return;
  PrintPlain(Out(), "\n{}\n", session.Say("signatures", "签署"));
  std::vector<Column> columns = {{"version", session.Say("VERSION", "版本"), true},
                                 {"by", session.Say("BY", "签署人")},
                                 {"side", session.Say("SIDE", "方")},
                                 {"at", session.Say("AT", "时间")}};
  for (const Column& column : signatures.origins.Columns(session)) columns.push_back(column);
  PrintRows(OutputFormat::kTable, columns, SignatureRows(signatures, OutputFormat::kTable));
  signatures.origins.Tell(session);
}

Json PendingJson(const v1::SourceState& source) {
  if (!source.has_pending()) return Json();
  const v1::PendingContract& pending = source.pending();
  Json signatures = Json::Array();
  for (const v1::SourceContractSigned& signature : pending.signatures()) {
    Json row = Json::Object();
    row.Put("by", signature.by()).Put("side", SideText(signature));
    signatures.Add(std::move(row));
  }
  Json object = Json::Object();
  object.Put("version", pending.version())
      .Put("by", pending.by())
      .Put("at", pending.at())
      .Put("position", int64_t{pending.position()})
      .Put("metrics", TextsJson(pending.metrics(), false))
      .Put("signatures", std::move(signatures))
      .Put("changes", ChangesJson(source))
      .Put("text", pending.text());
  return object;
}

void PrintPending(const Session& session, const v1::SourceState& source) {
  const v1::PendingContract& pending = source.pending();
  PrintPlain(Out(), "\n{}\n", session.Say("waiting version", "待签署版本"));
  std::vector<std::string> signed_by;
  for (const v1::SourceContractSigned& signature : pending.signatures()) {
    signed_by.push_back(fmt::format("{} ({})", signature.by(), SideText(signature)));
  }
  Json head = Json::Object();
  head.Put(session.Say("version", "版本"), pending.version())
      .Put(session.Say("by", "提交人"), pending.by())
      .Put(session.Say("at", "时间"), pending.at())
      .Put(session.Say("metrics", "相关指标"), TextsJson(pending.metrics(), true, ", "))
      .Put(session.Say("signed by", "已签署"), TextsJson(signed_by, true, ", "));
  PrintObject(OutputFormat::kTable, head);
  PrintPlain(Out(), "\n{}\n", session.Say("changes", "变更"));
  std::vector<Json> rows;
  for (const auto& change : source::DiffContracts(source.contract(), pending.contract())) {
    Json row = Json::Object();
    row.Put("path", change.path)
        .Put("before", Json::TextOrNull(change.before))
        .Put("after", Json::TextOrNull(change.after));
    rows.push_back(std::move(row));
  }
  PrintRows(OutputFormat::kTable,
            {{"path", session.Say("PATH", "字段")},
             {"before", session.Say("BEFORE", "变更前")},
             {"after", session.Say("AFTER", "变更后")}},
            rows);
}

}  // namespace

int RunSourceShow(const Session& session, const std::string& id) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  const auto source = state.Find<v1::SourceState>(streams::Source(id));
  if (!source.has_value()) {
    return FailMissing(session, state, NotVisible("source", "source", id));
  }
  ASSAY_OR_FAIL(const ContractSignatures signatures, session, SignaturesOf(session, view, id));
  if (session.format != OutputFormat::kTable) {
    Json given = Json::Array();
    for (Json& row : SignatureRows(signatures, session.format)) given.Add(std::move(row));
    Json object = Json::Object();
    object.Put("source", id)
        .Put("version", source->contract().version())
        .Put("contract", MessageJson(source->contract()))
        .Put("pending", PendingJson(*source))
        .Put("signatures", std::move(given));
    PrintObject(session.format, object);
    return kExitOk;
  }
  Json head = Json::Object();
  head.Put(session.Say("source", "来源"), id)
      .Put(session.Say("version", "版本"), source->contract().version());
  for (const auto& field : source::DiffContracts(v1::SourceContract(), source->contract())) {
    if (field.path != "source") head.Put(field.path, field.after);
  }
  PrintObject(OutputFormat::kTable, head);
  if (source->has_pending()) PrintPending(session, *source);
  PrintSignatures(session, signatures);
  return kExitOk;
}

absl::Status TellWhatMaps(const Session& session, const v1::SourceContract& contract) {
  ASSAY_ASSIGN_OR_RETURN(const auto home, OpenHome(session));
  decisions::StateAt state(home->Rows(), decisions::kNewest);
  const auto source = state.Find<v1::SourceState>(streams::Source(contract.source()));
  ASSAY_RETURN_IF_ERROR(state.status());
  if (!source.has_value()) {
    PrintReady(
        Err(),
        fmt::format(fmt::runtime(session.Say("the home has no source {}\n", "该目录没有来源 {}\n")),
                    contract.source()));
    return absl::OkStatus();
  }
  const int32_t in_force = source->contract().version();
  const auto same = [&](const v1::SourceContract& other) {
    return source::DiffContracts(other, contract).empty();
  };
  if (source->has_pending() && same(source->pending().contract())) {
    PrintReady(
        Err(),
        fmt::format(
            fmt::runtime(session.Say(
                "this is version {} of {}, which waits for its signatures: version {} maps\n",
                "这是 {1} 的版本 {0}，等待签署中：目前按版本 {2} 映射\n")),
            source->pending().version(), contract.source(), in_force));
  } else if (!same(source->contract())) {
    PrintReady(
        Err(),
        fmt::format(fmt::runtime(session.Say("this is not registered: version {} of {} maps\n",
                                             "尚未登记：目前按 {1} 的版本 {0} 映射\n")),
                    in_force, contract.source()));
  }
  return absl::OkStatus();
}

}  // namespace assay

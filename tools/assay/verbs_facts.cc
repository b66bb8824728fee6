#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "connectors/file/encoding.h"
#include "connectors/file/record_splitter.h"
#include "engine/base/hash.h"
#include "engine/base/shown_text.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/streams.h"
#include "projections/facts/keys.h"
#include "projections/facts/query.h"
#include "projections/ledger/query.h"
#include "tools/assay/show.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// Whether a place of the facts lies inside of the moment that is looked at.
bool IsInside(const View& view, int32_t partition, int64_t position) {
  return position <= view.moment.facts[static_cast<size_t>(partition)];
}

std::string PlaceText(int32_t partition, int64_t position) {
  return fmt::format("{}@{}", partition, position);
}

// --- late ---

// What the late facts of a cycle would do to one score.
struct Effect {
  std::string locked;
  std::string now;
  // Of the evaluation with the late facts.
  std::string status;

  // Empty when one of the two cannot be computed.
  [[nodiscard]] std::string Difference() const {
    if (locked.empty() || now.empty()) return "";
    const auto difference = DecimalOf(now).Minus(DecimalOf(locked));
    return difference.has_value() ? difference->ToString() : "";
  }
};

class LateReader {
 public:
  LateReader(const Session& session, const View& view)
      : session_(session), view_(view), state_(view.State()) {}

  [[nodiscard]] StateReader& State() { return state_; }

  // Appends a row per held fact and person whom it concerns.
  absl::Status Read(const v1::CycleState& cycle, std::vector<Json>& rows) {
    ASSAY_ASSIGN_OR_RETURN(auto held, ledger::Held(view_.home->Rows(), cycle));
    std::sort(held.begin(), held.end(), [](const auto& a, const auto& b) {
      return std::tie(a.row.source(), a.day, a.partition, a.position) <
             std::tie(b.row.source(), b.day, b.partition, b.position);
    });
    for (const facts::LateIntake& late : held) {
      if (!IsInside(view_, late.partition, late.position)) continue;
      ASSAY_ASSIGN_OR_RETURN(const v1::Intake intake,
                             view_.home->IntakeAt(late.partition, late.position));
      ASSAY_ASSIGN_OR_RETURN(std::set<std::string> people, Concerned(late, intake));
      if (people.empty()) people.insert("");
      for (const std::string& person : people) {
        ASSAY_ASSIGN_OR_RETURN(Json row, RowOf(cycle.cycle(), late, intake, person));
        rows.push_back(std::move(row));
      }
    }
    return state_.status();
  }

 private:
  void AddBound(const v1::Intake& intake, std::set<std::string>& people) {
    for (const v1::Contribution& contribution : intake.facts().contributions()) {
      std::string person = ledger::BoundPerson(
          state_, {contribution.entity_type(), contribution.entity_key()}, DayOf(intake.day()));
      if (!person.empty()) people.insert(std::move(person));
    }
  }

  // Those whom the record credits, and those whom its first version did: a correction takes from
  // them.
  absl::StatusOr<std::set<std::string>> Concerned(const facts::LateIntake& late,
                                                  const v1::Intake& intake) {
    std::set<std::string> people;
    AddBound(intake, people);
    const auto stored = view_.home->Rows().Get(
        Table::kIdentities, facts::IdentityKey(late.partition, IdentityOf(intake)));
    v1::FactVersion version;
    if (!stored.has_value() || !version.ParseFromString(*stored)) return people;
    if (version.first_position() < late.position) {
      ASSAY_ASSIGN_OR_RETURN(const v1::Intake first,
                             view_.home->IntakeAt(late.partition, version.first_position()));
      AddBound(first, people);
    }
    return people;
  }

  // Nothing when the person has no score in the cycle.
  absl::StatusOr<std::optional<Effect>> EffectOn(const std::string& cycle,
                                                 const std::string& person) {
    const auto key = std::pair(cycle, person);
    if (const auto known = effects_.find(key); known != effects_.end()) return known->second;
    score_table::ScoreMoment moment = view_.ScoreMoment();
    ASSAY_ASSIGN_OR_RETURN(const auto locked, view_.home->Scores().Evaluate(moment, cycle, person));
    moment.ignore_cut = true;
    ASSAY_ASSIGN_OR_RETURN(const auto now, view_.home->Scores().Evaluate(moment, cycle, person));
    std::optional<Effect> effect;
    if (locked.has_value() && now.has_value()) {
      effect = {.locked = locked->record.computed(),
                .now = now->record.computed(),
                .status = now->record.status()};
    }
    effects_.emplace(key, effect);
    return effect;
  }

  absl::StatusOr<Json> RowOf(const std::string& cycle, const facts::LateIntake& late,
                             const v1::Intake& intake, const std::string& person) {
    const bool as_cell = HasCells(session_.format);
    std::optional<Effect> effect;
    if (!person.empty()) {
      ASSAY_ASSIGN_OR_RETURN(effect, EffectOn(cycle, person));
    }
    const Effect shown = effect.value_or(Effect());
    const std::string difference = shown.Difference();
    const bool is_table = session_.format == OutputFormat::kTable;
    Json row = Json::Object();
    row.Put("cycle", cycle)
        .Put("source", intake.source())
        .Put("record", TextsJson(intake.record_key(), as_cell))
        .Put("version", Json::TextOrNull(intake.version()))
        .Put("day", late.day.ToString())
        .Put("place", PlaceText(late.partition, late.position))
        .Put("receivedAt", InstantOf(intake.received_at()).ToString())
        .Put("person", Json::TextOrNull(person))
        .Put("name", person.empty() ? Json() : PersonName(view_, state_, person))
        .Put("values", ContributionsJson(intake, as_cell))
        .Put("computed", Json::TextOrNull(shown.locked))
        .Put("withLate", Json::TextOrNull(shown.now))
        .Put("effect", Json::TextOrNull(is_table ? WithSign(difference) : difference))
        .Put("status", Json::TextOrNull(shown.status));
    return row;
  }

  const Session& session_;
  const View& view_;
  decisions::StateAt state_;
  std::map<std::pair<std::string, std::string>, std::optional<Effect>> effects_;
};

std::vector<Column> LateColumns(const Session& session) {
  return {{"cycle", session.Say("CYCLE", "周期")},
          {"source", session.Say("SOURCE", "来源")},
          {"record", session.Say("RECORD", "记录")},
          {"day", session.Say("DAY", "日期")},
          {"place", session.Say("PLACE", "位置")},
          {"receivedAt", session.Say("RECEIVED AT", "收到时间")},
          {"person", session.Say("PERSON", "人员")},
          {"name", session.Say("NAME", "姓名")},
          {"values", session.Say("VALUES", "数值")},
          {"computed", session.Say("LOCKED", "锁定得分"), true},
          {"withLate", session.Say("WITH LATE", "计入后得分"), true},
          {"effect", session.Say("EFFECT", "影响"), true}};
}

// --- rejections ---

std::vector<Column> RefusalColumns(const Session& session) {
  return {{"id", session.Say("ID", "编号")},
          {"source", session.Say("SOURCE", "来源")},
          {"code", session.Say("CODE", "代码")},
          {"path", session.Say("PATH", "字段")},
          {"expected", session.Say("EXPECTED", "应为")},
          {"found", session.Say("FOUND", "实为")},
          {"input", session.Say("INPUT", "输入")},
          {"inputRecord", session.Say("RECORD", "第几条"), true},
          {"receivedAt", session.Say("RECEIVED AT", "收到时间")}};
}

// The bytes that came in: those of a refusal, or those that the contract keeps. Nothing when they
// were not kept.
std::optional<std::string> OriginalOf(const View& view, const v1::Intake& intake) {
  if (intake.refusal().has_original()) return view.home->OpenText(intake.refusal().original());
  if (intake.has_raw()) return view.home->OpenText(intake.raw());
  return std::nullopt;
}

// The original as UTF-8, by the encoding of the contract that the record was read with. Nothing
// when there is none, or its bytes are not of that encoding.
std::optional<std::string> DecodedOf(StateReader& state, const v1::Intake& intake,
                                     const std::optional<std::string>& original) {
  if (!original.has_value()) return std::nullopt;
  std::string encoding;
  const auto source = state.Find<v1::SourceState>(streams::Source(intake.source()));
  if (source.has_value()) {
    for (const v1::SourceContract& contract : source->versions()) {
      if (contract.version() == intake.contract_version()) encoding = contract.input().encoding();
    }
  }
  const auto decoder = MakeDecoder(encoding);
  if (!decoder.ok()) return std::nullopt;
  // The decoder may read a little behind the text.
  const std::string padded = *original + std::string(kRecordPaddingBytes, '\0');
  const auto text = (*decoder)->Decode(std::string_view(padded).substr(0, original->size()));
  return text.has_value() ? std::optional<std::string>(*text) : std::nullopt;
}

// What was found instead of what was expected, as one short line.
std::string FoundText(StateReader& state, const v1::Intake& intake,
                      const std::optional<std::string>& original) {
  constexpr size_t kShownMax = 60;
  if (!original.has_value()) return ContributionsJson(intake, true).Cell();
  const auto decoded = DecodedOf(state, intake, original);
  std::string text = decoded.value_or("bytes " + ToHex(original->substr(0, kShownMax / 2)));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20; }, ' ');
  return ShownText(text, kShownMax);
}

// Of an input log "cluster/topic/generation"; empty when it is a file's.
std::string TopicOf(const v1::Intake& intake) {
  const std::string& log = intake.src().input_log();
  const size_t first = log.find('/');
  if (first == std::string::npos) return "";
  return log.substr(first + 1, log.rfind('/') - first - 1);
}

// A file has no name on the log: `sha256sum` tells which one it was.
std::string InputText(const v1::Intake& intake) {
  constexpr size_t kDigits = 12;
  const std::string topic = TopicOf(intake);
  if (!topic.empty()) return fmt::format("topic {}/{}", topic, intake.src().partition());
  return fmt::format("file {}", intake.src().input_log().substr(0, kDigits));
}

// Records of a file are counted from 1; those of a topic have their offsets.
int64_t InputRecordOf(const v1::Intake& intake) {
  return intake.src().offset() + (TopicOf(intake).empty() ? 1 : 0);
}

// A row of the list, and the beginning of what is shown of one.
Json RefusalJson(const View& view, StateReader& state, const facts::Refusal& refusal,
                 const v1::Intake& intake) {
  const bool is_conflict =
      !intake.has_refusal() && refusal.row.code() == "VERSION_CONTENT_CONFLICT";
  const std::string expected =
      is_conflict ? "a higher version for other content" : intake.refusal().expected();
  Json row = Json::Object();
  row.Put("id", PlaceText(refusal.partition, refusal.position))
      .Put("source", refusal.row.source())
      .Put("code", refusal.row.code())
      .Put("path", Json::TextOrNull(refusal.row.path()))
      .Put("expected", Json::TextOrNull(expected))
      .Put("found", Json::TextOrNull(FoundText(state, intake, OriginalOf(view, intake))))
      .Put("input", InputText(intake))
      .Put("inputRecord", InputRecordOf(intake))
      .Put("inputLog", intake.src().input_log())
      .Put("inputPartition", intake.src().partition())
      .Put("inputOffset", int64_t{intake.src().offset()})
      .Put("receivedAt", InstantOf(intake.received_at()).ToString());
  return row;
}

// "3@17"
std::optional<std::pair<int32_t, int64_t>> PlaceOf(std::string_view id) {
  std::pair<int32_t, int64_t> place;
  const char* const end = id.data() + id.size();
  const auto partition = std::from_chars(id.data(), end, place.first);
  if (partition.ec != std::errc() || partition.ptr == end || *partition.ptr != '@') {
    return std::nullopt;
  }
  const auto position = std::from_chars(partition.ptr + 1, end, place.second);
  if (position.ec != std::errc() || position.ptr != end) return std::nullopt;
  return place;
}

std::optional<facts::Refusal> FindRefusal(const View& view, std::string_view id) {
  const auto place = PlaceOf(id);
  if (!place.has_value()) return std::nullopt;
  for (facts::Refusal& refusal : facts::Refusals(view.home->Rows())) {
    const bool is_it = refusal.partition == place->first && refusal.position == place->second;
    if (is_it && IsInside(view, refusal.partition, refusal.position)) return std::move(refusal);
  }
  return std::nullopt;
}

// Bytes that are no UTF-8 stand as hexadecimal digits beside their text.
void PutOriginal(const std::optional<std::string>& original,
                 const std::optional<std::string>& decoded, Json& object) {
  object.Put("original", decoded.has_value() ? Json(*decoded) : Json());
  if (original.has_value() && original != decoded) object.Put("originalHex", ToHex(*original));
}

Json ShownRefusal(const View& view, StateReader& state, const facts::Refusal& refusal,
                  const v1::Intake& intake, bool as_cell) {
  Json object = RefusalJson(view, state, refusal, intake);
  object.Put("contractVersion", intake.contract_version())
      .Put("hash", ToHex(intake.src().hash()))
      .Put("record", intake.record_key().empty() ? Json() : TextsJson(intake.record_key(), as_cell))
      .Put("version", Json::TextOrNull(intake.version()))
      .Put("day", Json::TextOrNull(intake.day()));
  // Found by the fold: the record could be mapped.
  if (!intake.has_refusal()) object.Put("values", ContributionsJson(intake, as_cell));
  if (intake.refusal().original_length() > 0) {
    object.Put("originalLength", int64_t{intake.refusal().original_length()});
  }
  return object;
}

}  // namespace

int RunLateList(const Session& session, const std::string& cycle) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  LateReader reader(session, view);
  StateReader& state = reader.State();
  if (!cycle.empty() && !state.Find<v1::CycleState>(streams::Cycle(cycle)).has_value()) {
    return FailMissing(session, state, NotVisible("cycle", "cycle", cycle));
  }
  std::vector<Json> rows;
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    if (!cycle.empty() && member.id() != cycle) continue;
    const auto row = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!row.has_value() || !row->sealed()) continue;
    if (const auto status = reader.Read(*row, rows); !status.ok()) return Fail(session, status);
  }
  if (!state.status().ok()) return Fail(session, state.status());
  PrintRows(session.format, LateColumns(session), rows);
  return kExitOk;
}

int RunRejectionList(const Session& session, const std::string& source) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  auto state = view.State();
  if (!source.empty() && !state.Find<v1::SourceState>(streams::Source(source)).has_value()) {
    return FailMissing(session, state, NotVisible("source", "source", source));
  }
  std::vector<Json> rows;
  for (const facts::Refusal& refusal : facts::Refusals(view.home->Rows())) {
    if (!source.empty() && refusal.row.source() != source) continue;
    if (!IsInside(view, refusal.partition, refusal.position)) continue;
    ASSAY_OR_FAIL(const v1::Intake intake, session,
                  view.home->IntakeAt(refusal.partition, refusal.position));
    rows.push_back(RefusalJson(view, state, refusal, intake));
  }
  if (!view.home->Rows().status().ok()) return Fail(session, view.home->Rows().status());
  PrintRows(session.format, RefusalColumns(session), rows);
  return kExitOk;
}

int RunRejectionShow(const Session& session, const std::string& id) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  const auto refusal = FindRefusal(view, id);
  if (!view.home->Rows().status().ok()) return Fail(session, view.home->Rows().status());
  if (!refusal.has_value()) return Fail(session, NotVisible("id", "rejection", id));
  ASSAY_OR_FAIL(const v1::Intake intake, session,
                view.home->IntakeAt(refusal->partition, refusal->position));
  auto state = view.State();
  const auto original = OriginalOf(view, intake);
  const auto decoded = DecodedOf(state, intake, original);
  Json object = ShownRefusal(view, state, *refusal, intake, HasCells(session.format));
  if (!state.status().ok()) return Fail(session, state.status());
  if (session.format == OutputFormat::kTable) {
    PrintObject(session.format, object);
    if (original.has_value())
      PrintPlain(Out(), "\n{}\n", decoded.value_or("bytes " + ToHex(*original)));
    return kExitOk;
  }
  PutOriginal(original, decoded, object);
  PrintObject(session.format, object);
  return kExitOk;
}

}  // namespace assay

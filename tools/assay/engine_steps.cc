#include "tools/assay/engine_steps.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/engine_ids.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"
#include "tools/assay/home.h"

namespace assay {
namespace {

v1::Record Framed(const Home& home) {
  v1::Record record;
  record.set_company(home.Identity().company);
  record.set_log_id(home.Identity().log_id);
  return record;
}

// --- cuts of locked cycles ---

absl::Status AppendMissingCuts(Home& home, const v1::CycleState& cycle) {
  v1::Record record = Framed(home);
  v1::CycleCut& cut = *record.mutable_cycle_cut();
  cut.set_cycle(cycle.cycle());
  cut.set_generation(cycle.generation());
  cut.set_lock_position(cycle.lock_position());
  const std::string value = record.SerializeAsString();
  for (int32_t i = 0; i < home.Identity().facts_partitions; ++i) {
    const auto present =
        facts::CutOf(home.Rows(), cycle.cycle(), cycle.generation(), "", i, cycle.lock_position());
    if (!present.has_value()) {
      ASSAY_RETURN_IF_ERROR(home.Log().Append(FactsPartition(i), {&value, 1}));
    }
  }
  return home.Rows().status();
}

// The id of a step that was not taken yet. Logs of older releases may have the first ones taken
// for something else.
absl::StatusOr<std::string> FreeId(Home& home, std::string_view kind, const std::string& about) {
  constexpr int64_t kRefusedMax = 1'000;
  for (int64_t refused = 0; refused < kRefusedMax; ++refused) {
    std::string id = EngineId(kind, about, refused);
    ASSAY_ASSIGN_OR_RETURN(const auto applied,
                           home.Views().FindApplied(CommitId(home.Identity().company, id)));
    if (!applied.has_value()) return id;
  }
  return MakeStatus(absl::StatusCode::kInternal, "{} of {} was tried {} times", kind, about,
                    kRefusedMax);
}

absl::Status SealCuts(Home& home, const v1::CycleState& cycle) {
  v1::Command command;
  const std::string about = fmt::format("{}/{}", cycle.cycle(), cycle.generation());
  ASSAY_ASSIGN_OR_RETURN(const std::string id, FreeId(home, "seal-cut", about));
  v1::SealCut& seal = *command.mutable_seal_cut();
  seal.set_cycle(cycle.cycle());
  seal.set_generation(cycle.generation());
  for (int32_t i = 0; i < home.Identity().facts_partitions; ++i) {
    const auto position =
        facts::CutOf(home.Rows(), cycle.cycle(), cycle.generation(), "", i, cycle.lock_position());
    if (!position.has_value()) {
      return MakeStatus(absl::StatusCode::kUnavailable,
                        "the cut of cycle {} is not yet in facts partition {}", cycle.cycle(), i);
    }
    seal.add_cut(*position);
  }
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer, home.SubmitStep(id, std::move(command)));
  const auto* refused = std::get_if<Rejection>(&answer);
  if (refused == nullptr || refused->code == "ALREADY_SEALED") return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInternal, "the cut of cycle {} cannot be sealed: {}",
                    cycle.cycle(), refused->ToString());
}

absl::Status Cut(Home& home, const v1::CycleState& cycle) {
  ASSAY_RETURN_IF_ERROR(AppendMissingCuts(home, cycle));
  ASSAY_RETURN_IF_ERROR(home.Views().CatchUp());
  return SealCuts(home, cycle);
}

absl::Status CutLockedCycles(Home& home) {
  absl::Status first;
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    if (member.state() != "LOCKED") continue;
    const auto cycle = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!cycle.has_value() || cycle->sealed()) continue;
    first.Update(Cut(home, *cycle));
  }
  first.Update(state.status());
  return first;
}

// --- key marks ---

absl::Status AppendMark(Home& home, PartitionId partition, const std::string& key_id,
                        bool retired) {
  v1::Record record = Framed(home);
  record.mutable_key_mark()->set_key_id(key_id);
  record.mutable_key_mark()->set_retired(retired);
  std::string value = record.SerializeAsString();
  // The first one of a partition bears the tag of the key that it brings; others are tagged as
  // every record is.
  if (!home.Views().Folded(partition).keys.AreNeeded()) {
    const LogKey* const key = home.KnownLogKeys().Find(key_id);
    if (key == nullptr) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "KEY_MISSING: the log names the key {}, and the key store does not have it",
                        ShownKeyId(key_id));
    }
    key->Sign(home.Identity().log_id, partition, value);
  }
  return home.Log().Append(partition, {&value, 1});
}

absl::Status MarkPartition(Home& home, PartitionId partition, const v1::LogState& log) {
  const PartitionKeys before = home.Views().Folded(partition).keys;
  const auto is_retired = [&](const std::string& id) {
    const auto& ids = log.retired_key_ids();
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (const std::string& id : log.key_ids()) {
    if (before.Contain(id) || is_retired(id)) continue;
    ASSAY_RETURN_IF_ERROR(AppendMark(home, partition, id, false));
  }
  for (const std::string& id : log.retired_key_ids()) {
    if (before.Contain(id) && before.ids.size() > 1) {
      ASSAY_RETURN_IF_ERROR(AppendMark(home, partition, id, true));
    }
  }
  return absl::OkStatus();
}

absl::Status MarkKeys(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  v1::LogState log;
  state.Get(streams::Log(), &log);
  ASSAY_RETURN_IF_ERROR(state.status());
  if (log.key_ids().empty() && log.retired_key_ids().empty()) return absl::OkStatus();
  for (int32_t slot = 0; slot <= home.Identity().facts_partitions; ++slot) {
    ASSAY_RETURN_IF_ERROR(MarkPartition(home, PartitionOfSlot(static_cast<size_t>(slot)), log));
  }
  return home.Views().CatchUp();
}

// --- heads ---

// Facts of an earlier day of recorded time are there that no decision binds.
bool AreHeadsDue(Home& home, const v1::LogState& log, Day today) {
  if (log.noted_on() == today.ToString()) return false;
  const auto& heads = home.Views().Facts();
  for (size_t i = 0; i < heads.size(); ++i) {
    const auto slot = static_cast<int>(i) + 1;
    const int64_t noted = slot < log.noted_positions_size() ? log.noted_positions(slot) : 0;
    if (heads[i].next.position - 1 > noted && UtcDayOf(heads[i].recorded_at) < today) return true;
  }
  return false;
}

absl::Status NoteHeads(Home& home) {
  if (RulesVersionAt(home.Views().Decisions()) < 2) return absl::OkStatus();
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  v1::LogState log;
  state.Get(streams::Log(), &log);
  ASSAY_RETURN_IF_ERROR(state.status());
  const Day today = UtcDayOf(std::max(home.Time().Now(), home.Views().RecordedAt()));
  if (!AreHeadsDue(home, log, today)) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const std::string id, FreeId(home, "note-heads", today.ToString()));
  v1::Command command;
  command.mutable_note_heads();
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer, home.SubmitStep(id, std::move(command)));
  const auto* refused = std::get_if<Rejection>(&answer);
  if (refused == nullptr || refused->code == "HEADS_NOTED") return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInternal, "the heads of the log cannot be noted: {}",
                    refused->ToString());
}

}  // namespace

absl::Status TakeEngineSteps(Home& home) {
  absl::Status first = CutLockedCycles(home);
  first.Update(MarkKeys(home));
  first.Update(NoteHeads(home));
  return first;
}

}  // namespace assay

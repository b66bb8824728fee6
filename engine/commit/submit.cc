#include "engine/commit/submit.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/commit/decide.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "engine/event/serialize.h"

namespace assay {
namespace {

// Notes whether deciding looked at scores, so that the commit states the facts it stood on.
class RecordingScores : public LockedScores {
 public:
  explicit RecordingScores(LockedScores& inner) : inner_(inner) {}
  std::optional<LockedScore> Of(std::string_view cycle, std::string_view person) override {
    used_ = true;
    return inner_.Of(cycle, person);
  }
  bool HasRecord(std::string_view cycle, std::string_view source,
                 const std::vector<std::string>& record_key) override {
    used_ = true;
    return inner_.HasRecord(cycle, source, record_key);
  }
  Results ResultsOf(std::string_view cycle) override {
    used_ = true;
    return inner_.ResultsOf(cycle);
  }
  std::optional<std::vector<Cut>> CutsOf(std::string_view cycle, int32_t generation,
                                         int64_t lock_position) override {
    used_ = true;
    return inner_.CutsOf(cycle, generation, lock_position);
  }
  std::vector<Cut> Heads() override {
    used_ = true;
    return inner_.Heads();
  }
  [[nodiscard]] bool Used() const { return used_; }

 private:
  LockedScores& inner_;
  bool used_ = false;
};

void FillStreams(const std::set<std::string>& reads, v1::Commit& commit) {
  std::set<std::string> writes;
  std::set<std::string> touches;
  for (const v1::Event& event : commit.events()) {
    writes.insert(event.stream());
    for (const SetChange& change : SetsTouchedBy(event)) touches.insert(change.set_stream);
  }
  for (const std::string& stream : reads) commit.add_reads(stream);
  for (const std::string& stream : writes) commit.add_writes(stream);
  for (const std::string& stream : touches) {
    if (!writes.contains(stream)) commit.add_touches(stream);
  }
}

std::optional<Rejection> CheckSize(const v1::Commit& commit) {
  const int streams = commit.reads_size() + commit.writes_size() + commit.touches_size();
  // Room for the framing of Record and for writer, attempt and origin, which are added later.
  constexpr size_t kFraming = 1024;
  if (commit.events_size() <= limits::kCommitEventsMax && streams <= limits::kCommitStreamsMax &&
      commit.ByteSizeLong() + kFraming <= limits::kCommitBytesMax) {
    return std::nullopt;
  }
  return RefusedPolicy(
      "COMMIT_TOO_LARGE", "",
      fmt::format("at most {} bytes, {} events, {} streams", limits::kCommitBytesMax,
                  limits::kCommitEventsMax, limits::kCommitStreamsMax),
      fmt::format("{} bytes, {} events, {} streams", commit.ByteSizeLong(), commit.events_size(),
                  streams),
      "the command changes too much at once", "split it into several commands");
}

std::optional<Rejection> CheckVersion(const std::vector<v1::Event>& events, int32_t rules_version) {
  const auto is_later = [&](const v1::Event& event) { return SinceVersion(event) > rules_version; };
  if (std::none_of(events.begin(), events.end(), is_later)) return std::nullopt;
  return RefusedPolicy("LOG_NOT_UPGRADED", "", "a log of rules version 2",
                       fmt::format("a log of rules version {}", rules_version),
                       "releases that still may read this log do not know what the command does",
                       "an admin runs `assay log upgrade` when every node has this release");
}

absl::Status OutcomeUnknown(const v1::Command& command, const absl::Status& why) {
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "outcome unknown: repeat with this id ({}); the journal did not answer and the "
                    "commit was not seen: {}",
                    command.command_id(), MessageOf(why));
}

Rejection LostTheRace() {
  return {.code = "CONFLICT",
          .rejection_class = RejectionClass::kConflict,
          .expected = "no other change of the same rows",
          .actual = fmt::format("{} attempts lost the race", limits::kDecideAttemptsMax),
          .message = "others kept changing what this command was decided on",
          .hint = "read the present state and send the command again"};
}

}  // namespace

Hash32 CommandHash(const v1::Command& command) { return Sha256(SerializeDeterministic(command)); }

absl::StatusOr<Drafted> DraftCommit(const v1::Command& command, Instant decided_at,
                                    DecideSnapshot& snapshot) {
  RecordingReader reader(*snapshot.state);
  RecordingScores scores(*snapshot.scores);
  const DecideContext context{.command = command,
                              .actor = ActorName(command.actor()),
                              .decided_at = decided_at,
                              .today = UtcDayOf(decided_at),
                              .scores = &scores,
                              .rules_version = snapshot.rules_version,
                              .basis = {snapshot.position, snapshot.root}};
  Drafted drafted{.decision = Decide(context, reader)};
  ASSAY_RETURN_IF_ERROR(reader.status());
  ASSAY_RETURN_IF_ERROR(snapshot.scores->status());
  if (!IsAccepted(drafted.decision)) return drafted;
  const std::vector<v1::Event>& events = std::get<Accepted>(drafted.decision).events;
  ASSAY_INVARIANT(!events.empty(), "command {} was accepted without an event",
                  command.command_id());
  // Releases that know version 1 alone must not read on after an upgrade.
  const int32_t rules_version = command.has_upgrade_log() ? 2 : snapshot.rules_version;
  if (auto refused = CheckVersion(events, rules_version)) {
    drafted.decision = *std::move(refused);
    return drafted;
  }
  v1::Commit& commit = drafted.commit;
  commit.set_command_id(command.command_id());
  *commit.mutable_command() = command;
  commit.set_command_hash(CommandHash(command).ToString());
  commit.set_rules_version(rules_version);
  commit.set_decide_version(rules_version > 1 ? kDecideVersion : 0);
  *commit.mutable_actor() = command.actor();
  *commit.mutable_decided_at() = TimestampOf(decided_at);
  commit.mutable_basis()->set_position(snapshot.position);
  commit.mutable_basis()->set_root(snapshot.root.ToString());
  if (scores.Used()) {
    for (const int64_t position : snapshot.facts) commit.mutable_basis()->add_facts(position);
  }
  for (const v1::Event& event : events) *commit.add_events() = event;
  FillStreams(reader.Reads(), commit);
  if (auto too_large = CheckSize(commit)) drafted.decision = *std::move(too_large);
  return drafted;
}

absl::StatusOr<SubmitAnswer> Submitter::Submit(const v1::Command& command) {
  return std::move(SubmitAll({&command, 1}).front());
}

std::vector<absl::StatusOr<SubmitAnswer>> Submitter::SubmitAll(
    std::span<const v1::Command> commands, std::span<const v1::CommandOrigin> origins) {
  ASSAY_REQUIRE(origins.empty() || origins.size() == commands.size(),
                "{} commands were submitted with {} origins", commands.size(), origins.size());
  std::vector<Pending> all;
  for (size_t i = 0; i < commands.size(); ++i) {
    const v1::Command& command = commands[i];
    ASSAY_REQUIRE(!command.command_id().empty(), "a command without id was submitted");
    all.push_back({.command = &command,
                   .origin = origins.empty() ? nullptr : &origins[i],
                   .hash = CommandHash(command),
                   .answer = std::nullopt});
  }
  const auto is_open = [](const Pending& pending) { return !pending.answer.has_value(); };
  absl::Status status = replica_.CatchUp();
  while (status.ok() && std::any_of(all.begin(), all.end(), is_open)) status = Round(all);
  std::vector<absl::StatusOr<SubmitAnswer>> answers;
  for (Pending& pending : all) {
    answers.push_back(pending.answer.has_value() ? *std::move(pending.answer)
                                                 : absl::StatusOr<SubmitAnswer>(status));
  }
  return answers;
}

absl::Status Submitter::Round(std::vector<Pending>& all) {
  ASSAY_ASSIGN_OR_RETURN(DecideSnapshot snapshot, replica_.Snapshot());
  const Instant decided_at = std::max(clock_.Now(), snapshot.recorded_at);
  Taken taken;
  std::vector<std::string> values;
  for (Pending& pending : all) {
    pending.is_sent = false;
    if (pending.answer.has_value()) continue;
    auto drafted = Draft(pending, snapshot, decided_at, taken);
    if (!drafted.ok()) {
      // Its own failure, which the snapshot keeps: the others behind it go into the next round.
      pending.answer = drafted.status();
      break;
    }
    std::optional<v1::Commit>& commit = *drafted;
    if (!commit.has_value()) continue;
    pending.is_sent = true;
    v1::Record record;
    record.set_company(replica_.Identity().company);
    record.set_log_id(replica_.Identity().log_id);
    *record.mutable_commit() = *std::move(commit);
    values.push_back(record.SerializeAsString());
  }
  if (values.empty()) return absl::OkStatus();
  const absl::Status appended = journal_.Append(kDecisionsPartition, values);
  const absl::Status read = ReadBack(appended);
  if (!read.ok() && !absl::IsUnavailable(read)) return read;
  for (Pending& pending : all) {
    if (!pending.is_sent) continue;
    if (!read.ok()) {
      pending.answer = OutcomeUnknown(*pending.command, read);
    } else {
      ASSAY_RETURN_IF_ERROR(Settle(pending, appended));
    }
  }
  return read;
}

absl::StatusOr<std::optional<v1::Commit>> Submitter::Draft(Pending& pending,
                                                           DecideSnapshot& snapshot,
                                                           Instant decided_at, Taken& taken) {
  if (taken.command_ids.contains(pending.command->command_id())) return std::optional<v1::Commit>();
  ASSAY_ASSIGN_OR_RETURN(auto first, FirstAnswer(*pending.command, pending.hash));
  if (first.has_value()) {
    pending.answer = *std::move(first);
    return std::optional<v1::Commit>();
  }
  ASSAY_ASSIGN_OR_RETURN(Drafted drafted, DraftCommit(*pending.command, decided_at, snapshot));
  if (!IsAccepted(drafted.decision)) {
    // It may be refused for what an earlier command of this round is about to change.
    if (taken.streams.empty()) pending.answer = std::get<Rejection>(std::move(drafted.decision));
    return std::optional<v1::Commit>();
  }
  v1::Commit& commit = drafted.commit;
  for (const auto* streams : {&commit.reads(), &commit.writes()}) {
    const auto is_taken = [&](const std::string& stream) { return taken.streams.contains(stream); };
    if (std::any_of(streams->begin(), streams->end(), is_taken)) {
      return std::optional<v1::Commit>();
    }
  }
  if (pending.attempts == limits::kDecideAttemptsMax) {
    pending.answer = LostTheRace();
    return std::optional<v1::Commit>();
  }
  taken.streams.insert(commit.writes().begin(), commit.writes().end());
  taken.streams.insert(commit.touches().begin(), commit.touches().end());
  taken.command_ids.insert(commit.command_id());
  commit.set_writer(options_.writer);
  // Releases that may read a log of version 1 would decide such a commit again and miss the field.
  if (pending.origin != nullptr && commit.rules_version() > 1) {
    *commit.mutable_origin() = *pending.origin;
  }
  commit.set_attempt(++pending.attempts);
  return std::optional<v1::Commit>(std::move(commit));
}

absl::StatusOr<std::optional<SubmitAnswer>> Submitter::FirstAnswer(const v1::Command& command,
                                                                   const Hash32& command_hash) {
  const Hash32 commit_id = CommitId(replica_.Identity().company, command.command_id());
  ASSAY_ASSIGN_OR_RETURN(const auto applied, replica_.FindApplied(commit_id));
  if (!applied.has_value()) return std::optional<SubmitAnswer>();
  if (applied->command_hash == command_hash) {
    return std::optional<SubmitAnswer>(Committed{applied->position, true});
  }
  return std::optional<SubmitAnswer>(Rejection{
      .code = "COMMAND_ID_REUSED",
      .rejection_class = RejectionClass::kConflict,
      .path = "commandId",
      .expected = "the command that was applied under this id, or a new id",
      .actual = command.command_id(),
      .message = fmt::format("another command was applied under this id at decisions position {}",
                             applied->position),
      .hint = "give the command an id of its own"});
}

absl::Status Submitter::ReadBack(const absl::Status& appended) {
  if (appended.ok()) {
    return replica_.CatchUpDecisions(journal_.KnownEnd(kDecisionsPartition));
  }
  // An error means unknown; the log says what happened, if it happened.
  return replica_.CatchUp();
}

absl::Status Submitter::Settle(Pending& pending, const absl::Status& appended) {
  const v1::Command& command = *pending.command;
  const auto outcome =
      replica_.TakeOutcome(options_.writer, command.command_id(), pending.attempts);
  if (outcome.has_value()) {
    ASSAY_ASSIGN_OR_RETURN(auto answer, Judge(pending, *outcome));
    if (answer.has_value()) pending.answer = *std::move(answer);
    return absl::OkStatus();
  }
  if (appended.ok()) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the acknowledged commit of command {} cannot be read back: the journal lost "
                      "it",
                      command.command_id());
  }
  // Sent once more: should the first one arrive all the same, one of them is void.
  constexpr int kUnknownAttemptsMax = 2;
  if (++pending.unknown_attempts < kUnknownAttemptsMax) return absl::OkStatus();
  pending.answer = OutcomeUnknown(command, appended);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SubmitAnswer>> Submitter::Judge(const Pending& pending,
                                                             const Replica::Outcome& outcome) {
  const v1::Command& command = *pending.command;
  switch (outcome.verdict) {
    case Verdict::kApplied:
      return std::optional<SubmitAnswer>(Committed{outcome.position, false});
    case Verdict::kDuplicate: {
      ASSAY_ASSIGN_OR_RETURN(auto first, FirstAnswer(command, pending.hash));
      ASSAY_INVARIANT(first.has_value(), "a duplicate of command {} has no first answer",
                      command.command_id());
      return first;
    }
    // Foreign: the log began to need another tag meanwhile, which this node knows now.
    case Verdict::kForeign:
    case Verdict::kConflict:
    case Verdict::kStale:
      return std::optional<SubmitAnswer>();
    case Verdict::kSkewed:
      return std::optional<SubmitAnswer>(Rejection{
          .code = "CLOCK_SKEW",
          .rejection_class = RejectionClass::kBusy,
          .expected = "a clock within one minute ahead and ten minutes behind the journal's",
          .actual = fmt::format("decided at {}", clock_.Now().ToString()),
          .message = "this machine's clock and the journal's differ too much",
          .hint = "set the clock, then send the command again"});
    case Verdict::kDiverged:
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "the log before decisions position {} is not the one this node folded: "
                        "run `assay verify`, then `assay rebuild`",
                        outcome.position);
    case Verdict::kMalformed:
    case Verdict::kNotACommit:
      break;
  }
  return MakeStatus(absl::StatusCode::kInternal,
                    "the own commit of command {} at decisions position {} was judged {}",
                    command.command_id(), outcome.position, VerdictName(outcome.verdict));
}

}  // namespace assay

#include "projections/score_table/projector.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/base/wire.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/score_table/keys.h"

namespace assay::score_table {
namespace {

int64_t TakeSequence(Overlay& overlay) {
  const int64_t next = NextSequence(overlay);
  std::string value;
  AppendOrdered64(value, next + 1);
  overlay.Put(Table::kMeta, std::string(kNextSequence), std::move(value));
  return next;
}

// Whether the last write-back stood before the cut in some partition: then facts that count for the
// cycle may be folded after the decision that sealed it.
bool StoodBeforeCut(Overlay& overlay, const v1::CycleState& cycle) {
  for (int32_t i = 0; i < cycle.cut_size(); ++i) {
    const auto stored = overlay.Get(Table::kMeta, fmt::format("head/facts/{}", i));
    v1::PositionRow row;
    if (!stored.has_value() || !row.ParseFromString(*stored) ||
        row.next_position() < cycle.cut(i)) {
      return true;
    }
  }
  return false;
}

// Cycles whose scores still follow the facts and the organisation.
std::map<std::string, v1::CycleState> LiveCycles(StateReader& state, Overlay& overlay) {
  std::map<std::string, v1::CycleState> live;
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    auto cycle = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (cycle.has_value() && (!cycle->sealed() || StoodBeforeCut(overlay, *cycle))) {
      live.emplace(member.id(), *std::move(cycle));
    }
  }
  return live;
}

// Ids have no slash, so the key of a record says one thing only.
std::string KeyOf(std::string_view company, std::string_view cycle, std::string_view id) {
  return fmt::format("{}/{}/{}", company, cycle, id);
}

// "adjustmentApplied 17"
std::string CauseOf(const v1::Event& event, int64_t position) {
  const auto* const body = event.GetReflection()->GetOneofFieldDescriptor(
      event, v1::Event::descriptor()->FindOneofByName("body"));
  return fmt::format("{} {}", body != nullptr ? body->json_name() : "event", position);
}

// As the fold of the facts names it.
constexpr std::string_view kContentConflict = "VERSION_CONTENT_CONFLICT";
// As engine/source says it.
constexpr std::string_view kPausedByHand = "BY_HAND";
// As engine/score says it of an item, in brackets behind its status.
constexpr std::string_view kOverflow = "(OVERFLOW)";
constexpr const char* kByFacts = "facts";
constexpr const char* kByComparing = "found by comparing";
constexpr size_t kCausesShownMax = 8;

std::string Shown(const std::set<std::string>& causes) {
  if (causes.size() <= kCausesShownMax) return fmt::format("{}", fmt::join(causes, ", "));
  const auto end = std::next(causes.begin(), kCausesShownMax);
  return fmt::format("{} and {} more", fmt::join(causes.begin(), end, ", "),
                     causes.size() - kCausesShownMax);
}

bool HasOverflow(const v1::ScoreRecord& score) {
  return score.status().ends_with(kOverflow) ||
         std::ranges::any_of(score.items(),
                             [](const auto& item) { return item.status().ends_with(kOverflow); });
}

// The same parts have the same id, whoever publishes it again.
std::string IdOf(std::initializer_list<std::string_view> parts) {
  std::string framed;
  for (const std::string_view part : parts) AppendPrefixed(framed, part);
  return Sha256(framed).Hex().substr(0, 32);
}

}  // namespace

bool Projector::IsClaimed(Overlay& overlay) const {
  return options_.node.empty() || PublisherOf(overlay).node() == options_.node;
}

bool Projector::Publishes(Overlay& overlay) const {
  return options_.publish && (stands_by_ || IsClaimed(overlay));
}

bool Projector::KeepsEvents(Overlay& overlay) const {
  return (options_.publish && options_.keeps_events) || Publishes(overlay);
}

Projector::Stamp Projector::StampOf(const Moment& moment, Instant recorded_at,
                                    Overlay& overlay) const {
  return {.moment = moment.ToString(),
          .sum = moment.Sum(),
          .recorded_at = recorded_at,
          .epoch = PublisherOf(overlay).epoch(),
          .publishes = Publishes(overlay),
          .stands_by = !IsClaimed(overlay)};
}

void Projector::OnCommit(const FoldedDecision& folded, Overlay& overlay) {
  for (const v1::Event& event : folded.commit->events()) {
    MarkEvent(event, CauseOf(event, folded.position));
    const EventRow* row = RowOf(event.body_case());
    if (row == nullptr || row->output == Output::kNothing || !KeepsEvents(overlay)) continue;
    if (row->output == Output::kAdjustment) {
      PublishAdjustment(event, folded, overlay);
    } else {
      AlertOf(event, folded.position);
    }
  }
}

void Projector::AlertOf(const v1::Event& event, int64_t position) {
  if (event.has_source_paused()) {
    AlertOfPause(event.source_paused(), position);
  } else if (event.has_grant_revocation_proposed()) {
    AlertOfRevocation(event.grant_revocation_proposed(), position);
  } else {
    ASSAY_INVARIANT(false, "an event of kind {} has no text for its alert",
                    static_cast<int>(event.body_case()));
  }
}

void Projector::MarkEvent(const v1::Event& event, const std::string& cause) {
  const EventRow* row = RowOf(event.body_case());
  const ScoreEffect effect = row == nullptr ? ScoreEffect() : row->effect(event);
  switch (effect.of) {
    case ScoreEffect::Of::kNobody:
      return;
    case ScoreEffect::Of::kScore:
      scores_[{effect.cycle, effect.person}].insert(cause);
      return;
    case ScoreEffect::Of::kPerson:
      people_[effect.person].insert(cause);
      return;
    case ScoreEffect::Of::kCycle:
      cycles_[effect.cycle].insert(cause);
      return;
    case ScoreEffect::Of::kEverybody:
      everybody_.insert(cause);
      return;
  }
}

void Projector::OnFacts(const facts::TouchedDays& touched,
                        const std::vector<facts::Refused>& refused, Overlay& overlay) {
  days_.insert(touched.begin(), touched.end());
  if (refused.empty() || !KeepsEvents(overlay)) return;
  for (const facts::Refused& refusal : refused) {
    const v1::Intake& intake = refusal.intake;
    v1::OutputRecord output;
    output.set_topic("rejections");
    // What has slashes of its own comes last.
    output.set_key(fmt::format("{}/{}/{}/{}/{}", options_.company, intake.source(),
                               intake.src().partition(), intake.src().offset(),
                               intake.src().input_log()));
    v1::RejectionRecord& record = *output.mutable_rejection();
    record.set_source(intake.source());
    record.set_contract_version(intake.contract_version());
    record.set_input_log(intake.src().input_log());
    record.set_partition(intake.src().partition());
    record.set_offset(intake.src().offset());
    record.set_hash(intake.src().hash());
    record.set_code(refusal.code);
    record.set_path(refusal.path);
    if (intake.has_refusal()) *record.mutable_original() = intake.refusal().original();
    *record.mutable_received_at() = intake.received_at();
    record.set_facts_partition(refusal.partition);
    record.set_facts_position(refusal.position);
    output.set_id(IdOf({output.topic(), output.key(), std::to_string(refusal.partition),
                        std::to_string(refusal.position)}));
    outputs_.push_back(std::move(output));
    if (refusal.code == kContentConflict) AlertOfConflict(refusal);
  }
}

absl::Status Projector::Finish(const Moment& moment, Instant recorded_at, Overlay& overlay) {
  const Stamp stamp = StampOf(moment, recorded_at, overlay);
  ASSAY_ASSIGN_OR_RETURN(const Scores touched, Resolve(overlay));
  for (const auto& [score, causes] : touched) {
    ASSAY_RETURN_IF_ERROR(Update(stamp, score.first, score.second, causes, overlay));
  }
  for (v1::OutputRecord& output : std::exchange(outputs_, {})) {
    Append(stamp, std::move(output), overlay);
  }
  return overlay.status();
}

absl::StatusOr<Projector::Differences> Projector::Compare(Published published,
                                                          Overlay& overlay) const {
  std::erase_if(published,
                [&](const auto& row) { return !row.first.starts_with(options_.company + "/"); });
  Published stored;
  overlay.Visit(Table::kScores, "", [&](std::string_view, std::string_view value) {
    v1::ScoreRecord row;
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      overlay.Damaged(Table::kScores);
      return false;
    }
    std::string key = KeyOf(options_.company, row.cycle(), row.person());
    stored.emplace(std::move(key), std::move(row));
    return true;
  });
  ASSAY_RETURN_IF_ERROR(overlay.status());
  for (const auto& [key, row] : published) stored.try_emplace(key);
  Differences differences;
  for (const auto& [key, after] : stored) {
    const auto seen = published.find(key);
    const v1::ScoreRecord before = seen != published.end() ? seen->second : v1::ScoreRecord();
    const bool is_same = before.SerializeAsString() == after.SerializeAsString();
    if (!is_same || before.person().empty()) differences[key] = {before, after};
  }
  return differences;
}

absl::StatusOr<int64_t> Projector::CountDifferences(Published published, Overlay& overlay) const {
  ASSAY_ASSIGN_OR_RETURN(const Differences differences, Compare(std::move(published), overlay));
  return static_cast<int64_t>(differences.size());
}

absl::StatusOr<int64_t> Projector::PublishDifferences(const Moment& moment, Instant recorded_at,
                                                      Published published, bool repairs,
                                                      Overlay& overlay) {
  for (const PendingOutput& pending : Outputs(overlay, 0)) {
    if (!pending.record.has_score()) continue;
    if (pending.record.score().person().empty()) {
      published.erase(pending.record.key());
    } else {
      published[pending.record.key()] = pending.record.score();
    }
  }
  ASSAY_ASSIGN_OR_RETURN(const Differences differences, Compare(std::move(published), overlay));
  Stamp stamp = StampOf(moment, recorded_at, overlay);
  stamp.publishes = true;
  for (const auto& [key, rows] : differences) {
    const Change change{.before = rows.first, .after = rows.second, .cause = kByComparing};
    if (!repairs) PublishChange(stamp, key, change, overlay);
    PublishRow(stamp, key, change, overlay);
  }
  return static_cast<int64_t>(differences.size());
}

absl::StatusOr<Projector::Scores> Projector::Resolve(Overlay& overlay) {
  Scores touched = std::exchange(scores_, {});
  decisions::StateAt state(overlay, decisions::kNewest);
  const auto live = LiveCycles(state, overlay);
  const auto add_person = [&](const std::string& cycle, const std::string& person,
                              const Causes& causes) {
    if (!state.Members(streams::CyclePersonAgreements(cycle, person)).empty()) {
      touched[{cycle, person}].insert(causes.begin(), causes.end());
    }
  };
  for (const auto& [person, causes] : std::exchange(people_, {})) {
    for (const auto& [cycle, row] : live) add_person(cycle, person, causes);
  }
  for (const auto& [entity, day] : std::exchange(days_, {})) {
    const auto row = state.Find<v1::EntityState>(streams::Entity(entity.type, entity.key));
    if (!row.has_value()) continue;
    for (const v1::BindingState& binding : row->bindings()) {
      if (!SpanOf(binding.span()).Contains(day)) continue;
      for (const auto& [cycle, cycle_row] : live) {
        if (SpanOf(cycle_row.period()).Contains(day))
          add_person(cycle, binding.person(), {kByFacts});
      }
    }
  }
  std::map<std::string, Causes> whole = std::exchange(cycles_, {});
  if (const Causes causes = std::exchange(everybody_, {}); !causes.empty()) {
    for (const auto& [cycle, row] : live) whole[cycle].insert(causes.begin(), causes.end());
  }
  for (const auto& [cycle, causes] : whole) {
    for (const v1::Member& member : state.Members(streams::CycleAgreements(cycle))) {
      touched[{cycle, member.person()}].insert(causes.begin(), causes.end());
    }
  }
  ASSAY_RETURN_IF_ERROR(state.status());
  return touched;
}

absl::Status Projector::Update(const Stamp& stamp, const std::string& cycle,
                               const std::string& person, const Causes& causes, Overlay& overlay) {
  ASSAY_ASSIGN_OR_RETURN(const auto score, evaluator_.Evaluate({}, cycle, person));
  const std::string key = ScoreKey(cycle, person);
  const auto stored = overlay.Get(Table::kScores, key);
  const v1::ScoreRecord after = score.has_value() ? score->record : v1::ScoreRecord();
  const std::string value = after.SerializeAsString();
  if (stored.value_or("") == value) return absl::OkStatus();
  v1::ScoreRecord before;
  if (stored.has_value() && !before.ParseFromString(*stored)) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the row of {} in {} in the view \"scores\" is damaged", person, cycle);
  }
  if (score.has_value()) {
    overlay.Put(Table::kScores, key, value);
  } else {
    overlay.Delete(Table::kScores, key);
  }
  // A standby need not see it, since the other node may have folded past it.
  if (stamp.publishes && !stamp.stands_by && HasOverflow(after) && !HasOverflow(before)) {
    outputs_.push_back(AlertOutput(
        {.code = "SCORE_OVERFLOW",
         .subject = fmt::format("score/{}/{}", cycle, person),
         .occasion = UtcDayOf(stamp.recorded_at).ToString(),
         .text = fmt::format("a number of the score of {1} in {0} is beyond 1.7e26, so there is no "
                             "score: assay score explain {0} {1}",
                             cycle, person)}));
  }
  PublishScore(stamp, KeyOf(options_.company, cycle, person),
               {.before = before, .after = after, .cause = Shown(causes)}, overlay);
  return absl::OkStatus();
}

void Projector::PublishScore(const Stamp& stamp, const std::string& key, const Change& change,
                             Overlay& overlay) {
  if (!stamp.publishes) return;
  // What is taken over is compared with the topic, which says the changes anew. The row comes
  // behind its change: who finds it on the topic finds that one too.
  if (!stamp.stands_by) PublishChange(stamp, key, change, overlay);
  PublishRow(stamp, key, change, overlay);
}

void Projector::PublishRow(const Stamp& stamp, const std::string& key, const Change& change,
                           Overlay& overlay) {
  v1::OutputRecord score;
  score.set_topic("scores");
  score.set_key(key);
  *score.mutable_score() = change.after;
  Append(stamp, std::move(score), overlay);
}

void Projector::PublishChange(const Stamp& stamp, const std::string& key, const Change& change,
                              Overlay& overlay) {
  v1::OutputRecord output;
  output.set_topic("score-changes");
  output.set_key(key);
  v1::ScoreChange& body = *output.mutable_score_change();
  if (!change.before.person().empty()) *body.mutable_before() = change.before;
  if (!change.after.person().empty()) *body.mutable_after() = change.after;
  body.set_cause(change.cause);
  Append(stamp, std::move(output), overlay);
}

// One alert of a source and day, since a file that was exported anew has thousands of them.
void Projector::AlertOfConflict(const facts::Refused& refusal) {
  const std::string& source = refusal.intake.source();
  v1::OutputRecord output = AlertOutput(
      {.code = std::string(kContentConflict),
       .subject = "source/" + source,
       .occasion = UtcDayOf(InstantOf(refusal.intake.received_at())).ToString(),
       .text = fmt::format("records of the source {0} came again under the version that they had, "
                           "with other content; they were refused: assay rejection list --source "
                           "{0}",
                           source)});
  if (alerted_.insert(output.id()).second) outputs_.push_back(std::move(output));
}

// One alert of a partition and day: whoever can produce one record can produce thousands.
void Projector::OnForeign(const facts::Foreign& foreign, Overlay& overlay) {
  if (!KeepsEvents(overlay)) return;
  const std::string name = NameOfPartition(foreign.partition);
  v1::OutputRecord output =
      AlertOutput({.code = "FOREIGN_RECORD",
                   .subject = "log/" + name,
                   .occasion = UtcDayOf(foreign.recorded_at).ToString(),
                   .text = fmt::format(
                       "{} holds a record that no node of the company wrote, at position {}; it "
                       "counts for nothing: assay log foreign",
                       name, foreign.position)});
  if (alerted_.insert(output.id()).second) outputs_.push_back(std::move(output));
}

// Who paused a source by hand knows of it.
void Projector::AlertOfPause(const v1::SourcePaused& paused, int64_t position) {
  if (paused.code() == kPausedByHand) return;
  outputs_.push_back(
      AlertOutput({.code = paused.code(),
                   .subject = "source/" + paused.source(),
                   .occasion = std::to_string(position),
                   .text = fmt::format("the source {} is paused: {}; see assay source list",
                                       paused.source(), paused.detail())}));
}

// Whom it concerns hears of it before it is done.
void Projector::AlertOfRevocation(const v1::GrantRevocationProposed& proposed, int64_t position) {
  outputs_.push_back(AlertOutput(
      {.code = "REVOCATION_PROPOSED",
       .subject = "person/" + proposed.to().person(),
       .occasion = std::to_string(position),
       .text = fmt::format("{} proposes to revoke the admin grant {} of {}; see assay grant list",
                           proposed.by(), proposed.grant(), proposed.to().person())}));
}

v1::OutputRecord Projector::AlertOutput(const Alert& alert) const {
  v1::OutputRecord output;
  output.set_topic("alerts");
  output.set_key(fmt::format("{}/{}/{}", options_.company, alert.code, alert.subject));
  output.set_id(IdOf({output.topic(), output.key(), alert.occasion}));
  v1::AlertRecord& record = *output.mutable_alert();
  record.set_code(alert.code);
  record.set_subject(alert.subject);
  record.set_text(alert.text);
  record.set_node(alert.node);
  return output;
}

void Projector::PublishAlert(const Moment& moment, Instant recorded_at, const Alert& alert,
                             Overlay& overlay) {
  ASSAY_REQUIRE(alert.node == options_.node, "an alert of the node \"{}\" was raised by \"{}\"",
                alert.node, options_.node);
  v1::OutputRecord output = AlertOutput(alert);
  if (!alerted_.insert(output.id()).second) return;
  Append(StampOf(moment, recorded_at, overlay), std::move(output), overlay);
}

void Projector::PublishAdjustment(const v1::Event& event, const FoldedDecision& folded,
                                  Overlay& overlay) {
  using Body = v1::Event::BodyCase;
  decisions::StateAt state(overlay, folded.position);
  const auto row = state.Find<v1::AdjustmentState>(event.stream());
  if (!row.has_value()) return;
  v1::OutputRecord output;
  output.set_topic("adjustments");
  output.set_key(KeyOf(options_.company, row->cycle(), row->adjustment()));
  v1::AdjustmentRecord& record = *output.mutable_adjustment();
  record.set_adjustment(row->adjustment());
  record.set_person(row->person());
  record.set_cycle(row->cycle());
  record.set_item(row->item());
  record.set_delta(row->delta());
  record.set_reason_code(row->reason_code());
  record.set_by(ActorName(folded.commit->actor()));
  if (row->has_remark()) *record.mutable_remark() = row->remark();
  switch (event.body_case()) {
    case Body::kAdjustmentRequested:
      record.set_event("REQUESTED");
      break;
    case Body::kAdjustmentApproved:
      record.set_event("APPROVED");
      break;
    case Body::kAdjustmentApplied:
      record.set_event("APPLIED");
      record.set_before(event.adjustment_applied().before());
      record.set_after(event.adjustment_applied().after());
      break;
    case Body::kAdjustmentRejected:
      record.set_event("REJECTED");
      break;
    case Body::kAdjustmentRevoked:
      record.set_event("REVOKED");
      record.set_before(event.adjustment_revoked().before());
      record.set_after(event.adjustment_revoked().after());
      break;
    default:
      return;
  }
  output.set_id(
      IdOf({output.topic(), output.key(), std::to_string(folded.position), record.event()}));
  outputs_.push_back(std::move(output));
}

void Projector::Append(const Stamp& stamp, v1::OutputRecord record, Overlay& overlay) {
  record.set_moment(stamp.moment);
  record.set_company(options_.company);
  record.mutable_version()->set_epoch(stamp.epoch);
  record.mutable_version()->set_sum(stamp.sum);
  *record.mutable_recorded_at() = TimestampOf(stamp.recorded_at);
  if (record.id().empty()) {
    record.set_id(
        IdOf({record.topic(), record.key(), record.moment(), record.SerializeAsString()}));
  }
  overlay.Put(Table::kOutbox, OutboxKey(TakeSequence(overlay)), record.SerializeAsString());
}

}  // namespace assay::score_table

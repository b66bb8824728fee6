#include "projections/score_table/projector.h"

#include <map>

#include "engine/base/hash.h"
#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/score_table/keys.h"

namespace assay::score_table {
namespace {

constexpr std::string_view kNextSequence = "outbox/next";

int64_t TakeSequence(Overlay& overlay) {
  int64_t next = 0;
  if (const auto stored = overlay.Get(Table::kMeta, kNextSequence); stored.has_value()) {
    std::string_view bytes = *stored;
    (void)TakeOrdered64(bytes, next);
  }
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

std::string FrameParts(std::initializer_list<std::string_view> parts) {
  std::string framed;
  for (const std::string_view part : parts) AppendPrefixed(framed, part);
  return framed;
}

}  // namespace

void Projector::OnCommit(const FoldedDecision& folded, Overlay& overlay) {
  for (const v1::Event& event : folded.commit->events()) {
    MarkEvent(event);
    PublishAdjustment(event, folded, overlay);
  }
}

void Projector::MarkEvent(const v1::Event& event) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kSourceKeyBound:
      people_.insert(event.source_key_bound().person());
      return;
    case Body::kAssignmentStarted:
      people_.insert(event.assignment_started().person());
      return;
    case Body::kAllocationChanged:
      people_.insert(event.allocation_changed().person());
      return;
    case Body::kAssignmentEnded:
      people_.insert(event.assignment_ended().person());
      return;
    case Body::kUnitsMerged:
      everybody_ = true;
      return;
    case Body::kAgreementOpened:
      scores_.emplace(event.agreement_opened().cycle(), event.agreement_opened().person());
      return;
    case Body::kAgreementSigned:
      scores_.emplace(event.agreement_signed().cycle(), event.agreement_signed().person());
      return;
    case Body::kAgreementWithdrawn:
      scores_.emplace(event.agreement_withdrawn().cycle(), event.agreement_withdrawn().person());
      return;
    case Body::kCycleLocked:
      cycles_.insert(event.cycle_locked().cycle());
      return;
    case Body::kCutSealed:
      cycles_.insert(event.cut_sealed().cycle());
      return;
    case Body::kAdjustmentApplied:
      scores_.emplace(event.adjustment_applied().cycle(), event.adjustment_applied().person());
      return;
    case Body::kAdjustmentRevoked:
      scores_.emplace(event.adjustment_revoked().cycle(), event.adjustment_revoked().person());
      return;
    default:
      return;
  }
}

void Projector::OnFacts(const facts::TouchedDays& touched,
                        const std::vector<facts::Refused>& refused, Overlay&) {
  days_.insert(touched.begin(), touched.end());
  if (!options_.publish) return;
  for (const facts::Refused& refusal : refused) {
    const v1::Intake& intake = refusal.intake;
    v1::OutputRecord output;
    output.set_topic("assay.rejections");
    output.set_key(FrameParts({intake.source(), intake.src().input_log(),
                               std::to_string(intake.src().partition()),
                               std::to_string(intake.src().offset())}));
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
    outputs_.push_back(std::move(output));
  }
}

absl::Status Projector::Finish(const Moment& moment, Overlay& overlay) {
  ASSAY_ASSIGN_OR_RETURN(const Scores touched, Resolve(overlay));
  for (const auto& [cycle, person] : touched) {
    ASSAY_RETURN_IF_ERROR(Update(moment, cycle, person, overlay));
  }
  for (v1::OutputRecord& output : std::exchange(outputs_, {})) {
    Append(moment, std::move(output), overlay);
  }
  return overlay.status();
}

absl::StatusOr<Projector::Scores> Projector::Resolve(Overlay& overlay) {
  Scores touched = std::exchange(scores_, {});
  decisions::StateAt state(overlay, decisions::kNewest);
  const auto live = LiveCycles(state, overlay);
  const auto add_person = [&](const std::string& cycle, const std::string& person) {
    if (!state.Members(streams::CyclePersonAgreements(cycle, person)).empty()) {
      touched.emplace(cycle, person);
    }
  };
  for (const std::string& person : std::exchange(people_, {})) {
    for (const auto& [cycle, row] : live) add_person(cycle, person);
  }
  for (const auto& [entity, day] : std::exchange(days_, {})) {
    const auto row = state.Find<v1::EntityState>(streams::Entity(entity.type, entity.key));
    if (!row.has_value()) continue;
    for (const v1::BindingState& binding : row->bindings()) {
      if (!SpanOf(binding.span()).Contains(day)) continue;
      for (const auto& [cycle, cycle_row] : live) {
        if (SpanOf(cycle_row.period()).Contains(day)) add_person(cycle, binding.person());
      }
    }
  }
  std::set<std::string> whole = std::exchange(cycles_, {});
  if (std::exchange(everybody_, false)) {
    for (const auto& [cycle, row] : live) whole.insert(cycle);
  }
  for (const std::string& cycle : whole) {
    for (const v1::Member& member : state.Members(streams::CycleAgreements(cycle))) {
      touched.emplace(cycle, member.person());
    }
  }
  ASSAY_RETURN_IF_ERROR(state.status());
  return touched;
}

absl::Status Projector::Update(const Moment& moment, const std::string& cycle,
                               const std::string& person, Overlay& overlay) {
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
  PublishScore(moment, before, after, overlay);
  return absl::OkStatus();
}

void Projector::PublishScore(const Moment& moment, const v1::ScoreRecord& before,
                             const v1::ScoreRecord& after, Overlay& overlay) {
  if (!options_.publish) return;
  const v1::ScoreRecord& named = after.person().empty() ? before : after;
  const std::string key = FrameParts({options_.company, named.cycle(), named.person()});
  v1::OutputRecord score;
  score.set_topic("assay.scores");
  score.set_key(key);
  *score.mutable_score() = after;
  Append(moment, std::move(score), overlay);
  v1::OutputRecord change;
  change.set_topic("assay.score-changes");
  change.set_key(key);
  if (!before.person().empty()) *change.mutable_score_change()->mutable_before() = before;
  *change.mutable_score_change()->mutable_after() = after;
  Append(moment, std::move(change), overlay);
}

void Projector::PublishAdjustment(const v1::Event& event, const FoldedDecision& folded,
                                  Overlay& overlay) {
  using Body = v1::Event::BodyCase;
  constexpr std::string_view kPrefix = "adjustment/";
  if (!options_.publish || !event.stream().starts_with(kPrefix)) return;
  decisions::StateAt state(overlay, folded.position);
  const auto row = state.Find<v1::AdjustmentState>(event.stream());
  if (!row.has_value()) return;
  v1::OutputRecord output;
  output.set_topic("assay.adjustments");
  output.set_key(FrameParts({options_.company, row->cycle(), row->adjustment()}));
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
  outputs_.push_back(std::move(output));
}

void Projector::Append(const Moment& moment, v1::OutputRecord record, Overlay& overlay) {
  record.set_moment(moment.ToString());
  record.set_company(options_.company);
  record.mutable_version()->set_sum(moment.Sum());
  // The same effect has the same id, whoever publishes it again.
  record.set_id(Sha256(FrameParts({record.topic(), record.key(), record.moment(),
                                   record.SerializeAsString()}))
                    .Hex()
                    .substr(0, 32));
  overlay.Put(Table::kOutbox, OutboxKey(TakeSequence(overlay)), record.SerializeAsString());
}

}  // namespace assay::score_table

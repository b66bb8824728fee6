#include "engine/adjustment/request.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/adjustment/budgets.h"
#include "engine/base/limits.h"
#include "engine/event/adjustment_reading.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::adjustment {
namespace {

// Points are rounded to so many digits at the item; a finer adjustment could not be seen.
constexpr int kPointDigits = 4;
// More references than this are a report and not a reason.
constexpr int kEvidenceMax = 16;
// What adjustments_max = 0 of a cycle stands for.
constexpr int32_t kAdjustmentsMaxDefault = 2;

// --- shape ---

std::optional<Rejection> CheckDelta(const std::string& text) {
  const std::string path = "requestAdjustment.delta";
  if (auto wrong = CheckDecimal(path, text)) return wrong;
  const Decimal delta = DecimalOf(text);
  if (delta.IsZero()) {
    return Invalid("VALUE_OUT_OF_RANGE", path, "points other than 0", text,
                   "an adjustment of nothing is none");
  }
  if (delta.Rounded(kPointDigits, Rounding::kDown) == delta) return std::nullopt;
  return Invalid("PRECISION", path, fmt::format("at most {} fractional digits", kPointDigits), text,
                 "points have four fractional digits");
}

std::optional<Rejection> CheckEvidenceShape(const v1::RequestAdjustment& command) {
  const std::string path = "requestAdjustment.evidence";
  if (command.evidence_size() > kEvidenceMax) {
    return Invalid("INVALID_COUNT", path, fmt::format("at most {}", kEvidenceMax),
                   std::to_string(command.evidence_size()), "there are too many references");
  }
  for (int i = 0; i < command.evidence_size(); ++i) {
    const v1::EvidenceRef& reference = command.evidence(i);
    const std::string at = fmt::format("{}[{}]", path, i);
    if (auto wrong = CheckId(at + ".source", reference.source())) return wrong;
    if (reference.record().empty() || reference.record_size() > limits::kRecordKeyFieldsMax) {
      return Invalid("INVALID_COUNT", at + ".record",
                     fmt::format("1 to {} key fields", limits::kRecordKeyFieldsMax),
                     std::to_string(reference.record_size()), "this names no record");
    }
  }
  return std::nullopt;
}

std::optional<Rejection> CheckShape(const v1::RequestAdjustment& command) {
  if (auto wrong = CheckId("requestAdjustment.adjustment", command.adjustment())) return wrong;
  if (auto wrong = CheckId("requestAdjustment.person", command.person())) return wrong;
  if (auto wrong = CheckId("requestAdjustment.cycle", command.cycle())) return wrong;
  if (!command.item().empty()) {
    if (auto wrong = CheckId("requestAdjustment.item", command.item())) return wrong;
  }
  if (auto wrong = CheckDelta(command.delta())) return wrong;
  if (auto wrong = CheckId("requestAdjustment.reasonCode", command.reason_code())) return wrong;
  if (command.remark().bytes().empty()) {
    return Invalid("REASON_REQUIRED", "requestAdjustment.remark", "a remark", "nothing",
                   "an adjustment needs a remark", "say on what it rests");
  }
  return CheckEvidenceShape(command);
}

// --- policy ---

std::optional<Rejection> CheckItem(const v1::RequestAdjustment& command, const LockedScore& score) {
  if (command.item().empty()) return std::nullopt;
  const bool there =
      std::find(score.items.begin(), score.items.end(), command.item()) != score.items.end();
  if (there) return std::nullopt;
  return NotVisible("requestAdjustment.item", "item", command.item());
}

std::optional<Rejection> CheckEvidence(const v1::RequestAdjustment& command,
                                       const DecideContext& context) {
  for (int i = 0; i < command.evidence_size(); ++i) {
    const v1::EvidenceRef& reference = command.evidence(i);
    const std::vector<std::string> record(reference.record().begin(), reference.record().end());
    if (context.scores->HasRecord(command.cycle(), reference.source(), record)) continue;
    return RefusedPolicy("EVIDENCE_NOT_FOUND", fmt::format("requestAdjustment.evidence[{}]", i),
                         "a source record from before the cut",
                         fmt::format("{} {}", reference.source(), fmt::join(record, "/")),
                         "the evidence names no record", "check source and record key");
  }
  return std::nullopt;
}

// `standing` are those of the person.
std::optional<Rejection> CheckLimit(const v1::RequestAdjustment& command,
                                    const v1::CycleState& cycle, const Adjustments& standing) {
  const int32_t allowed =
      cycle.adjustments_max() == 0 ? kAdjustmentsMaxDefault : cycle.adjustments_max();
  const auto count = std::count_if(
      standing.begin(), standing.end(),
      [&](const v1::AdjustmentState& other) { return other.item() == command.item(); });
  if (count < allowed) return std::nullopt;
  const std::string item = command.item().empty() ? "the total" : command.item();
  return RefusedPolicy("ADJUSTMENT_LIMIT", "requestAdjustment.item",
                       fmt::format("at most {} adjustments", allowed), std::to_string(count),
                       fmt::format("{} of {} was adjusted {} times in {}", item, command.person(),
                                   count, command.cycle()),
                       "revoke one first, or let the company raise the cycle's limit");
}

// By all that stands for the person in this direction, whoever requested it: in pieces it is as
// much as at once.
int32_t LevelsFor(Decimal delta, const v1::CycleState& cycle, const Adjustments& standing) {
  if (cycle.two_approvers_above().empty()) return 1;
  const auto sum = SumAlike(standing, delta, [](const v1::AdjustmentState&) { return true; });
  const auto all = sum ? sum->Plus(delta) : std::nullopt;
  return all && Magnitude(*all) <= DecimalOf(cycle.two_approvers_above()) ? 1 : 2;
}

v1::Event Requested(const v1::RequestAdjustment& command, const LockedScore& score, int32_t levels,
                    const std::string& actor) {
  v1::Event event;
  event.set_stream(streams::Adjustment(command.adjustment()));
  v1::AdjustmentRequested& requested = *event.mutable_adjustment_requested();
  requested.set_adjustment(command.adjustment());
  requested.set_person(command.person());
  requested.set_cycle(command.cycle());
  requested.set_item(command.item());
  requested.set_delta(DecimalOf(command.delta()).ToString());
  requested.set_reason_code(command.reason_code());
  *requested.mutable_remark() = command.remark();
  *requested.mutable_evidence() = command.evidence();
  requested.set_requested_by(actor);
  requested.mutable_seen()->set_computed(score.computed.ToString());
  requested.mutable_seen()->set_total(score.total.ToString());
  requested.set_levels(levels);
  return event;
}

}  // namespace

std::optional<Rejection> CheckAdjustable(std::string_view path, const v1::CycleState& cycle) {
  const std::string stage = ShortEnumName(v1::CycleStage_Name(cycle.stage()), "CYCLE_STAGE_");
  Rejection refused{.rejection_class = RejectionClass::kState,
                    .path = std::string(path),
                    .expected = "LOCKED",
                    .actual = stage,
                    .message = fmt::format("cycle {} is {}", cycle.cycle(), stage)};
  if (cycle.stage() < v1::CYCLE_STAGE_LOCKED) {
    refused.code = "CYCLE_NOT_LOCKED";
    refused.hint = "scores are adjusted after the lock; before it, correct the facts";
    return refused;
  }
  if (cycle.stage() > v1::CYCLE_STAGE_LOCKED) {
    refused.code = "CYCLE_LOCKED";
    refused.hint = "the results are published: they no longer change";
    return refused;
  }
  if (cycle.sealed()) return std::nullopt;
  refused.code = "CUT_INCOMPLETE";
  refused.expected = "a sealed cut";
  refused.actual = "not sealed";
  refused.message = fmt::format("the cut of {} is not sealed, so no score stands", cycle.cycle());
  refused.hint = "wait until every facts partition has its cut";
  return refused;
}

std::variant<Line, Rejection> LineOn(std::string_view path, std::string_view cycle,
                                     std::string_view person, Decimal delta,
                                     const DecideContext& context, StateReader& state) {
  // The score rests on them: whoever applies or revokes one meanwhile makes this decision void.
  state.Members(streams::CyclePersonAdjustments(cycle, person));
  auto score = context.scores->Of(cycle, person);
  if (!score) return NotVisible(std::string(path), "score of", person);
  if (!score->computable) {
    return Rejection{.code = "SCORE_NOT_COMPUTABLE",
                     .rejection_class = RejectionClass::kState,
                     .path = std::string(path),
                     .expected = "a score",
                     .actual = score->status,
                     .message = fmt::format("{} has no total in {}", person, cycle),
                     .hint = "a line stands on a total: correct what keeps it from being computed"};
  }
  const auto before = score->computed.Plus(score->adjustments);
  const auto after = before ? before->Plus(delta) : std::nullopt;
  if (!after) {
    return Invalid("VALUE_OUT_OF_RANGE", std::string(path), "a total within the range of numbers",
                   delta.ToString(), "the total would leave the range of numbers");
  }
  return Line{.score = *std::move(score), .before = *before, .after = *after};
}

Decision DecideRequest(const DecideContext& context, StateReader& state) {
  const v1::RequestAdjustment& command = context.command.request_adjustment();
  if (auto wrong = CheckShape(command)) return *wrong;
  const auto cycle = state.Find<v1::CycleState>(streams::Cycle(command.cycle()));
  if (!cycle) return NotVisible("requestAdjustment.cycle", "cycle", command.cycle());
  if (state.Find<v1::AdjustmentState>(streams::Adjustment(command.adjustment()))) {
    return Rejection{.code = "ALREADY_EXISTS",
                     .rejection_class = RejectionClass::kState,
                     .path = "requestAdjustment.adjustment",
                     .expected = "an id that is free",
                     .actual = command.adjustment(),
                     .message = fmt::format("there is an adjustment {}", command.adjustment()),
                     .hint = "choose another id"};
  }
  if (auto wrong = CheckAdjustable("requestAdjustment.cycle", *cycle)) return *wrong;
  const Decimal delta = DecimalOf(command.delta());
  auto line =
      LineOn("requestAdjustment.person", command.cycle(), command.person(), delta, context, state);
  if (auto* wrong = std::get_if<Rejection>(&line)) return std::move(*wrong);
  const LockedScore& score = std::get<Line>(line).score;
  if (auto wrong = CheckItem(command, score)) return *wrong;
  if (command.person() == context.actor ||
      command.person() == context.command.actor().on_behalf_of()) {
    return RefusedPolicy("SELF_ADJUSTMENT", "requestAdjustment.person", "another person's score",
                         command.person(), "nobody adjusts the own score",
                         "file a dispute, or let somebody with authority request it");
  }
  if (auto wrong = CheckEvidence(command, context)) return *wrong;
  const Adjustments standing = StandingAdjustments(state, command.cycle(), command.person());
  if (auto wrong = CheckLimit(command, *cycle, standing)) return *wrong;
  if (auto wrong = CheckRequestBudgets(*cycle, context.actor, command.person(), delta, state)) {
    return *wrong;
  }
  const int32_t levels = LevelsFor(delta, *cycle, standing);
  return Accepted{{Requested(command, score, levels, context.actor)}};
}

}  // namespace assay::adjustment

#include "engine/cycle/decide.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::cycle {
namespace {

std::string StageName(v1::CycleStage stage) {
  return ShortEnumName(v1::CycleStage_Name(stage), "CYCLE_STAGE_");
}

std::string GrainName(v1::Grain grain) { return ShortEnumName(v1::Grain_Name(grain), "GRAIN_"); }

// --- planning ---

std::optional<Rejection> CheckPeriod(const std::string& path, const v1::Span& period) {
  if (auto wrong = CheckSpan(path, period)) return wrong;
  if (!period.to().empty()) return std::nullopt;
  return Invalid("FIELD_REQUIRED", path + ".to", "the day after the last one", "nothing",
                 "a cycle has an end");
}

// Points, or nothing where the cycle has no such rule.
std::optional<Rejection> CheckPoints(const std::string& path, const std::string& points,
                                     const char* message, const char* hint) {
  if (points.empty()) return std::nullopt;
  if (auto wrong = CheckDecimal(path, points)) return wrong;
  if (DecimalOf(points) > Decimal()) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", path, "more than 0", points, message, hint);
}

std::optional<Rejection> CheckLimits(const v1::PlanCycle& command) {
  if (auto wrong = CheckPoints("planCycle.twoApproversAbove", command.two_approvers_above(),
                               "points above which two must approve are positive",
                               "leave it out when one approval is always enough")) {
    return wrong;
  }
  const v1::AdjustmentBudgets& budgets = command.budgets();
  for (const auto& [field, points] : {std::pair{"perRequester", &budgets.per_requester()},
                                      {"perApprover", &budgets.per_approver()},
                                      {"perUnit", &budgets.per_unit()}}) {
    if (auto wrong =
            CheckPoints(fmt::format("planCycle.budgets.{}", field), *points,
                        "a budget of points is positive", "leave it out when there is none")) {
      return wrong;
    }
  }
  if (command.adjustments_max() >= 0) return std::nullopt;
  return Invalid("VALUE_OUT_OF_RANGE", "planCycle.adjustmentsMax", "0 or more",
                 std::to_string(command.adjustments_max()), "a limit is not negative",
                 "0 stands for 2");
}

std::optional<Rejection> CheckPlanShape(const v1::PlanCycle& command) {
  if (auto wrong = CheckId("planCycle.cycle", command.cycle())) return wrong;
  if (auto wrong = CheckPeriod("planCycle.period", command.period())) return wrong;
  if (command.grain() == v1::GRAIN_UNSPECIFIED || !v1::Grain_IsValid(command.grain())) {
    return Invalid("INVALID_ENUM", "planCycle.grain", "DAY, WEEK, MONTH, QUARTER, YEAR or PROJECT",
                   command.grain() == 0 ? "nothing" : std::to_string(command.grain()),
                   "the cycle has no grain");
  }
  if (!command.template_().empty()) {
    if (auto wrong = CheckVersionedId("planCycle.template", command.template_())) return wrong;
  }
  return CheckLimits(command);
}

std::optional<Rejection> CheckNoOverlap(const v1::PlanCycle& command, StateReader& state) {
  const DaySpan period = SpanOf(command.period());
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    const auto other = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!other || other->grain() != command.grain()) continue;
    if (!SpanOf(other->period()).Overlaps(period)) continue;
    return RefusedState("CYCLE_OVERLAP", "planCycle.period",
                        fmt::format("days that no other {} cycle has", GrainName(command.grain())),
                        fmt::format("{} has {} to {}", other->cycle(), other->period().from(),
                                    other->period().to()),
                        fmt::format("{} overlaps {}", command.cycle(), other->cycle()),
                        "a day belongs to one cycle of a grain (to is not included)");
  }
  return std::nullopt;
}

// So that it is found when planning and not when the first agreement is opened.
std::optional<Rejection> CheckTemplateGrain(const v1::PlanCycle& command,
                                            const v1::TemplateDefinition& definition,
                                            StateReader& state) {
  for (const v1::TemplateItem& item : definition.items()) {
    const auto metric = state.Find<v1::MetricState>(streams::Metric(item.metric()));
    if (!metric) return NotVisible("planCycle.template", "metric", item.metric());
    const v1::MetricDefinition& used = metric->definition();
    if (used.grain() == command.grain() || !used.grain_rule().empty()) continue;
    return RefusedPolicy("GRAIN_MISMATCH", "planCycle.template",
                         fmt::format("{}, or a grain rule", GrainName(command.grain())),
                         GrainName(used.grain()),
                         fmt::format("{} is of grain {} and the cycle of grain {}", item.metric(),
                                     GrainName(used.grain()), GrainName(command.grain())),
                         "publish a version of the metric that says how it serves the cycle");
  }
  return std::nullopt;
}

}  // namespace

Decision Plan(const DecideContext& context, StateReader& state) {
  const v1::PlanCycle& command = context.command.plan_cycle();
  if (auto wrong = CheckPlanShape(command)) return *wrong;
  std::optional<v1::TemplateState> used;
  if (!command.template_().empty()) {
    used = state.Find<v1::TemplateState>(streams::Template(command.template_()));
    if (!used) return NotVisible("planCycle.template", "template", command.template_());
  }
  if (const auto there = state.Find<v1::CycleState>(streams::Cycle(command.cycle()))) {
    return RefusedState("ALREADY_EXISTS", "planCycle.cycle", "an id that is free", command.cycle(),
                        fmt::format("cycle {} is {}", command.cycle(), StageName(there->stage())),
                        "choose another id");
  }
  if (auto wrong = CheckNoOverlap(command, state)) return *wrong;
  if (used) {
    if (auto wrong = CheckTemplateGrain(command, used->definition(), state)) return *wrong;
  }
  v1::Event event;
  event.set_stream(streams::Cycle(command.cycle()));
  event.set_effective(command.period().from());
  v1::CyclePlanned& planned = *event.mutable_cycle_planned();
  planned.set_cycle(command.cycle());
  *planned.mutable_period() = command.period();
  planned.set_grain(command.grain());
  planned.set_template_(command.template_());
  planned.set_two_approvers_above(command.two_approvers_above());
  planned.set_adjustments_max(command.adjustments_max());
  if (command.has_budgets()) *planned.mutable_budgets() = command.budgets();
  return Accepted{{std::move(event)}};
}

namespace {

// --- stages ---

std::optional<Rejection> CheckStage(const std::string& path, const v1::CycleState& there,
                                    v1::CycleStage needed) {
  if (there.stage() == needed) return std::nullopt;
  const bool too_late = there.stage() >= v1::CYCLE_STAGE_LOCKED && there.stage() > needed;
  return RefusedState(too_late ? "CYCLE_LOCKED" : fmt::format("CYCLE_NOT_{}", StageName(needed)),
                      path, StageName(needed), StageName(there.stage()),
                      fmt::format("cycle {} is {}, not {}", there.cycle(), StageName(there.stage()),
                                  StageName(needed)),
                      too_late
                          ? "what is locked changes by adjustments alone"
                          : "stages follow each other: plan, open, close intake, lock, publish");
}

// The cycle of a command in the stage it needs, or the refusal.
std::variant<v1::CycleState, Rejection> InStage(const std::string& path, const std::string& cycle,
                                                v1::CycleStage needed, StateReader& state) {
  if (auto wrong = CheckId(path, cycle)) return *std::move(wrong);
  auto there = state.Find<v1::CycleState>(streams::Cycle(cycle));
  if (!there) return NotVisible(path, "cycle", cycle);
  if (auto wrong = CheckStage(path, *there, needed)) return *std::move(wrong);
  return *std::move(there);
}

}  // namespace

Decision Open(const DecideContext& context, StateReader& state) {
  const std::string& cycle = context.command.open_cycle().cycle();
  auto found = InStage("openCycle.cycle", cycle, v1::CYCLE_STAGE_PLANNED, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  v1::Event event;
  event.set_stream(streams::Cycle(cycle));
  event.mutable_cycle_opened()->set_cycle(cycle);
  return Accepted{{std::move(event)}};
}

Decision CloseIntake(const DecideContext& context, StateReader& state) {
  const std::string& cycle = context.command.close_intake().cycle();
  auto found = InStage("closeIntake.cycle", cycle, v1::CYCLE_STAGE_OPEN, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  v1::Event event;
  event.set_stream(streams::Cycle(cycle));
  event.mutable_intake_closed()->set_cycle(cycle);
  return Accepted{{std::move(event)}};
}

namespace {

// --- locking ---

std::optional<Rejection> CheckEarlier(const v1::CycleState& there, StateReader& state) {
  const Day from = DayOf(there.period().from());
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    if (member.state() == "LOCKED" || member.state() == "PUBLISHED") continue;
    const auto other = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!other || other->grain() != there.grain() || other->cycle() == there.cycle()) continue;
    if (DayOf(other->period().from()) >= from) continue;
    return RefusedState(
        "EARLIER_CYCLE_OPEN", "lockCycle.cycle", fmt::format("{} locked", other->cycle()),
        StageName(other->stage()),
        fmt::format("the former cycle {} is {}", other->cycle(), StageName(other->stage())),
        "lock the former period first");
  }
  return std::nullopt;
}

std::optional<Rejection> CheckAgreements(const v1::CycleState& there, StateReader& state) {
  std::vector<std::string> unsigned_people;
  size_t count = 0;
  for (const v1::Member& member : state.Members(streams::CycleAgreements(there.cycle()))) {
    if (member.state() == "WITHDRAWN") continue;
    ++count;
    if (member.state() != "SIGNED") unsigned_people.push_back(member.person());
  }
  if (count == 0) {
    return RefusedState(
        "AGREEMENT_MISSING", "lockCycle.cycle", "at least one agreement", "none",
        fmt::format("cycle {} has no agreement, so nobody would be scored", there.cycle()),
        "open agreements first");
  }
  if (unsigned_people.empty()) return std::nullopt;
  if (!there.template_().empty()) {
    const auto used = state.Find<v1::TemplateState>(streams::Template(there.template_()));
    if (used && used->definition().score_unsigned()) return std::nullopt;
  }
  return RefusedState(
      "AGREEMENT_MISSING", "lockCycle.cycle", "every agreement signed",
      fmt::format("{} not signed: {}", unsigned_people.size(), Listed(unsigned_people)),
      fmt::format("{} of {} agreements are not signed", unsigned_people.size(), count),
      "let both sides sign, withdraw the agreement, or use a template that scores "
      "unsigned ones");
}

}  // namespace

Decision Lock(const DecideContext& context, StateReader& state) {
  const std::string& cycle = context.command.lock_cycle().cycle();
  auto found = InStage("lockCycle.cycle", cycle, v1::CYCLE_STAGE_INTAKE_CLOSED, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& there = std::get<v1::CycleState>(found);
  if (auto wrong = CheckEarlier(there, state)) return *wrong;
  if (auto wrong = CheckAgreements(there, state)) return *wrong;
  v1::Event event;
  event.set_stream(streams::Cycle(cycle));
  event.mutable_cycle_locked()->set_cycle(cycle);
  event.mutable_cycle_locked()->set_generation(there.generation() + 1);
  return Accepted{{std::move(event)}};
}

namespace {

// Of the cut's lock; every lock is of everybody, which the empty scope stands for.
std::optional<Rejection> CheckSameLock(const v1::SealCut& command, const v1::CycleState& there) {
  const bool same_generation = command.generation() == there.generation();
  if (same_generation && command.scope().empty()) return std::nullopt;
  return RefusedState("CUT_MISMATCH", same_generation ? "sealCut.scope" : "sealCut.generation",
                      same_generation ? "everybody" : std::to_string(there.generation()),
                      same_generation ? command.scope() : std::to_string(command.generation()),
                      fmt::format("this is no cut of the lock of {}", there.cycle()),
                      "seal the cuts that name the lock's generation and scope");
}

// What the engine states must be what was read: nobody else knows where the cuts stand.
std::optional<Rejection> CheckCuts(const v1::SealCut& command,
                                   const std::optional<std::vector<LockedScores::Cut>>& cuts) {
  if (!cuts.has_value()) {
    return RefusedState("CUT_INCOMPLETE", "sealCut.cycle", "a cut in every facts partition",
                        "a partition without one",
                        fmt::format("a facts partition has no cut of {} yet", command.cycle()),
                        "the engine seals when every partition has its cut");
  }
  std::vector<int64_t> read;
  for (const LockedScores::Cut& cut : *cuts) read.push_back(cut.position);
  const std::vector<int64_t> stated(command.cut().begin(), command.cut().end());
  if (stated == read) return std::nullopt;
  return RefusedState("CUT_MISMATCH", "sealCut.cut", fmt::format("{}", fmt::join(read, ",")),
                      fmt::format("{}", fmt::join(stated, ",")),
                      fmt::format("these are not the cuts of {} that stand in the facts partitions",
                                  command.cycle()),
                      "the engine alone seals, with the cuts that it read");
}

}  // namespace

Decision Seal(const DecideContext& context, StateReader& state) {
  const v1::SealCut& command = context.command.seal_cut();
  if (auto wrong = CheckId("sealCut.cycle", command.cycle())) return *wrong;
  auto found = InStage("sealCut.cycle", command.cycle(), v1::CYCLE_STAGE_LOCKED, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& there = std::get<v1::CycleState>(found);
  if (auto wrong = CheckSameLock(command, there)) return *wrong;
  if (there.sealed()) {
    return RefusedState("ALREADY_SEALED", "sealCut.cycle", "a cut not sealed yet", "sealed",
                        fmt::format("the cut of {} is sealed", command.cycle()),
                        "nothing is to be done");
  }
  const auto cuts =
      context.scores->CutsOf(command.cycle(), command.generation(), there.lock_position());
  if (auto wrong = CheckCuts(command, cuts)) return *wrong;
  v1::Event event;
  event.set_stream(streams::Cycle(command.cycle()));
  v1::CutSealed& sealed = *event.mutable_cut_sealed();
  sealed.set_cycle(command.cycle());
  sealed.set_generation(command.generation());
  sealed.set_scope(command.scope());
  for (const LockedScores::Cut& cut : *cuts) {
    sealed.add_cut(cut.position);
    if (context.rules_version > 1) sealed.add_roots(cut.root.ToString());
  }
  sealed.set_lock_position(there.lock_position());
  return Accepted{{std::move(event)}};
}

namespace {

// --- publishing ---

}  // namespace

Decision Publish(const DecideContext& context, StateReader& state) {
  const std::string& cycle = context.command.publish_results().cycle();
  auto found = InStage("publishResults.cycle", cycle, v1::CYCLE_STAGE_LOCKED, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& there = std::get<v1::CycleState>(found);
  if (!there.sealed()) {
    return RefusedState(
        "CUT_INCOMPLETE", "publishResults.cycle", "a sealed cut", "not sealed",
        fmt::format("the cut of {} is not sealed, so what counts is not known", cycle),
        "wait until every facts partition has its cut");
  }
  const LockedScores::Results results = context.scores->ResultsOf(cycle);
  v1::Event event;
  event.set_stream(streams::Cycle(cycle));
  v1::ResultsPublished& published = *event.mutable_results_published();
  published.set_cycle(cycle);
  published.set_generation(there.generation());
  published.set_result_digest(results.digest.ToString());
  published.set_subjects(results.subjects);
  return Accepted{{std::move(event)}};
}

}  // namespace assay::cycle

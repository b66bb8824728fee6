#include "projections/score_table/assemble.h"

#include <algorithm>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay::score_table {
namespace {

// Terms that count: the signed version's, or the template's where its policy allows that.
std::vector<v1::TermsItem> CountingItems(const v1::AgreementState& agreement,
                                         const v1::TemplateDefinition& definition) {
  for (const v1::AgreementVersion& version : agreement.versions()) {
    if (version.version() == agreement.signed_version() && version.signed_()) {
      return {version.items().begin(), version.items().end()};
    }
  }
  std::vector<v1::TermsItem> items;
  if (!definition.score_unsigned()) return items;
  for (const v1::TemplateItem& item : definition.items()) {
    v1::TermsItem terms;
    terms.set_item(item.item());
    terms.set_metric(item.metric());
    terms.set_curve(item.curve());
    terms.set_target(item.target());
    terms.set_unit(item.unit());
    terms.set_weight_bp(item.weight_bp());
    terms.set_block(item.block());
    items.push_back(std::move(terms));
  }
  return items;
}

std::vector<AllocationRun> RunsOf(const std::vector<v1::AssignmentState>& assignments,
                                  const std::string& position, const DaySpan& period) {
  std::vector<AllocationRun> runs;
  for (Day day = period.from; day < period.to; day = day.Plus(1)) {
    AllocationRun run{.days = {day, day.Plus(1)}};
    for (const v1::AssignmentState& assignment : assignments) {
      const int32_t allocation = AllocationOn(assignment, day);
      run.total_bp += allocation;
      if (assignment.position() == position) run.part_bp += allocation;
    }
    if (run.part_bp == 0) continue;
    if (!runs.empty() && runs.back().days.to == day && runs.back().part_bp == run.part_bp &&
        runs.back().total_bp == run.total_bp) {
      runs.back().days.to = run.days.to;
    } else {
      runs.push_back(run);
    }
  }
  return runs;
}

std::vector<ScoreEntity> EntitiesOf(StateReader& base, std::string_view person) {
  std::vector<ScoreEntity> entities;
  for (const v1::Member& member : base.Members(streams::PersonEntities(person))) {
    const size_t slash = member.id().find('/');
    const std::string type = member.id().substr(0, slash);
    const std::string key = member.id().substr(slash + 1);
    const auto entity = base.Find<v1::EntityState>(streams::Entity(type, key));
    if (!entity.has_value()) continue;
    for (const v1::BindingState& binding : entity->bindings()) {
      if (binding.person() == person) entities.push_back({type, key, SpanOf(binding.span())});
    }
  }
  std::sort(entities.begin(), entities.end(), [](const ScoreEntity& a, const ScoreEntity& b) {
    return std::tie(a.type, a.key, a.bound) < std::tie(b.type, b.key, b.bound);
  });
  return entities;
}

std::vector<ScoreAdjustment> AppliedAdjustments(StateReader& now, std::string_view cycle,
                                                std::string_view person,
                                                const TextOpener& open_text) {
  std::vector<ScoreAdjustment> applied;
  for (const v1::Member& member : now.Members(streams::CyclePersonAdjustments(cycle, person))) {
    if (member.state() != "APPLIED") continue;
    const auto row = now.Find<v1::AdjustmentState>(streams::Adjustment(member.id()));
    if (!row.has_value()) continue;
    applied.push_back({.id = row->adjustment(),
                       .item = row->item(),
                       .delta = DecimalOf(row->delta()),
                       .reason_code = row->reason_code(),
                       .requested_by = row->requested_by(),
                       .approved_by = {row->approved_by().begin(), row->approved_by().end()},
                       .at = row->applied_at(),
                       .remark = row->has_remark() ? open_text(row->remark()) : ""});
  }
  return applied;
}

// The unit of the position with the largest allocation on the last day that has any.
std::string MainUnit(StateReader& base, const std::vector<v1::AssignmentState>& assignments,
                     const DaySpan& period) {
  for (Day day = period.to.Plus(-1); day >= period.from; day = day.Plus(-1)) {
    const v1::AssignmentState* main = nullptr;
    for (const v1::AssignmentState& assignment : assignments) {
      const int32_t allocation = AllocationOn(assignment, day);
      if (allocation > 0 && (main == nullptr || allocation > AllocationOn(*main, day))) {
        main = &assignment;
      }
    }
    if (main != nullptr) return UnitOfPosition(base, main->position(), day);
  }
  return "";
}

ScoreItemInput ItemOf(StateReader& base, const v1::TermsItem& terms, DefinitionCache& definitions) {
  ScoreItemInput item{.item = terms.item(),
                      .block = terms.block(),
                      .metric = definitions.Metric(base, terms.metric()),
                      .curve = definitions.Curve(base, terms.curve()),
                      .unit = terms.unit(),
                      .weight_bp = terms.weight_bp()};
  if (!terms.target().empty()) item.target = DecimalOf(terms.target());
  return item;
}

void UseTemplate(StateReader& base, const v1::TemplateDefinition& definition,
                 DefinitionCache& definitions, ScorecardInput& input) {
  if (!definition.total_cap().empty()) input.total_cap = DecimalOf(definition.total_cap());
  if (!definition.band_table().empty()) {
    input.bands = definitions.Bands(base, definition.band_table());
  }
}

template <typename Compiled>
const Compiled* Keep(std::map<std::string, std::unique_ptr<Compiled>, std::less<>>& cache,
                     const std::string& id, std::variant<Compiled, Rejection> outcome) {
  if (!std::holds_alternative<Compiled>(outcome)) return nullptr;
  auto& slot = cache[id];
  slot = std::make_unique<Compiled>(std::get<Compiled>(std::move(outcome)));
  return slot.get();
}

}  // namespace

const ScoringMetric* DefinitionCache::Metric(StateReader& state, const std::string& id) {
  if (const auto known = metrics_.find(id); known != metrics_.end()) return known->second.get();
  const auto row = state.Find<v1::MetricState>(streams::Metric(id));
  if (!row.has_value() || row->stage() != v1::METRIC_STAGE_PUBLISHED) return nullptr;
  return Keep(metrics_, id, ScoringMetric::Compile(id, row->definition()));
}

const ScoringCurve* DefinitionCache::Curve(StateReader& state, const std::string& id) {
  if (const auto known = curves_.find(id); known != curves_.end()) return known->second.get();
  const auto row = state.Find<v1::CurveState>(streams::Curve(id));
  if (!row.has_value()) return nullptr;
  return Keep(curves_, id, ScoringCurve::Compile(id, row->definition()));
}

const ScoringBands* DefinitionCache::Bands(StateReader& state, const std::string& id) {
  if (const auto known = bands_.find(id); known != bands_.end()) return known->second.get();
  const auto row = state.Find<v1::BandTableState>(streams::BandTable(id));
  if (!row.has_value()) return nullptr;
  return Keep(bands_, id, ScoringBands::Compile(id, row->definition()));
}

std::optional<ScorecardInput> Assemble(StateReader& base, StateReader& now,
                                       const v1::CycleState& cycle, std::string_view person,
                                       DefinitionCache& definitions, const TextOpener& open_text) {
  ScorecardInput input{.cycle = cycle.cycle(),
                       .generation = cycle.generation(),
                       .person = std::string(person),
                       .period = SpanOf(cycle.period())};
  const auto assignments = AssignmentsOfPerson(base, person);
  bool any_agreement = false;
  for (const v1::Member& member :
       base.Members(streams::CyclePersonAgreements(cycle.cycle(), person))) {
    if (member.state() == "WITHDRAWN") continue;
    const auto agreement = base.Find<v1::AgreementState>(streams::Agreement(member.id()));
    if (!agreement.has_value()) continue;
    const auto row = base.Find<v1::TemplateState>(streams::Template(agreement->template_()));
    const v1::TemplateDefinition definition =
        row.has_value() ? row->definition() : v1::TemplateDefinition();
    if (!any_agreement) UseTemplate(base, definition, definitions, input);
    any_agreement = true;
    ScorePartInput part{.agreement = agreement->agreement(),
                        .position = agreement->position(),
                        .allocation = RunsOf(assignments, agreement->position(), input.period),
                        .missing = definition.missing()};
    for (const v1::TermsItem& terms : CountingItems(*agreement, definition)) {
      ScoreItemInput item = ItemOf(base, terms, definitions);
      if (item.metric != nullptr && item.curve != nullptr) part.items.push_back(std::move(item));
    }
    // Without terms that count there is nothing to be judged by: the scorecard says so.
    if (!part.items.empty()) input.parts.push_back(std::move(part));
  }
  if (!any_agreement) return std::nullopt;
  input.unit = MainUnit(base, assignments, input.period);
  input.entities = EntitiesOf(base, person);
  input.adjustments = AppliedAdjustments(now, cycle.cycle(), person, open_text);
  return input;
}

}  // namespace assay::score_table

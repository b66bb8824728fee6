#include "projections/ledger/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::ledger {

SourceCounts SourceCounts::Minus(const SourceCounts& earlier) const {
  return {.applied = applied - earlier.applied,
          .unattributed = std::max<int64_t>(0, unattributed - earlier.unattributed),
          .duplicate = duplicate - earlier.duplicate,
          .stale = stale - earlier.stale,
          .rejected = rejected - earlier.rejected,
          .held = held - earlier.held};
}

absl::StatusOr<std::map<std::string, SourceCounts>> Counts(Overlay& overlay, StateReader& state) {
  std::map<std::string, SourceCounts> counts;
  for (const v1::Member& member : state.Members(streams::Sources())) counts[member.id()];
  for (const auto& [source, row] : facts::LedgerRows(overlay)) {
    SourceCounts& count = counts[source];
    count.applied = row.applied();
    count.duplicate = row.duplicate();
    count.stale = row.stale();
    count.rejected = row.rejected();
  }
  facts::VisitEntityDays(overlay, [&](const facts::EntityDay& day) {
    if (BoundPerson(state, day.entity, day.day).empty()) {
      counts[day.source].unattributed += day.records;
    }
  });
  // A fact behind the cuts of two cycles (a month and its quarter) is held once.
  std::set<std::pair<int32_t, int64_t>> counted;
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    const auto cycle = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!cycle.has_value() || !cycle->sealed()) continue;
    ASSAY_ASSIGN_OR_RETURN(const auto held, Held(overlay, *cycle));
    for (const facts::LateIntake& late : held) {
      if (!counted.emplace(late.partition, late.position).second) continue;
      SourceCounts& count = counts[late.row.source()];
      --count.applied;
      ++count.held;
      if (!late.row.entity_type().empty() &&
          BoundPerson(state, {late.row.entity_type(), late.row.entity_key()}, late.day).empty()) {
        --count.unattributed;
      }
    }
  }
  ASSAY_RETURN_IF_ERROR(state.status());
  ASSAY_RETURN_IF_ERROR(overlay.status());
  return counts;
}

absl::StatusOr<std::vector<facts::LateIntake>> Held(Overlay& overlay, const v1::CycleState& cycle) {
  std::vector<facts::LateIntake> held;
  for (int32_t partition = 0; partition < cycle.cut_size(); ++partition) {
    auto late =
        facts::IntakesBehind(overlay, SpanOf(cycle.period()), partition, cycle.cut(partition));
    for (facts::LateIntake& intake : late) held.push_back(std::move(intake));
  }
  ASSAY_RETURN_IF_ERROR(overlay.status());
  return held;
}

std::map<std::string, std::map<std::string, int64_t>> RefusalsByCode(Overlay& overlay) {
  std::map<std::string, std::map<std::string, int64_t>> counts;
  for (const facts::Refusal& refusal : facts::Refusals(overlay)) {
    ++counts[refusal.row.source()][refusal.row.code()];
  }
  return counts;
}

std::string BoundPerson(StateReader& state, const facts::EntityRef& entity, Day day) {
  const auto row = state.Find<v1::EntityState>(streams::Entity(entity.type, entity.key));
  if (!row.has_value()) return "";
  for (const v1::BindingState& binding : row->bindings()) {
    if (SpanOf(binding.span()).Contains(day)) return binding.person();
  }
  return "";
}

}  // namespace assay::ledger

#include "engine/org/units.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "engine/org/shape.h"

namespace assay::org {
namespace {

Rejection UnitRetired(std::string_view path, std::string_view unit, std::string expected,
                      std::string actual) {
  return StateRefusal("UNIT_RETIRED", path, std::move(expected), std::move(actual),
                      fmt::format("the unit \"{}\" is not active on a day that matters here", unit),
                      "take another unit or another day");
}

// "active from 2026-01-01 to 2026-07-01 (merged into d1)".
std::string LifeOf(const v1::UnitState& unit) {
  std::string life = fmt::format("active from {}", unit.from());
  if (!unit.retired_from().empty()) life += fmt::format(" to {} (retired)", unit.retired_from());
  if (!unit.merged_into().empty()) {
    life += fmt::format(" to {} (merged into {})", unit.merged_from(), unit.merged_into());
  }
  return life;
}

bool HasEnd(const v1::UnitState& unit) {
  return !unit.retired_from().empty() || !unit.merged_into().empty();
}

Day EndOf(const v1::UnitState& unit) {
  if (!unit.retired_from().empty()) return DayOf(unit.retired_from());
  return unit.merged_into().empty() ? kDayMax : DayOf(unit.merged_from());
}

// UNIT_RETIRED unless the unit is active on `day` and will end on no later day.
std::optional<Rejection> CheckEndless(std::string_view path, const v1::UnitState& unit, Day day) {
  if (auto wrong = CheckUnitActive(path, unit, day)) return wrong;
  if (!HasEnd(unit)) return std::nullopt;
  return UnitRetired(path, unit.unit(), "a unit that has not ended", LifeOf(unit));
}

std::optional<Rejection> CheckParentHolds(StateReader& state, std::string_view path,
                                          const v1::UnitState& parent, const DaySpan& span) {
  if (auto wrong = CheckUnitActive(path, parent, span.from)) return wrong;
  return CheckUnitHolds(state, path, parent.unit(), span);
}

bool Names(const std::vector<std::string>& units, const std::set<std::string>& any_of) {
  return std::any_of(units.begin(), units.end(),
                     [&](const std::string& unit) { return any_of.contains(unit); });
}

// ORG_CYCLE when, on any day of `span`, the way from `parent` up meets one of `below` (units that
// would hang below it) or is too long to take another unit. The way can only change on the days
// that the walk itself names.
std::optional<Rejection> CheckNoCycle(StateReader& state, std::string_view path,
                                      const std::string& parent, const std::set<std::string>& below,
                                      const DaySpan& span) {
  for (Day day = span.from; day < span.to;) {
    const UnitPath way = WalkToRoot(state, parent, day);
    if (Names(way.units, below) || Names(way.merged, below)) {
      return StateRefusal("ORG_CYCLE", path, "a unit that does not stand below it",
                          fmt::format("{} stands below it on {}", parent, day.ToString()),
                          "the unit would become its own ancestor", "pick another parent");
    }
    if (!way.complete || way.units.size() + way.merged.size() >= limits::kUnitDepthMax) {
      return StateRefusal("ORG_CYCLE", path,
                          fmt::format("a tree of at most {} levels", limits::kUnitDepthMax),
                          fmt::format("{} stands deeper on {}", parent, day.ToString()),
                          "a tree this deep is taken for a loop", "pick a parent nearer the root");
    }
    day = way.until;
  }
  return std::nullopt;
}

std::optional<Rejection> CheckOptionalId(std::string_view path, std::string_view id) {
  return id.empty() ? std::nullopt : CheckId(path, id);
}

// --- emptiness ---

Rejection NotEmpty(std::string_view unit, std::string_view from, const std::string& what) {
  return StateRefusal("UNIT_NOT_EMPTY", "retireUnit.unit",
                      fmt::format("neither units below it nor people from {} on", from), what,
                      fmt::format("the unit \"{}\" is not empty", unit),
                      "move people and units first, or take a later day");
}

// Whether `child` hangs below `unit` on a day not before `from`; `changes` are the days of merges
// into the unit.
bool HangsBelow(StateReader& state, const v1::UnitState& child, const std::string& unit, Day from,
                std::vector<Day> changes) {
  changes.push_back(from);
  changes.push_back(DayOf(child.from()));
  for (const v1::DatedText& parent : child.parents()) changes.push_back(DayOf(parent.from()));
  return std::any_of(changes.begin(), changes.end(), [&](Day day) {
    if (day < from || !ActiveOn(child, day)) return false;
    const std::string parent = ParentOn(child, day);
    return !parent.empty() && LivingUnit(state, parent, day) == unit;
  });
}

std::optional<Rejection> CheckNoChildren(StateReader& state, const v1::RetireUnit& command,
                                         const std::vector<std::string>& counted) {
  std::vector<Day> merges;
  for (const std::string& unit : counted) {
    const auto row = state.Find<v1::UnitState>(streams::Unit(unit));
    if (row && !row->merged_into().empty()) merges.push_back(DayOf(row->merged_from()));
  }
  const Day from = DayOf(command.from());
  for (const std::string& unit : counted) {
    for (const v1::Member& member : state.Members(streams::UnitChildren(unit))) {
      const auto child = state.Find<v1::UnitState>(streams::Unit(member.id()));
      if (child && HangsBelow(state, *child, command.unit(), from, merges)) {
        return NotEmpty(command.unit(), command.from(),
                        fmt::format("the unit {} below it", member.id()));
      }
    }
  }
  return std::nullopt;
}

std::optional<Rejection> CheckNoPeople(StateReader& state, const v1::RetireUnit& command,
                                       const std::vector<std::string>& counted) {
  const Day from = DayOf(command.from());
  for (const std::string& unit : counted) {
    for (const v1::Member& position : state.Members(streams::UnitPositions(unit))) {
      for (const v1::AssignmentState& assignment : AssignmentsOfPosition(state, position.id())) {
        // A unit that was merged stays merged, so the last day tells for all days.
        const DaySpan span = SpanOf(assignment.span());
        const Day last = span.to == kDayMax ? kDayMax : span.to.Plus(-1);
        if (last >= from && LivingUnit(state, unit, last) == command.unit()) {
          return NotEmpty(command.unit(), command.from(),
                          fmt::format("{} on the position {}", assignment.person(), position.id()));
        }
      }
    }
  }
  return std::nullopt;
}

std::optional<Rejection> CheckMergeShape(const v1::MergeUnits& command) {
  if (command.sources().empty()) {
    return Invalid("INVALID_ID", "mergeUnits.sources", "one unit or more", "none",
                   "there is no unit to merge");
  }
  std::set<std::string> seen;
  for (int i = 0; i < command.sources_size(); ++i) {
    const std::string path = fmt::format("mergeUnits.sources[{}]", i);
    if (auto wrong = CheckId(path, command.sources(i))) return wrong;
    if (!seen.insert(command.sources(i)).second) {
      return Invalid("INVALID_ID", path, "each unit once", command.sources(i),
                     "a unit is named twice");
    }
  }
  return FirstOf({CheckId("mergeUnits.target", command.target()),
                  CheckDay("mergeUnits.from", command.from())});
}

}  // namespace

std::optional<Rejection> CheckUnitActive(std::string_view path, const v1::UnitState& unit,
                                         Day day) {
  if (ActiveOn(unit, day)) return std::nullopt;
  return UnitRetired(path, unit.unit(), fmt::format("active on {}", day.ToString()), LifeOf(unit));
}

std::optional<Rejection> CheckUnitHolds(StateReader& state, std::string_view path,
                                        std::string_view unit, const DaySpan& span) {
  Day day = span.from;
  std::string next(unit);
  for (int i = 0; i < limits::kUnitDepthMax; ++i) {
    const auto row = state.Find<v1::UnitState>(streams::Unit(next));
    if (!row) return NotVisible(std::string(path), "unit", next);
    const bool retires = !row->retired_from().empty() && DayOf(row->retired_from()) < span.to;
    if (retires || DayOf(row->from()) > day) {
      const std::string to = span.to == kDayMax ? "on" : fmt::format("to {}", span.to.ToString());
      return UnitRetired(path, next, fmt::format("active from {} {}", day.ToString(), to),
                         LifeOf(*row));
    }
    if (row->merged_into().empty() || DayOf(row->merged_from()) >= span.to) return std::nullopt;
    day = std::max(day, DayOf(row->merged_from()));
    next = row->merged_into();
  }
  return UnitRetired(path, unit, "a unit that is its own", "merged too many times");
}

Decision CreateUnit(const v1::CreateUnit& command, StateReader& state) {
  if (auto wrong =
          FirstOf({CheckId("createUnit.unit", command.unit()),
                   CheckTitle("createUnit.name", command.name(), true),
                   CheckEnum("createUnit.kind", command.kind(), *v1::UnitKind_descriptor()),
                   CheckOptionalId("createUnit.parent", command.parent()),
                   CheckDay("createUnit.from", command.from())})) {
    return *wrong;
  }
  std::optional<v1::UnitState> parent;
  if (!command.parent().empty()) {
    parent = state.Find<v1::UnitState>(streams::Unit(command.parent()));
    if (!parent) return NotVisible("createUnit.parent", "unit", command.parent());
  }
  if (state.Find<v1::UnitState>(streams::Unit(command.unit()))) {
    return AlreadyExists("createUnit.unit", "unit", command.unit());
  }
  if (parent) {
    const DaySpan span{DayOf(command.from()), kDayMax};
    if (auto wrong = CheckParentHolds(state, "createUnit.parent", *parent, span)) return *wrong;
    if (auto wrong = CheckNoCycle(state, "createUnit.parent", command.parent(), {command.unit()},
                                  {span.from, span.from.Plus(1)})) {
      return *wrong;
    }
  }
  v1::Event event = EventOn(streams::Unit(command.unit()), command.from());
  v1::UnitCreated* created = event.mutable_unit_created();
  created->set_unit(command.unit());
  created->set_name(command.name());
  created->set_kind(command.kind());
  created->set_parent(command.parent());
  created->set_from(command.from());
  return Accepted{{std::move(event)}};
}

Decision RenameUnit(const v1::RenameUnit& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("renameUnit.unit", command.unit()),
                            CheckTitle("renameUnit.name", command.name(), true),
                            CheckDay("renameUnit.from", command.from())})) {
    return *wrong;
  }
  const auto unit = state.Find<v1::UnitState>(streams::Unit(command.unit()));
  if (!unit) return NotVisible("renameUnit.unit", "unit", command.unit());
  if (auto wrong = CheckUnitActive("renameUnit.unit", *unit, DayOf(command.from()))) return *wrong;
  v1::Event event = EventOn(streams::Unit(command.unit()), command.from());
  v1::UnitRenamed* renamed = event.mutable_unit_renamed();
  renamed->set_unit(command.unit());
  renamed->set_name(command.name());
  renamed->set_from(command.from());
  return Accepted{{std::move(event)}};
}

Decision MoveUnit(const v1::MoveUnit& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("moveUnit.unit", command.unit()),
                            CheckOptionalId("moveUnit.newParent", command.new_parent()),
                            CheckDay("moveUnit.from", command.from())})) {
    return *wrong;
  }
  const auto unit = state.Find<v1::UnitState>(streams::Unit(command.unit()));
  if (!unit) return NotVisible("moveUnit.unit", "unit", command.unit());
  const Day from = DayOf(command.from());
  if (!command.new_parent().empty()) {
    const auto parent = state.Find<v1::UnitState>(streams::Unit(command.new_parent()));
    if (!parent) return NotVisible("moveUnit.newParent", "unit", command.new_parent());
    if (auto wrong = CheckUnitActive("moveUnit.unit", *unit, from)) return *wrong;
    // The new parent holds until the next one that was recorded, or until the unit's end.
    DaySpan span{from, EndOf(*unit)};
    for (const v1::DatedText& later : unit->parents()) {
      if (const Day day = DayOf(later.from()); day > from) span.to = std::min(span.to, day);
    }
    if (auto wrong = CheckParentHolds(state, "moveUnit.newParent", *parent, span)) return *wrong;
    if (auto wrong = CheckNoCycle(state, "moveUnit.newParent", command.new_parent(),
                                  {command.unit()}, span)) {
      return *wrong;
    }
  } else if (auto wrong = CheckUnitActive("moveUnit.unit", *unit, from)) {
    return *wrong;
  }
  v1::Event event = EventOn(streams::Unit(command.unit()), command.from());
  v1::UnitMoved* moved = event.mutable_unit_moved();
  moved->set_unit(command.unit());
  moved->set_new_parent(command.new_parent());
  moved->set_from(command.from());
  moved->set_old_parent(ParentOn(*unit, from));
  return Accepted{{std::move(event)}};
}

Decision MergeUnits(const v1::MergeUnits& command, StateReader& state) {
  if (auto wrong = CheckMergeShape(command)) return *wrong;
  std::vector<v1::UnitState> sources;
  for (int i = 0; i < command.sources_size(); ++i) {
    auto source = state.Find<v1::UnitState>(streams::Unit(command.sources(i)));
    if (!source) {
      return NotVisible(fmt::format("mergeUnits.sources[{}]", i), "unit", command.sources(i));
    }
    sources.push_back(*std::move(source));
  }
  const auto target = state.Find<v1::UnitState>(streams::Unit(command.target()));
  if (!target) return NotVisible("mergeUnits.target", "unit", command.target());
  const DaySpan span{DayOf(command.from()), kDayMax};
  for (size_t i = 0; i < sources.size(); ++i) {
    if (auto wrong =
            CheckEndless(fmt::format("mergeUnits.sources[{}]", i), sources[i], span.from)) {
      return *wrong;
    }
  }
  if (auto wrong = CheckParentHolds(state, "mergeUnits.target", *target, span)) return *wrong;
  const std::set<std::string> below(command.sources().begin(), command.sources().end());
  if (auto wrong = CheckNoCycle(state, "mergeUnits.target", command.target(), below, span)) {
    return *wrong;
  }
  Accepted accepted;
  for (const std::string& source : command.sources()) {
    v1::Event event = EventOn(streams::Unit(source), command.from());
    v1::UnitsMerged* merged = event.mutable_units_merged();
    merged->set_source(source);
    merged->set_target(command.target());
    merged->set_from(command.from());
    accepted.events.push_back(std::move(event));
  }
  return accepted;
}

Decision RetireUnit(const v1::RetireUnit& command, StateReader& state) {
  if (auto wrong = FirstOf({CheckId("retireUnit.unit", command.unit()),
                            CheckDay("retireUnit.from", command.from())})) {
    return *wrong;
  }
  const auto unit = state.Find<v1::UnitState>(streams::Unit(command.unit()));
  if (!unit) return NotVisible("retireUnit.unit", "unit", command.unit());
  if (auto wrong = CheckEndless("retireUnit.unit", *unit, DayOf(command.from()))) return *wrong;
  const std::vector<std::string> counted = UnitsCountedTo(state, command.unit(), kDayMax);
  if (auto wrong = CheckNoChildren(state, command, counted)) return *wrong;
  if (auto wrong = CheckNoPeople(state, command, counted)) return *wrong;
  v1::Event event = EventOn(streams::Unit(command.unit()), command.from());
  event.mutable_unit_retired()->set_unit(command.unit());
  event.mutable_unit_retired()->set_from(command.from());
  return Accepted{{std::move(event)}};
}

}  // namespace assay::org

// Names of streams: the units in which commits conflict.
//
// An aggregate's stream holds one state message (proto/assay/v1/state.proto). A set stream stands
// for the members of a set and the columns its rows keep; which events touch which sets is the one
// table in engine/commit/sets.cc.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace assay::streams {

// --- aggregates ---
inline std::string Company() { return "company"; }
// How the log's records are authenticated, and what its decisions bind of it.
inline std::string Log() { return "log"; }
// Who publishes what follows from the log.
inline std::string Publisher() { return "publisher"; }
inline std::string Person(std::string_view id) { return fmt::format("person/{}", id); }
inline std::string Entity(std::string_view type, std::string_view key) {
  return fmt::format("entity/{}/{}", type, key);
}
inline std::string Grant(std::string_view id) { return fmt::format("grant/{}", id); }
inline std::string Unit(std::string_view id) { return fmt::format("unit/{}", id); }
inline std::string Position(std::string_view id) { return fmt::format("position/{}", id); }
inline std::string Assignment(std::string_view id) { return fmt::format("assignment/{}", id); }
inline std::string Metric(std::string_view id) { return fmt::format("metric/{}", id); }
inline std::string Curve(std::string_view id) { return fmt::format("curve/{}", id); }
inline std::string Template(std::string_view id) { return fmt::format("template/{}", id); }
inline std::string BandTable(std::string_view id) { return fmt::format("bands/{}", id); }
inline std::string Cycle(std::string_view id) { return fmt::format("cycle/{}", id); }
inline std::string Agreement(std::string_view id) { return fmt::format("agreement/{}", id); }
inline std::string Adjustment(std::string_view id) { return fmt::format("adjustment/{}", id); }
inline std::string Source(std::string_view id) { return fmt::format("source/{}", id); }
// Who reads the inputs of a source.
inline std::string Reading(std::string_view source) { return fmt::format("reading/{}", source); }

// --- sets ---
inline std::string People() { return "company/people"; }
inline std::string Admins() { return "company/admins"; }
inline std::string RootUnits() { return "company/children"; }
inline std::string Cycles() { return "company/cycles"; }
inline std::string Sources() { return "company/sources"; }
// `actor` is a person's id or "client:<id>".
inline std::string GrantsOf(std::string_view actor) { return fmt::format("grants/{}", actor); }
inline std::string UnitChildren(std::string_view unit) {
  return unit.empty() ? RootUnits() : fmt::format("unit/{}/children", unit);
}
// Units that were merged into this one.
inline std::string UnitMerged(std::string_view unit) { return fmt::format("unit/{}/merged", unit); }
inline std::string UnitPositions(std::string_view unit) {
  return fmt::format("unit/{}/positions", unit);
}
inline std::string PositionAssignments(std::string_view position) {
  return fmt::format("position/{}/assignments", position);
}
inline std::string PersonAssignments(std::string_view person) {
  return fmt::format("person/{}/assignments", person);
}
// Members are "<type>/<key>".
inline std::string PersonEntities(std::string_view person) {
  return fmt::format("person/{}/entities", person);
}
inline std::string PersonReports(std::string_view manager) {
  return fmt::format("person/{}/reports", manager);
}
inline std::string MetricName(std::string_view name) { return fmt::format("name/metric/{}", name); }
inline std::string CycleAgreements(std::string_view cycle) {
  return fmt::format("cycle/{}/agreements", cycle);
}
inline std::string CycleAdjustments(std::string_view cycle) {
  return fmt::format("cycle/{}/adjustments", cycle);
}
inline std::string CyclePersonAgreements(std::string_view cycle, std::string_view person) {
  return fmt::format("cycle/{}/person/{}/agreements", cycle, person);
}
inline std::string CyclePersonAdjustments(std::string_view cycle, std::string_view person) {
  return fmt::format("cycle/{}/person/{}/adjustments", cycle, person);
}

}  // namespace assay::streams

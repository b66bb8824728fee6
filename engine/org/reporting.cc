#include "engine/org/reporting.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "engine/org/shape.h"

namespace assay::org {
namespace {

// The first boundary after `day` of a solid line of the person.
Day NextLineChange(const v1::PersonState& person, Day day) {
  Day next = kDayMax;
  for (const v1::LineState& line : person.lines()) {
    if (line.line() != v1::REPORTING_LINE_SOLID) continue;
    const DaySpan span = SpanOf(line.span());
    for (const Day change : {span.from, span.to}) {
      if (change > day) next = std::min(next, change);
    }
  }
  return next;
}

Rejection LineCycle(std::string actual) {
  return StateRefusal("ORG_CYCLE", "setReportingLine.manager",
                      "a manager who does not report to the person", std::move(actual),
                      "the person would become their own manager", "pick another manager");
}

// ORG_CYCLE when the solid lines lead from the manager to the person on a day of the line.
std::optional<Rejection> CheckNoLineCycle(StateReader& state, const v1::SetReportingLine& command) {
  const DaySpan span = SpanOf(command.span());
  for (Day day = span.from; day < span.to;) {
    Day until = kDayMax;
    std::string above = command.manager();
    for (int levels = 0; !above.empty(); ++levels) {
      if (above == command.person() || levels == limits::kUnitDepthMax) {
        return LineCycle(
            fmt::format("{} reports to {} on {}", command.manager(), above, day.ToString()));
      }
      const auto person = state.Find<v1::PersonState>(streams::Person(above));
      if (!person) break;
      until = std::min(until, NextLineChange(*person, day));
      above = SolidManagerOn(*person, day);
    }
    day = until;
  }
  return std::nullopt;
}

}  // namespace

Decision SetReportingLine(const v1::SetReportingLine& command, StateReader& state) {
  if (auto wrong = FirstOf(
          {CheckId("setReportingLine.person", command.person()),
           CheckId("setReportingLine.manager", command.manager()),
           CheckEnum("setReportingLine.line", command.line(), *v1::ReportingLine_descriptor()),
           CheckSpan("setReportingLine.span", command.span())})) {
    return *wrong;
  }
  for (const auto& [path, person] : {std::pair("setReportingLine.person", command.person()),
                                     std::pair("setReportingLine.manager", command.manager())}) {
    if (!state.Find<v1::PersonState>(streams::Person(person))) {
      return NotVisible(path, "person", person);
    }
  }
  if (command.person() == command.manager()) return LineCycle("the person themselves");
  if (command.line() == v1::REPORTING_LINE_SOLID) {
    if (auto wrong = CheckNoLineCycle(state, command)) return *wrong;
  }
  v1::Event event = EventOn(streams::Person(command.person()), command.span().from());
  v1::ReportingLineSet* set = event.mutable_reporting_line_set();
  set->set_person(command.person());
  set->set_manager(command.manager());
  set->set_line(command.line());
  *set->mutable_span() = command.span();
  return Accepted{{std::move(event)}};
}

}  // namespace assay::org

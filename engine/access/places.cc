#include "engine/access/places.h"

#include "engine/event/effective.h"
#include "engine/event/org_reading.h"

namespace assay {
Places PlacesOfPerson(const Authority& who, std::string_view person, const v1::Span& span) {
  // The domain refuses a span that is none.
  const auto from = Day::Parse(span.from());
  const auto to = span.to().empty() ? kDayMax : Day::Parse(span.to()).value_or(kDayMax);
  const DaySpan days{from.value_or(who.Today()), to};
  Places places;
  for (const v1::AssignmentState& assignment : AssignmentsOfPerson(who.State(), person)) {
    const DaySpan common = SpanOf(assignment.span()).Intersect(days);
    if (common.Empty()) continue;
    places.push_back(
        {UnitOfPosition(who.State(), assignment.position(), common.from), common.from});
    if (common.from == who.Today() || !common.Contains(who.Today())) continue;
    places.push_back(
        {UnitOfPosition(who.State(), assignment.position(), who.Today()), who.Today()});
  }
  if (places.empty()) places.push_back({"", days.from});
  return places;
}

Places PlacesOfPosition(const Authority& who, std::string_view position, Day day) {
  return {{UnitOfPosition(who.State(), position, day), day}};
}

}  // namespace assay

#include "engine/access/places.h"

#include <algorithm>

#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

using Body = v1::Command::BodyCase;

Day DayIn(const Authority& who, const std::string& text) {
  return Day::Parse(text).value_or(who.Today());
}

bool HoldsAdmin(const Authority& who, const std::string& person) {
  const auto admins = who.State().Members(streams::Admins());
  return std::any_of(admins.begin(), admins.end(),
                     [&](const v1::Member& member) { return member.person() == person; });
}

Places PlacesOfStart(const Authority& who) {
  const v1::StartAssignment& start = who.Command().start_assignment();
  const Day from = DayIn(who, start.span().from());
  Places places = PlacesOfPosition(who, start.position(), from);
  const bool first = who.State().Members(streams::PersonAssignments(start.person())).empty() &&
                     !who.State().Members(streams::GrantsOf(start.person())).empty();
  if (first || HoldsAdmin(who, start.person())) places.push_back({"", from});
  return places;
}

Places PlacesOfAssignment(const Authority& who, const std::string& assignment, Day day) {
  const auto row = who.State().Find<v1::AssignmentState>(streams::Assignment(assignment));
  if (!row) return {{"", day}};
  Places places = PlacesOfPosition(who, row->position(), day);
  if (HoldsAdmin(who, row->person())) places.push_back({"", day});
  return places;
}

const std::string& MetricOf(const v1::Command& command) {
  switch (command.body_case()) {
    case Body::kSubmitMetric:
      return command.submit_metric().metric();
    case Body::kSignDefinition:
      return command.sign_definition().metric();
    case Body::kSignSource:
      return command.sign_source().metric();
    default:
      return command.publish_metric().metric();
  }
}

}  // namespace

std::vector<Place> PlacesOfPerson(const Authority& who, std::string_view person,
                                  const v1::Span& span) {
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

std::vector<Place> PlacesOfPosition(const Authority& who, std::string_view position, Day day) {
  return {{UnitOfPosition(who.State(), position, day), day}};
}

std::optional<Places> PlacesOfUnitCommand(const Authority& who) {
  const v1::Command& command = who.Command();
  switch (command.body_case()) {
    case Body::kCreateUnit:
      return Places{{command.create_unit().parent(), DayIn(who, command.create_unit().from())}};
    case Body::kRenameUnit:
      return Places{{command.rename_unit().unit(), DayIn(who, command.rename_unit().from())}};
    case Body::kMoveUnit: {
      const Day from = DayIn(who, command.move_unit().from());
      return Places{{command.move_unit().unit(), from}, {command.move_unit().new_parent(), from}};
    }
    case Body::kMergeUnits: {
      const Day from = DayIn(who, command.merge_units().from());
      Places places{{command.merge_units().target(), from}};
      for (const auto& source : command.merge_units().sources()) places.push_back({source, from});
      return places;
    }
    case Body::kRetireUnit:
      return Places{{command.retire_unit().unit(), DayIn(who, command.retire_unit().from())}};
    default:
      return Places{};
  }
}

std::optional<Places> PlacesOfPositionCommand(const Authority& who) {
  const v1::Command& command = who.Command();
  switch (command.body_case()) {
    case Body::kCreatePosition:
      return Places{
          {command.create_position().unit(), DayIn(who, command.create_position().from())}};
    case Body::kSetHeadcount:
      return PlacesOfPosition(who, command.set_headcount().position(),
                              DayIn(who, command.set_headcount().from()));
    case Body::kRetirePosition:
      return PlacesOfPosition(who, command.retire_position().position(),
                              DayIn(who, command.retire_position().from()));
    default:
      return Places{};
  }
}

std::optional<Places> PlacesOfAssignmentCommand(const Authority& who) {
  const v1::Command& command = who.Command();
  switch (command.body_case()) {
    case Body::kStartAssignment:
      return PlacesOfStart(who);
    case Body::kChangeAllocation:
      return PlacesOfAssignment(who, command.change_allocation().assignment(),
                                DayIn(who, command.change_allocation().from()));
    case Body::kEndAssignment:
      return PlacesOfAssignment(who, command.end_assignment().assignment(),
                                DayIn(who, command.end_assignment().to()));
    default:
      return Places{};
  }
}

std::optional<Places> PlacesOfReportingLine(const Authority& who) {
  const v1::SetReportingLine& line = who.Command().set_reporting_line();
  return PlacesOfPerson(who, line.person(), line.span());
}

std::optional<Places> PlacesOfNewAgreement(const Authority& who) {
  return PlacesOfPosition(who, who.Command().open_agreement().position(), who.Today());
}

std::optional<Places> PlacesOfMetricDraft(const Authority& who) {
  const v1::Command& command = who.Command();
  if (command.has_draft_metric()) {
    return Places{{command.draft_metric().definition().owner_unit(), who.Today()}};
  }
  const v1::EditMetricDraft& edit = command.edit_metric_draft();
  Places owners{{edit.definition().owner_unit(), who.Today()}};
  const auto metric = who.State().Find<v1::MetricState>(streams::Metric(edit.metric()));
  if (metric) owners.push_back({metric->definition().owner_unit(), who.Today()});
  return owners;
}

std::optional<Places> PlacesOfMetric(const Authority& who) {
  const auto metric = who.State().Find<v1::MetricState>(streams::Metric(MetricOf(who.Command())));
  if (!metric) return std::nullopt;
  return Places{{metric->definition().owner_unit(), who.Today()}};
}

}  // namespace assay

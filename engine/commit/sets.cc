#include "engine/commit/sets.h"

#include <fmt/core.h>

#include <utility>

#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

v1::Member MakeMember(std::string id, std::string person = "", std::string state = "") {
  v1::Member member;
  member.set_id(std::move(id));
  member.set_person(std::move(person));
  member.set_state(std::move(state));
  return member;
}

void OfCompany(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kPersonAdded:
      out.push_back({streams::People(), MakeMember(event.person_added().person())});
      break;
    case Body::kSourceKeyBound: {
      const auto& bound = event.source_key_bound();
      out.push_back({streams::PersonEntities(bound.person()),
                     MakeMember(fmt::format("{}/{}", bound.entity_type(), bound.key()))});
      break;
    }
    case Body::kGrantGiven: {
      const auto& grant = event.grant_given().grant();
      const std::string actor = ActorName(grant.to());
      out.push_back({streams::GrantsOf(actor), MakeMember(grant.grant(), actor, "GIVEN")});
      if (grant.role() == v1::ROLE_ADMIN) {
        out.push_back({streams::Admins(), MakeMember(grant.grant(), actor, "GIVEN")});
      }
      break;
    }
    case Body::kGrantRevoked: {
      const auto& revoked = event.grant_revoked();
      const std::string actor = ActorName(revoked.to());
      out.push_back({streams::GrantsOf(actor), MakeMember(revoked.grant()), true});
      out.push_back({streams::Admins(), MakeMember(revoked.grant()), true});
      break;
    }
    case Body::kSourceContractRegistered:
      out.push_back({streams::Sources(), MakeMember(event.source_contract_registered().source())});
      break;
    default:
      break;
  }
}

void OfUnits(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kUnitCreated: {
      const auto& created = event.unit_created();
      out.push_back({streams::UnitChildren(created.parent()), MakeMember(created.unit())});
      break;
    }
    case Body::kUnitMoved: {
      // The unit stays a member of its former parent's set: on earlier days it still is there.
      const auto& moved = event.unit_moved();
      out.push_back({streams::UnitChildren(moved.old_parent()), MakeMember(moved.unit())});
      out.push_back({streams::UnitChildren(moved.new_parent()), MakeMember(moved.unit())});
      break;
    }
    case Body::kUnitsMerged: {
      const auto& merged = event.units_merged();
      out.push_back({streams::UnitMerged(merged.target()), MakeMember(merged.source())});
      break;
    }
    case Body::kPositionCreated: {
      const auto& created = event.position_created();
      out.push_back({streams::UnitPositions(created.unit()), MakeMember(created.position())});
      break;
    }
    default:
      break;
  }
}

void AddAssignment(const std::string& assignment, const std::string& person,
                   const std::string& position, std::vector<SetChange>& out) {
  out.push_back({streams::PersonAssignments(person), MakeMember(assignment, person)});
  out.push_back({streams::PositionAssignments(position), MakeMember(assignment, person)});
}

void OfPlaces(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kAssignmentStarted: {
      const auto& started = event.assignment_started();
      AddAssignment(started.assignment(), started.person(), started.position(), out);
      break;
    }
    case Body::kAllocationChanged: {
      const auto& changed = event.allocation_changed();
      AddAssignment(changed.assignment(), changed.person(), changed.position(), out);
      break;
    }
    case Body::kAssignmentEnded: {
      const auto& ended = event.assignment_ended();
      AddAssignment(ended.assignment(), ended.person(), ended.position(), out);
      break;
    }
    case Body::kReportingLineSet: {
      const auto& line = event.reporting_line_set();
      out.push_back({streams::PersonReports(line.manager()), MakeMember(line.person())});
      break;
    }
    default:
      break;
  }
}

void OfDefinitions(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  if (event.body_case() == Body::kMetricDrafted) {
    const auto& drafted = event.metric_drafted();
    out.push_back({streams::MetricName(drafted.definition().name()), MakeMember(drafted.metric())});
  } else if (event.body_case() == Body::kMetricEdited) {
    const auto& edited = event.metric_edited();
    if (edited.former_name() != edited.definition().name()) {
      out.push_back({streams::MetricName(edited.former_name()), MakeMember(edited.metric()), true});
    }
    out.push_back({streams::MetricName(edited.definition().name()), MakeMember(edited.metric())});
  }
}

void OfCycles(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  const auto enter = [&](const std::string& cycle, const char* stage) {
    out.push_back({streams::Cycles(), MakeMember(cycle, "", stage)});
  };
  switch (event.body_case()) {
    case Body::kCyclePlanned:
      return enter(event.cycle_planned().cycle(), "PLANNED");
    case Body::kCycleOpened:
      return enter(event.cycle_opened().cycle(), "OPEN");
    case Body::kIntakeClosed:
      return enter(event.intake_closed().cycle(), "INTAKE_CLOSED");
    case Body::kCycleLocked:
      return enter(event.cycle_locked().cycle(), "LOCKED");
    case Body::kResultsPublished:
      return enter(event.results_published().cycle(), "PUBLISHED");
    default:
      return;
  }
}

void AddAgreement(const std::string& agreement, const std::string& person, const std::string& cycle,
                  const char* state, std::vector<SetChange>& out) {
  out.push_back({streams::CycleAgreements(cycle), MakeMember(agreement, person, state)});
  out.push_back(
      {streams::CyclePersonAgreements(cycle, person), MakeMember(agreement, person, state)});
}

void OfAgreements(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kAgreementOpened: {
      const auto& opened = event.agreement_opened();
      return AddAgreement(opened.agreement(), opened.person(), opened.cycle(), "OPEN", out);
    }
    case Body::kAgreementSigned: {
      const auto& signed_event = event.agreement_signed();
      return AddAgreement(signed_event.agreement(), signed_event.person(), signed_event.cycle(),
                          "SIGNED", out);
    }
    case Body::kAgreementWithdrawn: {
      const auto& withdrawn = event.agreement_withdrawn();
      return AddAgreement(withdrawn.agreement(), withdrawn.person(), withdrawn.cycle(), "WITHDRAWN",
                          out);
    }
    default:
      return;
  }
}

void AddAdjustment(const std::string& adjustment, const std::string& person,
                   const std::string& cycle, const char* state, std::vector<SetChange>& out) {
  out.push_back({streams::CycleAdjustments(cycle), MakeMember(adjustment, person, state)});
  out.push_back(
      {streams::CyclePersonAdjustments(cycle, person), MakeMember(adjustment, person, state)});
}

void OfAdjustments(const v1::Event& event, std::vector<SetChange>& out) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kAdjustmentRequested: {
      const auto& requested = event.adjustment_requested();
      return AddAdjustment(requested.adjustment(), requested.person(), requested.cycle(),
                           "REQUESTED", out);
    }
    case Body::kAdjustmentApplied: {
      const auto& applied = event.adjustment_applied();
      return AddAdjustment(applied.adjustment(), applied.person(), applied.cycle(), "APPLIED", out);
    }
    case Body::kAdjustmentRejected: {
      const auto& rejected = event.adjustment_rejected();
      return AddAdjustment(rejected.adjustment(), rejected.person(), rejected.cycle(), "REJECTED",
                           out);
    }
    case Body::kAdjustmentRevoked: {
      const auto& revoked = event.adjustment_revoked();
      return AddAdjustment(revoked.adjustment(), revoked.person(), revoked.cycle(), "REVOKED", out);
    }
    default:
      return;
  }
}

}  // namespace

std::vector<SetChange> SetsTouchedBy(const v1::Event& event) {
  std::vector<SetChange> changes;
  OfCompany(event, changes);
  OfUnits(event, changes);
  OfPlaces(event, changes);
  OfDefinitions(event, changes);
  OfCycles(event, changes);
  OfAgreements(event, changes);
  OfAdjustments(event, changes);
  return changes;
}

void EvolveSets(const v1::Event& event, StateStore& store) {
  for (const SetChange& change : SetsTouchedBy(event)) {
    if (change.erase) {
      store.EraseMember(change.set_stream, change.member.id());
    } else {
      store.PutMember(change.set_stream, change.member);
    }
  }
}

}  // namespace assay

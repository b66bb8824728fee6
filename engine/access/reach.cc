#include "engine/access/reach.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "engine/event/adjustment_reading.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay {
namespace {

// Where the person stands on the last day of the cycle; of a cycle that is not there, today.
std::vector<Place> PlacesOnLastDay(const Authority& who, const Reach& reach) {
  Day day = who.Today();
  const auto cycle = who.State().Find<v1::CycleState>(streams::Cycle(reach.cycle));
  if (cycle && !cycle->period().to().empty()) day = DayOf(cycle->period().to()).Plus(-1);
  std::vector<Place> places;
  for (const v1::AssignmentState& assignment : AssignmentsOfPerson(who.State(), reach.person)) {
    if (!ActiveOn(assignment, day)) continue;
    places.push_back({UnitOfPosition(who.State(), assignment.position(), day), day});
  }
  if (places.empty()) places.push_back({"", day});
  return places;
}

// The metrics (without version) that the item has in the person's signed terms.
std::set<std::string> MetricsOfItem(const Authority& who, const Reach& reach) {
  std::set<std::string> metrics;
  const std::string set_stream = streams::CyclePersonAgreements(reach.cycle, reach.person);
  for (const v1::Member& member : who.State().Members(set_stream)) {
    const auto row = who.State().Find<v1::AgreementState>(streams::Agreement(member.id()));
    if (!row || row->stage() == v1::AGREEMENT_STAGE_WITHDRAWN) continue;
    for (const v1::AgreementVersion& version : row->versions()) {
      if (row->signed_version() == 0 || version.version() != row->signed_version()) continue;
      for (const v1::TermsItem& item : version.items()) {
        if (item.item() == reach.item) metrics.insert(std::string(NameOf(item.metric())));
      }
    }
  }
  return metrics;
}

Rejection OutOfAuthority(const Authority& who, std::string_view field, std::string_view bound,
                         std::string expected, std::string actual) {
  Rejection rejection =
      RefusedAuth("ADJUST_OUT_OF_AUTHORITY",
                  fmt::format("the adjustment is outside the {} of the actor's grant", bound),
                  "ask somebody whose grant covers it");
  const bool request = who.Command().has_request_adjustment();
  rejection.path =
      fmt::format("{}.{}", NameOfCommand(who.Command()), request ? field : "adjustment");
  rejection.expected = std::move(expected);
  rejection.actual = std::move(actual);
  return rejection;
}

std::optional<Rejection> UnitBound(const Authority& who, const v1::Grant& grant,
                                   const Reach& reach) {
  if (grant.units().empty()) return std::nullopt;
  const std::vector<Place> places = PlacesOnLastDay(who, reach);
  if (who.Covers(grant, places)) return std::nullopt;
  std::set<std::string> units;
  for (const Place& place : places) {
    units.insert(place.unit.empty() ? "no assignment" : "unit " + place.unit);
  }
  return OutOfAuthority(who, "person", "units", fmt::format("units {}", Joined(grant.units())),
                        fmt::format("{} on {}", Joined(units), places.front().day.ToString()));
}

std::optional<Rejection> MetricBound(const Authority& who, const v1::Grant& grant,
                                     const Reach& reach) {
  if (grant.metrics().empty()) return std::nullopt;
  const std::set<std::string> metrics =
      reach.item.empty() ? std::set<std::string>() : MetricsOfItem(who, reach);
  const bool covered = std::all_of(metrics.begin(), metrics.end(), [&](const std::string& metric) {
    return Contains(grant.metrics(), metric);
  });
  if (!metrics.empty() && covered) return std::nullopt;
  std::string actual = fmt::format("metric {}", Joined(metrics));
  if (metrics.empty()) {
    actual = reach.item.empty() ? "the total" : fmt::format("{}, no signed item", reach.item);
  }
  return OutOfAuthority(who, "item", "metrics", fmt::format("metrics {}", Joined(grant.metrics())),
                        std::move(actual));
}

// What the actor has requested (or approved) for the person in this cycle and direction and what
// stands: pieces are bounded by their sum. A rejection is none.
std::optional<Decimal> EarlierOf(const Authority& who, const Reach& reach, Decimal delta) {
  const v1::Command& command = who.Command();
  if (command.has_reject_adjustment()) return Decimal();
  const Adjustments standing = StandingAdjustments(who.State(), reach.cycle, reach.person);
  return SumAlike(standing, delta, [&](const v1::AdjustmentState& other) {
    if (command.has_request_adjustment()) return other.requested_by() == who.Actor();
    return other.adjustment() != command.approve_adjustment().adjustment() &&
           Contains(other.approved_by(), who.Actor());
  });
}

std::optional<Rejection> LimitBound(const Authority& who, const v1::Grant& grant,
                                    const Reach& reach) {
  // Taking back needs no size; a delta that is no number is refused by the domain.
  if (grant.limit().empty() || who.Command().has_revoke_adjustment()) return std::nullopt;
  const auto delta = Decimal::Parse(reach.delta);
  if (!delta) return std::nullopt;
  const std::optional<Decimal> earlier = EarlierOf(who, reach, *delta);
  const std::optional<Decimal> sum = earlier ? earlier->Plus(*delta) : std::nullopt;
  const Decimal limit = DecimalOf(grant.limit());
  const std::optional<Decimal> opposite = sum ? sum->Negated() : std::nullopt;
  if (opposite && *sum <= limit && *opposite <= limit) return std::nullopt;
  if (earlier && earlier->IsZero()) {
    return OutOfAuthority(who, "delta", "limit", fmt::format("at most {} points", grant.limit()),
                          fmt::format("{} points", reach.delta));
  }
  return OutOfAuthority(
      who, "delta", "limit",
      fmt::format("at most {} points in sum for {} in {}", grant.limit(), reach.person,
                  reach.cycle),
      fmt::format("{} points, of which {} stand", sum ? sum->ToString() : "too many",
                  earlier ? earlier->ToString() : "too many"));
}

}  // namespace

std::optional<Rejection> CheckReach(const Authority& who, const Reach& reach) {
  std::optional<Rejection> refusal;
  int furthest = -1;
  for (const v1::Grant& grant : who.Grants()) {
    if (grant.role() != v1::ROLE_EXECUTIVE && grant.role() != v1::ROLE_HR) continue;
    int reached = 0;
    std::optional<Rejection> wrong = UnitBound(who, grant, reach);
    if (!wrong) {
      ++reached;
      wrong = MetricBound(who, grant, reach);
    }
    if (!wrong) {
      ++reached;
      wrong = LimitBound(who, grant, reach);
    }
    if (!wrong) return std::nullopt;
    if (reached > furthest) {
      furthest = reached;
      refusal = std::move(wrong);
    }
  }
  return refusal;
}

}  // namespace assay

#include "engine/company/bindings.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/limits.h"
#include "engine/company/shape.h"
#include "engine/event/effective.h"
#include "engine/event/grants.h"
#include "engine/event/streams.h"

namespace assay::company {
namespace {

// Person, type and key of the three commands alike; `name` is the command's.
template <typename Command>
std::optional<Rejection> CheckKey(std::string_view name, const Command& command) {
  if (auto wrong = CheckId(fmt::format("{}.person", name), command.person())) return wrong;
  if (auto wrong = CheckId(fmt::format("{}.entityType", name), command.entity_type())) return wrong;
  if (!command.key().empty() && command.key().size() <= limits::kKeyTextBytesMax) {
    return std::nullopt;
  }
  return Invalid("INVALID_TEXT", fmt::format("{}.key", name),
                 fmt::format("1 to {} bytes", limits::kKeyTextBytesMax),
                 fmt::format("{} bytes", command.key().size()), "the key is missing or too long");
}

std::optional<Rejection> CheckFree(const std::string& path, const v1::EntityState& entity,
                                   const v1::Span& span) {
  for (const v1::BindingState& bound : entity.bindings()) {
    if (!SpanOf(bound.span()).Overlaps(SpanOf(span))) continue;
    return RefusedState("SPAN_OVERLAP", path, "no day on which the key is bound already",
                        fmt::format("{} from {} to {}", bound.person(), bound.span().from(),
                                    bound.span().to().empty() ? "no end" : bound.span().to()),
                        "a key stands for one person on a day", "take days that are free");
  }
  return std::nullopt;
}

const v1::BindingProposal* ProposalOf(const v1::EntityState& entity, const std::string& person) {
  const auto& all = entity.proposals();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return each.person() == person; });
  return found == all.end() ? nullptr : &*found;
}

template <typename Command>
v1::Event BoundEvent(const std::string& stream, const Command& command, const v1::Span& span) {
  v1::Event event = EventOn(stream, span.from());
  v1::SourceKeyBound* binding = event.mutable_source_key_bound();
  binding->set_person(command.person());
  binding->set_entity_type(command.entity_type());
  binding->set_key(command.key());
  *binding->mutable_span() = span;
  return event;
}

Decision Propose(const v1::BindSourceKey& command, const v1::EntityState& entity,
                 const std::string& stream, const std::string& by) {
  if (const auto* there = ProposalOf(entity, command.person())) {
    return RefusedState(
        "ALREADY_PROPOSED", "bindSourceKey.key", "a key that waits for nobody",
        fmt::format("proposed by {}", there->by()),
        fmt::format("this login of {} waits for the second admin", command.person()),
        "confirm it (confirmBinding) or refuse it (rejectBinding) first");
  }
  v1::Event event = EventOn(stream, command.span().from());
  v1::SourceKeyProposed* proposed = event.mutable_source_key_proposed();
  proposed->set_person(command.person());
  proposed->set_entity_type(command.entity_type());
  proposed->set_key(command.key());
  *proposed->mutable_span() = command.span();
  proposed->set_by(by);
  return Accepted{{std::move(event)}};
}

struct Found {
  std::string stream;
  v1::EntityState entity;
  v1::BindingProposal proposal;
};

template <typename Command>
std::variant<Found, Rejection> FindProposal(std::string_view name, const Command& command,
                                            StateReader& state) {
  if (auto wrong = CheckKey(name, command)) return *std::move(wrong);
  Found found{.stream = streams::Entity(command.entity_type(), command.key())};
  state.Get(found.stream, &found.entity);
  const auto* proposal = ProposalOf(found.entity, command.person());
  if (proposal == nullptr) {
    return NotVisible(fmt::format("{}.key", name), "proposed login of", command.person());
  }
  found.proposal = *proposal;
  return found;
}

}  // namespace

Decision BindSourceKey(const DecideContext& context, StateReader& state) {
  const v1::BindSourceKey& command = context.command.bind_source_key();
  if (auto wrong = CheckKey("bindSourceKey", command)) return *wrong;
  if (auto wrong = CheckSpan("bindSourceKey.span", command.span())) return *wrong;
  if (!state.Find<v1::PersonState>(streams::Person(command.person()))) {
    return NotVisible("bindSourceKey.person", "person", command.person());
  }
  const std::string stream = streams::Entity(command.entity_type(), command.key());
  v1::EntityState entity;
  state.Get(stream, &entity);
  if (auto wrong = CheckFree("bindSourceKey.span", entity, command.span())) return *wrong;
  if (IsLogin(command.entity_type()) && AdminsOn(state, context.today).size() > 1) {
    return Propose(command, entity, stream, context.actor);
  }
  return Accepted{{BoundEvent(stream, command, command.span())}};
}

Decision ConfirmBinding(const DecideContext& context, StateReader& state) {
  const v1::ConfirmBinding& command = context.command.confirm_binding();
  auto there = FindProposal("confirmBinding", command, state);
  if (auto* wrong = std::get_if<Rejection>(&there)) return std::move(*wrong);
  const Found& found = std::get<Found>(there);
  if (ActsFor(context, found.proposal.by())) {
    return RefusedPolicy("FOUR_EYES_SAME_PERSON", "actor",
                         fmt::format("an admin other than {}", found.proposal.by()), context.actor,
                         "who proposed a login cannot confirm it, nor a delegate",
                         "ask another admin");
  }
  if (auto wrong = CheckFree("confirmBinding.key", found.entity, found.proposal.span())) {
    return *wrong;
  }
  return Accepted{{BoundEvent(found.stream, command, found.proposal.span())}};
}

Decision RejectBinding(const DecideContext& context, StateReader& state) {
  const v1::RejectBinding& command = context.command.reject_binding();
  auto there = FindProposal("rejectBinding", command, state);
  if (auto* wrong = std::get_if<Rejection>(&there)) return std::move(*wrong);
  v1::Event event = EventOn(std::get<Found>(there).stream);
  v1::SourceKeyRejected* rejected = event.mutable_source_key_rejected();
  rejected->set_person(command.person());
  rejected->set_entity_type(command.entity_type());
  rejected->set_key(command.key());
  rejected->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision EndSourceKey(const DecideContext& context, StateReader& state) {
  const v1::EndSourceKey& command = context.command.end_source_key();
  if (auto rejection = CheckKey("endSourceKey", command)) return *rejection;
  if (auto rejection = CheckDay("endSourceKey.to", command.to())) return *rejection;
  const std::string stream = streams::Entity(command.entity_type(), command.key());
  v1::EntityState entity;
  state.Get(stream, &entity);
  if (IsLogin(command.entity_type()) && command.person() != context.actor &&
      AdminsOn(state, context.today).contains(command.person())) {
    return RefusedPolicy("ADMIN_LOGIN", "endSourceKey.person", "nobody who is an admin",
                         command.person(), "one admin does not take the login of another one away",
                         "revoke the grant first (revokeGrant), which needs a second signature");
  }
  const Day to = DayOf(command.to());
  std::vector<std::string> days;
  for (const v1::BindingState& bound : entity.bindings()) {
    if (bound.person() != command.person()) continue;
    const DaySpan span = SpanOf(bound.span());
    days.push_back(fmt::format("{} to {}", bound.span().from(),
                               bound.span().to().empty() ? "no end" : bound.span().to()));
    if (to < span.from || to >= span.to) continue;
    v1::Event event = EventOn(stream, command.to());
    v1::SourceKeyEnded& ended = *event.mutable_source_key_ended();
    ended.set_person(command.person());
    ended.set_entity_type(command.entity_type());
    ended.set_key(command.key());
    ended.set_from(bound.span().from());
    ended.set_to(command.to());
    return Accepted{{std::move(event)}};
  }
  return RefusedState(
      "NOT_BOUND", "endSourceKey.to", "a day on which the key is the person's",
      days.empty() ? "never" : Listed(days),
      fmt::format("the key does not stand for {} on {}", command.person(), command.to()),
      "name the first day without the key");
}

}  // namespace assay::company

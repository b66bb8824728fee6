#include "engine/agreement/decide.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/agreement/propose.h"
#include "engine/agreement/standing.h"
#include "engine/agreement/terms.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay::agreement {
namespace {

v1::Event NewEvent(const std::string& agreement) {
  v1::Event event;
  event.set_stream(streams::Agreement(agreement));
  return event;
}

// --- opening ---

std::optional<Rejection> CheckOpenIds(const v1::OpenAgreement& command) {
  if (auto wrong = CheckId("openAgreement.agreement", command.agreement())) return wrong;
  if (auto wrong = CheckId("openAgreement.person", command.person())) return wrong;
  if (auto wrong = CheckId("openAgreement.position", command.position())) return wrong;
  if (auto wrong = CheckId("openAgreement.cycle", command.cycle())) return wrong;
  if (command.template_().empty()) return std::nullopt;
  return CheckVersionedId("openAgreement.template", command.template_());
}

std::optional<Rejection> CheckCycleOpen(const v1::CycleState& cycle) {
  if (cycle.stage() == v1::CYCLE_STAGE_OPEN) return std::nullopt;
  const std::string stage = ShortEnumName(v1::CycleStage_Name(cycle.stage()), "CYCLE_STAGE_");
  const bool locked = cycle.stage() >= v1::CYCLE_STAGE_LOCKED;
  return Rejection{.code = locked ? "CYCLE_LOCKED" : "CYCLE_NOT_OPEN",
                   .rejection_class = RejectionClass::kState,
                   .path = "openAgreement.cycle",
                   .expected = "OPEN",
                   .actual = stage,
                   .message = fmt::format("cycle {} is {}", cycle.cycle(), stage),
                   .hint = "agreements are opened while the cycle is open"};
}

std::optional<Rejection> CheckAssigned(const v1::OpenAgreement& command,
                                       const v1::CycleState& cycle, StateReader& state) {
  const DaySpan period = SpanOf(cycle.period());
  for (const v1::AssignmentState& assignment : AssignmentsOfPerson(state, command.person())) {
    if (assignment.position() == command.position() && SpanOf(assignment.span()).Overlaps(period)) {
      return std::nullopt;
    }
  }
  return Rejection{.code = "ASSIGNMENT_MISSING",
                   .rejection_class = RejectionClass::kState,
                   .path = "openAgreement.position",
                   .expected = fmt::format("an assignment that overlaps {} to {}",
                                           cycle.period().from(), cycle.period().to()),
                   .actual = "none",
                   .message = fmt::format("{} does not hold {} on any day of the cycle",
                                          command.person(), command.position()),
                   .hint = "start the assignment first"};
}

std::optional<Rejection> CheckFirst(const v1::OpenAgreement& command, StateReader& state) {
  for (const v1::Member& member :
       state.Members(streams::CyclePersonAgreements(command.cycle(), command.person()))) {
    if (member.state() == "WITHDRAWN") continue;
    const auto other = state.Find<v1::AgreementState>(streams::Agreement(member.id()));
    if (!other || other->position() != command.position()) continue;
    return Rejection{.code = "AGREEMENT_EXISTS",
                     .rejection_class = RejectionClass::kState,
                     .path = "openAgreement.agreement",
                     .expected = "one agreement per person, position and cycle",
                     .actual = member.id(),
                     .message = fmt::format("{} is the agreement of {} for {} in {}", member.id(),
                                            command.person(), command.position(), command.cycle()),
                     .hint = "negotiate that one, or withdraw it first"};
  }
  return std::nullopt;
}

std::optional<Rejection> CheckTemplateGrain(const v1::TemplateDefinition& definition,
                                            v1::Grain grain, StateReader& state) {
  std::set<std::string> seen;
  for (const v1::TemplateItem& item : definition.items()) {
    if (!seen.insert(item.metric()).second) continue;
    const auto metric = state.Find<v1::MetricState>(streams::Metric(item.metric()));
    if (!metric) return NotVisible("openAgreement.template", "metric", item.metric());
    if (auto wrong =
            CheckGrain("openAgreement.template", item.metric(), metric->definition(), grain)) {
      return wrong;
    }
  }
  return std::nullopt;
}

}  // namespace

Decision Open(const DecideContext& context, StateReader& state) {
  const v1::OpenAgreement& command = context.command.open_agreement();
  if (auto wrong = CheckOpenIds(command)) return *wrong;
  const auto cycle = state.Find<v1::CycleState>(streams::Cycle(command.cycle()));
  if (!cycle) return NotVisible("openAgreement.cycle", "cycle", command.cycle());
  if (!state.Find<v1::PersonState>(streams::Person(command.person()))) {
    return NotVisible("openAgreement.person", "person", command.person());
  }
  const auto position = state.Find<v1::PositionState>(streams::Position(command.position()));
  if (!position) return NotVisible("openAgreement.position", "position", command.position());
  std::string used = command.template_();
  if (used.empty()) used = cycle->template_();
  if (used.empty()) used = position->template_();
  if (used.empty()) {
    return Invalid("FIELD_REQUIRED", "openAgreement.template",
                   "a template of the agreement, its cycle or its position", "none",
                   "nothing says by which template this agreement is made");
  }
  const auto definition = state.Find<v1::TemplateState>(streams::Template(used));
  if (!definition) return NotVisible("openAgreement.template", "template", used);
  const auto there = state.Find<v1::AgreementState>(streams::Agreement(command.agreement()));
  if (there) {
    return Rejection{.code = "ALREADY_EXISTS",
                     .rejection_class = RejectionClass::kState,
                     .path = "openAgreement.agreement",
                     .expected = "an id that is free",
                     .actual = command.agreement(),
                     .message = fmt::format("there is an agreement {}", command.agreement()),
                     .hint = "choose another id"};
  }
  if (auto wrong = CheckCycleOpen(*cycle)) return *wrong;
  if (auto wrong = CheckAssigned(command, *cycle, state)) return *wrong;
  if (auto wrong = CheckFirst(command, state)) return *wrong;
  if (auto wrong = CheckTemplateGrain(definition->definition(), cycle->grain(), state)) {
    return *wrong;
  }
  v1::Event event = NewEvent(command.agreement());
  v1::AgreementOpened& opened = *event.mutable_agreement_opened();
  opened.set_agreement(command.agreement());
  opened.set_person(command.person());
  opened.set_position(command.position());
  opened.set_cycle(command.cycle());
  opened.set_template_(used);
  return Accepted{{std::move(event)}};
}

namespace {

// --- confirming ---

bool IsConfirmedBy(const v1::ItemConfirmation& item, v1::Side side) {
  return side == v1::SIDE_EMPLOYEE ? item.employee() : item.manager();
}

v1::Event AcceptedItem(const Standing& standing, const std::string& item,
                       const std::string& actor) {
  v1::Event event = NewEvent(standing.agreement.agreement());
  v1::ItemAccepted& accepted = *event.mutable_item_accepted();
  accepted.set_agreement(standing.agreement.agreement());
  accepted.set_version(standing.Newest().version());
  accepted.set_item(item);
  accepted.set_side(standing.side);
  accepted.set_by(actor);
  return event;
}

std::optional<Rejection> CheckItemsThere(const Standing& standing, const v1::AcceptItems& command) {
  if (standing.agreement.versions().empty()) return std::nullopt;
  for (int i = 0; i < command.items_size(); ++i) {
    if (FindItem(standing.Newest().items(), command.items(i)) == nullptr) {
      return NotVisible(fmt::format("acceptItems.items[{}]", i), "item", command.items(i));
    }
  }
  return std::nullopt;
}

}  // namespace

Decision AcceptItems(const DecideContext& context, StateReader& state) {
  const v1::AcceptItems& command = context.command.accept_items();
  auto found = Stand("acceptItems", command.agreement(), context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (auto wrong = CheckItemsThere(standing, command)) return *wrong;
  if (auto wrong = standing.CheckLiving()) return *wrong;
  if (auto wrong = standing.CheckNegotiable()) return *wrong;
  if (auto wrong = standing.CheckRound(command.version())) return *wrong;
  const std::set<std::string_view> named(command.items().begin(), command.items().end());
  Accepted accepted;
  for (const v1::ItemConfirmation& item : standing.Newest().confirmations()) {
    if (IsConfirmedBy(item, standing.side)) continue;
    if (!named.empty() && !named.contains(item.item())) continue;
    accepted.events.push_back(AcceptedItem(standing, item.item(), context.actor));
  }
  if (!accepted.events.empty()) return accepted;
  return standing.Refused("ALREADY_CONFIRMED", "an item that this side has not accepted",
                          fmt::format("{} has accepted {}", SideName(standing.side),
                                      named.empty() ? "every item" : "every item that is named"),
                          "nothing is to be done");
}

Decision RejectItem(const DecideContext& context, StateReader& state) {
  const v1::RejectItem& command = context.command.reject_item();
  if (auto wrong = CheckId("rejectItem.item", command.item())) return *wrong;
  if (context.command.reason().bytes().empty()) {
    return Invalid("REASON_REQUIRED", "reason", "why the item is rejected", "nothing",
                   "an item is rejected with a reason", "say what the other side should change");
  }
  auto found = Stand("rejectItem", command.agreement(), context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (!standing.agreement.versions().empty() &&
      FindItem(standing.Newest().items(), command.item()) == nullptr) {
    return NotVisible("rejectItem.item", "item", command.item());
  }
  if (auto wrong = standing.CheckLiving()) return *wrong;
  if (auto wrong = standing.CheckNegotiable()) return *wrong;
  if (auto wrong = standing.CheckRound(command.version())) return *wrong;
  if (standing.Newest().side() == standing.side) {
    return standing.Refused("NOT_YOUR_TURN", "terms of the other side",
                            fmt::format("version {} is the {}'s own", standing.Newest().version(),
                                        SideName(standing.side)),
                            "wait for the other side to accept, reject or counter");
  }
  v1::Event event = NewEvent(command.agreement());
  v1::ItemRejected& rejected = *event.mutable_item_rejected();
  rejected.set_agreement(command.agreement());
  rejected.set_version(standing.Newest().version());
  rejected.set_item(command.item());
  rejected.set_side(standing.side);
  rejected.set_by(context.actor);
  *rejected.mutable_reason() = context.command.reason();
  return Accepted{{std::move(event)}};
}

namespace {

// --- signing ---

std::string WhoConfirmed(const v1::ItemConfirmation& item) {
  if (item.employee()) return "EMPLOYEE only";
  return item.manager() ? "MANAGER only" : "nobody";
}

std::optional<Rejection> CheckConfirmed(const Standing& standing) {
  std::string first;
  std::vector<std::string> open;
  for (const v1::ItemConfirmation& item : standing.Newest().confirmations()) {
    if (item.employee() && item.manager()) continue;
    if (open.empty()) first = item.item();
    open.push_back(fmt::format("{}: {}", item.item(), WhoConfirmed(item)));
  }
  if (open.empty()) return std::nullopt;
  return Rejection{.code = "ITEM_NOT_CONFIRMED",
                   .rejection_class = RejectionClass::kState,
                   .path = fmt::format("signAgreement.items[{}]", first),
                   .expected = "confirmed by both sides",
                   .actual = fmt::format("{}", fmt::join(open, ", ")),
                   .message = fmt::format("{} of {} items are not confirmed by both sides",
                                          open.size(), standing.Newest().items_size()),
                   .hint = "both sides accept every item before they sign"};
}

// A delegate is no second person.
std::optional<Rejection> CheckSigner(const Standing& standing, const DecideContext& context) {
  const std::string& on_behalf_of = context.command.actor().on_behalf_of();
  std::string same;
  for (const v1::Signature& signature : standing.Newest().signatures()) {
    if (signature.by() == context.actor || signature.by() == on_behalf_of) same = signature.by();
  }
  if (on_behalf_of == standing.agreement.person()) same = on_behalf_of;
  if (!same.empty()) {
    return RefusedPolicy("SIGNER_CONFLICT", "signAgreement.agreement", "two different people", same,
                         fmt::format("{} cannot give both signatures", same),
                         "the other side signs for itself");
  }
  if (!standing.HasSigned()) return std::nullopt;
  return standing.Refused("ALREADY_SIGNED", "the signature of the other side",
                          fmt::format("{} has signed", SideName(standing.side)),
                          "wait for the other side to sign");
}

// Versions of every definition by which the agreement will be judged.
std::set<std::string> Pinned(const Standing& standing, const v1::TemplateDefinition& definition) {
  std::set<std::string> pinned = {standing.agreement.template_()};
  if (!definition.band_table().empty()) pinned.insert(definition.band_table());
  for (const v1::TermsItem& item : standing.Newest().items()) {
    pinned.insert(item.metric());
    pinned.insert(item.curve());
  }
  return pinned;
}

v1::Event SignedEvent(const Standing& standing, const Hash32& content_hash,
                      const v1::TemplateDefinition& definition) {
  v1::Event event = NewEvent(standing.agreement.agreement());
  v1::AgreementSigned& signed_event = *event.mutable_agreement_signed();
  signed_event.set_agreement(standing.agreement.agreement());
  signed_event.set_version(standing.Newest().version());
  signed_event.set_content_hash(content_hash.ToString());
  signed_event.set_person(standing.agreement.person());
  signed_event.set_position(standing.agreement.position());
  signed_event.set_cycle(standing.agreement.cycle());
  for (const std::string& id : Pinned(standing, definition)) signed_event.add_pinned(id);
  signed_event.set_supersedes(standing.agreement.signed_version());
  return event;
}

std::optional<Rejection> CheckSignable(const Standing& standing, int32_t version,
                                       const DecideContext& context, StateReader& state) {
  if (auto wrong = standing.CheckLiving()) return wrong;
  if (standing.agreement.stage() == v1::AGREEMENT_STAGE_SIGNED) {
    return standing.Refused(
        "ALREADY_SIGNED", "AGREED",
        fmt::format("both sides have signed {}", standing.agreement.agreement()),
        "nothing is to be done");
  }
  if (standing.agreement.stage() == v1::AGREEMENT_STAGE_DRAFT) return standing.CheckNegotiable();
  if (auto wrong = standing.CheckRound(version)) return wrong;
  // Looked at when the terms were proposed; a signature does not rest on that alone.
  const TermsItems& items = standing.Newest().items();
  if (auto wrong = CheckTerms("signAgreement", items)) return wrong;
  if (auto wrong = CheckDefinitions("signAgreement", items, standing.cycle.grain(), state)) {
    return wrong;
  }
  if (auto wrong = CheckConfirmed(standing)) return wrong;
  return CheckSigner(standing, context);
}

}  // namespace

Decision Sign(const DecideContext& context, StateReader& state) {
  const v1::SignAgreement& command = context.command.sign_agreement();
  auto found = Stand("signAgreement", command.agreement(), context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (auto wrong = CheckSignable(standing, command.version(), context, state)) return *wrong;
  const Hash32 content_hash = ContentHashOf(command.agreement(), standing.Newest());
  v1::Event event = NewEvent(command.agreement());
  v1::SignatureGiven& given = *event.mutable_signature_given();
  given.set_agreement(command.agreement());
  given.set_version(standing.Newest().version());
  given.set_by(context.actor);
  given.set_side(standing.side);
  given.set_content_hash(content_hash.ToString());
  Accepted accepted{{std::move(event)}};
  if (standing.Newest().signatures().empty()) return accepted;
  const std::string& used = standing.agreement.template_();
  const auto definition = state.Find<v1::TemplateState>(streams::Template(used));
  if (!definition) return NotVisible("signAgreement.agreement", "template", used);
  accepted.events.push_back(SignedEvent(standing, content_hash, definition->definition()));
  return accepted;
}

Decision Withdraw(const DecideContext& context, StateReader& state) {
  const v1::WithdrawAgreement& command = context.command.withdraw_agreement();
  auto found = Stand("withdrawAgreement", command.agreement(), context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (auto wrong = standing.CheckLiving()) return *wrong;
  if (standing.agreement.signed_version() > 0) {
    return standing.Refused("AGREEMENT_IMMUTABLE", "an agreement that was never signed",
                            fmt::format("version {} of {} is signed",
                                        standing.agreement.signed_version(), command.agreement()),
                            "propose an amendment");
  }
  v1::Event event = NewEvent(command.agreement());
  v1::AgreementWithdrawn& withdrawn = *event.mutable_agreement_withdrawn();
  withdrawn.set_agreement(command.agreement());
  withdrawn.set_person(standing.agreement.person());
  withdrawn.set_cycle(standing.agreement.cycle());
  return Accepted{{std::move(event)}};
}

}  // namespace assay::agreement

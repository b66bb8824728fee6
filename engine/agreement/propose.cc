#include "engine/agreement/propose.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "engine/agreement/standing.h"
#include "engine/agreement/terms.h"
#include "engine/base/limits.h"
#include "engine/event/streams.h"

namespace assay::agreement {
namespace {

// What all three commands check before they look at the stage.
template <typename Command>
std::variant<Standing, Rejection> StandWithTerms(std::string_view path, const Command& command,
                                                 const DecideContext& context, StateReader& state) {
  if (auto wrong = CheckTerms(path, command.items())) return *std::move(wrong);
  auto standing = Stand(path, command.agreement(), context, state);
  if (std::holds_alternative<Rejection>(standing)) return standing;
  const v1::Grain grain = std::get<Standing>(standing).cycle.grain();
  if (auto wrong = CheckDefinitions(path, command.items(), grain, state)) return *std::move(wrong);
  if (auto wrong = std::get<Standing>(standing).CheckLiving()) return *std::move(wrong);
  return standing;
}

// TermsProposed and TermsCountered alike.
template <typename Command, typename Proposed>
void Fill(const Standing& standing, const Command& command, Proposed& proposed) {
  proposed.set_agreement(command.agreement());
  proposed.set_version(standing.agreement.versions_size() + 1);
  proposed.set_side(standing.side);
  *proposed.mutable_items() = command.items();
  if (command.has_note()) *proposed.mutable_note() = command.note();
}

template <typename Command>
Decision Propose(const Standing& standing, const Command& command, int32_t amends) {
  v1::Event event;
  event.set_stream(streams::Agreement(command.agreement()));
  v1::TermsProposed& proposed = *event.mutable_terms_proposed();
  Fill(standing, command, proposed);
  proposed.set_amends(amends);
  proposed.set_person(standing.agreement.person());
  proposed.set_cycle(standing.agreement.cycle());
  return Accepted{{std::move(event)}};
}

std::optional<Rejection> CheckChanged(const Standing& standing, const TermsItems& items) {
  if (!SameTerms(standing.Newest().items(), items)) return std::nullopt;
  return Rejection{
      .code = "TERMS_UNCHANGED",
      .rejection_class = RejectionClass::kState,
      .path = standing.path + ".items",
      .expected = "terms that differ",
      .actual = fmt::format("those of version {}", standing.Newest().version()),
      .message = fmt::format("these are the terms of version {}", standing.Newest().version()),
      .hint = "accept them, or change an item"};
}

// A side counters what the other side proposed, or what the other side has rejected of its own.
std::optional<Rejection> CheckTurn(const Standing& standing) {
  const v1::AgreementVersion& newest = standing.Newest();
  if (newest.side() != standing.side) return std::nullopt;
  const bool rejected = std::any_of(
      newest.confirmations().begin(), newest.confirmations().end(),
      [](const v1::ItemConfirmation& item) { return !item.employee() && !item.manager(); });
  if (rejected) return std::nullopt;
  return standing.Refused(
      "NOT_YOUR_TURN", "terms of the other side",
      fmt::format("version {} is the {}'s own", newest.version(), SideName(standing.side)),
      "wait for the other side to accept, reject or counter");
}

// Rounds are counted from the signed version on, so that amendments do not run dry.
std::optional<Rejection> CheckRounds(const Standing& standing) {
  const int rounds = standing.agreement.versions_size() - standing.agreement.signed_version();
  if (rounds < limits::kNegotiationRoundsMax) return std::nullopt;
  return standing.Refused("NEGOTIATION_CLOSED",
                          fmt::format("at most {} rounds", limits::kNegotiationRoundsMax),
                          fmt::format("{} rounds are over", rounds),
                          "accept the newest terms, or withdraw the agreement");
}

}  // namespace

Decision DecidePropose(const DecideContext& context, StateReader& state) {
  const v1::ProposeTerms& command = context.command.propose_terms();
  auto found = StandWithTerms("proposeTerms", command, context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (standing.agreement.stage() == v1::AGREEMENT_STAGE_DRAFT) {
    return Propose(standing, command, 0);
  }
  if (auto wrong = standing.CheckNegotiable()) return *std::move(wrong);
  return standing.Refused("AGREEMENT_NOT_DRAFT", "DRAFT",
                          fmt::format("version {} is on the table", standing.Newest().version()),
                          "counter it");
}

Decision DecideCounter(const DecideContext& context, StateReader& state) {
  const v1::CounterTerms& command = context.command.counter_terms();
  auto found = StandWithTerms("counterTerms", command, context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  if (auto wrong = standing.CheckNegotiable()) return *std::move(wrong);
  if (auto wrong = standing.CheckRound(command.version())) return *std::move(wrong);
  if (auto wrong = CheckTurn(standing)) return *std::move(wrong);
  if (auto wrong = CheckChanged(standing, command.items())) return *std::move(wrong);
  if (auto wrong = CheckRounds(standing)) return *std::move(wrong);
  v1::Event event;
  event.set_stream(streams::Agreement(command.agreement()));
  Fill(standing, command, *event.mutable_terms_countered());
  event.mutable_terms_countered()->set_amends(standing.Newest().amends());
  return Accepted{{std::move(event)}};
}

Decision DecideAmend(const DecideContext& context, StateReader& state) {
  const v1::ProposeAmendment& command = context.command.propose_amendment();
  auto found = StandWithTerms("proposeAmendment", command, context, state);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& standing = std::get<Standing>(found);
  const int32_t signed_version = standing.agreement.signed_version();
  if (signed_version == 0) {
    return standing.Refused(
        "AGREEMENT_NOT_SIGNED", "SIGNED",
        fmt::format("{} is not signed, so there is nothing to amend", command.agreement()),
        "propose or counter terms");
  }
  if (standing.agreement.stage() != v1::AGREEMENT_STAGE_SIGNED) {
    return standing.Refused(
        "AMENDMENT_OPEN", "SIGNED",
        fmt::format("an amendment of version {} is under negotiation", signed_version),
        "counter it");
  }
  if (auto wrong = CheckChanged(standing, command.items())) return *std::move(wrong);
  return Propose(standing, command, signed_version);
}

}  // namespace assay::agreement

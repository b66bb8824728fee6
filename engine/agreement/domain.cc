#include "engine/agreement/domain.h"

#include "engine/agreement/decide.h"
#include "engine/agreement/propose.h"
#include "engine/agreement/state.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"

namespace assay::agreement {
namespace {

using C = v1::Command;
using E = v1::Event;
using State = v1::AgreementState;

// --- who may ---

enum class Work : uint8_t { kNegotiates, kWithdraws };

// Its person, the person's manager and the head of its department negotiate; HR or the manager
// withdraw. Who reads all agreements (HR, executives, auditors) hears a plain refusal, everybody
// else that there is no such agreement.
std::optional<Rejection> MayWork(const Authority& who, const std::string& id, Work work) {
  const Rejection not_there =
      NotVisible(NameOfCommand(who.Command()) + ".agreement", "agreement", id);
  const auto agreement = who.State().Find<State>(streams::Agreement(id));
  if (!agreement) return not_there;
  const Places place = PlacesOfPosition(who, agreement->position(), who.Today());
  const bool own = who.Actor() == agreement->person();
  const bool manager = who.Actor() == SolidManager(who.State(), agreement->person(), who.Today());
  const bool head = who.HasFor({v1::ROLE_DEPARTMENT_HEAD}, place);
  const bool withdraws = work == Work::kWithdraws;
  if (withdraws ? manager || who.HasFor({v1::ROLE_HR}, place) : own || manager || head) {
    return std::nullopt;
  }
  if (own || manager || head || who.Has({v1::ROLE_HR, v1::ROLE_EXECUTIVE, v1::ROLE_AUDITOR})) {
    return who.Denied(withdraws
                          ? "HR for its unit, or the person's manager"
                          : "its person, the person's manager, or DEPARTMENT_HEAD of its unit");
  }
  return not_there;
}

template <auto Body, Work kWork>
std::optional<Rejection> May(const Authority& who) {
  return MayWork(who, (who.Command().*Body)().agreement(), kWork);
}

std::optional<Places> PlacesOfNew(const Authority& who) {
  return PlacesOfPosition(who, who.Command().open_agreement().position(), who.Today());
}

// --- commands ---

template <auto Body>
std::string PersonOf(const v1::Command& command, StateReader& state) {
  const auto row = state.Find<State>(streams::Agreement((command.*Body)().agreement()));
  return row.has_value() ? row->person() : "";
}

template <auto Body, Work kWork = Work::kNegotiates>
CommandRow On(C::BodyCase command, DecideFunction decide) {
  return {command, std::move(decide), Judged(&May<Body, kWork>), &PersonOf<Body>};
}

std::vector<CommandRow> Commands() {
  return {
      {C::kOpenAgreement, &Open, ByPeople({v1::ROLE_HR}, &PlacesOfNew),
       &PersonIn<&C::open_agreement>},
      On<&C::propose_terms>(C::kProposeTerms, &DecidePropose),
      On<&C::counter_terms>(C::kCounterTerms, &DecideCounter),
      On<&C::accept_items>(C::kAcceptItems, &AcceptItems),
      On<&C::reject_item>(C::kRejectItem, &RejectItem),
      On<&C::sign_agreement>(C::kSignAgreement, &Sign),
      On<&C::propose_amendment>(C::kProposeAmendment, &DecideAmend),
      On<&C::withdraw_agreement, Work::kWithdraws>(C::kWithdrawAgreement, &Withdraw),
  };
}

// --- events ---

template <auto Body>
std::string OfAgreement(const E& event) {
  return streams::Agreement((event.*Body)().agreement());
}

template <auto Body>
SetChanges Enter(const E& event, const char* state) {
  const auto& body = (event.*Body)();
  const v1::Member member = MemberOf(body.agreement(), body.person(), state);
  return {{streams::CycleAgreements(body.cycle()), member},
          {streams::CyclePersonAgreements(body.cycle(), body.person()), member}};
}

SetChanges SetsOfOpened(const E& event) { return Enter<&E::agreement_opened>(event, "OPEN"); }
SetChanges SetsOfSigned(const E& event) { return Enter<&E::agreement_signed>(event, "SIGNED"); }
SetChanges SetsOfWithdrawn(const E& event) {
  return Enter<&E::agreement_withdrawn>(event, "WITHDRAWN");
}

// Of the negotiation: neither a set nor a score changes before both have signed.
template <auto Change, auto Body>
EventRow Step(E::BodyCase event) {
  return {event,   &Since<1>, &OfAgreement<Body>, &ChangeRow<State, Change, Body>,
          &NoSets, &NoEffect, Output::kNothing};
}

std::vector<EventRow> Events() {
  return {
      {E::kAgreementOpened, &Since<1>, &OfAgreement<&E::agreement_opened>,
       &NewRow<State, &OpenedRow, &E::agreement_opened>, &SetsOfOpened,
       &OnScore<&E::agreement_opened>, Output::kNothing},
      Step<&Propose, &E::terms_proposed>(E::kTermsProposed),
      Step<&Counter, &E::terms_countered>(E::kTermsCountered),
      Step<&Accept, &E::item_accepted>(E::kItemAccepted),
      Step<&Reject, &E::item_rejected>(E::kItemRejected),
      Step<&AddSignature, &E::signature_given>(E::kSignatureGiven),
      {E::kAgreementSigned, &Since<1>, &OfAgreement<&E::agreement_signed>,
       &ChangeRow<State, &EnterSigned, &E::agreement_signed>, &SetsOfSigned,
       &OnScore<&E::agreement_signed>, Output::kNothing},
      {E::kAgreementWithdrawn, &Since<1>, &OfAgreement<&E::agreement_withdrawn>,
       &ChangeRow<State, &EnterWithdrawn, &E::agreement_withdrawn>, &SetsOfWithdrawn,
       &OnScore<&E::agreement_withdrawn>, Output::kNothing},
  };
}

}  // namespace

Domain Table() {
  return {.name = "agreement",
          .commands = Commands(),
          .events = Events(),
          .streams = {{"agreement/", &MakeRow<State>, InDigest::kYes}}};
}

}  // namespace assay::agreement

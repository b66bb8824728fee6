#include "engine/source/domain.h"

#include "engine/event/streams.h"
#include "engine/source/decide.h"
#include "engine/source/registration.h"
#include "engine/source/state.h"

namespace assay::source {
namespace {

using C = v1::Command;
using E = v1::Event;
using State = v1::SourceState;

// Whether a signature is for the owner or for finance is the decision's to say.
template <auto Body>
std::optional<Rejection> MaySign(const Authority& who) {
  if (who.HasEverywhere({v1::ROLE_FINANCE}) || who.Has({v1::ROLE_DEPARTMENT_HEAD})) {
    return std::nullopt;
  }
  const auto source = who.State().Find<State>(streams::Source((who.Command().*Body)().source()));
  if (source && source->contract().owner() == who.Actor()) return std::nullopt;
  return who.Denied("FINANCE, the owner of the source, or DEPARTMENT_HEAD");
}

std::vector<CommandRow> Commands(const ConditionChecker& checker, const ContractSigners& signers) {
  const std::vector<v1::Role> keepers = {v1::ROLE_HR, v1::ROLE_FINANCE, v1::ROLE_ADMIN};
  return {
      {C::kRegisterSource,
       [&checker](const DecideContext& context, StateReader& state) {
         return DecideRegister(context, state, checker);
       },
       ByPeople(keepers), &OfTheSender},
      {C::kSignContract,
       [&checker, &signers](const DecideContext& context, StateReader& state) {
         return DecideSignContract(context, state, checker, signers);
       },
       Judged(&MaySign<&C::sign_contract>), &OfTheSender},
      {C::kRejectContract,
       [&signers](const DecideContext& context, StateReader& state) {
         return DecideRejectContract(context, state, signers);
       },
       Judged(&MaySign<&C::reject_contract>), &OfTheSender},
      {C::kClaimSource, &DecideBody<&Claim, &C::claim_source>, ByEngine(), &OfTheSender},
      {C::kPauseSource, &Pause, ByPeopleAndEngine(keepers), &OfTheSender},
      {C::kResumeSource, &Resume, ByPeople(keepers), &OfTheSender},
  };
}

template <auto Body>
std::string OfSource(const E& event) {
  return streams::Source((event.*Body)().source());
}
template <auto Body>
std::string OfReading(const E& event) {
  return streams::Reading((event.*Body)().source());
}

SetChanges SetsOfRegistered(const E& event) {
  return {{streams::Sources(), MemberOf(event.source_contract_registered().source())}};
}

// How records are read from now on; scores follow from the facts that come.
std::vector<EventRow> Events() {
  return {
      {E::kSourceContractRegistered, &Since<1>, &OfSource<&E::source_contract_registered>,
       &FoldRegistered, &SetsOfRegistered, &NoEffect, Output::kNothing},
      {E::kSourceContractProposed, &Since<2>, &OfSource<&E::source_contract_proposed>,
       &ChangeRow<State, &SetPending, &E::source_contract_proposed>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kSourceContractSigned, &Since<2>, &OfSource<&E::source_contract_signed>,
       &ChangeRow<State, &AddSignature, &E::source_contract_signed>, &NoSets, &NoEffect,
       Output::kNothing},
      {E::kSourceContractRejected, &Since<2>, &OfSource<&E::source_contract_rejected>,
       &ChangeRow<State, &DropPending, &E::source_contract_rejected>, &NoSets, &NoEffect,
       Output::kNothing},

      {E::kSourceClaimed, &Since<1>, &OfReading<&E::source_claimed>, &FoldClaimed, &NoSets,
       &NoEffect, Output::kNothing},
      {E::kSourcePaused, &Since<1>, &OfReading<&E::source_paused>, &FoldPaused, &NoSets, &NoEffect,
       Output::kAlert},
      {E::kSourceResumed, &Since<1>, &OfReading<&E::source_resumed>, &FoldResumed, &NoSets,
       &NoEffect, Output::kNothing},
  };
}

}  // namespace

Domain Table(const ConditionChecker& checker, const ContractSigners& signers) {
  return {.name = "source",
          .commands = Commands(checker, signers),
          .events = Events(),
          .streams = {{"source/", &MakeRow<State>, InDigest::kYes},
                      {"reading/", &MakeRow<v1::ReadingState>, InDigest::kNo}}};
}

}  // namespace assay::source

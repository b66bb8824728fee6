// Deciding the versions of a source contract: registering, signing and rejecting them.
//
// A version that no published metric rests on is registered at once. Under a published metric it
// waits: the owner of the source (or of every such metric) and finance sign the difference to the
// version in force, two people, or one where the company has only one such. Until then the former
// version maps. A number means one text for ever: a version that was rejected or replaced while it
// waited leaves its number empty.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"
#include "engine/source/condition_checker.h"
#include "engine/source/contract_signers.h"

namespace assay::source {

// The metrics in force that name the source, by ascending id.
[[nodiscard]] std::vector<v1::MetricState> MetricsOn(std::string_view source, StateReader& state);

// REQUIRES: the command is the one that the name says. Refusals: see engine/source/decide.h.
[[nodiscard]] Decision DecideRegister(const DecideContext& context, StateReader& state,
                                      const ConditionChecker& checker);
[[nodiscard]] Decision DecideSignContract(const DecideContext& context, StateReader& state,
                                          const ConditionChecker& checker,
                                          const ContractSigners& signers);
[[nodiscard]] Decision DecideRejectContract(const DecideContext& context, StateReader& state,
                                            const ContractSigners& signers);

}  // namespace assay::source

#include "engine/source/decide.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "engine/source/contract.h"

namespace assay::source {
namespace {

std::optional<Rejection> CheckVersion(const v1::SourceContract& contract, int32_t next) {
  if (contract.version() == 0 || contract.version() == next) return std::nullopt;
  return Rejection{.code = "VERSION_GAP",
                   .rejection_class = RejectionClass::kState,
                   .path = "registerSource.contract.version",
                   .expected = std::to_string(next),
                   .actual = std::to_string(contract.version()),
                   .message = fmt::format("the next version of {} is {}", contract.source(), next),
                   .hint = "leave the version out, and it becomes the next one"};
}

// The meaning counts: a text that differs in comments alone gives no new version.
std::optional<Rejection> CheckChanged(const v1::SourceContract& contract,
                                      const v1::SourceState& there) {
  v1::SourceContract same_version = contract;
  same_version.set_version(there.contract().version());
  if (same_version.SerializeAsString() != there.contract().SerializeAsString()) {
    return std::nullopt;
  }
  const std::string version = std::to_string(there.contract().version());
  return Rejection{.code = "CONTRACT_UNCHANGED",
                   .rejection_class = RejectionClass::kState,
                   .path = "registerSource.contract",
                   .expected = fmt::format("something else than version {}", version),
                   .actual = "the same contract",
                   .message = fmt::format("this is version {} of {}", version, contract.source()),
                   .hint = "nothing is to be done"};
}

std::optional<Rejection> CheckSameKey(const v1::SourceContract& contract,
                                      const v1::SourceState& there) {
  const v1::SourceContract& first = there.versions(0);
  if (std::equal(contract.key().begin(), contract.key().end(), first.key().begin(),
                 first.key().end())) {
    return std::nullopt;
  }
  return RefusedPolicy("SOURCE_KEY_IMMUTABLE", "registerSource.contract.key",
                       fmt::format("{}", fmt::join(first.key(), ", ")),
                       fmt::format("{}", fmt::join(contract.key(), ", ")),
                       fmt::format("the key of {} is fixed for its life", contract.source()),
                       "records with another identity are another source: register a new one");
}

}  // namespace

Decision Decide(const DecideContext& context, StateReader& state, const ConditionChecker& checker) {
  ASSAY_REQUIRE(context.command.body_case() == v1::Command::kRegisterSource,
                "command {} is none of the sources'",
                static_cast<int>(context.command.body_case()));
  const v1::RegisterSource& command = context.command.register_source();
  const v1::SourceContract& contract = command.contract();
  if (command.text().empty()) {
    return Invalid("FIELD_REQUIRED", "registerSource.text", "the contract as its owner wrote it",
                   "nothing", "the text of the contract is missing");
  }
  if (auto wrong = CheckContract("registerSource.contract", contract, checker)) return *wrong;
  const std::string stream = streams::Source(contract.source());
  const auto there = state.Find<v1::SourceState>(stream);
  const int32_t next = there ? there->contract().version() + 1 : 1;
  if (there) {
    if (auto wrong = CheckChanged(contract, *there)) return *wrong;
  }
  if (auto wrong = CheckVersion(contract, next)) return *wrong;
  if (there) {
    if (auto wrong = CheckSameKey(contract, *there)) return *wrong;
  }
  v1::Event event;
  event.set_stream(stream);
  v1::SourceContractRegistered& registered = *event.mutable_source_contract_registered();
  registered.set_source(contract.source());
  registered.set_version(next);
  registered.set_text(command.text());
  registered.set_sha256(Sha256(command.text()).ToString());
  *registered.mutable_contract() = contract;
  registered.mutable_contract()->set_version(next);
  return Accepted{{std::move(event)}};
}

}  // namespace assay::source

#include "engine/source/registration.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "engine/source/contract.h"
#include "engine/source/diff.h"

namespace assay::source {
namespace {

using Metrics = std::vector<v1::MetricState>;
using Refused = std::optional<Rejection>;

// --- registering ---

int32_t NextVersion(const v1::SourceState* there) {
  if (there == nullptr) return 1;
  return std::max(there->contract().version(), there->proposed_version()) + 1;
}

Refused CheckVersion(const v1::SourceContract& contract, int32_t next) {
  if (contract.version() == 0 || contract.version() == next) return std::nullopt;
  return RefusedState("VERSION_GAP", "registerSource.contract.version", std::to_string(next),
                      std::to_string(contract.version()),
                      fmt::format("the next version of {} is {}", contract.source(), next),
                      "leave the version out, and it becomes the next one");
}

Refused CheckNotSame(const v1::SourceContract& contract, const v1::SourceContract& other,
                     std::string_view how) {
  v1::SourceContract same_version = contract;
  same_version.set_version(other.version());
  if (same_version.SerializeAsString() != other.SerializeAsString()) return std::nullopt;
  const std::string version = std::to_string(other.version());
  return RefusedState("CONTRACT_UNCHANGED", "registerSource.contract",
                      fmt::format("something else than version {}", version), "the same contract",
                      fmt::format("this is version {} of {}{}", version, contract.source(), how),
                      "nothing is to be done");
}

// The meaning counts: a text that differs in comments alone gives no new version.
Refused CheckChanged(const v1::SourceContract& contract, const v1::SourceState& there) {
  if (auto same = CheckNotSame(contract, there.contract(), "")) return same;
  if (!there.has_pending()) return std::nullopt;
  return CheckNotSame(contract, there.pending().contract(), ", which waits for its signatures");
}

Refused CheckSameKey(const v1::SourceContract& contract, const v1::SourceState& there) {
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

// --- what rests on a measure ---

const v1::MeasureDefinition* FindMeasure(const v1::SourceContract& contract,
                                         std::string_view name) {
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    if (measure.name() == name) return &measure;
  }
  return nullptr;
}

std::vector<std::string> MetricsOfMeasure(const std::string& measure, const Metrics& metrics,
                                          const ConditionChecker& checker) {
  std::vector<std::string> ids;
  for (const v1::MetricState& metric : metrics) {
    const auto used = checker.MeasuresOf(metric.definition().formula());
    if (std::find(used.begin(), used.end(), measure) != used.end()) ids.push_back(metric.metric());
  }
  return ids;
}

// Those of cycles that are not locked yet, whose newest or signed terms name one of the metrics.
std::vector<std::string> AgreementsOn(const std::vector<std::string>& metrics, StateReader& state) {
  const std::set<std::string> wanted(metrics.begin(), metrics.end());
  std::vector<std::string> ids;
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    if (member.state() == "LOCKED" || member.state() == "PUBLISHED") continue;
    for (const v1::Member& entry : state.Members(streams::CycleAgreements(member.id()))) {
      if (entry.state() == "WITHDRAWN") continue;
      const auto row = state.Find<v1::AgreementState>(streams::Agreement(entry.id()));
      if (!row || row->versions().empty()) continue;
      bool names_one = false;
      for (const v1::AgreementVersion& version : row->versions()) {
        const bool counts = version.version() == row->signed_version() ||
                            version.version() == row->versions(row->versions_size() - 1).version();
        if (!counts) continue;
        for (const auto& item : version.items()) names_one |= wanted.contains(item.metric());
      }
      if (names_one) ids.push_back(entry.id());
    }
  }
  return ids;
}

constexpr size_t kListedMax = 8;

std::string RestingText(const std::vector<std::string>& metrics, StateReader& state) {
  const std::vector<std::string> agreements = AgreementsOn(metrics, state);
  std::string text = fmt::format("the published {} {} on it", Listed(metrics, kListedMax),
                                 metrics.size() == 1 ? "rests" : "rest");
  if (!agreements.empty()) {
    text += fmt::format(", and by {} {} {}", metrics.size() == 1 ? "it" : "them",
                        agreements.size() == 1 ? "the agreement" : "the agreements",
                        Listed(agreements, kListedMax));
  }
  return text;
}

// What stands in a published formula keeps its name and its unit: facts of two units would be added
// up, and a measure without facts would be nothing.
Refused CheckMeasuresKept(const v1::SourceContract& contract, const v1::SourceContract& in_force,
                          const Metrics& metrics, const ConditionChecker& checker,
                          StateReader& state) {
  for (const v1::MeasureDefinition& former : in_force.measures()) {
    const v1::MeasureDefinition* now = FindMeasure(contract, former.name());
    if (now != nullptr && now->unit() == former.unit()) continue;
    const auto resting =
        MetricsOfMeasure(fmt::format("{}.{}", contract.source(), former.name()), metrics, checker);
    if (resting.empty()) continue;
    const std::string path = fmt::format("registerSource.contract.measures[{}]", former.name());
    if (now == nullptr) {
      return RefusedPolicy("MEASURE_IN_USE", path,
                           fmt::format("a measure {} in {}", former.name(), former.unit()), "none",
                           fmt::format("the measure {} of {} cannot be dropped: {}", former.name(),
                                       contract.source(), RestingText(resting, state)),
                           "keep it; what is measured in another way is a measure of another name");
    }
    return RefusedPolicy(
        "MEASURE_UNIT_IN_USE", path + ".unit", former.unit(), now->unit(),
        fmt::format("the unit of the measure {} of {} cannot change: {}", former.name(),
                    contract.source(), RestingText(resting, state)),
        "give what comes in the other unit a measure of another name, and use it in the next "
        "version of the metric");
  }
  return std::nullopt;
}

// --- events ---

v1::Event EventOf(const v1::SourceContract& contract) {
  v1::Event event;
  event.set_stream(streams::Source(contract.source()));
  return event;
}

// SourceContractRegistered and SourceContractProposed alike.
template <typename Registered>
void FillRegistered(const v1::SourceContract& contract, const std::string& text, int32_t version,
                    Registered& registered) {
  registered.set_source(contract.source());
  registered.set_version(version);
  registered.set_text(text);
  registered.set_sha256(Sha256(text).ToString());
  *registered.mutable_contract() = contract;
  registered.mutable_contract()->set_version(version);
}

v1::Event RegisteredEvent(const v1::SourceContract& contract, const std::string& text,
                          int32_t version) {
  v1::Event event = EventOf(contract);
  FillRegistered(contract, text, version, *event.mutable_source_contract_registered());
  return event;
}

v1::Event ProposedEvent(const DecideContext& context, int32_t version, const Metrics& metrics) {
  const v1::RegisterSource& command = context.command.register_source();
  v1::Event event = EventOf(command.contract());
  v1::SourceContractProposed& proposed = *event.mutable_source_contract_proposed();
  FillRegistered(command.contract(), command.text(), version, proposed);
  proposed.set_by(context.actor);
  for (const v1::MetricState& metric : metrics) proposed.add_metrics(metric.metric());
  return event;
}

Refused CheckText(const std::string& text) {
  if (text.empty()) {
    return Invalid("FIELD_REQUIRED", "registerSource.text", "the contract as its owner wrote it",
                   "nothing", "the text of the contract is missing");
  }
  if (text.size() <= limits::kContractTextBytesMax) return std::nullopt;
  return Invalid("TEXT_TOO_LONG", "registerSource.text",
                 fmt::format("at most {} bytes", limits::kContractTextBytesMax),
                 fmt::format("{} bytes", text.size()), "the text of the contract is too long");
}

// --- signing ---

// The version that waits, with what it is judged by.
struct Waiting {
  v1::SourceState source;
  Metrics metrics;
  ContractSides sides;
};

std::string VersionsText(const v1::SourceState& source) {
  if (!source.has_pending()) return "none waits";
  return fmt::format("version {} waits", source.pending().version());
}

// NOT_FOUND, CONTRACT_NOT_PENDING, VERSION_REQUIRED, VERSION_STALE, PERMISSION_DENIED.
template <typename Command>
std::variant<Waiting, Rejection> WaitingOf(const std::string& path, const Command& command,
                                           const DecideContext& context, StateReader& state,
                                           const ContractSigners& signers) {
  if (auto wrong = CheckId(path + ".source", command.source())) return *std::move(wrong);
  Waiting waiting;
  if (!state.Get(streams::Source(command.source()), &waiting.source)) {
    return NotVisible(path + ".source", "source", command.source());
  }
  waiting.metrics = MetricsOn(command.source(), state);
  waiting.sides = signers.SidesOf(context, state, context.actor, waiting.source, waiting.metrics);
  if (!waiting.sides.Any()) {
    Rejection denied =
        RefusedAuth("PERMISSION_DENIED",
                    fmt::format("{} signs no contract of {}", context.actor, command.source()));
    denied.path = "actor";
    denied.expected = "the owner of the source, of all metrics that rest on it, or FINANCE";
    denied.actual = context.actor;
    return denied;
  }
  if (!waiting.source.has_pending()) {
    return RefusedState("CONTRACT_NOT_PENDING", path + ".source", "a version that waits",
                        VersionsText(waiting.source),
                        fmt::format("no version of {} waits: version {} is in force",
                                    command.source(), waiting.source.contract().version()),
                        "nothing is to be done");
  }
  const v1::PendingContract& pending = waiting.source.pending();
  if (command.version() == pending.version()) return waiting;
  const bool is_missing = command.version() == 0;
  return RefusedState(
      is_missing ? "VERSION_REQUIRED" : "VERSION_STALE", path + ".version",
      std::to_string(pending.version()), is_missing ? "nothing" : std::to_string(command.version()),
      fmt::format("version {} of {} waits; it changes {}", pending.version(), command.source(),
                  ChangesText(DiffContracts(waiting.source.contract(), pending.contract()))),
      fmt::format("read it (`assay source show {}`), then name the version that you mean",
                  command.source()));
}

// A delegate is no second person.
Refused CheckSigner(const v1::PendingContract& pending, const DecideContext& context) {
  for (const v1::SourceContractSigned& signature : pending.signatures()) {
    if (signature.by() == context.actor) {
      return RefusedState(
          "ALREADY_SIGNED", "signContract.version", "the signature of somebody else",
          signature.by(),
          fmt::format("{} has signed version {}", signature.by(), pending.version()),
          "let the other side sign");
    }
    if (signature.by() != context.command.actor().on_behalf_of()) continue;
    return RefusedPolicy("SIGNER_CONFLICT", "signContract.version", "two different people",
                         signature.by(),
                         fmt::format("{} cannot give both signatures", signature.by()),
                         "the other side signs for itself");
  }
  return std::nullopt;
}

// Two people, one of them for the owner and the other one for finance.
bool IsSignedByBoth(const std::vector<ContractSides>& signatures) {
  for (size_t i = 0; i < signatures.size(); ++i) {
    for (size_t k = 0; k < signatures.size(); ++k) {
      if (i != k && signatures[i].owner && signatures[k].finance) return true;
    }
  }
  return false;
}

bool IsComplete(const Waiting& waiting, const DecideContext& context, StateReader& state,
                const ContractSigners& signers) {
  std::vector<ContractSides> signatures{waiting.sides};
  for (const v1::SourceContractSigned& signature : waiting.source.pending().signatures()) {
    signatures.push_back({signature.as_owner(), signature.as_finance()});
  }
  if (IsSignedByBoth(signatures)) return true;
  return signatures.size() == 1 && context.command.actor().on_behalf_of().empty() &&
         signers.IsOnlyOne(context, state, context.actor, waiting.source, waiting.metrics);
}

}  // namespace

std::vector<v1::MetricState> MetricsOn(std::string_view source, StateReader& state) {
  std::vector<v1::MetricState> metrics;
  for (const std::string& stream : state.Streams(streams::Metric(""))) {
    auto row = state.Find<v1::MetricState>(stream);
    if (!row || row->stage() != v1::METRIC_STAGE_PUBLISHED) continue;
    const auto& sources = row->definition().sources();
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) continue;
    metrics.push_back(*std::move(row));
  }
  return metrics;
}

Decision DecideRegister(const DecideContext& context, StateReader& state,
                        const ConditionChecker& checker) {
  const v1::RegisterSource& command = context.command.register_source();
  const v1::SourceContract& contract = command.contract();
  if (auto wrong = CheckText(command.text())) return *wrong;
  if (auto wrong = CheckContract("registerSource.contract", contract, checker)) return *wrong;
  const auto there = state.Find<v1::SourceState>(streams::Source(contract.source()));
  const int32_t next = NextVersion(there ? &*there : nullptr);
  if (there) {
    if (auto same = CheckChanged(contract, *there)) return *same;
  }
  if (auto wrong = CheckVersion(contract, next)) return *wrong;
  if (!there) return Accepted{{RegisteredEvent(contract, command.text(), next)}};
  if (auto wrong = CheckSameKey(contract, *there)) return *wrong;
  const Metrics metrics = MetricsOn(contract.source(), state);
  if (metrics.empty()) return Accepted{{RegisteredEvent(contract, command.text(), next)}};
  if (auto wrong = CheckMeasuresKept(contract, there->contract(), metrics, checker, state)) {
    return *wrong;
  }
  return Accepted{{ProposedEvent(context, next, metrics)}};
}

Decision DecideSignContract(const DecideContext& context, StateReader& state,
                            const ConditionChecker& checker, const ContractSigners& signers) {
  const v1::SignContract& command = context.command.sign_contract();
  auto found = WaitingOf("signContract", command, context, state, signers);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  const auto& waiting = std::get<Waiting>(found);
  const v1::PendingContract& pending = waiting.source.pending();
  if (auto wrong = CheckSigner(pending, context)) return *wrong;
  // Metrics that were published since may rest on what this version would take from them.
  if (auto wrong = CheckMeasuresKept(pending.contract(), waiting.source.contract(), waiting.metrics,
                                     checker, state)) {
    return *wrong;
  }
  v1::Event event = EventOf(pending.contract());
  v1::SourceContractSigned& given = *event.mutable_source_contract_signed();
  given.set_source(command.source());
  given.set_version(pending.version());
  given.set_by(context.actor);
  given.set_as_owner(waiting.sides.owner);
  given.set_as_finance(waiting.sides.finance);
  given.set_sha256(pending.sha256());
  Accepted accepted{{std::move(event)}};
  if (IsComplete(waiting, context, state, signers)) {
    accepted.events.push_back(
        RegisteredEvent(pending.contract(), pending.text(), pending.version()));
  }
  return accepted;
}

Decision DecideRejectContract(const DecideContext& context, StateReader& state,
                              const ContractSigners& signers) {
  const v1::RejectContract& command = context.command.reject_contract();
  auto found = WaitingOf("rejectContract", command, context, state, signers);
  if (auto* wrong = std::get_if<Rejection>(&found)) return std::move(*wrong);
  v1::Event event;
  event.set_stream(streams::Source(command.source()));
  v1::SourceContractRejected& rejected = *event.mutable_source_contract_rejected();
  rejected.set_source(command.source());
  rejected.set_version(command.version());
  rejected.set_by(context.actor);
  return Accepted{{std::move(event)}};
}

}  // namespace assay::source

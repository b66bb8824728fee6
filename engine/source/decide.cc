#include "engine/source/decide.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "engine/source/registration.h"

namespace assay::source {
namespace {

int64_t EpochOf(const v1::ReadingState& reading, const std::string& input_log, int32_t partition) {
  for (const v1::SourceClaimed& claim : reading.claims()) {
    if (claim.input_log() == input_log && claim.input_partition() == partition) {
      return claim.epoch();
    }
  }
  return 0;
}

}  // namespace

// Those partitions are claimed whose last claim is the one that the command follows.
Decision Claim(const v1::ClaimSource& command, StateReader& state) {
  if (auto wrong = CheckId("claimSource.node", command.node())) return *wrong;
  if (!state.Find<v1::SourceState>(streams::Source(command.source()))) {
    return NotVisible("claimSource.source", "source", command.source());
  }
  v1::ReadingState reading;
  state.Get(streams::Reading(command.source()), &reading);
  Accepted accepted;
  for (const v1::PartitionClaim& partition : command.partitions()) {
    const int64_t epoch = EpochOf(reading, command.input_log(), partition.input_partition());
    if (epoch != partition.after_epoch()) continue;
    v1::Event& event = accepted.events.emplace_back();
    event.set_stream(streams::Reading(command.source()));
    v1::SourceClaimed& claimed = *event.mutable_source_claimed();
    claimed.set_source(command.source());
    claimed.set_input_log(command.input_log());
    claimed.set_input_partition(partition.input_partition());
    claimed.set_node(command.node());
    claimed.set_epoch(epoch + 1);
  }
  if (!accepted.events.empty()) return accepted;
  return RefusedState("CLAIMED_BY_ANOTHER", "claimSource.partitions", "one that nobody claimed",
                      "none", "other nodes claimed these partitions meanwhile",
                      "nothing is to be done: they read them");
}

namespace {

bool IsPaused(const v1::ReadingState& reading, const v1::SourceState& source) {
  return reading.has_pause() && reading.pause().contract_version() == source.contract().version();
}

}  // namespace

Decision Pause(const DecideContext& context, StateReader& state) {
  const v1::PauseSource& command = context.command.pause_source();
  const auto source = state.Find<v1::SourceState>(streams::Source(command.source()));
  if (!source) return NotVisible("pauseSource.source", "source", command.source());
  const bool is_engine = context.command.actor().via() == v1::AUTHENTICATION_ENGINE;
  if (!is_engine && (!command.code().empty() || !command.detail().empty())) {
    return Invalid("INVALID_VALUE", "pauseSource.code", "no code and no detail", command.code(),
                   "the code says why the engine paused a source",
                   "leave both out; `reason` takes your words");
  }
  const int32_t newest = source->contract().version();
  if (command.contract_version() != 0 && command.contract_version() != newest) {
    return RefusedState("CONTRACT_SUPERSEDED", "pauseSource.contractVersion",
                        std::to_string(newest), std::to_string(command.contract_version()),
                        "a newer contract is registered, which is read from now on", "");
  }
  const std::string stream = streams::Reading(command.source());
  v1::ReadingState reading;
  state.Get(stream, &reading);
  if (IsPaused(reading, *source)) {
    return RefusedState("ALREADY_PAUSED", "pauseSource.source", "a source that is read",
                        reading.pause().code(), "the source is paused already",
                        "nothing is to be done");
  }
  v1::Event event;
  event.set_stream(stream);
  v1::SourcePaused& paused = *event.mutable_source_paused();
  paused.set_source(command.source());
  paused.set_code(is_engine ? command.code() : "BY_HAND");
  paused.set_detail(command.detail());
  paused.set_contract_version(newest);
  paused.set_by(context.actor);
  return Accepted{{std::move(event)}};
}

Decision Resume(const DecideContext& context, StateReader& state) {
  const std::string& id = context.command.resume_source().source();
  const auto source = state.Find<v1::SourceState>(streams::Source(id));
  if (!source) return NotVisible("resumeSource.source", "source", id);
  const std::string stream = streams::Reading(id);
  v1::ReadingState reading;
  state.Get(stream, &reading);
  if (!IsPaused(reading, *source)) {
    return RefusedState("NOT_PAUSED", "resumeSource.source", "a paused source", id,
                        "the source is not paused", "nothing is to be done");
  }
  v1::Event event;
  event.set_stream(stream);
  event.mutable_source_resumed()->set_source(id);
  event.mutable_source_resumed()->set_by(context.actor);
  return Accepted{{std::move(event)}};
}

}  // namespace assay::source

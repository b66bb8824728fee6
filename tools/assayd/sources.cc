#include "tools/assayd/sources.h"

#include <algorithm>
#include <utility>

#include "engine/event/streams.h"
#include "projections/decisions/query.h"

namespace assay {
namespace {

// A contract that was registered is read soon; a person who registers it looks for that long.
constexpr std::chrono::milliseconds kLook{500};

}  // namespace

bool Sources::Stop(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto left = [&] {
    const auto time = deadline - std::chrono::steady_clock::now();
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(time));
  };
  if (!loop_.Stop(left())) return false;
  for (const auto& [source, reader] : readers_) (void)reader->Stop(std::chrono::milliseconds(0));
  return std::ranges::all_of(readers_, [&](const auto& each) { return each.second->Stop(left()); });
}

std::chrono::milliseconds Sources::StepAndWait() {
  if (!place_.readiness.Get().Follows()) return kLook;
  const auto contracts = Contracts();
  if (!contracts.ok()) {
    place_.log.Warn("sources not known",
                    Json::Object().Put("reason", Describe(contracts.status())));
    return kLook;
  }
  for (const v1::SourceContract& contract : *contracts) {
    const auto reader = readers_.find(contract.source());
    const bool is_there = reader != readers_.end();
    if (is_there && reader->second->Contract().version() == contract.version()) continue;
    if (is_there) readers_.erase(reader);
    Start(contract);
  }
  std::erase_if(readers_, [&](const auto& each) {
    return std::ranges::none_of(
        *contracts, [&](const auto& contract) { return contract.source() == each.first; });
  });
  return kLook;
}

absl::StatusOr<std::vector<v1::SourceContract>> Sources::Contracts() {
  ASSAY_ASSIGN_OR_RETURN(const auto hold, place_.keeper.Take("looking for sources"));
  decisions::StateAt state(place_.keeper.Held().Rows(), decisions::kNewest);
  std::vector<v1::SourceContract> contracts;
  for (const v1::Member& member : state.Members(streams::Sources())) {
    const auto source = state.Find<v1::SourceState>(streams::Source(member.id()));
    if (!source.has_value()) continue;
    if (source->contract().input().format() != v1::INPUT_FORMAT_KAFKA_JSON) continue;
    contracts.push_back(source->contract());
  }
  ASSAY_RETURN_IF_ERROR(state.status());
  return contracts;
}

void Sources::Start(const v1::SourceContract& contract) {
  auto topic = SourceClusterOf(settings_, contract.source());
  if (topic.has_value()) {
    readers_[contract.source()] =
        std::make_unique<SourceReader>(place_, *std::move(topic), contract);
    return;
  }
  place_.keeper.NoteReading(contract.source(),
                            "not read: no setting names its cluster (sources in assay.yaml)");
  if (!homeless_.insert(contract.source()).second) return;
  place_.log.Warn("not reading", Json::Object()
                                     .Put("source", contract.source())
                                     .Put("topic", contract.input().topic())
                                     .Put("reason", "no setting names its cluster")
                                     .Put("advice",
                                          "name it in assay.yaml: sources: {default: "
                                          "{brokers: host:port}}"));
}

}  // namespace assay

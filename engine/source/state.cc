#include "engine/source/state.h"

#include <assay/v1/state.pb.h>

#include <algorithm>

namespace assay::source {
namespace {

void PutContract(const v1::Event& event, StateStore& store) {
  const v1::SourceContractRegistered& registered = event.source_contract_registered();
  v1::SourceState state;
  store.Get(event.stream(), &state);
  state.set_source(registered.source());
  *state.mutable_contract() = registered.contract();
  *state.add_versions() = registered.contract();
  store.Put(event.stream(), state);
}

// The row of who reads, as it was.
v1::ReadingState ReadingOf(const v1::Event& event, const std::string& source, StateStore& store) {
  v1::ReadingState reading;
  store.Get(event.stream(), &reading);
  reading.set_source(source);
  return reading;
}

void PutClaim(const v1::Event& event, StateStore& store) {
  const v1::SourceClaimed& claimed = event.source_claimed();
  v1::ReadingState reading = ReadingOf(event, claimed.source(), store);
  auto& claims = *reading.mutable_claims();
  const auto former = std::find_if(claims.begin(), claims.end(), [&](const auto& claim) {
    return claim.input_log() == claimed.input_log() &&
           claim.input_partition() == claimed.input_partition();
  });
  *(former == claims.end() ? claims.Add() : &*former) = claimed;
  store.Put(event.stream(), reading);
}

}  // namespace

bool Evolve(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kSourceContractRegistered:
      PutContract(event, store);
      return true;
    case Body::kSourceClaimed:
      PutClaim(event, store);
      return true;
    case Body::kSourcePaused: {
      v1::ReadingState reading = ReadingOf(event, event.source_paused().source(), store);
      *reading.mutable_pause() = event.source_paused();
      store.Put(event.stream(), reading);
      return true;
    }
    case Body::kSourceResumed: {
      v1::ReadingState reading = ReadingOf(event, event.source_resumed().source(), store);
      reading.clear_pause();
      store.Put(event.stream(), reading);
      return true;
    }
    default:
      return true;
  }
}

}  // namespace assay::source

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
  state.clear_pending();
  store.Put(event.stream(), state);
}

// A version of a source that is not there fits nothing.
bool PutPending(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  const v1::SourceContractProposed& proposed = event.source_contract_proposed();
  return Update<v1::SourceState>(store, event.stream(), [&](v1::SourceState& state) {
    state.clear_pending();
    v1::PendingContract& pending = *state.mutable_pending();
    pending.set_version(proposed.version());
    pending.set_text(proposed.text());
    pending.set_sha256(proposed.sha256());
    *pending.mutable_contract() = proposed.contract();
    pending.set_by(proposed.by());
    pending.set_at(meta.recorded_at.ToString());
    pending.set_position(meta.position);
    *pending.mutable_metrics() = proposed.metrics();
    state.set_proposed_version(proposed.version());
    return true;
  });
}

// Of the version that waits, and of no other.
bool AddSignature(const v1::Event& event, StateStore& store) {
  const v1::SourceContractSigned& given = event.source_contract_signed();
  return Update<v1::SourceState>(store, event.stream(), [&](v1::SourceState& state) {
    if (!state.has_pending() || state.pending().version() != given.version()) return false;
    *state.mutable_pending()->add_signatures() = given;
    return true;
  });
}

bool DropPending(const v1::Event& event, StateStore& store) {
  const int32_t version = event.source_contract_rejected().version();
  return Update<v1::SourceState>(store, event.stream(), [&](v1::SourceState& state) {
    if (!state.has_pending() || state.pending().version() != version) return false;
    state.clear_pending();
    return true;
  });
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

bool Evolve(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kSourceContractRegistered:
      PutContract(event, store);
      return true;
    case Body::kSourceContractProposed:
      return PutPending(event, meta, store);
    case Body::kSourceContractSigned:
      return AddSignature(event, store);
    case Body::kSourceContractRejected:
      return DropPending(event, store);
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

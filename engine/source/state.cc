#include "engine/source/state.h"

#include <assay/v1/state.pb.h>

#include <algorithm>

namespace assay::source {
namespace {

// The row of who reads, as it was.
v1::ReadingState ReadingOf(const v1::Event& event, const std::string& source, StateStore& store) {
  v1::ReadingState reading;
  store.Get(event.stream(), &reading);
  reading.set_source(source);
  return reading;
}

}  // namespace

bool FoldRegistered(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  const v1::SourceContractRegistered& registered = event.source_contract_registered();
  v1::SourceState state;
  store.Get(event.stream(), &state);
  state.set_source(registered.source());
  *state.mutable_contract() = registered.contract();
  *state.add_versions() = registered.contract();
  state.clear_pending();
  store.Put(event.stream(), state);
  return true;
}

bool SetPending(const v1::SourceContractProposed& proposed, const EventMeta& meta,
                v1::SourceState& state) {
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
}

bool AddSignature(const v1::SourceContractSigned& given, const EventMeta& /*meta*/,
                  v1::SourceState& state) {
  if (!state.has_pending() || state.pending().version() != given.version()) return false;
  *state.mutable_pending()->add_signatures() = given;
  return true;
}

bool DropPending(const v1::SourceContractRejected& rejected, const EventMeta& /*meta*/,
                 v1::SourceState& state) {
  if (!state.has_pending() || state.pending().version() != rejected.version()) return false;
  state.clear_pending();
  return true;
}

bool FoldClaimed(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  const v1::SourceClaimed& claimed = event.source_claimed();
  v1::ReadingState reading = ReadingOf(event, claimed.source(), store);
  auto& claims = *reading.mutable_claims();
  const auto former = std::find_if(claims.begin(), claims.end(), [&](const auto& claim) {
    return claim.input_log() == claimed.input_log() &&
           claim.input_partition() == claimed.input_partition();
  });
  *(former == claims.end() ? claims.Add() : &*former) = claimed;
  store.Put(event.stream(), reading);
  return true;
}

bool FoldPaused(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  v1::ReadingState reading = ReadingOf(event, event.source_paused().source(), store);
  *reading.mutable_pause() = event.source_paused();
  store.Put(event.stream(), reading);
  return true;
}

bool FoldResumed(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  v1::ReadingState reading = ReadingOf(event, event.source_resumed().source(), store);
  reading.clear_pause();
  store.Put(event.stream(), reading);
  return true;
}

}  // namespace assay::source

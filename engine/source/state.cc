#include "engine/source/state.h"

namespace assay::source {

void Evolve(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  if (event.body_case() != v1::Event::kSourceContractRegistered) return;
  const v1::SourceContractRegistered& registered = event.source_contract_registered();
  v1::SourceState state;
  store.Get(event.stream(), &state);
  state.set_source(registered.source());
  *state.mutable_contract() = registered.contract();
  *state.add_versions() = registered.contract();
  store.Put(event.stream(), state);
}

}  // namespace assay::source

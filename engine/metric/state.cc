#include "engine/metric/state.h"

namespace assay::metric {
namespace {

void Write(v1::MetricState& state, const v1::MetricDefinition& definition) {
  *state.mutable_definition() = definition;
  state.set_stage(v1::METRIC_STAGE_DRAFT);
  state.clear_content_hash();
  state.clear_definition_signed_by();
  state.clear_source_signed_by();
}

void EnterSignedWhenBoth(v1::MetricState& state) {
  if (!state.definition_signed_by().empty() && !state.source_signed_by().empty()) {
    state.set_stage(v1::METRIC_STAGE_SIGNED);
  }
}

}  // namespace

Hash32 ContentHashOf(const v1::MetricDefinition& definition) {
  // No map fields: the bytes of a definition are the same wherever they are made.
  return Sha256(definition.SerializeAsString());
}

void DraftedRow(const v1::MetricDrafted& drafted, const EventMeta& /*meta*/,
                v1::MetricState& state) {
  state.set_metric(drafted.metric());
  Write(state, drafted.definition());
}

bool Rewrite(const v1::MetricEdited& edited, const EventMeta& /*meta*/, v1::MetricState& state) {
  Write(state, edited.definition());
  state.set_revision(edited.revision());
  return true;
}

bool EnterReview(const v1::MetricSubmitted& submitted, const EventMeta& /*meta*/,
                 v1::MetricState& state) {
  state.set_stage(v1::METRIC_STAGE_IN_REVIEW);
  state.set_content_hash(submitted.content_hash());
  return true;
}

bool SetDefinitionSigned(const v1::DefinitionSigned& given, const EventMeta& /*meta*/,
                         v1::MetricState& state) {
  state.set_definition_signed_by(given.by());
  EnterSignedWhenBoth(state);
  return true;
}

bool SetSourceSigned(const v1::SourceSigned& given, const EventMeta& /*meta*/,
                     v1::MetricState& state) {
  state.set_source_signed_by(given.by());
  EnterSignedWhenBoth(state);
  return true;
}

bool EnterPublished(const v1::MetricPublished& published, const EventMeta& /*meta*/,
                    v1::MetricState& state) {
  state.set_stage(v1::METRIC_STAGE_PUBLISHED);
  state.set_from(published.from());
  return true;
}

}  // namespace assay::metric

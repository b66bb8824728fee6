#include "engine/metric/state.h"

namespace assay::metric {
namespace {

using Body = v1::Event::BodyCase;

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

bool EvolveMetric(const v1::Event& event, v1::MetricState& state) {
  switch (event.body_case()) {
    case Body::kMetricEdited:
      Write(state, event.metric_edited().definition());
      state.set_revision(event.metric_edited().revision());
      return true;
    case Body::kMetricSubmitted:
      state.set_stage(v1::METRIC_STAGE_IN_REVIEW);
      state.set_content_hash(event.metric_submitted().content_hash());
      return true;
    case Body::kDefinitionSigned:
      state.set_definition_signed_by(event.definition_signed().by());
      EnterSignedWhenBoth(state);
      return true;
    case Body::kSourceSigned:
      state.set_source_signed_by(event.source_signed().by());
      EnterSignedWhenBoth(state);
      return true;
    case Body::kMetricPublished:
      state.set_stage(v1::METRIC_STAGE_PUBLISHED);
      state.set_from(event.metric_published().from());
      return true;
    default:
      return false;
  }
}

bool DraftMetric(const v1::Event& event, StateStore& store) {
  v1::MetricState state;
  state.set_metric(event.metric_drafted().metric());
  Write(state, event.metric_drafted().definition());
  return PutNew(store, event.stream(), state);
}

template <typename State, typename Definition>
bool PutDefinition(const v1::Event& event, const Definition& definition, StateStore& store) {
  State state;
  *state.mutable_definition() = definition;
  return PutNew(store, event.stream(), state);
}

}  // namespace

Hash32 ContentHashOf(const v1::MetricDefinition& definition) {
  // No map fields: the bytes of a definition are the same wherever they are made.
  return Sha256(definition.SerializeAsString());
}

bool Evolve(const v1::Event& event, const EventMeta& /*meta*/, StateStore& store) {
  switch (event.body_case()) {
    case Body::kMetricDrafted:
      return DraftMetric(event, store);
    case Body::kMetricEdited:
    case Body::kMetricSubmitted:
    case Body::kDefinitionSigned:
    case Body::kSourceSigned:
    case Body::kMetricPublished:
      return Update<v1::MetricState>(store, event.stream(), [&](v1::MetricState& state) {
        return EvolveMetric(event, state);
      });
    case Body::kCurvePublished:
      return PutDefinition<v1::CurveState>(event, event.curve_published().definition(), store);
    case Body::kTemplatePublished:
      return PutDefinition<v1::TemplateState>(event, event.template_published().definition(),
                                              store);
    case Body::kBandTablePublished:
      return PutDefinition<v1::BandTableState>(event, event.band_table_published().definition(),
                                               store);
    default:
      return true;
  }
}

}  // namespace assay::metric

#include "engine/metric/domain.h"

#include "engine/event/streams.h"
#include "engine/metric/decide.h"
#include "engine/metric/publish.h"
#include "engine/metric/state.h"

namespace assay::metric {
namespace {

using C = v1::Command;
using E = v1::Event;

// --- places: the units that own the metric ---

std::optional<Places> PlaceOfDraft(const Authority& who) {
  return Places{{who.Command().draft_metric().definition().owner_unit(), who.Today()}};
}

// As it is and as it would be.
std::optional<Places> PlacesOfEdit(const Authority& who) {
  const v1::EditMetricDraft& edit = who.Command().edit_metric_draft();
  Places owners{{edit.definition().owner_unit(), who.Today()}};
  const auto metric = who.State().Find<v1::MetricState>(streams::Metric(edit.metric()));
  if (metric) owners.push_back({metric->definition().owner_unit(), who.Today()});
  return owners;
}

template <auto Body>
std::optional<Places> PlaceOfMetric(const Authority& who) {
  const auto metric =
      who.State().Find<v1::MetricState>(streams::Metric((who.Command().*Body)().metric()));
  if (!metric) return std::nullopt;
  return Places{{metric->definition().owner_unit(), who.Today()}};
}

// --- commands ---

std::vector<CommandRow> CommandsOfMetrics(const DefinitionChecker& checker) {
  const auto hr = v1::ROLE_HR;
  const auto head = v1::ROLE_DEPARTMENT_HEAD;
  return {
      {C::kDraftMetric, &DecideBody<&Draft, &C::draft_metric>, ByPeople({hr, head}, &PlaceOfDraft),
       &OfTheSender},
      {C::kEditMetricDraft, &Edit, ByPeople({hr, head}, &PlacesOfEdit), &OfTheSender},
      {C::kSubmitMetric,
       [&checker](const DecideContext& context, StateReader& state) {
         return Submit(context.command.submit_metric(), state, checker);
       },
       ByPeople({hr}, &PlaceOfMetric<&C::submit_metric>), &OfTheSender},
      {C::kSignDefinition, &SignDefinition, ByPeople({head}, &PlaceOfMetric<&C::sign_definition>),
       &OfTheSender},
      {C::kSignSource, &SignSource, ByPeople({v1::ROLE_FINANCE}, &PlaceOfMetric<&C::sign_source>),
       &OfTheSender},
      {C::kPublishMetric,
       [&checker](const DecideContext& context, StateReader& state) {
         return Publish(context, state, checker);
       },
       ByPeople({hr}, &PlaceOfMetric<&C::publish_metric>), &OfTheSender},
  };
}

std::vector<CommandRow> CommandsOfRules(const DefinitionChecker& checker) {
  const AccessRule hr = ByPeople({v1::ROLE_HR});
  return {
      {C::kPublishCurve,
       [&checker](const DecideContext& context, StateReader& state) {
         return DecidePublishCurve(context.command.publish_curve(), state, checker);
       },
       hr, &OfTheSender},
      {C::kPublishTemplate, &DecideBody<&DecidePublishTemplate, &C::publish_template>, hr,
       &OfTheSender},
      {C::kPublishBandTable,
       [&checker](const DecideContext& context, StateReader& state) {
         return DecidePublishBandTable(context.command.publish_band_table(), state, checker);
       },
       hr, &OfTheSender},
  };
}

// --- events ---

template <auto Body>
std::string OfMetric(const E& event) {
  return streams::Metric((event.*Body)().metric());
}
std::string OfCurve(const E& event) { return streams::Curve(event.curve_published().curve()); }
std::string OfTemplate(const E& event) {
  return streams::Template(event.template_published().template_());
}
std::string OfBands(const E& event) {
  return streams::BandTable(event.band_table_published().table());
}

SetChanges SetsOfDrafted(const E& event) {
  const v1::MetricDrafted& drafted = event.metric_drafted();
  return {{streams::MetricName(drafted.definition().name()), MemberOf(drafted.metric())}};
}

SetChanges SetsOfEdited(const E& event) {
  const v1::MetricEdited& edited = event.metric_edited();
  SetChanges changes;
  if (edited.former_name() != edited.definition().name()) {
    changes.push_back({streams::MetricName(edited.former_name()), MemberOf(edited.metric()), true});
  }
  changes.push_back({streams::MetricName(edited.definition().name()), MemberOf(edited.metric())});
  return changes;
}

template <typename Published, typename State>
void DefinitionRow(const Published& published, const EventMeta& /*meta*/, State& state) {
  *state.mutable_definition() = published.definition();
}

// A definition that was published is pinned by agreements that are signed later: no score changes.
template <auto Change, auto Body>
EventRow Step(E::BodyCase event, SetsFunction sets = &NoSets) {
  return {event, &Since<1>, &OfMetric<Body>, &ChangeRow<v1::MetricState, Change, Body>,
          sets,  &NoEffect, Output::kNothing};
}

std::vector<EventRow> Events() {
  return {
      {E::kMetricDrafted, &Since<1>, &OfMetric<&E::metric_drafted>,
       &NewRow<v1::MetricState, &DraftedRow, &E::metric_drafted>, &SetsOfDrafted, &NoEffect,
       Output::kNothing},
      Step<&Rewrite, &E::metric_edited>(E::kMetricEdited, &SetsOfEdited),
      Step<&EnterReview, &E::metric_submitted>(E::kMetricSubmitted),
      Step<&SetDefinitionSigned, &E::definition_signed>(E::kDefinitionSigned),
      Step<&SetSourceSigned, &E::source_signed>(E::kSourceSigned),
      Step<&EnterPublished, &E::metric_published>(E::kMetricPublished),

      {E::kCurvePublished, &Since<1>, &OfCurve,
       &NewRow<v1::CurveState, &DefinitionRow<v1::CurvePublished, v1::CurveState>,
               &E::curve_published>,
       &NoSets, &NoEffect, Output::kNothing},
      {E::kTemplatePublished, &Since<1>, &OfTemplate,
       &NewRow<v1::TemplateState, &DefinitionRow<v1::TemplatePublished, v1::TemplateState>,
               &E::template_published>,
       &NoSets, &NoEffect, Output::kNothing},
      {E::kBandTablePublished, &Since<1>, &OfBands,
       &NewRow<v1::BandTableState, &DefinitionRow<v1::BandTablePublished, v1::BandTableState>,
               &E::band_table_published>,
       &NoSets, &NoEffect, Output::kNothing},
  };
}

}  // namespace

Domain Table(const DefinitionChecker& checker) {
  std::vector<CommandRow> commands = CommandsOfMetrics(checker);
  for (CommandRow& row : CommandsOfRules(checker)) commands.push_back(std::move(row));
  return {.name = "metric",
          .commands = std::move(commands),
          .events = Events(),
          .streams = {{"metric/", &MakeRow<v1::MetricState>, InDigest::kYes},
                      {"curve/", &MakeRow<v1::CurveState>, InDigest::kYes},
                      {"template/", &MakeRow<v1::TemplateState>, InDigest::kYes},
                      {"bands/", &MakeRow<v1::BandTableState>, InDigest::kYes}}};
}

}  // namespace assay::metric

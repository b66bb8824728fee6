#include "engine/metric/decide.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "engine/metric/publish.h"
#include "engine/metric/state.h"

namespace assay::metric {
namespace {

std::string StageName(v1::MetricStage stage) {
  return ShortEnumName(v1::MetricStage_Name(stage), "METRIC_STAGE_");
}

Rejection RefusedStage(std::string code, std::string path, const v1::MetricState& state,
                       std::string expected, std::string hint) {
  return {.code = std::move(code),
          .rejection_class = RejectionClass::kState,
          .path = std::move(path),
          .expected = std::move(expected),
          .actual = StageName(state.stage()),
          .message = fmt::format("{} is {}", state.metric(), StageName(state.stage())),
          .hint = std::move(hint)};
}

Rejection Immutable(std::string path, const v1::MetricState& state) {
  return RefusedStage("VERSION_IMMUTABLE", std::move(path), state, "a version not published yet",
                      "draft the next version of the metric");
}

Rejection Required(std::string path, std::string expected, std::string message) {
  return Invalid("FIELD_REQUIRED", std::move(path), std::move(expected), "nothing",
                 std::move(message), "edit the draft");
}

Rejection NotChosen(std::string path, std::string allowed, int value) {
  return Invalid("INVALID_ENUM", std::move(path), std::move(allowed),
                 value == 0 ? "nothing" : std::to_string(value), "a value must be chosen",
                 "edit the draft");
}

// --- what a definition must be ---

// A name that differs only in blanks at its ends would hide a second meaning.
bool IsName(std::string_view name) {
  if (name.empty() || name.size() > limits::kTitleBytesMax) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return name.front() != ' ' && name.back() != ' ';
}

// What even an unfinished draft must be.
std::optional<Rejection> CheckDraft(const std::string& path,
                                    const v1::MetricDefinition& definition) {
  if (!IsName(definition.name())) {
    return Invalid("INVALID_TEXT", path + ".name",
                   "1 to 256 bytes, no control characters, no blanks at the ends",
                   definition.name(), "the metric has no usable name");
  }
  if (!definition.owner_unit().empty()) {
    if (auto wrong = CheckId(path + ".ownerUnit", definition.owner_unit())) return wrong;
  }
  std::set<std::string> seen;
  for (int i = 0; i < definition.sources_size(); ++i) {
    const std::string source_path = fmt::format("{}.sources[{}]", path, i);
    if (auto wrong = CheckId(source_path, definition.sources(i))) return wrong;
    if (!seen.insert(definition.sources(i)).second) {
      return Invalid("DUPLICATE_ITEM", source_path, "each source once", definition.sources(i),
                     fmt::format("source {} stands here twice", definition.sources(i)));
    }
  }
  return std::nullopt;
}

std::optional<Rejection> CheckQuantitative(const std::string& path,
                                           const v1::MetricDefinition& definition) {
  if (definition.sources().empty()) {
    return Invalid("SOURCE_REQUIRED", path + ".sources", "at least one registered source", "none",
                   fmt::format("\"{}\" is quantitative and has no source", definition.name()),
                   "name the source of its data, or make it qualitative with a rater class");
  }
  if (definition.formula().empty()) {
    return Required(path + ".formula", "a formula over measures", "there is no formula");
  }
  if (definition.unit().empty()) {
    return Required(path + ".unit", "a unit", "there is no unit");
  }
  if (definition.direction() == 0 || !v1::Direction_IsValid(definition.direction())) {
    return NotChosen(path + ".direction", "HIGHER_IS_BETTER, LOWER_IS_BETTER or IN_RANGE",
                     definition.direction());
  }
  return std::nullopt;
}

// What can be submitted: nothing that the signers must know is left open.
std::optional<Rejection> CheckFields(const std::string& path,
                                     const v1::MetricDefinition& definition) {
  if (definition.owner_unit().empty()) {
    return Required(path + ".ownerUnit", "the unit that owns the definition",
                    "nobody owns the definition");
  }
  if (definition.grain() == 0 || !v1::Grain_IsValid(definition.grain())) {
    return NotChosen(path + ".grain", "DAY, WEEK, MONTH, QUARTER, YEAR or PROJECT",
                     definition.grain());
  }
  switch (definition.kind()) {
    case v1::METRIC_KIND_QUANTITATIVE:
      return CheckQuantitative(path, definition);
    case v1::METRIC_KIND_QUALITATIVE:
      if (!definition.rater_class().empty()) return std::nullopt;
      return Invalid("RATER_CLASS_REQUIRED", path + ".raterClass", "a class of raters", "none",
                     fmt::format("\"{}\" is qualitative and nobody rates it", definition.name()),
                     "name the raters, or make it quantitative with a source");
    default:
      return NotChosen(path + ".kind", "QUANTITATIVE or QUALITATIVE", definition.kind());
  }
}

// A formula may use the sources that the definition lists, and no others that are registered: says
// so of a measure of another one.
void NameUnlistedSource(const v1::MetricDefinition& definition, Rejection& wrong) {
  const size_t point = wrong.actual.find('.');
  if (wrong.code != "FORMULA_ERROR" || point == std::string::npos) return;
  const std::string source = wrong.actual.substr(0, point);
  const auto& listed = definition.sources();
  if (!IsId(source) || std::find(listed.begin(), listed.end(), source) != listed.end()) return;
  wrong.expected = fmt::format("a measure of a source that the metric lists ({})",
                               fmt::join(listed.begin(), listed.end(), ", "));
  wrong.message = fmt::format("the formula uses {}, and the metric does not list the source {}",
                              wrong.actual, source);
  wrong.hint =
      fmt::format("add {} to the sources of the definition, or correct the formula", source);
}

// Reads the unit and the sources, then lets the checker compile the formula.
std::optional<Rejection> CheckComplete(const std::string& path,
                                       const v1::MetricDefinition& definition, StateReader& state,
                                       const DefinitionChecker& checker) {
  if (auto wrong = CheckFields(path, definition)) return wrong;
  if (!state.Find<v1::UnitState>(streams::Unit(definition.owner_unit()))) {
    return NotVisible(path + ".ownerUnit", "unit", definition.owner_unit());
  }
  MeasureUnits measures;
  for (int i = 0; i < definition.sources_size(); ++i) {
    const std::string& source = definition.sources(i);
    const auto row = state.Find<v1::SourceState>(streams::Source(source));
    if (!row) return NotVisible(fmt::format("{}.sources[{}]", path, i), "source", source);
    for (const v1::MeasureDefinition& measure : row->contract().measures()) {
      measures.emplace(fmt::format("{}.{}", source, measure.name()), measure.unit());
    }
  }
  if (definition.formula().empty()) return std::nullopt;
  auto wrong = checker.Check(path, definition, measures);
  if (wrong.has_value()) NameUnlistedSource(definition, *wrong);
  return wrong;
}

std::optional<Rejection> CheckNameFree(const std::string& path, const std::string& metric,
                                       const std::string& name, StateReader& state) {
  for (const v1::Member& member : state.Members(streams::MetricName(name))) {
    if (NameOf(member.id()) == NameOf(metric)) continue;
    return RefusedPolicy(
        "DUPLICATE_METRIC_NAME", path + ".name", "a name no other metric has", member.id(),
        fmt::format("\"{}\" is the name of {}", name, member.id()),
        "one name has one meaning: choose another, or draft a version of that one");
  }
  return std::nullopt;
}

v1::Event NewEvent(const std::string& metric) {
  v1::Event event;
  event.set_stream(streams::Metric(metric));
  return event;
}

// --- the commands ---

}  // namespace

Decision Draft(const v1::DraftMetric& command, StateReader& state) {
  const std::string path = "draftMetric.metric";
  if (auto wrong = CheckVersionedId(path, command.metric())) return *wrong;
  if (auto wrong = CheckDraft("draftMetric.definition", command.definition())) return *wrong;
  if (const auto there = state.Find<v1::MetricState>(streams::Metric(command.metric()))) {
    if (there->stage() == v1::METRIC_STAGE_PUBLISHED) return Immutable(path, *there);
    return RefusedStage("ALREADY_EXISTS", path, *there, "a version that is not there yet",
                        "edit the draft instead");
  }
  const std::string former = FormerVersion(command.metric());
  const bool former_exists =
      !former.empty() && state.Find<v1::MetricState>(streams::Metric(former)).has_value();
  if (auto wrong = CheckVersionFollows(path, command.metric(), former_exists)) return *wrong;
  if (auto wrong = CheckNameFree("draftMetric.definition", command.metric(),
                                 command.definition().name(), state)) {
    return *wrong;
  }
  v1::Event event = NewEvent(command.metric());
  event.mutable_metric_drafted()->set_metric(command.metric());
  *event.mutable_metric_drafted()->mutable_definition() = command.definition();
  return Accepted{{std::move(event)}};
}

Decision Edit(const DecideContext& context, StateReader& state) {
  const v1::EditMetricDraft& command = context.command.edit_metric_draft();
  const std::string path = "editMetricDraft.metric";
  if (auto wrong = CheckVersionedId(path, command.metric())) return *wrong;
  if (auto wrong = CheckDraft("editMetricDraft.definition", command.definition())) return *wrong;
  const auto there = state.Find<v1::MetricState>(streams::Metric(command.metric()));
  if (!there) return NotVisible(path, "metric", command.metric());
  if (there->stage() == v1::METRIC_STAGE_PUBLISHED) return Immutable(path, *there);
  if (there->stage() == v1::METRIC_STAGE_SIGNED) {
    return RefusedStage("METRIC_NOT_DRAFT", path, *there, "DRAFT or IN_REVIEW",
                        "both owners signed this content: draft the next version");
  }
  if (auto wrong = CheckNameFree("editMetricDraft.definition", command.metric(),
                                 command.definition().name(), state)) {
    return *wrong;
  }
  v1::Event event = NewEvent(command.metric());
  v1::MetricEdited& edited = *event.mutable_metric_edited();
  edited.set_metric(command.metric());
  *edited.mutable_definition() = command.definition();
  edited.set_former_name(there->definition().name());
  // Releases that read logs of version 1 do not know the field.
  if (context.rules_version > 1) edited.set_revision(there->revision() + 1);
  return Accepted{{std::move(event)}};
}

Decision Submit(const v1::SubmitMetric& command, StateReader& state,
                const DefinitionChecker& checker) {
  const std::string path = "submitMetric.metric";
  if (auto wrong = CheckVersionedId(path, command.metric())) return *wrong;
  const auto there = state.Find<v1::MetricState>(streams::Metric(command.metric()));
  if (!there) return NotVisible(path, "metric", command.metric());
  if (there->stage() == v1::METRIC_STAGE_PUBLISHED) return Immutable(path, *there);
  if (there->stage() != v1::METRIC_STAGE_DRAFT) {
    return RefusedStage("METRIC_NOT_DRAFT", path, *there, "DRAFT", "it was submitted already");
  }
  if (auto wrong = CheckComplete("submitMetric.definition", there->definition(), state, checker)) {
    return *wrong;
  }
  v1::Event event = NewEvent(command.metric());
  event.mutable_metric_submitted()->set_metric(command.metric());
  event.mutable_metric_submitted()->set_content_hash(ContentHashOf(there->definition()).ToString());
  return Accepted{{std::move(event)}};
}

namespace {

// One of the two signatures of a metric.
struct Signing {
  std::string path;
  // What the signer says to have read.
  int32_t revision = 0;
  // Whoever gave this signature, and the other one; empty = not given.
  std::string given_by;
  std::string other_by;
};

// A draft keeps its id while it is edited: who signs an edited one names the edit.
std::optional<Rejection> CheckRevision(const Signing& signing, const v1::MetricState& there) {
  if (signing.revision == there.revision()) return std::nullopt;
  const bool is_missing = signing.revision == 0;
  return Rejection{
      .code = is_missing ? "VERSION_REQUIRED" : "VERSION_STALE",
      .rejection_class = RejectionClass::kState,
      .path = signing.path.substr(0, signing.path.rfind('.')) + ".revision",
      .expected = std::to_string(there.revision()),
      .actual = is_missing ? "nothing" : std::to_string(signing.revision),
      .message = fmt::format(
          "{} was edited; revision {} says: {} = {}", there.metric(), there.revision(),
          there.definition().name(),
          there.definition().formula().empty()
              ? there.definition().rater_class()
              : fmt::format("{} [{}]", there.definition().formula(), there.definition().unit())),
      .hint = "read the newest content, then name its revision"};
}

std::optional<Rejection> CheckSigning(const DecideContext& context, const Signing& signing,
                                      const v1::MetricState& there) {
  if (there.stage() == v1::METRIC_STAGE_PUBLISHED) return Immutable(signing.path, there);
  if (!signing.given_by.empty()) {
    return RefusedStage("ALREADY_SIGNED", signing.path, there, "a signature still missing",
                        fmt::format("{} gave this signature", signing.given_by));
  }
  if (there.stage() != v1::METRIC_STAGE_IN_REVIEW) {
    return RefusedStage("METRIC_NOT_IN_REVIEW", signing.path, there, "IN_REVIEW",
                        "submit the draft first");
  }
  if (auto wrong = CheckRevision(signing, there)) return wrong;
  // A delegate is no second person.
  const bool same_person =
      !signing.other_by.empty() && (signing.other_by == context.actor ||
                                    signing.other_by == context.command.actor().on_behalf_of());
  if (!same_person) return std::nullopt;
  return RefusedPolicy("SIGNER_CONFLICT", signing.path, "two different people", signing.other_by,
                       fmt::format("{} gave the other signature", signing.other_by),
                       "the owner of the definition and the owner of the source sign");
}

}  // namespace

Decision SignDefinition(const DecideContext& context, StateReader& state) {
  const std::string path = "signDefinition.metric";
  const std::string& metric = context.command.sign_definition().metric();
  if (auto wrong = CheckVersionedId(path, metric)) return *wrong;
  const auto there = state.Find<v1::MetricState>(streams::Metric(metric));
  if (!there) return NotVisible(path, "metric", metric);
  if (auto wrong = CheckSigning(context,
                                {path, context.command.sign_definition().revision(),
                                 there->definition_signed_by(), there->source_signed_by()},
                                *there)) {
    return *wrong;
  }
  v1::Event event = NewEvent(metric);
  event.mutable_definition_signed()->set_metric(metric);
  event.mutable_definition_signed()->set_by(context.actor);
  event.mutable_definition_signed()->set_content_hash(there->content_hash());
  return Accepted{{std::move(event)}};
}

Decision SignSource(const DecideContext& context, StateReader& state) {
  const std::string path = "signSource.metric";
  const std::string& metric = context.command.sign_source().metric();
  if (auto wrong = CheckVersionedId(path, metric)) return *wrong;
  const auto there = state.Find<v1::MetricState>(streams::Metric(metric));
  if (!there) return NotVisible(path, "metric", metric);
  if (auto wrong = CheckSigning(context,
                                {path, context.command.sign_source().revision(),
                                 there->source_signed_by(), there->definition_signed_by()},
                                *there)) {
    return *wrong;
  }
  v1::Event event = NewEvent(metric);
  event.mutable_source_signed()->set_metric(metric);
  event.mutable_source_signed()->set_by(context.actor);
  event.mutable_source_signed()->set_content_hash(there->content_hash());
  return Accepted{{std::move(event)}};
}

namespace {

// PUBLISH_BLOCKED naming what is missing, when anything is.
std::optional<Rejection> CheckSigned(const std::string& path, const v1::MetricState& there) {
  std::vector<std::string> missing;
  if (there.definition_signed_by().empty()) missing.emplace_back("definition (business)");
  if (there.source_signed_by().empty()) missing.emplace_back("source (finance)");
  const bool content_is_signed = there.content_hash() == ContentHashOf(there.definition()).View();
  if (missing.empty() && content_is_signed) return std::nullopt;
  const std::string actual = missing.empty() ? "the content changed after signing"
                                             : fmt::format("missing: {}", fmt::join(missing, ", "));
  return Rejection{.code = "PUBLISH_BLOCKED",
                   .rejection_class = RejectionClass::kState,
                   .path = path,
                   .expected = "signatures of definition (business) and source (finance)",
                   .actual = actual,
                   .message = fmt::format("{} cannot be published, {}", there.metric(), actual),
                   .hint = there.stage() == v1::METRIC_STAGE_DRAFT
                               ? "submit the draft, then let both owners sign"
                               : "let the missing owner sign"};
}

}  // namespace

Decision Publish(const DecideContext& context, StateReader& state,
                 const DefinitionChecker& checker) {
  const std::string path = "publishMetric.metric";
  const v1::PublishMetric& command = context.command.publish_metric();
  if (auto wrong = CheckVersionedId(path, command.metric())) return *wrong;
  const std::string from = command.from().empty() ? context.today.ToString() : command.from();
  if (auto wrong = CheckDay("publishMetric.from", from)) return *wrong;
  const auto there = state.Find<v1::MetricState>(streams::Metric(command.metric()));
  if (!there) return NotVisible(path, "metric", command.metric());
  if (there->stage() == v1::METRIC_STAGE_PUBLISHED) return Immutable(path, *there);
  if (auto wrong = CheckSigned(path, *there)) return *wrong;
  if (auto wrong = CheckComplete("publishMetric.definition", there->definition(), state, checker)) {
    return *wrong;
  }
  v1::Event event = NewEvent(command.metric());
  event.set_effective(from);
  event.mutable_metric_published()->set_metric(command.metric());
  event.mutable_metric_published()->set_from(from);
  event.mutable_metric_published()->set_content_hash(there->content_hash());
  return Accepted{{std::move(event)}};
}

}  // namespace assay::metric

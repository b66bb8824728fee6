// Deciding the commands of the definitions.
//
// A metric walks DRAFT -> IN_REVIEW -> SIGNED -> PUBLISHED. The owner of the definition (business)
// and the owner of the source (finance) both sign the same content before it can be published, and
// an edit makes their signatures void. Curves, templates and band tables are published in one step.
// What is published never changes: a change is the next version.
//
// Version n of a definition needs version n - 1 to be there, so that its history has no gaps.

#pragma once

#include "engine/event/decision.h"
#include "engine/event/state.h"
#include "engine/metric/definition_checker.h"

namespace assay::metric {

// Refusals, in this order: INVALID_ID, INVALID_TEXT, INVALID_ENUM, ... (shape); NOT_FOUND; then
//   VERSION_IMMUTABLE      the version is published
//   ALREADY_EXISTS         the draft is there: edit it
//   VERSION_GAP            the version before is not there
//   METRIC_NOT_DRAFT       editing what is signed, submitting what was submitted
//   METRIC_NOT_IN_REVIEW   signing what was not submitted
//   ALREADY_SIGNED         this signature is there
//   VERSION_REQUIRED       signing an edited draft without its revision
//   VERSION_STALE          it was edited again since that revision
//   PUBLISH_BLOCKED        a signature is missing (listed), or the content is not what was signed
//   METRIC_NOT_PUBLISHED   a template names a metric that is not published
//   DUPLICATE_METRIC_NAME  another metric has this name
//   SIGNER_CONFLICT        both signatures from one person
// SOURCE_REQUIRED, RATER_CLASS_REQUIRED, FORMULA_ERROR and UNIT_MISMATCH are found when submitting,
// and again when publishing, since the contract of a source may have changed in between.
// REQUIRES: the command of `context` is of that name. What is published in one step is in
// publish.h.
[[nodiscard]] Decision Draft(const v1::DraftMetric& command, StateReader& state);
[[nodiscard]] Decision Edit(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Submit(const v1::SubmitMetric& command, StateReader& state,
                              const DefinitionChecker& checker);
[[nodiscard]] Decision SignDefinition(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision SignSource(const DecideContext& context, StateReader& state);
[[nodiscard]] Decision Publish(const DecideContext& context, StateReader& state,
                               const DefinitionChecker& checker);

}  // namespace assay::metric

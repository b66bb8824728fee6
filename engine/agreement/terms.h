// The terms of an agreement: what a version of them must be, and what its signatures are given for.

#pragma once

#include <assay/v1/agreement.pb.h>
#include <assay/v1/state.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::agreement {

using TermsItems = google::protobuf::RepeatedPtrField<v1::TermsItem>;

// "EMPLOYEE"
[[nodiscard]] std::string SideName(v1::Side side);

// The item of that id, or null.
[[nodiscard]] const v1::TermsItem* FindItem(const TermsItems& items, std::string_view item);

// Whether nothing differs, sealed texts compared by their bytes: a text that was sealed again is
// another text, since nobody here could tell.
[[nodiscard]] bool SameItem(const v1::TermsItem& a, const v1::TermsItem& b);
// The same items; their order does not matter.
[[nodiscard]] bool SameTerms(const TermsItems& a, const TermsItems& b);

// What the signatures of a version are given for: SHA-256 of lp(agreement id), lp(version as
// decimal text), then lp(item) for every item in its order, sealed texts as the bytes they are.
[[nodiscard]] Hash32 ContentHashOf(std::string_view agreement, const v1::AgreementVersion& version);

// What can be seen from the items alone, at a field below `path`.items: INCOMPLETE_TERMS for none,
// INVALID_COUNT for too many, INVALID_ID, INVALID_WEIGHT, INVALID_DECIMAL, VALUE_OUT_OF_RANGE,
// DUPLICATE_ITEM, WEIGHT_SUM_NOT_100.
[[nodiscard]] std::optional<Rejection> CheckTerms(std::string_view path, const TermsItems& items);

// What must be looked up: NOT_FOUND for a metric or curve, TARGET_REQUIRED when a quantitative item
// has no target or no unit, UNIT_MISMATCH, METRIC_NOT_PUBLISHED, GRAIN_MISMATCH.
// REQUIRES: CheckTerms has passed.
[[nodiscard]] std::optional<Rejection> CheckDefinitions(std::string_view path,
                                                        const TermsItems& items, v1::Grain grain,
                                                        StateReader& state);

// GRAIN_MISMATCH at `path` when the metric is of another grain than the cycle and has no rule how
// it serves it.
[[nodiscard]] std::optional<Rejection> CheckGrain(std::string_view path, std::string_view metric,
                                                  const v1::MetricDefinition& definition,
                                                  v1::Grain grain);

}  // namespace assay::agreement

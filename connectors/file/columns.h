// Whether a table can be a source's at all, before any of its rows is read.

#pragma once

#include <assay/v1/source.pb.h>

#include <string>
#include <vector>

#include "engine/base/status.h"

namespace assay {

// `columns` are those of a CSV header; none = an input without one, which always fits.
//
// INVALID_ARGUMENT, naming what is missing and what was found, when a column is missing that every
// record needs (its key, version, time, entity), so that each row would be refused; or when no
// measure has a column, so that no row could ever give a fact (a contract with a retraction may be
// fed with retractions alone).
[[nodiscard]] absl::Status CheckColumns(const v1::SourceContract& contract,
                                        const std::vector<std::string>& columns);

}  // namespace assay

// Reading the records of a source's files onto the facts journal.
//
// Records are appended in the order of the input; a mark behind each batch says how far the input
// is on the journal, so a restart neither loses nor doubles: what stands between the mark and a
// kill is read again and recognised.

#pragma once

#include <string>

#include "projections/ledger/query.h"
#include "tools/assay/home.h"
#include "tools/assay/output.h"

namespace assay {

// Ingests one file and gives the counts of the source that it added. `received_at` of the records
// is the home's clock.
//
// NOT_FOUND for an unknown source or file; INVALID_ARGUMENT for a file that cannot be read as the
// contract says (no header).
[[nodiscard]] absl::StatusOr<ledger::SourceCounts> IngestFile(Home& home, const std::string& source,
                                                              const std::string& path,
                                                              Progress* progress);

}  // namespace assay

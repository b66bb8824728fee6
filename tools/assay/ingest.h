// Reading the records of a source's files onto the facts journal.
//
// Records are appended in the order of the input; a mark behind each batch says how far the input
// is on the journal, so a restart neither loses nor doubles: what stands between the mark and a
// kill is read again and recognised.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "projections/ledger/query.h"
#include "tools/assay/home.h"
#include "tools/assay/output.h"

namespace assay {

// What became of one file.
struct IngestedFile {
  // Records at its beginning that an earlier call put onto the journal.
  int64_t known = 0;
  // Records that this call put there.
  int64_t read = 0;
  // Whether the call was asked to stop; the file may have more records then.
  bool stopped = false;
};

// Who looks on.
struct IngestWatch {
  Progress* progress = nullptr;
  // Asked after each record; true = write what is at hand, and stop. Empty = never.
  std::function<bool()> stop;
  // While a file is opened and hashed, and the journal asked and written to, others may have the
  // home.
  Aside aside = InPlace;
};

// What the source has on the journal. Read it before and after: the difference came in between.
[[nodiscard]] absl::StatusOr<ledger::SourceCounts> CountsOf(Home& home, const std::string& source);

// Whether the file can be ingested at all: it is there, can be read, and has the columns of the
// contract. Only its header is read: the bytes behind it are for IngestFile, which hashes them. The
// errors of IngestFile, and nothing is written.
[[nodiscard]] absl::Status CheckFile(Home& home, const std::string& source,
                                     const std::string& path);

// Ingests one file, from where an earlier call with the same bytes ended. `received_at` of the
// records is the home's clock. After an error, what was written before it stays and is known to
// the next call.
//
// NOT_FOUND for an unknown source or file; FAILED_PRECONDITION for what is no regular file;
// INVALID_ARGUMENT for a file that cannot be read as the contract says (no header); ABORTED when
// the contract was changed meanwhile.
[[nodiscard]] absl::StatusOr<IngestedFile> IngestFile(Home& home, const std::string& source,
                                                      const std::string& path,
                                                      const IngestWatch& watch);

}  // namespace assay

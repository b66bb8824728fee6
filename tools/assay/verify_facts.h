// Are the facts what their records and their originals say? A part of `assay verify`.
//
// The tag of a record shows who wrote it, but a log of rules version 1 has none, and whoever owns
// an embedded journal can write its chain anew. So what a record says of itself is computed again,
// and what it states is compared with the encrypted original that it keeps.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>

#include "engine/base/status.h"
#include "projections/runner/runner.h"
#include "tools/assay/home.h"

namespace assay {

struct CheckedFacts {
  // Intakes whose identity, partition and content hash were computed again.
  int64_t records = 0;
  // Originals that were opened and compared with their records.
  int64_t originals = 0;
  // Originals whose key is gone.
  int64_t originals_gone = 0;
  // Originals of which only the hash was compared: a part of the record stood beside its bytes, as
  // the key of a message, or the record was refused.
  int64_t originals_hashed = 0;
  // Roots that decisions state of both journals.
  int64_t roots = 0;
};

// Walks the facts partitions as far as `views`, folded from the journal of `home`, stand. Records
// that are void are left out.
//
// An original of JSON is mapped again, by the version of the contract that mapped it. The header of
// a table is not on the log: of each input, every part of its records (keys, time, version, entity,
// values, attributes) must stand in one and the same column of all its originals; what a condition
// or a zone in another column does is not compared.
//
// DATA_LOSS with partition and position where something differs. Makes no key.
absl::Status CheckFacts(Home& home, Runner& views, bool with_originals, CheckedFacts& checked);

// Whether both journals have the roots that the events of the commit state: CutSealed, HeadsNoted,
// LogAuthenticated. DATA_LOSS, with both positions, when they have not.
absl::Status CheckStatedRoots(const v1::Commit& commit, int64_t position, Runner& views,
                              CheckedFacts& checked);

}  // namespace assay
